"""Numbers as they are said: digit by digit, and with their unit."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gdial.speech.wording.table import Unit, Wording


def say_digits(digits: str, numbers: Sequence[str]) -> str:
    """Digit by digit; more than four get a pause after every third, and never leave one digit alone at the end."""
    words = [numbers[int(digit)] for digit in digits]
    starts = [start for start in range(0, len(words), 3) if start == 0 or len(words) - start > 1]
    if len(words) <= 4:
        starts = [0]
    groups = [words[start:end] for start, end in zip(starts, [*starts[1:], len(words)], strict=True)]
    return ", ".join(" ".join(group) for group in groups)


def say_dialled(written: str, wording: Wording) -> str:
    """A phone number in the groups it is written in; `(0)` behind a country code is not dialled and not said."""
    if written.startswith(("+", "00")):
        written = written.replace("(0)", " ")
    plus = f"{wording.plus} " if written.startswith("+") else ""
    return plus + ", ".join(say_digits(group, wording.numbers) for group in re.findall(r"\d+", written))


def say_amount(number: str, unit: Unit, wording: Wording) -> str:
    """A number with its unit; of money with two decimals, both coins."""
    if re.match(rf"\d{{1,3}}{re.escape(wording.thousands)}\d{{3}}", number):
        number = number.replace(wording.thousands, "")
    whole, decimals = re.fullmatch(r"(\d+)(?:[.,](\d+))?", number).groups("")  # type: ignore[union-attr]
    if not (unit.hundredth and len(decimals) == 2):
        return unit.one if number == "1" else f"{number} {unit.many}"
    spoken = unit.one if whole == "1" else f"{whole} {unit.many}"
    return f"{spoken} {wording.money_joint} {int(decimals)} {unit.hundredth}" if int(decimals) else spoken
