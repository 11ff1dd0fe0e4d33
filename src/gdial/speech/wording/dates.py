"""Dates and days of the week in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from gdial.speech.wording.patterns import DASH, NOT_INSIDE_A_NUMBER, any_of
from gdial.speech.wording.table import Calendar

DAY = r"(?:3[01]|[12]\d|0?[1-9])"
YEAR = r"(?:19|20)\d\d"
ISO = rf"{NOT_INSIDE_A_NUMBER}{YEAR}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?![\w-])"


def slashed(calendar: Calendar) -> str:
    """`24/11`, `24/11 2026`."""
    after = "|".join(rf"(?<=\b{re.escape(word)} )" for word in calendar.slashed_after)
    year = rf"(?:[/ -](?P<slashed_year>{YEAR})(?!\w|-\d))"
    return (
        rf"{NOT_INSIDE_A_NUMBER}(?<!/)(?:{after})(?P<slashed_first>\d{{1,2}})/(?P<slashed_second>\d{{1,2}})"
        rf"{year}?(?![\w/]|[.,:]\d)"
    )


def named_month(calendar: Calendar) -> str:
    """`23 november`, `den 3:e dec.`, `3–5 dec 2026`."""
    article = rf"(?:(?P<named_article>(?i:{calendar.article})) )?" if calendar.article else ""
    days = rf"(?:(?P<named_from>{DAY})(?:{calendar.day_marks})?{DASH})?(?P<named_day>{DAY})(?:{calendar.day_marks})?"
    return rf"(?<![\w.,:+/-]){article}{days} ?(?P<named_month>{_months(calendar)})(?!\w)"


def month_before(calendar: Calendar) -> str:
    """`November 23rd, 2026`, where the language has it."""
    if not calendar.month_first:
        return r"(?!)"
    return (
        rf"(?<!\w)(?P<before_month>{_months(calendar)}) (?P<before_day>{DAY})(?:{calendar.day_marks})?"
        rf"(?:,? (?P<before_year>{YEAR}))?(?![\w%]|[:.]\d|,\d)"
    )


def weekday(calendar: Calendar) -> str:
    """A span of two, or a short one that plainly is one: before a number, or with its full stop."""
    names = any_of(calendar.weekdays)
    span = rf"(?P<weekday_from>{names})\.?{DASH}(?P<weekday_to>{names})"
    short = any_of(written for written, said in calendar.weekdays.items() if written != said)
    return rf"(?<![\w.-])(?:{span}(?!\w)|(?P<weekday_one>{short})(?:\.(?!\w)|(?=,? \d)))"


def say_iso(match: re.Match[str], calendar: Calendar) -> str:
    year, month, day = match[0].split("-")
    return f"{_day_and_month(int(day), int(month), calendar)} {year}"


def say_slashed(match: re.Match[str], calendar: Calendar) -> str:
    """As written when it can be no date."""
    first, second = int(match["slashed_first"]), int(match["slashed_second"])
    day, month = (second, first) if calendar.month_is_first else (first, second)
    if month > 12 >= day > 0:
        day, month = month, day
    if not (1 <= day <= 31 and 1 <= month <= 12):
        return match[0]
    year = f" {match['slashed_year']}" if match["slashed_year"] else ""
    return _day_and_month(day, month, calendar) + year


def say_named(match: re.Match[str], calendar: Calendar, until: str) -> str:
    month = _month(match["named_month"], calendar)
    spoken = _day_and_month(int(match["named_day"]), month, calendar)
    if match["named_from"]:
        first = calendar.ordinals[int(match["named_from"])]
        article = f"{calendar.article} " if calendar.article else ""
        spoken = f"{article}{first} {until} {spoken}"
    return spoken


def say_month_before(match: re.Match[str], calendar: Calendar) -> str:
    month = calendar.months[_month(match["before_month"], calendar) - 1]
    spoken = calendar.month_first.format(day=calendar.ordinals[int(match["before_day"])], month=month)
    return f"{spoken}, {match['before_year']}" if match["before_year"] else spoken


def say_weekday(match: re.Match[str], calendar: Calendar, until: str) -> str:
    if match["weekday_one"]:
        return calendar.weekdays[match["weekday_one"]]
    return f"{calendar.weekdays[match['weekday_from']]} {until} {calendar.weekdays[match['weekday_to']]}"


def with_capitals(words: Mapping[str, str]) -> dict[str, str]:
    """For a language that writes them small: the same at the beginning of a sentence."""
    return {**words, **{written.capitalize(): said for written, said in words.items()}}


def full_months(months: Iterable[str]) -> dict[str, int]:
    return {month: number for number, month in enumerate(months, start=1)}


def _day_and_month(day: int, month: int, calendar: Calendar) -> str:
    return calendar.day_first.format(day=calendar.ordinals[day], month=calendar.months[month - 1])


def _month(written: str, calendar: Calendar) -> int:
    return (full_months(calendar.months) | dict(calendar.short_months))[written]


def _months(calendar: Calendar) -> str:
    return any_of({*calendar.months, *calendar.short_months})
