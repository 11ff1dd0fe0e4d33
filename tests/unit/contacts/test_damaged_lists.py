"""Files nobody should be able to hurt GDial with: always InvalidContactList with the reason, never anything else."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gdial.contacts.limits import MAX_UPLOAD_BYTES
from gdial.contacts.model import ContactList
from gdial.contacts.reading import read_contact_list
from gdial.errors import InvalidContactList
from tests.unit.contacts.lists import raw_workbook, read_bytes, sheet_xml, workbook

GOOD_TEXT = 'Namn;Mobil;Anteckning\nBo;0701234567;"a\nb"\nEva;0701234568;ö\n'.encode()
GOOD_BOOK = workbook(("Lista", [["Namn", "Mobil"], ["Bo", "0701234567"], ["Eva", 701234568]]))


def refusal(data: bytes) -> str:
    with pytest.raises(InvalidContactList) as refused:
        read_bytes(data)
    return str(refused.value)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'Namn;Mobil\nBo;0701234567\n"Eva;0701234568\nIda;0701234569\n', "line 3: a quote"),
        (b'Namn;Mobil\nBo;"0701234567\n' + b"x;1\n" * 50_000, "line 2: a quote"),
        (b'Namn;Mobil\nBo;"1\n' + b"x\n" * 120 + b'"\n', "line 2: the row goes over more than 100 lines"),
        (b'Namn;Mobil\n"Bo" Ek;0701234567\n', "line 2: a cell that begins with a quote"),
        (b"Namn;Mobil\nBo;070\x001234567\n", "line 2: there is a sign that is no text (code 0)"),
        (b"Namn;Mobil\nBo;0701234567\n\x1b[0m;1\n", "line 3: there is a sign that is no text (code 27)"),
        (b"Namn;Mobil\nBo;0701234567\n\x81\xff;1\n", "line 3: there are bytes that are neither"),
        (b"Namn;Mobil\n" + b";" * 10_000 + b"x", "line 2: the row has 10,001 cells"),
        (b"Namn;Mobil" + b";x" * 10_000, "line 1: the row has 10,002 cells"),
        (b"Namn;Mobil\n" + b"x" * 40_000 + b";1", "line 2: a cell is longer than 32,767"),
        (b"Namn;Mobil\n" + b"x" * 300_000 + b";1", "line 2: the line is longer than 200,000"),
        (b"Namn;Mobil\n" + b"\n" * 2_000_001, "the file has more than 2,000,000 lines"),
        (b"Namn;Mobil\n" + b"a;\n" * 250_001, "the list has more than 250,000 rows"),
        (b"\xff\xfeN\x00a\x00\x00\xd8", "after line 0: there are bytes"),
        (b"%PDF-1.7", "a PDF document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "(.xls), or one with a password"),
        (b"  <html><table>", "a web page"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"PK\x03\x04", "the end of the archive is missing"),
        (GOOD_BOOK[:-40], "cut off"),
    ],
)
def test_damage_is_told_with_its_line(data: bytes, reason: str) -> None:
    assert reason in refusal(data)


class HugeFile(io.BytesIO):
    """Says that it is larger than it is, so that the test need not fill the memory."""

    def seek(self, offset: int, whence: int = 0) -> int:
        return MAX_UPLOAD_BYTES + 1 if whence == 2 else super().seek(offset, whence)

    def read(self, size: int | None = -1) -> bytes:
        raise AssertionError("a file over the limit is not read")


def test_upload_over_the_limit_is_refused_unread() -> None:
    with pytest.raises(InvalidContactList, match="larger than 25 MB"):
        read_contact_list(HugeFile(), region="SE")


def zip_of(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def deflated_run(before: bytes, repeated: bytes, size: int, after: bytes = b"") -> bytes:
    """A workbook whose sheet is `repeated` up to `size` bytes: a small file that unpacks to a large one."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts_of(raw_workbook("<x/>")).items():
            if name != "xl/one.xml":
                archive.writestr(name, content)
        with archive.open("xl/one.xml", "w") as sheet:
            sheet.write(before)
            block = repeated * max(1, 1_000_000 // len(repeated))
            for _ in range(size // len(block)):
                sheet.write(block)
            sheet.write(after)
    return stream.getvalue()


START = b"<worksheet><sheetData>"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (lambda: deflated_run(START, b"<row/>", 263_000_000), "larger than 250 MB when it is unpacked"),
        (lambda: deflated_run(b'<worksheet a="', b"a", 60_000_000, b'"/>'), "a tag in xl/one.xml never ends"),
        (lambda: deflated_run(b"<worksheet><!--", b"a", 60_000_000), "a tag in xl/one.xml never ends"),
        (lambda: deflated_run(START, b"<a>", 3_000_000), "or is damaged"),
        (
            lambda: deflated_run(START + b"<row><c t='str'><v>", b"a", 60_000_000),
            "line 1: a cell is longer than 32,767",
        ),
        (
            lambda: raw_workbook(sheet_xml('<row r="1"><c r="XFD1"><v>1</v></c></row>')),
            "line 1: there is something in column 16,384",
        ),
        (lambda: raw_workbook(sheet_xml('<row r="1048577"/>')), "no row 1048577"),
        (lambda: raw_workbook(sheet_xml('<row r="0"/>')), "no row 0"),
        (lambda: raw_workbook(sheet_xml('<row r="ett"/>')), "damaged"),
        (lambda: raw_workbook(sheet_xml('<row><c r="?1"><v>1</v></c></row>')), "damaged"),
        (lambda: raw_workbook(sheet_xml('<row><c t="s"><v>9</v></c></row>')), "damaged"),
        (lambda: raw_workbook(sheet_xml('<row><c t="s"><v>-1</v></c></row>'), shared="<si><t>x</t></si>"), "damaged"),
        (lambda: raw_workbook("<worksheet><sheetData><row>"), "damaged"),
        (lambda: raw_workbook("not XML"), "damaged"),
        (lambda: raw_workbook(sheet_xml(""), compression=zipfile.ZIP_LZMA), "packed in a way"),
        (lambda: raw_workbook(sheet_xml("<row/>"), shared="<si><t>" + "a" * 21_000_000), "far more text"),
        (lambda: raw_workbook(sheet_xml("<row/>"), shared="<si/>" * 1_000_001), "far more text"),
        (lambda: zip_of({"readme": b"hello"}), "no XLSX workbook"),
        (lambda: zip_of({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), "no XLSX workbook"),
        (lambda: zip_of({"xl/workbook.xml": b"<workbook/>"}), "no visible sheet"),
    ],
)
def test_workbooks_made_to_hurt(data: object, reason: str) -> None:
    assert callable(data)
    assert reason in refusal(data())


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE worksheet [<!ENTITY a "b">]>',
        '<!DOCTYPE worksheet SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>',
    ],
)
def test_document_types_and_entities_are_refused(prolog: str) -> None:
    sheet = f"{prolog}<worksheet><sheetData><row><c t='str'><v>&a;</v></c></row></sheetData></worksheet>"
    for encoding in ("utf-8", "utf-16"):
        assert "document type" in refusal(raw_workbook(sheet.encode(encoding)))


def test_password_and_binary_workbooks_are_told() -> None:
    locked = bytearray(GOOD_BOOK)
    with zipfile.ZipFile(io.BytesIO(GOOD_BOOK)) as archive:
        directory = archive.start_dir
    for place in (6, directory + 8):
        locked[place] |= 1
    assert "has a password" in refusal(bytes(locked))
    relation = '<Relationships><Relationship Id="1" Type="a/officeDocument" Target="xl/workbook.bin"/></Relationships>'
    assert ".xlsb" in refusal(zip_of({"_rels/.rels": relation.encode(), "xl/workbook.bin": b"x"}))


def test_sheets_that_are_all_the_same_large_part_do_not_multiply_it() -> None:
    parts = parts_of(deflated_run(b"<worksheet>", b" ", 30_000_000, b"</worksheet>"))
    sheet = b'<sheet name="Lista" r:id="r1"/>'
    assert sheet in parts["xl/book.xml"]
    parts["xl/book.xml"] = parts["xl/book.xml"].replace(sheet, sheet * 500)
    assert "larger than 250 MB" in refusal(zip_of(parts))


def test_archive_with_far_too_many_files_is_refused_before_its_directory_is_read() -> None:
    assert "far more files" in refusal(b"PK" + b"\0" * 20 + b"PK\5\6" + struct.pack("<4H2LH", 0, 0, 9, 9, 2**31, 0, 0))


def outcome(data: bytes) -> ContactList | None:
    try:
        return read_bytes(data)
    except InvalidContactList:
        return None


def assert_balanced(read: ContactList | None) -> None:
    if read:
        assert read.rows == len(read.contacts) + read.rows_merged + read.rows_refused
        assert all(contact.name and contact.phone_numbers for contact in read.contacts)
        assert all(error.reason and error.line >= 1 for error in read.errors)


@given(st.binary(max_size=300))
@example(b"\xff\xfe")
@example(b"\xef\xbb\xbf")
@example(b"sep=;")
@example(b"Namn;Mobil\n\xc3")
def test_random_bytes(data: bytes) -> None:
    assert_balanced(outcome(data))


@given(
    st.binary(max_size=120), st.sampled_from((b"Namn;Mobil\n", b"Name,Phone,Group\n", b"Namn\tMobil\n", b"PK\x03\x04"))
)
def test_random_bytes_under_headings(data: bytes, start: bytes) -> None:
    assert_balanced(outcome(start + data))


@given(st.text(alphabet="Bo,;\t\"\n\r'=+07123456 |", max_size=120))
def test_random_signs_of_csv(text: str) -> None:
    assert_balanced(outcome(b"Namn;Mobil;Grupp\n" + text.encode()))


def changes(data: bytes) -> st.SearchStrategy[bytes]:
    def change(edits: list[tuple[int, int]], end: int) -> bytes:
        changed = bytearray(data)
        for place, value in edits:
            changed[place] = value
        return bytes(changed[:end])

    edits = st.lists(st.tuples(st.integers(0, len(data) - 1), st.integers(0, 255)), max_size=6)
    return st.builds(change, edits, st.one_of(st.just(len(data)), st.integers(0, len(data))))


@given(changes(GOOD_TEXT))
def test_text_with_changed_bytes(data: bytes) -> None:
    assert_balanced(outcome(data))


@settings(max_examples=400, deadline=None)
@given(changes(GOOD_BOOK))
def test_workbook_with_changed_bytes(data: bytes) -> None:
    assert_balanced(outcome(data))


SHARED_BOOK = raw_workbook(
    sheet_xml(
        "".join(f"<row r='{r}'><c t='s'><v>{2 * r - 2}</v></c><c t='s'><v>{2 * r - 1}</v></c></row>" for r in (1, 2))
    ),
    shared="".join(f"<si><t>{text}</t></si>" for text in ("Namn", "Mobil", "Bo", "0701234567")),
)


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize(
    ("book", "part"),
    [
        (GOOD_BOOK, "xl/worksheets/sheet1.xml"),
        (GOOD_BOOK, "xl/styles.xml"),
        (SHARED_BOOK, "xl/strings.xml"),
        (SHARED_BOOK, "xl/one.xml"),
        (SHARED_BOOK, "xl/book.xml"),
        (SHARED_BOOK, "xl/_rels/book.xml.rels"),
        (SHARED_BOOK, "_rels/.rels"),
    ],
)
def test_workbook_with_a_changed_part(book: bytes, part: str) -> None:
    """Changes behind the archive's checksums, which changed bytes of the file seldom get past."""
    parts = parts_of(book)

    @settings(max_examples=100, deadline=None)
    @given(changes(parts[part]))
    def check(content: bytes) -> None:
        assert_balanced(outcome(zip_of(parts | {part: content})))

    check()


def test_good_lists_are_good(tmp_path: Path) -> None:
    for data in (GOOD_TEXT, GOOD_BOOK):
        path = tmp_path / "list"
        path.write_bytes(data)
        with path.open("rb") as source:
            assert len(read_contact_list(source, region="SE").contacts) == 2
    assert len(read_bytes(SHARED_BOOK).contacts) == 1
