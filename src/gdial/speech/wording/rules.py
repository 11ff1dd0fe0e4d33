"""Reads a text aloud by a language's table: one pass, left to right, the first rule that fits a place wins.

What a rule has said is never read again, so the number in "112 kronor", made of "112 kr", stays an amount.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from gdial.speech.wording import patterns
from gdial.speech.wording.numerals import say_amount, say_dialled, say_digits
from gdial.speech.wording.table import Wording
from gdial.speech.wording.times import say_times

SENTENCE_ENDS = re.compile(r"\s*\Z|\s+[A-ZÅÄÖ]")
TEXT_ENDS = re.compile(r"\s*\Z")


class Reader:
    """Reads one language. Making one compiles its table; reading keeps no state."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        rules: dict[str, tuple[str, Callable[[re.Match[str]], str]]] = {
            "date": (patterns.ISO_DATE, self._say_date),
            "price": (patterns.price(wording), self._say_price),
            "quantity": (patterns.quantity(wording), self._say_quantity),
            "code": (patterns.code(wording), self._say_code),
            "phone": (patterns.phone_number(wording), self._say_phone_number),
            "time": (patterns.time_of_day(wording.clock), self._say_time),
            "thousands": (patterns.thousands(wording), self._join_thousands),
            "short": (patterns.short_number(wording), self._say_short_number),
            "numbered": (patterns.before_number(wording), self._say_before_number),
            "abbreviation": (patterns.abbreviation(wording), self._say_abbreviation),
            "mark": (patterns.mark(wording), self._say_mark),
        }
        self._speakers = {name: speaker for name, (_, speaker) in rules.items()}
        self._rules = re.compile("|".join(f"(?P<{name}>{pattern})" for name, (pattern, _) in rules.items()))

    def read(self, text: str) -> str:
        return self._rules.sub(self._say, text)

    def _say(self, match: re.Match[str]) -> str:
        spoken = self._speakers[match.lastgroup or ""](match)
        return spoken[0].upper() + spoken[1:] if match[0][0].isupper() else spoken

    def _say_date(self, match: re.Match[str]) -> str:
        year, month, day = match[0].split("-")
        return f"{int(day)} {self._wording.months[int(month) - 1]} {year}"

    def _say_price(self, match: re.Match[str]) -> str:
        return say_amount(match["price_number"], self._wording.money_before[match["price_unit"]], self._wording)

    def _say_quantity(self, match: re.Match[str]) -> str:
        unit = self._wording.units[match["quantity_unit"]]
        return say_amount(match["quantity_number"], unit, self._wording) + _full_stop(match, SENTENCE_ENDS)

    def _say_code(self, match: re.Match[str]) -> str:
        return match["code_word"] + match["code_joint"] + say_digits(match["code_digits"], self._wording.numbers)

    def _say_phone_number(self, match: re.Match[str]) -> str:
        return say_dialled(match[0], self._wording)

    def _say_time(self, match: re.Match[str]) -> str:
        clock = self._wording.clock
        suffix = match["time_suffix"] if clock.suffixes else None
        return say_times(match[0], clock, self._wording.numbers, suffix) + _full_stop(match, SENTENCE_ENDS)

    def _join_thousands(self, match: re.Match[str]) -> str:
        return match[0].replace(self._wording.thousands, "")

    def _say_short_number(self, match: re.Match[str]) -> str:
        return self._wording.short_numbers[match[0]]

    def _say_before_number(self, match: re.Match[str]) -> str:
        return _entry(self._wording.before_number, match[0])

    def _say_abbreviation(self, match: re.Match[str]) -> str:
        may_end = match[0].lower() in self._wording.may_end_sentence
        return _entry(self._wording.abbreviations, match[0]) + _full_stop(
            match, SENTENCE_ENDS if may_end else TEXT_ENDS
        )

    def _say_mark(self, match: re.Match[str]) -> str:
        return f" {self._wording.marks[match[0]]} "


def _entry(table: Mapping[str, str], written: str) -> str:
    return table[written] if written in table else table[written[0].lower() + written[1:]]


def _full_stop(match: re.Match[str], end: re.Pattern[str]) -> str:
    """An abbreviation's last full stop is the sentence's as well, where the sentence ends with it."""
    return "." if match[0].endswith(".") and end.match(match.string, match.end()) else ""
