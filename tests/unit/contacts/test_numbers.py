"""What people and spreadsheets write as a phone number, and what GDial makes of it."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from gdial.contacts.numbers import (
    check_region,
    example_number,
    mask_phone_number,
    parse_number_cell,
    parse_phone_number,
)
from gdial.errors import InvalidInput, InvalidPhoneNumber

REGIONS_WITH_MOBILES = sorted(
    region
    for region in phonenumbers.SUPPORTED_REGIONS
    if phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
)


@pytest.mark.parametrize(
    "written",
    [
        "0701-23 45 67",
        "070-123 45 67",
        "(070) 123 45 67",
        "070/123 45 67",
        "070.123.45.67",
        "+46 (0)70 123 45 67",
        "+46701234567",
        "+46 070 123 45 67",
        "0046 70 123 45 67",
        "46701234567",
        "701234567",
        " 0701234567 ",
        "070\u00a0123\u00a045\u00a067",
        "070\u2011123\u201345\u221267",
        "\u202a+46701234567\u202c",
        "٠٧٠١٢٣٤٥٦٧",
        "０７０１２３４５６７",
        "tel:+46-70-123-45-67",
        "TEL:0701234567",
        "'0701234567",
        "'+46701234567",
        "701234567.0",
        "46701234567,0",
    ],
)
def test_one_number_in_many_writings(written: str) -> None:
    assert parse_phone_number(written, "SE") == "+46701234567"


def test_international_prefix_works_where_the_country_has_another_one() -> None:
    assert parse_phone_number("0046 70 123 45 67", "US") == "+46701234567"
    assert parse_phone_number("011 46 70 123 45 67", "US") == "+46701234567"


def test_zero_in_brackets_stays_where_it_belongs_to_the_number() -> None:
    assert parse_phone_number("+39 (0)6 1234 5678", "SE") == "+390612345678"


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("", "there is no phone number"),
        ("   ", "there is no phone number"),
        ("7,01E+08", "rounded"),
        ("7.01E+08", "rounded"),
        ("4.67012E10", "rounded"),
        ("070-ABC 45 67", "letters"),
        ("O701234567", "is it a zero"),
        ("1-800-FLOWERS", "letters"),
        ("hemligt", "no digit"),
        ("-", "no digit"),
        ("08-123 456 ankn 12", "extension (12)"),
        ("08-123 456 ext. 12", "extension (12)"),
        ("08-123456x12", "extension (12)"),
        ("08-123456#12", "extension (12)"),
        ("tel:+468123456;ext=12", "extension (12)"),
        ("070123456", "too short: it has 9 digits"),
        ("11414", "too short"),
        ("1", "too short: it has 1 digit,"),
        ("07012345678", "too long: it has 11 digits"),
        ("+46701234567890123", "too long"),
        ("9" * 150, "too long: it has 150 digits"),
        ("0701234567" + " " * 300 + "0701234568", "too long"),
        ("112", "emergency"),
        ("911", "emergency"),
        ("110", "emergency"),
        ("+46 112", "emergency"),
        ("0900-123 45 67", "premium-rate"),
        ("0939-123 456", "premium-rate"),
        ("+1 900 555 0123", "premium-rate"),
        ("+999 123 456 789", "country code"),
        ("0701234567, 0707654321", "several"),
        ("0701234567; 08-123456", "several"),
        ("0701234567/0707654321", "several"),
        ("0701234567 / 0707654321", "several"),
        ("0701234567\n0707654321", "several"),
        ("0701234567 eller 0707654321", "several"),
        ("+46701234567 +46707654321", "several"),
        ("070*123 45 67", "'*' is no part"),
        ("-0701234567", "does not begin with '-'"),
        ("8123456", "no leading 0"),
        ("4741234567", "write + before it"),
        ("+1 555 000 1111", "exists under country code +1"),
    ],
)
def test_refused_with_the_reason_and_a_right_example(written: str, reason: str) -> None:
    with pytest.raises(InvalidPhoneNumber) as refused:
        parse_phone_number(written, "SE")
    assert reason in refused.value.reason
    assert refused.value.example == "070-123 45 67"


@pytest.mark.parametrize("region", REGIONS_WITH_MOBILES)
def test_example_mobile_of_every_region(region: str) -> None:
    number = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    assert number
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    home = "SE" if region != "SE" else "US"
    assert parse_phone_number(phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL), home) == e164
    assert parse_phone_number("00" + e164[1:], home) == e164
    assert parse_phone_number(phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL), region) == e164
    assert parse_phone_number(phonenumbers.format_number(number, PhoneNumberFormat.RFC3966), region) == e164


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_example_shown_is_one_that_is_taken(region: str) -> None:
    assert parse_phone_number(example_number(region), region).startswith("+")


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_emergency_numbers_are_refused_everywhere(region: str) -> None:
    for digits in ("112", "911", "110", "999", "000"):
        with pytest.raises(InvalidPhoneNumber, match="emergency"):
            parse_phone_number(digits, region)


@pytest.mark.parametrize(
    ("cell", "region", "e164"),
    [
        ("701234567", "SE", "+46701234567"),
        ("46701234567", "SE", "+46701234567"),
        ("81234567", "SE", "+4681234567"),
        ("612345678", "IT", "+390612345678"),
        ("41234567", "NO", "+4741234567"),
        ("2015550123", "US", "+12015550123"),
        ("7400123456", "GB", "+447400123456"),
    ],
)
def test_number_cell_that_lost_its_zero_or_plus(cell: str, region: str, e164: str) -> None:
    assert parse_number_cell(cell, region) == e164


@pytest.mark.parametrize("cell", ["4741234567", "8123456", "701234567.5", "-701234567", "12", "112"])
def test_number_cell_that_nobody_can_be_sure_of_is_reported(cell: str) -> None:
    with pytest.raises(InvalidPhoneNumber):
        parse_number_cell(cell, "SE")


@given(st.text(max_size=60), st.sampled_from(("SE", "US", "IT", "TA")))
def test_any_text_is_a_number_or_refused(text: str, region: str) -> None:
    for parse in (parse_phone_number, parse_number_cell):
        try:
            e164 = parse(text, region)
        except InvalidPhoneNumber:
            continue
        assert phonenumbers.is_valid_number(phonenumbers.parse(e164))
        assert parse(e164, region) == e164


@given(st.text(alphabet="0123456789+-() /.,;xE", max_size=40))
def test_any_text_like_a_number_is_a_number_or_refused(text: str) -> None:
    try:
        e164 = parse_phone_number(text, "SE")
    except InvalidPhoneNumber:
        return
    assert e164[0] == "+"
    assert e164[1:].isdecimal()
    assert len(e164) <= 16


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("+46701234567", "+46*******67"),
        ("+12025550123", "+1********23"),
        ("+35812345678", "+358******78"),
        ("+461", "+46*"),
        ("0701234567", "********67"),
        ("", ""),
        ("+", "+"),
        ("secret", "****et"),
    ],
)
def test_masked_for_the_log(number: str, masked: str) -> None:
    assert mask_phone_number(number) == masked


@given(st.text(max_size=30))
def test_mask_shows_two_signs_beside_the_country_code_at_most(text: str) -> None:
    masked = mask_phone_number(text)
    assert len(masked) == len(text)
    assert sum(mine == theirs for mine, theirs in zip(masked, text, strict=True)) <= 6 + text.count("*")


def test_region_in_any_case_and_unknown_ones_refused() -> None:
    assert check_region(" se ") == "SE"
    assert parse_phone_number("0701234567", "se") == "+46701234567"
    for region in ("", "XX", "Sverige", "46"):
        with pytest.raises(InvalidInput, match="example: SE"):
            check_region(region)
