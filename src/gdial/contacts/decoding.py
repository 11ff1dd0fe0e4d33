"""The text of a contact list, whatever program saved it: UTF-8, UTF-16 or Windows-1252, told from the bytes."""

from __future__ import annotations

import codecs
import io
import re
from dataclasses import dataclass
from typing import BinaryIO

from gdial.errors import InvalidContactList, Worded

CHUNK_BYTES = 64 * 1024

_UTF8_LETTER = re.compile(b"\xc3[\x80-\xbf]")
"""å, ä, ö, é and the like in UTF-8; in Windows-1252 no word has these two signs beside each other."""

_NOT_CP1252 = re.compile(b"[\x81\x8d\x8f\x90\x9d]")

NO_TEXT = Worded("there are bytes that are neither UTF-8, UTF-16 nor Windows-1252 text; is this a contact list?")

_OTHER_KINDS = {
    b"%PDF": "a PDF document",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls), or one with a password",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"{\\rtf": "an RTF document",
    b"\x1f\x8b": "a packed file (gzip)",
    b"7z\xbc\xaf": "a packed file (7z)",
    b"Rar!": "a packed file (RAR)",
}
_WEB_PAGE = re.compile(rb"\s*<(!doctype|html|table|\?xml)", re.IGNORECASE)


def check_kind(start: bytes) -> None:
    """Refuses a file that by its first bytes is no text and no XLSX workbook."""
    kind = next((name for sign, name in _OTHER_KINDS.items() if start.startswith(sign)), "")
    if not kind and _WEB_PAGE.match(start):
        kind = "a web page or XML, whatever its name ends with"
    if kind:
        raise InvalidContactList(f"this is {kind}, not a contact list; save it as CSV or as an XLSX workbook")


def detect_encoding(source: BinaryIO) -> str:
    """The codec's name for a text, read once to its end and set back to its beginning.

    A text that is not UTF-8 is taken for Windows-1252, what Swedish and Western Excel writes. Raises
    InvalidContactList for a text that is neither, or that mixes the two.
    """
    start = source.read(4)
    source.seek(0)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if len(start) >= 2 and 0 in start[:2] and start[0] != start[1]:
        return "utf-16-be" if start[0] == 0 else "utf-16-le"
    found = _survey(source)
    source.seek(0)
    if found.not_utf8_line is None:
        return "utf-8-sig"
    if found.not_cp1252_line is not None:
        raise InvalidContactList(NO_TEXT, where=f"line {found.not_cp1252_line}")
    if found.has_utf8_letters:
        raise InvalidContactList(
            "the text is partly UTF-8 and partly not, so names would come out wrong; save the list again as UTF-8",
            where=f"line {found.not_utf8_line}",
        )
    return "cp1252"


def open_text(source: BinaryIO, encoding: str) -> io.TextIOWrapper:
    """The source as text with its line breaks as they are. Closing the text would close the source: detach it."""
    return io.TextIOWrapper(source, encoding=encoding, errors="strict", newline="")


@dataclass(slots=True)
class _Survey:
    """What the bytes of a text show. Lines are those of the first byte that does not fit, None when all do."""

    not_utf8_line: int | None = None
    not_cp1252_line: int | None = None
    has_utf8_letters: bool = False


def _survey(source: BinaryIO) -> _Survey:
    found, decoder = _Survey(), codecs.getincrementaldecoder("utf-8")()
    lines_before, last_byte = 0, b""
    while chunk := source.read(CHUNK_BYTES):
        found.has_utf8_letters = found.has_utf8_letters or bool(_UTF8_LETTER.search(last_byte + chunk))
        stranger = _NOT_CP1252.search(chunk) if found.not_cp1252_line is None else None
        if stranger:
            found.not_cp1252_line = lines_before + _count_line_ends(chunk[: stranger.start()]) + 1
        if found.not_utf8_line is None:
            found.not_utf8_line = _undecodable_line(decoder, chunk, lines_before)
        lines_before += _count_line_ends(chunk)
        last_byte = chunk[-1:]
    if found.not_utf8_line is None and decoder.getstate()[0]:
        found.not_utf8_line = lines_before + 1
    return found


def _undecodable_line(decoder: codecs.IncrementalDecoder, chunk: bytes, lines_before: int) -> int | None:
    waiting = decoder.getstate()[0]
    try:
        decoder.decode(chunk)
    except UnicodeDecodeError as error:
        return lines_before + _count_line_ends((waiting + chunk)[: error.start]) + 1
    return None


def _count_line_ends(chunk: bytes) -> int:
    return chunk.count(b"\n") or chunk.count(b"\r")
