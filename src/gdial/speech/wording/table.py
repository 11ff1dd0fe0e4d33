"""The form of a language's table: what to fill in to teach GDial to read another language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit behind a number: `one` stands for the number 1 and the unit together, `hundredth` names money's cents."""

    one: str
    many: str
    hundredth: str = ""


@dataclass(frozen=True, slots=True)
class Clock:
    """How a time of day is said. `{hour}` and `{minute}` are words.

    `prefix` is a pattern of what may be written before a time and is then said as `spoken_prefix`.
    `dotted_after` are the words after which 14.30 is a time; empty: it always is. `suffixes` may follow a time.
    """

    spoken_prefix: str
    full_hour: str
    full_hour_after_noon: str
    minutes: str
    few_minutes: str
    midnight: str
    until: str
    prefix: str = ""
    dotted_after: Sequence[str] = ()
    suffixes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Calendar:
    """How a date is said: `day_first` and `month_first` with `{day}`, an ordinal, and `{month}`.

    `months` are full names in order, `short_months` and `weekdays` what may be written for one. `month_is_first`:
    11/23 is the 23rd of November. `day_marks` is a pattern between a day and its month.
    `slashed_after` are the words behind which 24/11 is a date; empty: it always is.
    """

    months: Sequence[str]
    short_months: Mapping[str, int]
    weekdays: Mapping[str, str]
    ordinals: Sequence[str]
    day_first: str
    month_first: str = ""
    article: str = ""
    day_marks: str = ""
    slashed_after: Sequence[str] = ()
    month_is_first: bool = False


@dataclass(frozen=True, slots=True)
class Spelling:
    """Letters and signs one by one. `letters` are their names, `lone` those that are never a word by themselves.

    `initialisms` are spelled though they have a vowel; other capitals without one always are. Behind one of
    `lettered_after` every single capital letter is a name, also one that is a word elsewhere.
    """

    letters: Mapping[str, str]
    lone: str
    initialisms: frozenset[str]
    lettered_after: Sequence[str]
    web: Mapping[str, str]
    plates: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """One language. Keys are what is written, values what is said.

    `abbreviations` matches with a small or a capital first letter; those in `may_end_sentence` keep a full stop
    when a capital letter follows. `numbers` are the words for 0 to 59. `spelled_after` are words behind which letters
    and digits are a code, said one by one. `national_numbers` is a pattern of phone numbers without a leading 0 or +.
    `street` is a pattern of a street's name cut short, whose `{ends}` are the keys of `streets`. `per` may follow a
    unit, `scales` a price. `fractions` have two forms: before a unit, and before `of`.
    """

    numbers: Sequence[str]
    plus: str
    minus: str
    calendar: Calendar
    clock: Clock
    spelling: Spelling
    thousands: str
    abbreviations: Mapping[str, str]
    may_end_sentence: frozenset[str]
    before_number: Mapping[str, str]
    short_numbers: Mapping[str, str]
    spelled_after: Sequence[str]
    units: Mapping[str, Unit]
    money_before: Mapping[str, Unit]
    money_joint: str
    per: Mapping[str, str]
    scales: Mapping[str, str]
    fractions: Mapping[str, tuple[str, str]]
    street: str
    streets: Mapping[str, str]
    marks: Mapping[str, str] = field(default_factory=dict)
    national_numbers: str = ""
