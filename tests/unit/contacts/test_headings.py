"""Headings: those the documentation promises, and those that must not be taken for something they are not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gdial.contacts.headings import field_of, is_bare_number, phone_label_of

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "contact-lists.md"
FIELDS = {
    "name": "name",
    "first name": "first_name",
    "last name": "last_name",
    "group": "group",
    "language": "language",
    "id": "external_id",
    "notes": "notes",
}


def promised() -> list[tuple[str, str]]:
    """Every heading of the documentation's table, with what it is said to be."""
    section = PAGE.read_text(encoding="utf-8").partition("## Headings")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([\w ]+) \| (.+) \|$", section, re.MULTILINE)
    return [
        (what, heading)
        for what, headings in rows
        for heading in headings.partition(";")[0].split(", ")
        if what != "what"
    ]


def test_the_table_is_found() -> None:
    assert len(promised()) > 80


@pytest.mark.parametrize(("what", "heading"), promised())
def test_documented_heading(what: str, heading: str) -> None:
    for written in (heading, heading.upper(), heading.lower(), f" {heading}: ", heading.replace(" ", "_")):
        if what.endswith(" phone"):
            assert (phone_label_of(written), field_of(written)) == (what.removesuffix(" phone"), None)
        else:
            assert (field_of(written), phone_label_of(written)) == (FIELDS[what], None)


@pytest.mark.parametrize(
    "heading",
    [
        "",
        "2",
        "Adress",
        "Phone type",
        "Telefontyp",
        "Mobiloperatör",
        "Work address",
        "Hemort",
        "Kontor",
        "Office",
        "Företag",
        "E-post",
    ],
)
def test_heading_nobody_knows(heading: str) -> None:
    assert field_of(heading) is None
    assert phone_label_of(heading) is None
    assert not is_bare_number(heading)
