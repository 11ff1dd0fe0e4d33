"""Phone numbers: what a person or a spreadsheet writes, turned into E.164 or refused with the reason.

The numbering plans come from phonenumbers, the port of Google's libphonenumber.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from gdial.contacts.number_faults import LONGEST_WRITING, explain_fault, explain_unparsed, explain_writing
from gdial.contacts.rows import INVISIBLE_SIGNS
from gdial.errors import InvalidInput, InvalidPhoneNumber, Worded

MOST_DIGITS = 15
"""E.164 (ITU-T) numbers have at most 15 digits, country code included."""

FEWEST_DIGITS_WITHOUT_ZERO = 8
"""Where numbers are written with a leading 0, a shorter one without it may be a local number lacking its area code."""

_DASHES = re.compile("[\u2010-\u2015\u2043\u2212]")
_DECIMAL_ZEROS = re.compile(r"(?<=\d{5})[.,]0+$")
_PLAIN_DIGITS = re.compile(r"\d+")


def parse_phone_number(text: str, region: str) -> str:
    """Turn a number as people write it into E.164, such as `+46701234567`.

    `region` (ISO 3166, `SE`) is the country of numbers without a country code. Raises InvalidPhoneNumber with the
    reason and a right example. The number can exist by its country's numbering plan; that somebody has it, or that
    it is the right person's, is NOT promised.
    """
    region = check_region(region)
    written = text.strip()
    if len(written) <= LONGEST_WRITING:
        written = _plain_writing(written)
    fault = explain_writing(written, region)
    if fault:
        raise InvalidPhoneNumber(fault, example=example_number(region))
    return _parse(written, region)


def parse_number_cell(text: str, region: str) -> str:
    """E.164 of a number that a spreadsheet stored as a numeric value, where a leading 0 or + has been lost.

    The national reading comes first; where the leading 0 is part of the number (Italy), it is put back when that
    alone makes a number. A foreign country code is never guessed: `4741234567` in Sweden is refused, because nothing
    says that it began with a plus.
    """
    try:
        return parse_phone_number(text, region)
    except InvalidPhoneNumber as first_fault:
        if not _PLAIN_DIGITS.fullmatch(text) or _has_zero_before_numbers(check_region(region)):
            raise
        try:
            return parse_phone_number("0" + text, region)
        except InvalidPhoneNumber:
            raise first_fault from None


def check_region(region: str) -> str:
    """The region in capitals, when its numbering plan is known; else InvalidInput."""
    known = region.strip().upper()
    if known not in phonenumbers.SUPPORTED_REGIONS:
        raise InvalidInput(
            Worded("{region!r} is not a country code of two letters (ISO 3166)", region=region), example="SE"
        )
    return known


@lru_cache(maxsize=512)
def example_number(region: str) -> str:
    """A number as people of this region write a mobile number; a fixed line's where there is no mobile one."""
    number = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    number = number or phonenumbers.example_number(region)
    return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL) if number else "+46 70 123 45 67"


def mask_phone_number(number: str) -> str:
    """A number fit for a log: the country code and the last two digits, as in `+46*******67`.

    Takes any text and never fails; what is not E.164 keeps its last two characters at most.
    """
    code_length = next((n for n in (1, 2, 3) if _is_country_code(number[1 : 1 + n])), 0) if number[:1] == "+" else -1
    shown = number[: code_length + 1]
    hidden = number[code_length + 1 :]
    kept = hidden[-2:] if len(hidden) > 4 else ""
    return shown + "*" * (len(hidden) - len(kept)) + kept


def _is_country_code(digits: str) -> bool:
    return digits.isascii() and digits.isdigit() and int(digits) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE


def _plain_writing(text: str) -> str:
    """The same number in ASCII: no-break spaces, full-width signs, other scripts' digits, `tel:` and the like."""
    if not text.isascii():
        text = _DASHES.sub("-", INVISIBLE_SIGNS.sub("", unicodedata.normalize("NFKC", text)))
        text = "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)
    text = text.strip().removeprefix("'")
    if text[:4].lower() == "tel:":
        text = text[4:]
    return _DECIMAL_ZEROS.sub("", text.strip())


def _parse(written: str, region: str) -> str:
    try:
        number = phonenumbers.parse(written, region)
    except NumberParseException as error:
        raise InvalidPhoneNumber(explain_unparsed(error, written, region), example=example_number(region)) from error
    kind = phonenumbers.number_type(number)
    if kind == PhoneNumberType.UNKNOWN and written.startswith("00"):
        return _parse("+" + written[2:], region)
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    usable = kind not in (PhoneNumberType.UNKNOWN, PhoneNumberType.PREMIUM_RATE) and len(e164) <= MOST_DIGITS + 1
    if not usable or _may_be_local(written, number, region, kind):
        raise InvalidPhoneNumber(explain_fault(number, written, region), example=example_number(region))
    return e164


def _may_be_local(written: str, number: PhoneNumber, region: str, kind: int) -> bool:
    """Whether a number of a land line lacks both the leading 0 and enough digits to be sure that none is missing."""
    if written[0] in "+0" or written.startswith("(0") or kind == PhoneNumberType.MOBILE:
        return False
    short = len(phonenumbers.national_significant_number(number)) < FEWEST_DIGITS_WITHOUT_ZERO
    return short and _has_zero_before_numbers(region)


def _has_zero_before_numbers(region: str) -> bool:
    """Whether numbers are written with a 0 that is no part of them, so that they are also known without it."""
    plan = phonenumbers.PhoneMetadata.metadata_for_region(region)
    return plan is not None and plan.national_prefix == "0"
