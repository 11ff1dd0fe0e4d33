"""The parts of an XLSX file, taken out of their zip archive and parsed with bounded memory and time.

An XLSX file comes from anywhere. So nothing is unpacked beyond a bound, no document type or entity is read, and
elements are handed on as they come, never kept as a tree (https://owasp.org/www-community/vulnerabilities/XML_External_Entity_(XXE)_Processing).
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO
from xml.parsers import expat

from gdial.contacts.limits import MAX_UNPACKED_BYTES
from gdial.errors import InvalidContactList

MAX_DIRECTORY_BYTES = 1024 * 1024
"""The archive's table of contents, which the zip module reads whole."""

MAX_ELEMENTS = 20_000_000
MAX_DEPTH = 64
MAX_TOKEN_BYTES = 512 * 1024
"""One tag, with its attributes, or one comment."""

CHUNK_BYTES = 64 * 1024

_END_OF_DIRECTORY = b"PK\x05\x06"
_END_BYTES = 22
_MOST_COMMENT_BYTES = 65535
_ENCRYPTED_FLAG = 0x1


@dataclass(slots=True)
class ElementHandlers:
    """What is called for each element; names come without their namespace's prefix."""

    start: Callable[[str, dict[str, str]], None]
    end: Callable[[str], None] = lambda name: None
    text: Callable[[str], None] | None = None


class Workbook:
    """An XLSX file's archive, checked before anything is unpacked. The source must be seekable and stays open."""

    def __init__(self, source: BinaryIO) -> None:
        with refusing_damage():
            _check_directory(source)
            self._archive = zipfile.ZipFile(source)
        entries = self._archive.infolist()
        self._unpacked_bytes = 0
        if sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
            raise _too_large()
        if any(entry.flag_bits & _ENCRYPTED_FLAG for entry in entries):
            raise InvalidContactList("the workbook has a password; save it without one")
        self._names = {entry.filename.lstrip("/").casefold(): entry.filename for entry in entries}

    def __contains__(self, part: str) -> bool:
        return part.casefold() in self._names

    def parse(self, part: str, handlers: ElementHandlers) -> Iterator[None]:
        """Feeds a part to the handlers, and yields after each chunk so that the caller can hand on what came."""
        entry = self._archive.getinfo(self._names[part.casefold()])
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise InvalidContactList("the workbook is packed in a way that spreadsheet programs do not use")
        parser = _make_parser(handlers)
        fed = 0
        with self._archive.open(entry) as stream:
            while chunk := stream.read(CHUNK_BYTES):
                parser.Parse(chunk, False)
                fed += len(chunk)
                self._unpacked_bytes += len(chunk)
                if self._unpacked_bytes > MAX_UNPACKED_BYTES:
                    raise _too_large()
                if fed - parser.CurrentByteIndex > MAX_TOKEN_BYTES:
                    raise InvalidContactList(f"the workbook is damaged: a tag in {part} never ends")
                yield
        parser.Parse(b"", True)
        yield


_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    expat.ExpatError,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
    OverflowError,
    LookupError,
)


@contextmanager
def refusing_damage() -> Iterator[None]:
    """Turns what zip and XML readers raise at damaged input into InvalidContactList."""
    try:
        yield
    except _DAMAGE as error:
        raise InvalidContactList(
            f"the workbook is damaged or was cut off ({error}); open it in a spreadsheet program and save it again"
        ) from error


def _too_large() -> InvalidContactList:
    return InvalidContactList(
        f"the workbook is larger than {MAX_UNPACKED_BYTES // 1024 // 1024} MB when it is unpacked; "
        "save only the contact list, as CSV or as a workbook of its own"
    )


def _check_directory(source: BinaryIO) -> None:
    size = source.seek(0, 2)
    source.seek(max(0, size - _END_BYTES - _MOST_COMMENT_BYTES))
    tail = source.read()
    source.seek(0)
    end = tail.rfind(_END_OF_DIRECTORY)
    if end < 0 or len(tail) - end < _END_BYTES:
        raise zipfile.BadZipFile("the end of the archive is missing")
    if int.from_bytes(tail[end + 12 : end + 16], "little") > MAX_DIRECTORY_BYTES:
        raise InvalidContactList("the workbook's archive holds far more files than a workbook has")


def _make_parser(handlers: ElementHandlers) -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    depth = elements = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, elements
        depth += 1
        elements += 1
        if depth > MAX_DEPTH or elements > MAX_ELEMENTS:
            raise InvalidContactList(f"the workbook has more than {MAX_ELEMENTS:,} cells, or is damaged")
        handlers.start(name.rpartition(":")[2], attributes)

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        handlers.end(name.rpartition(":")[2])

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = handlers.text
    parser.StartDoctypeDeclHandler = _refuse_doctype
    return parser


def _refuse_doctype(*_: object) -> None:
    raise InvalidContactList("the workbook declares an XML document type, which no spreadsheet program writes")
