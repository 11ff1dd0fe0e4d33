"""Why a phone number cannot be rung, in words that tell its writer what to change."""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberMatcher, PhoneNumberType, ValidationResult

from gdial.errors import Worded

LONGEST_WRITING = 100
"""Characters; no single number is written longer."""

EMERGENCY_NUMBERS = frozenset(("000", "110", "112", "113", "118", "119", "911", "999"))
"""Refused in every region; each region's own ones are refused beside these."""

LONGEST_EMERGENCY_WRITING = 8

EMERGENCY = Worded("this is an emergency number, which is never called")
MISSING = Worded("there is no phone number")
SEVERAL = Worded("there are several numbers in one cell; give each a column of its own, such as Phone 1 and Phone 2")

_ORDINARY = re.compile(r"[+(]*\d[\d ()/.\-]{0,40}")
_ROUNDED = re.compile(r"[+-]?\d+([.,]\d+)?[eE]\+?\d{1,3}")
_SEPARATOR = re.compile(r"[,;|&\n\r]|(?<=\d)\s*(?=\+)|\s(?:eller|och|or|and)\s", re.IGNORECASE)
_EXTENSION = re.compile(
    r"\d{2}\D{0,3}?(?:;ext=|ext\.?|extension|ankn\.?|anknytning|x|#|,+)\s*:?\s*(\d{1,7})#?$", re.IGNORECASE
)


def explain_writing(written: str, region: str) -> str:
    """What is wrong with the signs a number is written with, before anybody reads it; "" when nothing is."""
    if len(written) <= LONGEST_EMERGENCY_WRITING and _is_emergency(_digits(written), region):
        return EMERGENCY
    if _ORDINARY.fullmatch(written):
        return ""
    if not written:
        return MISSING
    if len(written) > LONGEST_WRITING:
        return _too_long(written)
    if _ROUNDED.fullmatch(written):
        return Worded(
            "a spreadsheet has rounded the number to {written} and its last digits are lost; "
            "format the column as text, type the number again and save the list",
            written=written,
        )
    if _holds_several(written, region):
        return SEVERAL
    extension = _EXTENSION.search(written)
    if extension:
        return Worded(
            "the number has an extension ({extension}), which cannot be dialled; give a direct number",
            extension=extension[1],
        )
    return _explain_signs(written)


def explain_unparsed(error: NumberParseException, written: str, region: str) -> str:
    """Why phonenumbers could make nothing of a number that is written with ordinary signs."""
    if error.error_type == NumberParseException.INVALID_COUNTRY_CODE:
        return Worded("no country has the country code this number begins with")
    if error.error_type == NumberParseException.TOO_LONG:
        return SEVERAL if _holds_several(written, region) else _too_long(written)
    return _too_short(written)


def explain_fault(number: PhoneNumber, written: str, region: str) -> str:
    """Why a number that could be read is not one to ring."""
    kind = phonenumbers.number_type(number)
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(number.country_code or 0, ())
    if _is_emergency(phonenumbers.national_significant_number(number), *regions):
        return EMERGENCY
    if kind == PhoneNumberType.PREMIUM_RATE:
        return Worded("this is a premium-rate number, which costs the caller extra and is never called")
    if kind != PhoneNumberType.UNKNOWN and _digit_count(written) < 15:
        return Worded("the number has no leading 0; write it with its area code, or with + and a country code")
    if _holds_several(written, region):
        return SEVERAL
    return _explain_unused(number, written)


def _explain_unused(number: PhoneNumber, written: str) -> str:
    if written[0] not in "+0" and _exists("+" + written):
        return Worded("the number does not exist in this country; if it begins with a country code, write + before it")
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible == ValidationResult.TOO_LONG or _digit_count(written) > 15 or _exists_when_cut(number):
        return _too_long(written)
    if possible in (ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY) or _exists_when_longer(number):
        return _too_short(written)
    return Worded("no number like this exists under country code +{code}", code=number.country_code)


def _explain_signs(written: str) -> str:
    if not any(sign.isdigit() for sign in written):
        return Worded("this is not a phone number: there is no digit in it")
    letter = next((sign for sign in written if sign.isalpha()), "")
    if letter:
        hint = "; is it a zero?" if letter in "oO" else ""
        return f"there are letters in the number, the first one is {letter!r}{hint}"
    strange = next((sign for sign in written if sign not in "0123456789 ()/.+-"), "")
    if strange:
        return Worded("{sign!r} is no part of a phone number; write digits, with + before a country code", sign=strange)
    if written[0].isdigit() or written[0] in "+(":
        return _too_long(written)
    return Worded("a phone number does not begin with {sign!r}", sign=written[0])


def _too_long(written: str) -> str:
    return Worded(
        "the number is too long: it has {count} digits; is it more than one number?", count=_digit_count(written)
    )


def _too_short(written: str) -> str:
    count = _digit_count(written)
    if count == 1:
        return Worded("the number is too short: it has 1 digit, so at least one is missing")
    return Worded("the number is too short: it has {count} digits, so at least one is missing", count=count)


def _digits(written: str) -> str:
    return "".join(sign for sign in written if sign.isdigit())


def _digit_count(written: str) -> int:
    return len(_digits(written))


def _holds_several(written: str, region: str) -> bool:
    long_pieces = [piece for piece in _SEPARATOR.split(written) if _digit_count(piece) >= 5]
    return len(long_pieces) > 1 or sum(1 for _ in PhoneNumberMatcher(written, region)) > 1


def _is_emergency(digits: str, *regions: str) -> bool:
    return digits in EMERGENCY_NUMBERS or any(phonenumbers.is_emergency_number(digits, region) for region in regions)


def _exists(international: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(international))
    except NumberParseException:
        return False


def _exists_when_cut(number: PhoneNumber) -> bool:
    cut = PhoneNumber()
    cut.merge_from(number)
    return bool(phonenumbers.truncate_too_long_number(cut))


def _exists_when_longer(number: PhoneNumber) -> bool:
    begun = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return any(_exists(begun + "0" * missing) for missing in (1, 2, 3))
