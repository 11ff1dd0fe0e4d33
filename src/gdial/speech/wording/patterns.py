"""What a table's entries look like in a text, as regular expressions.

Every repetition is bounded or runs over characters that what follows cannot match: reading time grows
with the length of the text and not faster, whoever wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from gdial.speech.wording.table import Clock, Wording

HOUR = r"(?:2[0-4]|[01]?\d)"
MINUTE = r"[0-5]\d"
NOT_INSIDE_A_NUMBER = r"(?<![\w.,:+-])"
NUMBER_ENDS = r"(?!\w|[.,:]\d)"
DASH = r" ?[-–—] ?"
LONG_NUMBER = rf"{NOT_INSIDE_A_NUMBER}(?:\d{{6}}(?:\d\d)?-\d{{4}}|\d{{8,20}}){NUMBER_ENDS}"
DIALLED = rf"{NOT_INSIDE_A_NUMBER}(?:\+|00?)[1-9](?:[ ()/–-]{{0,3}}\d){{5,13}}{NUMBER_ENDS}"
SPAN = rf"{NOT_INSIDE_A_NUMBER}(?<!/)(?P<span_from>\d{{1,4}}){DASH}(?P<span_to>\d{{1,4}})(?![\w/-]|[.,:]\d| ?[-–]\d)"


def any_of(written: Iterable[str]) -> str:
    """One of these, the longest first, so that `m.m.` is not read as a metre."""
    return "|".join(re.escape(entry) for entry in sorted(written, key=len, reverse=True)) or r"(?!)"


def either_case(written: Iterable[str]) -> str:
    """One of these with a small or a capital first letter."""
    return any_of({form for entry in written for form in (entry, entry[0].upper() + entry[1:])})


def amount(thousands: str) -> str:
    """A number with its thousands and decimals."""
    return rf"\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+(?:[.,]\d{{1,3}})?|\d{{1,15}}(?:[.,]\d{{1,3}})?"


def quantity(wording: Wording) -> str:
    """`-15 °C`, `10–15 mm`, `25 kr/mån`."""
    number = amount(wording.thousands)
    return (
        rf"{NOT_INSIDE_A_NUMBER}(?:(?<!\S)(?P<quantity_sign>[-−–]))?(?:(?P<quantity_from>{number}){DASH})?"
        rf"(?P<quantity_number>{number}) ?(?P<quantity_unit>{any_of(wording.units)})"
        rf"(?:(?P<quantity_per>{any_of(wording.per)}))?(?!\w|\.\w)"
    )


def price(wording: Wording) -> str:
    """`£5`, `€5-10`, `$2.5 million`."""
    number = amount(wording.thousands)
    return (
        rf"(?P<price_unit>{any_of(wording.money_before)}) ?(?P<price_number>{number})"
        rf"(?P<price_scale>{any_of(wording.scales)})?(?P<price_per>{any_of(wording.per)})?{NUMBER_ENDS}"
    )


def fraction(wording: Wording) -> str:
    """A part of something; `1/2` without a unit behind it may be a date."""
    return (
        rf"{NOT_INSIDE_A_NUMBER}(?<!/)(?P<fraction_whole>\d{{1,3}} )?(?P<fraction>{any_of(wording.fractions)})"
        rf"(?: (?P<fraction_unit>{any_of(measures(wording))})(?!\w)|(?= (?:av|of)\b))"
    )


def measures(wording: Wording) -> dict[str, str]:
    """What may stand behind a fraction, and the one word that says it."""
    words = {unit.one.partition(" ")[2]: unit.one.partition(" ")[2] for unit in wording.units.values()}
    return {written: unit.one.partition(" ")[2] for written, unit in wording.units.items()} | words


def thousands(wording: Wording) -> str:
    return rf"{NOT_INSIDE_A_NUMBER}\d{{1,3}}(?:{re.escape(wording.thousands)}\d{{3}})+{NUMBER_ENDS}"


def phone_number(wording: Wording) -> str:
    national = rf"{NOT_INSIDE_A_NUMBER}{wording.national_numbers}{NUMBER_ENDS}"
    return "|".join([DIALLED, LONG_NUMBER, *([national] if wording.national_numbers else [])])


def code(wording: Wording) -> str:
    """Behind one of the words: digits, or capital letters and digits with at least one digit among them."""
    words = "|".join(re.escape(word) for word in wording.spelled_after)
    signs = r"(?=[A-ZÅÄÖ-]{0,11}\d)[A-ZÅÄÖ\d](?:-?[A-ZÅÄÖ\d]){2,11}"
    return rf"(?i:\b(?P<code_word>{words}))(?P<code_joint>:? (?:är |is )?)(?P<code_signs>{signs}){NUMBER_ENDS}(?!-\w)"


def short_number(wording: Wording) -> str:
    return rf"{NOT_INSIDE_A_NUMBER}(?:{any_of(wording.short_numbers)}){NUMBER_ENDS}(?!-\d)"


def time_of_day(clock: Clock) -> str:
    """`kl. 8`, `kl 14-16.30`, `14:30–16:00`, `14.30`; a bare hour is a time only behind the clock's prefix."""
    prefixed = rf"\b(?i:{clock.prefix}) ?(?:{_span(rf'{HOUR}(?:[.:]{MINUTE})?')})|" if clock.prefix else ""
    dotted = rf"(?:[01]\d|2[0-4])\.{MINUTE}" if not clock.dotted_after else rf"{HOUR}\.{MINUTE}"
    after = "|".join(rf"(?<=\b{re.escape(word)} )" for word in clock.dotted_after)
    bare = rf"{NOT_INSIDE_A_NUMBER}(?:{_span(f'{HOUR}:{MINUTE}')}|(?:{after}){_span(dotted)})"
    suffix = rf"(?: ?(?P<time_suffix>{any_of(clock.suffixes)})(?!\w))?" if clock.suffixes else ""
    dotted_pm = rf"|{NOT_INSIDE_A_NUMBER}{HOUR}\.{MINUTE}(?= ?(?:{any_of(clock.suffixes)})(?!\w))"
    return rf"(?:{prefixed}{bare}{dotted_pm if clock.suffixes else ''}){suffix}{NUMBER_ENDS}(?!-\d)"


def _span(time: str) -> str:
    return rf"{time}(?:{DASH}{time})?"


def abbreviation(wording: Wording) -> str:
    return rf"(?<![\w.])(?:{either_case(wording.abbreviations)})(?!\w|\.\w)"


def before_number(wording: Wording) -> str:
    return rf"(?<![\w.])(?:{either_case(wording.before_number)})(?= ?\d)"


def street(wording: Wording) -> str:
    """`Storg. 12`, `High St.`: the end of a street's name, cut short."""
    return wording.street.replace("{ends}", any_of(wording.streets))


def mark(wording: Wording) -> str:
    return any_of(wording.marks)
