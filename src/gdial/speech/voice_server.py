"""Requests to a voice that another server speaks with."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import aiohttp

from gdial.errors import SpeechUnavailable
from gdial.speech.base import SpeechLate

LARGEST_ANSWER_BYTES = 64_000_000
LONGEST_COMPLAINT = 300
CHUNK_BYTES = 256 * 1024


class VoiceServer:
    """One server under `address`. Use it in one event loop, and `close` it there.

    Nothing it raises holds a header: keys travel in those.
    """

    def __init__(self, title: str, address: str) -> None:
        self.title = title
        self._address = address.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, method: str, path: str, *, timeout_seconds: float, **request: Any) -> bytes:
        """The body of a good answer; `request` is what aiohttp takes as `headers`, `json`, `data` or `params`.

        Raises `SpeechUnavailable` for any other answer, none in time, and one that is too large.
        """
        if self._session is None:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        try:
            async with (
                asyncio.timeout(timeout_seconds),
                self._session.request(method, self._address + path, allow_redirects=False, **request) as answer,
            ):
                body = await _read(answer)
        except TimeoutError:
            raise SpeechLate(f"{self.title} did not answer within {timeout_seconds:g} seconds") from None
        except (aiohttp.ClientError, OSError) as error:
            reason = str(error) or type(error).__name__
            raise SpeechUnavailable(f"{self.title} cannot be reached: {reason}") from None
        if answer.status != 200:
            raise SpeechUnavailable(f"{self.title} answered {answer.status}{_complaint(body)}")
        return body

    async def ask_json(self, method: str, path: str, *, timeout_seconds: float, **request: Any) -> Mapping[str, Any]:
        """A JSON object. Raises as `ask`, and for any other answer."""
        body = await self.ask(method, path, timeout_seconds=timeout_seconds, **request)
        try:
            told = json.loads(body)
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise SpeechUnavailable(f"{self.title} answered something else than JSON")
        return told

    async def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
        body += chunk
        if len(body) > LARGEST_ANSWER_BYTES:
            raise aiohttp.ClientPayloadError(f"more than {LARGEST_ANSWER_BYTES:,} bytes")
    return bytes(body)


def _complaint(body: bytes) -> str:
    """The server's own words where it has some: `{"error": {"message": …}}` or `{"error": …}`."""
    try:
        error = json.loads(body)["error"]
        told = error["message"] if isinstance(error, dict) else error
    except (ValueError, KeyError, TypeError):
        return ""
    return f": {str(told)[:LONGEST_COMPLAINT]}"
