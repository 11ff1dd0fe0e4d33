"""The token that every change by a session carries: in a header, or in its form."""

from __future__ import annotations

import hmac
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope

from gdial.errors import Worded
from gdial.web.body_limits import DEFAULT_BYTES, too_large

HEADER = "x-csrf-token"
FIELD = "csrf"
FORM = "application/x-www-form-urlencoded"
FILES = "multipart/form-data"
FIRST_BYTES = 4096
"""A form with files begins with the token: the files are not read for it."""

REFUSAL = Worded("This form is too old, or of another session: load its page anew.")


async def with_token(scope: Scope, receive: Receive, token: str) -> Receive | None:
    """What the route reads from afterwards; None: the token is not there, or not that of this session."""
    headers = Headers(scope=scope)
    given = headers.getlist(HEADER)
    if given:
        return receive if len(given) == 1 and _is_same(given[0], token) else None
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (FORM, FILES):
        return None
    body, over = await _read(receive, DEFAULT_BYTES if kind == FORM else FIRST_BYTES)
    found = _in_form(body) if kind == FORM else _in_files(body)
    return _again(body, over, receive) if _is_same(found, token) else None


async def _read(receive: Receive, at_least: int) -> tuple[bytes, bool]:
    """The beginning of the body, and whether that is all."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return body, True
        if len(body) >= at_least:
            if at_least == DEFAULT_BYTES:
                raise HTTPException(413, too_large(DEFAULT_BYTES))
            return body, False


def _again(body: bytes, over: bool, receive: Receive) -> Receive:
    told = False

    async def again() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": not over}

    return again


def _in_form(body: bytes) -> str:
    fields = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=10_000)
    return next((value for name, value in fields if name == FIELD), "")


def _in_files(body: bytes) -> str:
    """It is the first field (RFC 7578): behind the files it would not be looked for."""
    head, _, rest = body.partition(b"\r\n\r\n")
    is_first = f'name="{FIELD}"'.encode() in head
    return rest.partition(b"\r\n")[0].decode("latin-1") if is_first else ""


def _is_same(given: str, token: str) -> bool:
    return bool(token) and hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())
