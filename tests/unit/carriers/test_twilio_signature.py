"""Twilio's signature, held against the official validator."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from multidict import MultiDict
from twilio.request_validator import RequestValidator

from gdial.carriers.twilio.signature import is_signed

TOKEN = "12345"
_Validator: Any = RequestValidator
OFFICIAL = _Validator(TOKEN)

DOCUMENTED_URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
DOCUMENTED_FORM = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675309",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
}
DOCUMENTED_SIGNATURE = "RSOYDt4T1cUTdK1PDd93/VVr8B8="

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
forms = st.lists(st.tuples(texts, texts), max_size=8)
hosts = st.sampled_from(["calls.example.org", "xn--rddning-5wa.example", "127.0.0.1"])
ports = st.sampled_from(["", ":80", ":443", ":8443"])
paths = st.sampled_from(["/", "/voice", "/call-status", "/a%20b/%C3%A5"])
queries = st.sampled_from(["", "?a=7&t=x%2By", "?a=&b", "?a=1&a=1"])
urls = st.builds("".join, st.tuples(st.sampled_from(["https://", "http://"]), hosts, ports, paths, queries))


def check(url: str, body: bytes, signature: str) -> bool:
    return is_signed(TOKEN.encode(), url, body, {"X-Twilio-Signature": signature})


def sign(url: str, pairs: list[tuple[str, str]]) -> str:
    return str(OFFICIAL.compute_signature(url, MultiDict(pairs)))


def test_the_documented_sample() -> None:
    assert check(DOCUMENTED_URL, urlencode(DOCUMENTED_FORM).encode(), DOCUMENTED_SIGNATURE)


@settings(deadline=None)
@given(urls, forms)
def test_what_the_official_package_signs_is_accepted(url: str, pairs: list[tuple[str, str]]) -> None:
    assert check(url, urlencode(pairs).encode(), sign(url, pairs))
    assert check(url, urlencode(pairs, quote_via=quote).encode(), sign(url, pairs))


@settings(deadline=None)
@given(urls, forms, st.sampled_from(["", ":80", ":443", ":8443", ":9"]))
def test_both_agree_on_every_spelling_of_the_port(url: str, pairs: list[tuple[str, str]], port: str) -> None:
    parts = urlsplit(url)
    signed_url = parts._replace(netloc=f"{parts.hostname}{port}").geturl()
    signature = sign(signed_url, pairs)
    assert check(url, urlencode(pairs).encode(), signature) == OFFICIAL.validate(url, MultiDict(pairs), signature)


@settings(deadline=None)
@given(urls, forms, forms)
def test_another_form_is_refused(url: str, pairs: list[tuple[str, str]], others: list[tuple[str, str]]) -> None:
    assume(sign(url, pairs) != sign(url, others))
    assert not check(url, urlencode(others).encode(), sign(url, pairs))


@settings(deadline=None)
@given(urls, urls, forms)
def test_both_agree_on_another_address(url: str, other: str, pairs: list[tuple[str, str]]) -> None:
    signature = sign(url, pairs)
    assert check(other, urlencode(pairs).encode(), signature) == OFFICIAL.validate(other, MultiDict(pairs), signature)


@settings(deadline=None)
@given(forms, st.integers(0, 27), st.sampled_from("Aa0+/="))
def test_a_signature_with_one_letter_changed_is_refused(pairs: list[tuple[str, str]], place: int, letter: str) -> None:
    signature = sign(DOCUMENTED_URL, pairs)
    changed = signature[:place] + letter + signature[place + 1 :]
    assume(changed != signature)
    assert not check(DOCUMENTED_URL, urlencode(pairs).encode(), changed)


@settings(deadline=None)
@given(st.binary(max_size=60), st.text(max_size=40))
def test_nothing_breaks_it(body: bytes, text: str) -> None:
    assert not check(DOCUMENTED_URL, body, text)
    assert not check(text, body, DOCUMENTED_SIGNATURE)


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])), urls)
def test_a_json_body_is_held_by_its_hash(text: str, url: str) -> None:
    body = text.encode()
    mark = "&" if "?" in url else "?"
    hashed = f"{url}{mark}bodySHA256={hashlib.sha256(body).hexdigest()}"
    signature = sign(hashed, [])
    assert OFFICIAL.validate(hashed, text, signature)
    assert check(hashed, body, signature)
    assert not check(hashed, body + b" ", signature)
    assert not check(hashed, b"" if body else b"x", signature)


def test_blank_and_repeated_fields_count() -> None:
    url = "https://calls.example.org/dtmf?a=7"
    signature = sign(url, [("Digits", ""), ("Tag", "b"), ("Tag", "a"), ("Tag", "b")])
    assert check(url, b"Tag=b&Tag=a&Digits=&Tag=b", signature)
    assert check(url, b"Tag=a&Digits&Tag=b", signature)
    assert not check(url, b"Tag=b&Tag=a&Tag=b", signature)
    assert not check(url, b"Tag=b&Digits=", signature)


def test_bytes_that_are_no_text_are_told_apart() -> None:
    url = "https://calls.example.org/voice"
    signature = sign(url, [("From", "\ufffd")])
    assert check(url, b"From=%EF%BF%BD", signature)
    assert not check(url, b"From=%FF", signature)


@pytest.mark.parametrize("name", ["X-Twilio-Signature", "x-twilio-signature", "X-TWILIO-SIGNATURE"])
def test_the_header_is_found_in_any_case(name: str) -> None:
    body = urlencode(DOCUMENTED_FORM).encode()
    assert is_signed(TOKEN.encode(), DOCUMENTED_URL, body, {"Host": "x", name: DOCUMENTED_SIGNATURE})


@pytest.mark.parametrize("headers", [{}, {"X-Twilio-Signature": ""}, {"X-Twilio-Signature": "åäö"}])
def test_no_signature_is_no_signature(headers: dict[str, str]) -> None:
    assert not is_signed(TOKEN.encode(), DOCUMENTED_URL, urlencode(DOCUMENTED_FORM).encode(), headers)


def test_the_fragment_is_not_signed() -> None:
    signature = sign("https://calls.example.org/voice?a=7", [])
    assert check("https://calls.example.org/voice?a=7#rc=2&rp=ct", b"", signature)


@pytest.mark.parametrize(
    ("url", "signed"),
    [
        ("https://[2001:db8::1]/voice", "https://[2001:db8::1]:443/voice"),
        ("https://[2001:db8::1]:443/voice", "https://[2001:db8::1]/voice"),
        ("https://user:5@calls.example.org/voice", "https://user:5@calls.example.org:443/voice"),
        ("https://calls.example.org?a=b:9", "https://calls.example.org:443?a=b:9"),
    ],
)
def test_ports_are_found_where_they_are(url: str, signed: str) -> None:
    assert check(url, b"", sign(signed, []))
