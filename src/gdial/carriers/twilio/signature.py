"""Checking that a callback comes from Twilio: HMAC-SHA1 of the standard library over the raw request.

Vendor's rule (https://www.twilio.com/docs/usage/security): the public URL, then each form field's name and value,
sorted by name, a repeated field with its different values sorted. A body that is no form is held by its SHA-256 in the
query (`bodySHA256`) and the URL is signed alone.

There is no time in a signature, so a replay passes: what a callback does must be safe to do twice. Signatures made
with a shared key (`X-Twilio-Webhooks-Signature-Settings`) are refused; GDial holds the account's auth token only.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import unquote_to_bytes

_HEADER: Final = "x-twilio-signature"
_BODY_HASH: Final = b"bodySHA256"
_DEFAULT_PORTS: Final = {"http": "80", "https": "443"}


def is_signed(auth_token: bytes, url: str, body: bytes, headers: Mapping[str, str]) -> bool:
    """Whether `body` (raw, as received) was signed for `url` (public, with its raw query)."""
    given = _find_signature(headers)
    if not given:
        return False
    address = url.partition("#")[0]
    body_hash = _find_body_hash(address)
    if body_hash is None:
        signed_fields = join_fields(body)
    elif hmac.compare_digest(hashlib.sha256(body).hexdigest().encode(), body_hash):
        signed_fields = b""
    else:
        return False
    given_bytes = given.encode("utf-8", "replace")
    return any(
        hmac.compare_digest(compute(auth_token, variant, signed_fields), given_bytes) for variant in _spell(address)
    )


def compute(auth_token: bytes, url: str, signed_fields: bytes) -> bytes:
    """The signature as the header carries it."""
    text = url.encode("utf-8", "surrogateescape") + signed_fields
    return b64encode(hmac.digest(auth_token, text, "sha1"))


def join_fields(body: bytes) -> bytes:
    """The part of the signed text that comes from a form: blank fields kept, equal pairs once."""
    pairs = sorted(set(split_form(body)))
    return b"".join([part for pair in pairs for part in pair])


def split_form(body: bytes) -> list[tuple[bytes, bytes]]:
    """The fields of a form body in its own order, decoded to bytes: nothing is lost to a character set."""
    pairs = []
    for field in body.split(b"&"):
        if field:
            name, _, value = field.partition(b"=")
            pairs.append((_decode(name), _decode(value)))
    return pairs


def _decode(part: bytes) -> bytes:
    spaced = part.replace(b"+", b" ")
    return unquote_to_bytes(spaced) if b"%" in spaced else spaced


def _find_signature(headers: Mapping[str, str]) -> str:
    found = headers.get(_HEADER)
    if found is not None:
        return found
    return next((value for name, value in headers.items() if name.lower() == _HEADER), "")


def _find_body_hash(address: str) -> bytes | None:
    if "bodySHA256" not in address:
        return None
    query = address.partition("?")[2].encode("utf-8", "surrogateescape")
    return next((value for name, value in split_form(query) if name == _BODY_HASH), None)


def _spell(address: str) -> Iterator[str]:
    """The address as given, then with its port left out or the default one written: Twilio signs either."""
    yield address
    scheme, mark, rest = address.partition("://")
    end = min((place for place in map(rest.find, "/?") if place >= 0), default=len(rest))
    authority, tail = rest[:end], rest[end:]
    host, colon, port = authority.rpartition(":")
    if colon and port.isdigit():
        yield f"{scheme}{mark}{host}{tail}"
    elif scheme in _DEFAULT_PORTS:
        yield f"{scheme}{mark}{authority}:{_DEFAULT_PORTS[scheme]}{tail}"
