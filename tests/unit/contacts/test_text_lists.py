"""Lists as people save them: separators, encodings, headings, several numbers, groups."""

from __future__ import annotations

import codecs
import io
import tempfile
from typing import BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdial.contacts.model import ListedContact, ListedNumber
from gdial.contacts.reading import read_contact_list
from gdial.errors import InvalidContactList, InvalidInput
from tests.unit.contacts.lists import numbers_of, read_bytes, read_text

SWEDISH = "Namn;Mobil;Grupp\nÅsa Öst;0701-23 45 67;Skolan\nBo Ek;08-123 456;Skolan|Köket\n"


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("cp1252", b""),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
        ("utf-16-le", b""),
        ("utf-16-be", b""),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_separator_encoding_and_line_end(delimiter: str, encoding: str, mark: bytes, line_end: str) -> None:
    text = SWEDISH.replace(";", delimiter).replace("\n", line_end)
    read = read_bytes(mark + text.encode(encoding))
    assert [(contact.line, contact.name, contact.groups) for contact in read.contacts] == [
        (2, "Åsa Öst", ("Skolan",)),
        (3, "Bo Ek", ("Skolan", "Köket")),
    ]
    assert numbers_of(read) == [["+46701234567"], ["+468123456"]]
    assert not read.errors


def test_windows_1252_is_not_taken_silently() -> None:
    assert "Windows-1252" in read_text(SWEDISH, "cp1252").notes[0]
    assert read_text(SWEDISH).notes == ()


def test_encoding_is_told_from_the_whole_file_not_its_beginning() -> None:
    text = (
        "Namn;Mobil\n" + "".join(f"Person {'x' * (i % 7)} nr;070123{i:04d}\n" for i in range(6000)) + "Åsa;0701234567\n"
    )
    assert read_text(text, "cp1252").contacts[-1].name == "Åsa"
    assert read_text(text).contacts[-1].name == "Åsa"


def test_text_that_is_partly_utf8_is_refused_with_the_line() -> None:
    mixed = "Namn;Mobil\nÅsa;0701234567\n".encode() + "Östen;0701234568\n".encode("cp1252")
    with pytest.raises(InvalidContactList, match="line 3: the text is partly UTF-8"):
        read_bytes(mixed)


def test_separator_line_of_excel() -> None:
    read = read_text("sep=,\nName,Phone\nBo,0701234567\n")
    assert [contact.line for contact in read.contacts] == [3]


@pytest.mark.parametrize(
    "headings",
    [
        "Namn;Mobil;Hem;Arbete",
        "NAMN;MOBIL;HEM;ARBETE",
        "name;mobile number;home;work phone",
        "Full name;Mobile Phone;Home Phone;Business Phone",
        "Namn;Mobiltelefon;Telefon (hem);Telefon arbete",
        "fullName;mobilePhone;home_phone;work_phone",
        "Namn:;Mobilnr.;Hem tel;Tel arb",
    ],
)
def test_headings_name_the_phones(headings: str) -> None:
    read = read_text(f"{headings}\nBo;0701234567;08-123456;08-654321\n")
    assert read.contacts[0].phone_numbers == (
        ListedNumber("+46701234567", "mobile"),
        ListedNumber("+468123456", "home"),
        ListedNumber("+468654321", "work"),
    )
    assert read.notes == ()


@pytest.mark.parametrize(
    "headings", ["Telefon 1;Telefon 2", "Phone;Phone 2", "Tel1;Tel2", "Phone 1 - Value;Phone 2 - Value"]
)
def test_numbered_phones_come_in_the_order_of_the_columns(headings: str) -> None:
    read = read_text(f"{headings};Namn\n08-654321;0701234567;Bo\n")
    assert read.contacts[0].phone_numbers == (
        ListedNumber("+468654321", "other"),
        ListedNumber("+46701234567", "other"),
    )


def test_first_and_last_name() -> None:
    for headings in ("Förnamn;Efternamn", "First name;Last name", "GivenName;FamilyName"):
        assert read_text(f"{headings};Mobil\nKarin;Öst;0701234567\n").contacts[0].name == "Karin Öst"
    assert read_text("Efternamn;Mobil;Förnamn\nÖst;0701234567;Karin\n").contacts[0].name == "Karin Öst"
    whole = read_text("Förnamn;Efternamn;Namn;Mobil\nKarin;Öst;Kajsa;0701234567\nBo;Ek;;0701234568\n")
    assert [contact.name for contact in whole.contacts] == ["Kajsa", "Bo Ek"]


def test_everything_about_a_contact() -> None:
    read = read_text(
        "Id;Namn;Mobil;Språk;Grupp;Grupp 2;Anteckning;Kommentar\n"
        'p-17;  Karin   Öst ;0701234567;Svenska;"Skolan, köket;Skolan";Jour|KÖKET;"Rad ett\nrad två";mer\n'
    )
    assert read.contacts == (
        ListedContact(
            line=2,
            external_id="p-17",
            name="Karin Öst",
            language="sv",
            groups=("Skolan", "köket", "Jour"),
            phone_numbers=(ListedNumber("+46701234567", "mobile"),),
            notes="Rad ett\nrad två\nmer",
        ),
    )
    assert read.errors == ()


def test_unknown_columns_are_told_once() -> None:
    read = read_text("Namn;Adress;Mobil;Skostorlek\nBo;Gatan 1;0701234567;44\nEva;;0701234568;37\n")
    assert len(read.contacts) == 2
    assert read.notes == ("Columns that were not read: Adress, Skostorlek.",)


def test_columns_that_only_sound_like_phones_are_not_read() -> None:
    read = read_text("Namn;Telefon;Telefontyp;Phone type;Kontor;Company\nBo;0701234567;mobil;x;Malmö;Ericsson\n")
    assert len(read.contacts[0].phone_numbers) == 1
    assert read.errors == ()
    assert "Telefontyp, Phone type, Kontor, Company" in read.notes[0]


def test_number_alone_is_the_phone_only_when_nothing_else_is() -> None:
    assert numbers_of(read_text("Namn;Nummer\nBo;0701234567\n")) == [["+46701234567"]]
    assert numbers_of(read_text("Nr;Namn;Telefon\n1;Bo;0701234567\n")) == [["+46701234567"]]


def test_bad_number_beside_a_good_one_is_reported_and_the_row_kept() -> None:
    read = read_text("Namn;Mobil;Hem\nBo;112;08-123456\nEva;abc;\n;0701234567;\nUlf;;\nIda;-;0701234568\n")
    assert [contact.name for contact in read.contacts] == ["Bo", "Ida"]
    told = [(error.line, error.column, error.value, error.reason.split(";")[-1].strip()) for error in read.errors]
    assert told == [
        (2, "Mobil", "112", "the contact is kept without it"),
        (3, "Mobil", "abc", "the row is left out"),
        (4, "Namn", "", "the row is left out"),
        (5, "Mobil", "", "the row is left out"),
    ]
    assert (read.rows, read.rows_merged, read.rows_refused) == (5, 0, 3)
    assert read.errors[0].to_json() == {
        "line": 2,
        "column": "Mobil",
        "value": "112",
        "reason": "this is an emergency number, which is never called (example: 070-123 45 67); "
        "the contact is kept without it",
    }


def test_unknown_language_is_reported_and_the_row_kept() -> None:
    read = read_text("Namn;Mobil;Språk\nBo;0701234567;klingonska\n")
    assert read.contacts[0].language is None
    assert "language is not known" in read.errors[0].reason


def test_line_is_where_the_row_begins_in_the_file() -> None:
    read = read_text(
        'Namn;Mobil;Anteckning\r\n\r\nBo;0701234567;"en\r\ntvå\r\n\r\ntre"\r\n;;\r\nEva;fel;\r\n\r\n"Ida";0701234568;\r\n'
    )
    assert [(contact.name, contact.line) for contact in read.contacts] == [("Bo", 3), ("Ida", 10)]
    assert [error.line for error in read.errors] == [8]


@pytest.mark.parametrize(
    ("name", "reason"),
    [("", "missing"), ("123", "no letter"), ("x" * 201, "longer than 200"), ('"Bo\nEva"', "line break")],
)
def test_names_that_are_refused(name: str, reason: str) -> None:
    read = read_text(f"Namn;Mobil\n{name};0701234567\nIda;0701234568\n")
    assert [contact.name for contact in read.contacts] == ["Ida"]
    assert reason in read.errors[0].reason
    assert len(read.errors[0].value) <= 101


def test_shifted_row_is_refused_not_guessed() -> None:
    read = read_text("Name,Phone\nÖst, Karin,0701234567\nBo,0701234568,\n")
    assert [contact.name for contact in read.contacts] == ["Bo"]
    assert "more cells than the 2 columns" in read.errors[0].reason


def test_too_much_of_one_thing_in_a_row() -> None:
    phones = ";".join(f"Phone {n}" for n in range(12))
    numbers = ";".join(f"070-123 45 {n:02d}" for n in range(12))
    read = read_text(
        f"Namn;Id;Anteckning;Grupp;{phones}\nBo;{'1' * 101};{'n' * 2001};{'g' * 101}|Ok;{numbers}\n"
        f"Eva;2;;{'|'.join(f'g{n}' for n in range(101))};070-123 46 00\n"
    )
    assert len(read.contacts[0].phone_numbers) == 10
    assert (read.contacts[0].external_id, read.contacts[0].notes, read.contacts[0].groups) == (None, "", ("Ok",))
    assert len(read.contacts[1].groups) == 100
    reasons = " ".join(error.reason for error in read.errors)
    for limit in ("at most 10 phone numbers", "id is longer", "notes are longer", "group is longer", "more than 100"):
        assert limit in reasons


def test_what_an_export_put_before_formulas_is_taken_away() -> None:
    read = read_text("Namn;Mobil;Grupp;Anteckning\n'=Bo;'+46701234567;'@skolan;'-\n'Tis;0701234568;;\n")
    assert [contact.name for contact in read.contacts] == ["=Bo", "'Tis"]
    assert read.contacts[0].groups == ("@skolan",)
    assert read.contacts[0].notes == "-"
    assert numbers_of(read)[0] == ["+46701234567"]


class TestWithoutHeadings:
    @pytest.mark.parametrize(
        "text",
        [
            "Bo Ek;0701234567\nEva Al;08-123456\n",
            "0701234567,Bo Ek\n08-123456,Eva Al\n",
            "Bo Ek\t0701234567\nEva Al\t08-123456",
        ],
    )
    def test_read_when_name_and_number_are_plain(self, text: str) -> None:
        read = read_text(text)
        assert [(contact.line, contact.name) for contact in read.contacts] == [(1, "Bo Ek"), (2, "Eva Al")]
        assert numbers_of(read) == [["+46701234567"], ["+468123456"]]
        assert "no headings" in read.notes[0]

    def test_bad_number_further_down_is_reported(self) -> None:
        read = read_text("Bo;0701234567\nEva;0701234568\nIda;070123456\n")
        assert [(error.line, error.column) for error in read.errors] == [(3, "column 2")]

    @pytest.mark.parametrize(
        "text",
        [
            "Bo;Ek;0701234567\n",
            "Vem;Vart\nBo;0701234567\n",
            "Bo;070123456\n",
            "Bo;17;0701234567\n",
            ";0701234567\n",
            "bara text\noch mera\n",
            "0701234567\n0701234568\n",
        ],
    )
    def test_refused_when_it_takes_a_guess(self, text: str) -> None:
        with pytest.raises(InvalidContactList, match=r"^line 1: .*first row") as refused:
            read_text(text)
        assert refused.value.example == "Name;Mobile;Group"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the file is empty"),
        ("\n \n;;\n", "nothing in the list"),
        ("Namn;Mobil\n", "no row with a contact"),
        ("Namn;Adress\nBo;Gatan\n", "no column of phone numbers"),
        ("Mobil;Adress\n0701234567;Gatan\n", "no column of names"),
        ("Namn;" + ";".join(f"Telefon {n}" for n in range(41)) + "\nBo;1\n", "41 columns of phone numbers"),
    ],
)
def test_list_without_what_it_takes_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidContactList, match=reason):
        read_text(text)


def test_refusal_names_the_headings_found() -> None:
    with pytest.raises(InvalidContactList, match=r"line 1: .*headings found are: Vem, Mobil"):
        read_text("Vem;Mobil\nBo;0701234567\n")


def test_unknown_region_is_refused() -> None:
    with pytest.raises(InvalidInput, match="example: SE"):
        read_text(SWEDISH, region="Sverige")


def test_region_decides_what_a_national_number_means() -> None:
    text = "Name,Phone\nBo,020 7946 0018\n"
    assert numbers_of(read_text(text, region="GB")) == [["+442079460018"]]


def test_source_is_read_from_its_beginning_and_left_open() -> None:
    with tempfile.SpooledTemporaryFile(max_size=10) as source:
        source.write(SWEDISH.encode())
        assert len(read_contact_list(cast(BinaryIO, source), region="SE").contacts) == 2
        source.seek(0)
        assert source.read() == SWEDISH.encode()
    broken = io.BytesIO(b'Namn;Mobil\n"Bo;0701234567\n')
    with pytest.raises(InvalidContactList):
        read_contact_list(broken, region="SE")
    assert not broken.closed


cells = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)


@given(st.lists(st.lists(cells, min_size=1, max_size=5), max_size=12), st.sampled_from(";,\t"))
def test_ledger_balances_for_any_rows(rows: list[list[str]], delimiter: str) -> None:
    lines = [delimiter.join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) for row in rows]
    try:
        read = read_text(delimiter.join(("Namn", "Mobil", "Grupp", "Id", "Språk")) + "\n" + "\n".join(lines))
    except InvalidContactList:
        return
    assert read.rows == len(read.contacts) + read.rows_merged + read.rows_refused
    assert read.rows <= len(rows)
    assert read.rows_refused <= len(read.errors)
