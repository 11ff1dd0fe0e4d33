"""Letters and signs one by one: codes, initials, house letters, addresses on the web."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gdial.speech.wording.numerals import say_digits
from gdial.speech.wording.patterns import any_of
from gdial.speech.wording.table import Spelling, Wording

CAPITAL = "A-ZÅÄÖ"
LABEL = r"[\w-]{1,63}"
ENDINGS = r"(?:se|nu|com|org|net|eu|gov|edu|uk|dk|fi|no|info|io)"
PATH = r"(?:/[\w./%=?-]{0,80}[\w/])?"
WEB = (
    rf"(?<![\w@.-])(?:(?i:https?://){LABEL}(?:\.{LABEL}){{0,5}}{PATH}|www\.{LABEL}(?:\.{LABEL}){{1,4}}{PATH}"
    rf"|[\w.+-]{{1,64}}@{LABEL}(?:\.{LABEL}){{1,4}}|{LABEL}(?:\.{LABEL}){{0,3}}\.{ENDINGS}(?![\w.@-]\w|\w){PATH})"
)
LETTERED_CODE = (
    rf"(?<![\w.-])(?P<lettered_letters>[{CAPITAL}]{{1,4}})-?(?P<lettered_digits>\d{{1,6}})"
    rf"(?P<lettered_end>[{CAPITAL}]?)(?!\w|-\w|[.,]\d)"
)
VOWELLESS = r"[B-DF-HJ-NP-TV-XZ]{2,6}"


def initialism(spelling: Spelling) -> str:
    """`SMHI`, `SMHI:s`."""
    letters = rf"(?P<initialism_letters>{any_of(spelling.initialisms)}|{VOWELLESS})"
    return rf"(?<![\w.-]){letters}(?::(?P<initialism_end>[a-zåäö]{{1,4}}))?(?!\w)"


def lone_letter(spelling: Spelling) -> str:
    """A letter that is a name: `hiss B`, `Storgatan 12B`."""
    after = "|".join(rf"(?<=\b{re.escape(word)} )" for word in spelling.lettered_after)
    ends = rf"(?![\w'’:]|\.[\w]|\. [{CAPITAL}][a-zåäö])"
    return rf"(?:(?<![\w.'’-])[{spelling.lone}]|(?<=\d)[{CAPITAL}]|(?:{after})[{CAPITAL}]){ends}"


def plate(wording: Wording) -> str:
    """A car's number, where the language's country has one form."""
    if not wording.spelling.plates:
        return r"(?!)"
    emergency = any_of(wording.short_numbers)
    return rf"(?<![\w.-])(?P<plate_letters>[A-Z]{{3}}) ?(?!(?:{emergency})\b){wording.spelling.plates}(?!\w|[.,-]\w)"


def say_letters(written: str, spelling: Spelling) -> str:
    return " ".join(spelling.letters.get(sign.upper(), sign) for sign in written)


def say_code(written: str, wording: Wording) -> str:
    """Letters by name, digits one by one, with a pause between the two."""
    groups = re.findall(r"\d+|[^\W\d_]+", written)
    return ", ".join(_say_group(group, wording) for group in groups)


def say_lettered(match: re.Match[str], wording: Wording) -> str:
    """`E4` and `A12` have a number, `A1234` has digits."""
    letters = say_letters(match["lettered_letters"], wording.spelling)
    digits = match["lettered_digits"]
    number = digits if len(digits) <= 2 else say_digits(digits, wording.numbers)
    end = f" {say_letters(match['lettered_end'], wording.spelling)}" if match["lettered_end"] else ""
    return f"{letters} {number}{end}" if len(digits) <= 2 else f"{letters}, {number}{end}"


def say_web(written: str, spelling: Spelling) -> str:
    """Without what a person would leave out when telling it."""
    written = re.sub(r"(?i)^https?://(?:www\.)?|^www\.", "", written).rstrip("/")
    return " ".join(_say_signs(written, spelling))


def _say_signs(written: str, spelling: Spelling) -> Sequence[str]:
    return [spelling.web.get(part, part) for part in re.findall(r"[^\W_]+|[\W_]", written)]


def _say_group(group: str, wording: Wording) -> str:
    return say_digits(group, wording.numbers) if group.isdigit() else say_letters(group, wording.spelling)
