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
class Wording:
    """One language. Keys are what is written, values what is said.

    `abbreviations` matches with a small or a capital first letter; those in `may_end_sentence` keep a full stop
    when a capital letter follows. `numbers` are the words for 0 to 59. `spelled_after` are words behind which a
    number is a code, said digit by digit. `national_numbers` is a pattern of phone numbers without a leading 0 or +.
    """

    numbers: Sequence[str]
    plus: str
    months: Sequence[str]
    clock: Clock
    thousands: str
    abbreviations: Mapping[str, str]
    may_end_sentence: frozenset[str]
    before_number: Mapping[str, str]
    short_numbers: Mapping[str, str]
    spelled_after: Sequence[str]
    units: Mapping[str, Unit]
    money_before: Mapping[str, Unit]
    money_joint: str
    marks: Mapping[str, str] = field(default_factory=dict)
    national_numbers: str = ""
