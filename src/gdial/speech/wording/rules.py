"""Reads a text aloud by a language's table: one pass, left to right, the first rule that fits a place wins.

What a rule has said is never read again, so the number in "112 kronor", made of "112 kr", stays an amount.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from gdial.speech.wording import dates, patterns, spelling
from gdial.speech.wording.numerals import say_amount, say_dialled
from gdial.speech.wording.table import Wording
from gdial.speech.wording.times import say_times

SENTENCE_ENDS = re.compile(r"\s*\Z|\s+[A-ZÅÄÖ]")
TEXT_ENDS = re.compile(r"\s*\Z")
SPELLED = frozenset({"web", "plate", "lettered", "initialism", "letter", "mark"})
"""What these say begins with a small letter also where a capital was written."""

Speaker = Callable[[re.Match[str]], str]


class Reader:
    """Reads one language. Making one compiles its table; reading keeps no state."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        self._speakers: dict[str, Speaker] = {}
        parts = []
        for name, pattern, speaker in (*self._signs(), *self._dates(), *self._numbers(), *self._words()):
            self._speakers[name] = speaker
            parts.append(f"(?P<{name}>{pattern})")
        self._rules = re.compile("|".join(parts))

    def read(self, text: str) -> str:
        return self._rules.sub(self._say, text)

    def _signs(self) -> list[tuple[str, str, Speaker]]:
        wording = self._wording
        return [
            ("web", spelling.WEB, lambda match: spelling.say_web(match["web"], wording.spelling)),
            ("code", patterns.code(wording), self._say_code),
            ("plate", spelling.plate(wording), lambda match: spelling.say_code(match["plate"], wording)),
        ]

    def _dates(self) -> list[tuple[str, str, Speaker]]:
        calendar, until = self._wording.calendar, self._wording.clock.until
        return [
            ("date", dates.ISO, lambda match: dates.say_iso(match, calendar)),
            ("named_date", dates.named_month(calendar), lambda match: dates.say_named(match, calendar, until)),
            ("before_date", dates.month_before(calendar), lambda match: dates.say_month_before(match, calendar)),
            ("parted", patterns.fraction(self._wording), self._say_fraction),
            ("weekday", dates.weekday(calendar), self._say_weekday),
        ]

    def _numbers(self) -> list[tuple[str, str, Speaker]]:
        wording = self._wording
        return [
            ("price", patterns.price(wording), self._say_price),
            ("quantity", patterns.quantity(wording), self._say_quantity),
            ("phone", patterns.phone_number(wording), lambda match: say_dialled(match[0], wording)),
            ("time", patterns.time_of_day(wording.clock), self._say_time),
            ("thousands", patterns.thousands(wording), lambda match: match[0].replace(wording.thousands, "")),
            ("short", patterns.short_number(wording), lambda match: wording.short_numbers[match[0]]),
            ("slashed_date", dates.slashed(wording.calendar), lambda match: dates.say_slashed(match, wording.calendar)),
            ("span", patterns.SPAN, lambda match: f"{match['span_from']} {wording.clock.until} {match['span_to']}"),
        ]

    def _words(self) -> list[tuple[str, str, Speaker]]:
        wording = self._wording
        letters = wording.spelling
        return [
            ("abbreviation", patterns.abbreviation(wording), self._say_abbreviation),
            ("numbered", patterns.before_number(wording), lambda match: _entry(wording.before_number, match[0])),
            ("shortened", patterns.street(wording), self._say_street),
            ("lettered", spelling.LETTERED_CODE, lambda match: spelling.say_lettered(match, wording)),
            ("initialism", spelling.initialism(letters), self._say_initialism),
            ("letter", spelling.lone_letter(letters), self._say_letter),
            ("mark", patterns.mark(wording), lambda match: f" {wording.marks[match[0]]} "),
        ]

    def _say(self, match: re.Match[str]) -> str:
        name = match.lastgroup or ""
        spoken = self._speakers[name](match)
        capital = match[0][0].isupper() and name not in SPELLED
        return spoken[0].upper() + spoken[1:] if capital else spoken

    def _say_code(self, match: re.Match[str]) -> str:
        return match["code_word"] + match["code_joint"] + spelling.say_code(match["code_signs"], self._wording)

    def _say_price(self, match: re.Match[str]) -> str:
        unit = self._wording.money_before[match["price_unit"]]
        per = self._wording.per.get(match["price_per"] or "", "")
        if match["price_scale"]:
            return f"{match['price_number']} {self._wording.scales[match['price_scale']]} {unit.many}{per}"
        return say_amount(match["price_number"], unit, self._wording) + per

    def _say_quantity(self, match: re.Match[str]) -> str:
        unit = self._wording.units[match["quantity_unit"]]
        spoken = say_amount(match["quantity_number"], unit, self._wording)
        if match["quantity_from"]:
            spoken = f"{match['quantity_from']} {self._wording.clock.until} {spoken}"
        sign = f"{self._wording.minus} " if match["quantity_sign"] else ""
        return sign + spoken + self._wording.per.get(match["quantity_per"] or "", "") + _full_stop(match, SENTENCE_ENDS)

    def _say_weekday(self, match: re.Match[str]) -> str:
        spoken = dates.say_weekday(match, self._wording.calendar, self._wording.clock.until)
        return spoken + _full_stop(match, TEXT_ENDS)

    def _say_fraction(self, match: re.Match[str]) -> str:
        whole = f"{match['fraction_whole']}{self._wording.money_joint} " if match["fraction_whole"] else ""
        before_unit, before_of = self._wording.fractions[match["fraction"]]
        if not match["fraction_unit"]:
            return whole + before_of
        return f"{whole}{before_unit} {patterns.measures(self._wording)[match['fraction_unit']]}"

    def _say_street(self, match: re.Match[str]) -> str:
        given = match.groupdict("")
        return given.get("street_name", "") + self._wording.streets[match["street"]] + _full_stop(match, SENTENCE_ENDS)

    def _say_time(self, match: re.Match[str]) -> str:
        clock = self._wording.clock
        suffix = match["time_suffix"] if clock.suffixes else None
        return say_times(match[0], clock, self._wording.numbers, suffix) + _full_stop(match, SENTENCE_ENDS)

    def _say_abbreviation(self, match: re.Match[str]) -> str:
        may_end = match[0].lower() in self._wording.may_end_sentence
        return _entry(self._wording.abbreviations, match[0]) + _full_stop(
            match, SENTENCE_ENDS if may_end else TEXT_ENDS
        )

    def _say_initialism(self, match: re.Match[str]) -> str:
        spoken = spelling.say_letters(match["initialism_letters"], self._wording.spelling)
        return spoken + (match["initialism_end"] or "")

    def _say_letter(self, match: re.Match[str]) -> str:
        space = " " if match.string[match.start() - 1 : match.start()].isdigit() else ""
        return space + spelling.say_letters(match[0], self._wording.spelling)


def _entry(table: Mapping[str, str], written: str) -> str:
    return table[written] if written in table else table[written[0].lower() + written[1:]]


def _full_stop(match: re.Match[str], end: re.Pattern[str]) -> str:
    """An abbreviation's last full stop is the sentence's as well, where the sentence ends with it."""
    return "." if match[0].endswith(".") and end.match(match.string, match.end()) else ""
