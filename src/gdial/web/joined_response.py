"""Answers with pieces of audio as one file, whole or one range of it (RFC 9110, chapter 14)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.concurrency import iterate_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gdial.speech.joined import JoinedAudio

RANGE = re.compile(r"\s*bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*")


class JoinedResponse(Response):
    """`headers` must hold the ETag. Several ranges at once, or a range that is none, get the whole file."""

    def __init__(self, joined: JoinedAudio, media_type: str, headers: Mapping[str, str]) -> None:
        super().__init__(headers={**headers, "Accept-Ranges": "bytes"}, media_type=media_type)
        self._joined = joined

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        length = self._joined.length
        asked = Headers(scope=scope)
        is_same = asked.get("if-range") in (None, self.headers["ETag"])
        part = read_range(asked.get("range", ""), length) if is_same else None
        start, end = part or (0, length)
        if part is not None:
            self.status_code = 206 if start < end else 416
            self.headers["Content-Range"] = f"bytes {start}-{end - 1}/{length}" if start < end else f"bytes */{length}"
        self.headers["Content-Length"] = str(end - start)
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if scope["method"] != "HEAD":
            async for chunk in iterate_in_threadpool(self._joined.read(start, end)):
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def read_range(header: str, length: int) -> tuple[int, int] | None:
    """First byte and the one after the last, the same for a range beyond the end. None for what is not one range."""
    match = RANGE.fullmatch(header)
    if match is None or not any(match.groups()):
        return None
    first, last = match.groups()
    if not first:
        return max(length - int(last), 0), length
    if last and int(last) < int(first):
        return None
    start = min(int(first), length)
    return start, max(start, min(int(last) + 1, length) if last else length)
