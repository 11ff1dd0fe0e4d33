"""What people paste becomes people, and each line that cannot is told of by its number."""

from __future__ import annotations

import pytest

from gdial.contacts.model import ContactList
from gdial.contacts.pasted import read_pasted_list
from gdial.errors import InvalidContactList


def people(listed: ContactList) -> list[tuple[str, list[str]]]:
    return [(person.name, [number.number for number in person.phone_numbers]) for person in listed.contacts]


@pytest.mark.parametrize(
    ("line", "name", "numbers"),
    [
        ("Karin Öst, 070-123 45 67", "Karin Öst", ["+46701234567"]),
        ("Karin Öst 070-123 45 67", "Karin Öst", ["+46701234567"]),
        ("Karin Öst\t0701234567\t08-123 456 78", "Karin Öst", ["+46701234567", "+46812345678"]),
        ("0701234567; Karin Öst", "Karin Öst", ["+46701234567"]),
        ("Karin Öst: +46 (0)70 123 45 67", "Karin Öst", ["+46701234567"]),
        ("Avdelning 3, 0701234567", "Avdelning 3", ["+46701234567"]),
        ("070-123 45 67", "+46701234567", ["+46701234567"]),
        ("Karin, 0701234567, 070-123 45 67", "Karin", ["+46701234567"]),
    ],
)
def test_a_line_is_read_as_people_write_it(line: str, name: str, numbers: list[str]) -> None:
    listed = read_pasted_list(line, "SE")
    assert people(listed) == [(name, numbers)]
    assert not listed.errors


def test_each_bad_line_is_named_and_the_good_ones_are_kept() -> None:
    listed = read_pasted_list("\nKarin 0701234567\nnobody\n\nOla 12345\nKarin 0701234567\n", "SE")

    assert people(listed) == [("Karin", ["+46701234567"])]
    assert [(error.line, error.value) for error in listed.errors] == [(3, "nobody"), (5, "12345")]
    assert listed.rows == len(listed.contacts) + listed.rows_merged + listed.rows_refused == 4


def test_a_list_with_headings_is_a_contact_list() -> None:
    listed = read_pasted_list("namn;telefon;språk\nKarin;0701234567;en", "SE")
    assert people(listed) == [("Karin", ["+46701234567"])]
    assert listed.contacts[0].language == "en"


@pytest.mark.parametrize("text", ["", " \n\t\n", "x" * 600_000, "a\n" * 11_000])
def test_nothing_and_too_much_are_refused(text: str) -> None:
    with pytest.raises(InvalidContactList):
        read_pasted_list(text, "SE")
