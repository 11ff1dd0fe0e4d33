"""The same person on several rows, and several people behind one number."""

from __future__ import annotations

from gdial.contacts.model import ListedNumber, contact_key
from tests.unit.contacts.lists import numbers_of, read_text


def test_same_name_and_number_is_one_person_in_all_groups() -> None:
    read = read_text(
        "Namn;Mobil;Hem;Grupp;Språk;Anteckning\n"
        "Bo Ek;0701234567;;Skolan;;\nEva;0701234568;;Köket;;\nbo  ek;+46701234567;08-123456;skolan,Jour;sv;ny\n"
    )
    bo = read.contacts[0]
    assert [contact.name for contact in read.contacts] == ["Bo Ek", "Eva"]
    assert bo.groups == ("Skolan", "Jour")
    assert bo.phone_numbers == (ListedNumber("+46701234567", "mobile"), ListedNumber("+468123456", "home"))
    assert (bo.language, bo.notes, bo.line) == ("sv", "ny", 2)
    assert (read.rows, read.rows_merged, read.rows_refused) == (3, 1, 0)
    assert read.notes == ("Rows about a person already on the list: 1 (first: line 4, as line 2).",)


def test_same_id_with_another_number_is_one_person() -> None:
    read = read_text("Id;Namn;Mobil\n7;Bo;0701234567\n7;Bo;0701234568\n")
    assert numbers_of(read) == [["+46701234567", "+46701234568"]]


def test_same_id_with_another_name_is_reported() -> None:
    read = read_text("Id;Namn;Mobil\n7;Bo;0701234567\n7;Eva;0701234568\n")
    assert [contact.name for contact in read.contacts] == ["Bo"]
    assert (read.errors[0].line, read.errors[0].value) == (3, "7")
    assert "stands on line 2 already, with another name (Bo)" in read.errors[0].reason
    assert read.rows_refused == 1


def test_same_person_with_the_id_on_one_row_only_is_not_rung_twice() -> None:
    for text in ("7;Bo;0701234567\n;Bo;0701234567\n", ";Bo;0701234567\n7;Bo;0701234567\n"):
        read = read_text("Id;Namn;Mobil\n" + text)
        assert [contact.external_id for contact in read.contacts] == ["7"]


def test_two_ids_are_two_people_even_with_one_name_and_number() -> None:
    read = read_text("Id;Namn;Mobil\n7;Bo;0701234567\n8;Bo;0701234567\n")
    assert [contact.external_id for contact in read.contacts] == ["7", "8"]


def test_people_may_share_a_number_and_it_is_noted_once() -> None:
    read = read_text("Namn;Mobil;Hem\nBo;0701234567;08-123456\nEva;0701234568;08-123456\nIda;0701234569;08-123456\n")
    assert len(read.contacts) == 3
    assert read.errors == ()
    assert read.notes == ("Phone numbers that several people share: 1 (first: line 3, as line 2); each is kept.",)


def test_same_number_twice_in_a_row_is_one_number() -> None:
    read = read_text("Namn;Mobil;Telefon\nBo;0701234567;+46 70 123 45 67\n")
    assert read.contacts[0].phone_numbers == (ListedNumber("+46701234567", "mobile"),)


def test_numbers_beyond_the_limit_are_reported_when_rows_meet() -> None:
    rows = "".join(f"7;Bo;070-123 45 {n:02d}\n" for n in range(12))
    read = read_text("Id;Namn;Mobil\n" + rows)
    assert len(read.contacts[0].phone_numbers) == 10
    assert [error.line for error in read.errors] == [12, 13]
    assert read.errors[0].value == "+46701234510"


def test_key_of_a_person() -> None:
    assert contact_key("7", "Bo", "+46701234567") == contact_key("7", "Eva", "+46701234568")
    assert contact_key(None, "Bo  EK", "+46701234567") == contact_key("", "bo ek", "+46701234567")
    assert contact_key(None, "Bo", "+46701234567") != contact_key(None, "Bo", "+46701234568")
    assert contact_key("name:bo:+46701234567", "", "") != contact_key(None, "Bo", "+46701234567")
