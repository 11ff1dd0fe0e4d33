"""A list without headings: read only when name and number are plain to see."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gdial.contacts.columns import EXAMPLE_HEADINGS, Columns, PhoneColumn, heading_texts
from gdial.contacts.numbers import parse_phone_number
from gdial.contacts.rows import Row
from gdial.errors import InvalidContactList, InvalidPhoneNumber, Worded

_LIKE_NUMBER = re.compile(r"[+('\d][\d\s()+./\-\u00a0\u2010-\u2015]{5,30}")


def columns_without_headings(rows: Sequence[Row], region: str) -> Columns:
    """The columns of a list whose first rows hold nothing but one name and one or more good numbers.

    Raises InvalidContactList when a column is neither, or two could be the name: guessing would ring the wrong people.
    """
    table = [heading_texts(row) for row in rows]
    width = max(len(texts) for texts in table)
    filled = [(index, [texts[index] for texts in table if texts[index:] and texts[index]]) for index in range(width)]
    phones = [index for index, texts in filled if texts and _are_numbers(texts, region)]
    names = [index for index, texts in filled if texts and all(map(_is_like_name, texts))]
    others = [index for index, texts in filled if texts and index not in phones and index not in names]
    first = table[0]
    plain = len(names) == 1 and phones and not others
    if not plain or not all(index < len(first) and first[index] for index in (names[0], phones[0])):
        raise InvalidContactList(
            Worded(
                "the first row has no heading that is known, and without headings it is not plain which column is the "
                "name and which the phone number. The first row is: {row}",
                row=", ".join(first)[:200],
            ),
            where=Worded("line {number}", number=rows[0].line),
            example=EXAMPLE_HEADINGS,
        )
    return Columns(
        headings=tuple(f"column {index + 1}" for index in range(width)),
        phones=tuple(PhoneColumn(index, f"column {index + 1}", "other") for index in phones),
        fields={"name": names[0]},
        has_heading_row=False,
    )


def _are_numbers(texts: Sequence[str], region: str) -> bool:
    """All written like numbers, the first one good, and at least half of them."""
    if not all(_LIKE_NUMBER.fullmatch(text) for text in texts) or not _is_number(texts[0], region):
        return False
    return 2 * sum(_is_number(text, region) for text in texts) >= len(texts)


def _is_number(text: str, region: str) -> bool:
    try:
        parse_phone_number(text, region)
    except InvalidPhoneNumber:
        return False
    return True


def _is_like_name(text: str) -> bool:
    return any(sign.isalpha() for sign in text) and not any(sign.isdigit() for sign in text) and len(text) <= 80
