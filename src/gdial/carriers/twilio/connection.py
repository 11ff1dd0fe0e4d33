"""One request to Twilio and what came of it, told apart by whether a byte of the request can have left.

That difference decides a redial: a create that never left is safe to repeat, one that left may ring.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import SimpleNamespace
from typing import Final

import aiohttp
from yarl import URL

from gdial.carriers.twilio.account import Account

_MAX_ANSWER_BYTES: Final = 16 * 1024 * 1024
_MAX_RETRY_AFTER_SECONDS: Final = 3600.0
# Shorter than the idle time of any usual load balancer, so that a reused connection is rarely one just closed.
_KEEP_ALIVE_SECONDS: Final = 15.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete HTTP answer, read to its end. Refusals (status 300 and up) never contain our credentials."""

    status: int
    body: bytes
    retry_after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """No complete answer. `may_have_arrived` is False only when not one byte of the request was written."""

    reason: str
    may_have_arrived: bool


@dataclass(slots=True)
class _Trail:
    """What happened to one request on its way out; handed to the trace hook."""

    writing: bool = False


class _AnswerTooLong(Exception):
    """The body passed the bound; never leaves this module."""


class Connection:
    """An aiohttp session to one API base, opened on first use inside the running loop and kept open.

    Never follows a redirect (it would carry the credentials elsewhere) and never sends a POST twice: aiohttp repeats
    only GET, HEAD, OPTIONS, TRACE, PUT and DELETE after a lost keep-alive connection (`aiohttp.client`,
    `IDEMPOTENT_METHODS`; RFC 9110 section 9.2.2).
    """

    def __init__(self, account: Account, timeout_seconds: float) -> None:
        self._api_base = account.api_base.rstrip("/")
        self._headers = {
            "Authorization": f"Basic {account.credentials}",
            "Accept": "application/json",
            "User-Agent": "GDial",
        }
        self._secrets = (account.credentials.encode(), account.token.encode())
        self._timeout_seconds = timeout_seconds
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    async def send(self, method: str, path: str, form: bytes | None = None) -> Answer | NoAnswer:
        """Send one request, bounded as a whole by the time-out. `path` starts with `/` and is encoded already.

        Raises nothing but cancellation.
        """
        if self._closed:
            return NoAnswer("the connection to Twilio was closed by GDial", may_have_arrived=False)
        trail = _Trail()
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await self._exchange(method, path, form, trail)
        except Exception as error:  # whatever broke, what matters is whether the request can have arrived
            return NoAnswer(self._explain(error, trail), may_have_arrived=trail.writing)

    async def _exchange(self, method: str, path: str, form: bytes | None, trail: _Trail) -> Answer:
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if form is not None else None
        async with self._open().request(
            method,
            URL(self._api_base + path, encoded=True),
            data=form,
            headers=headers,
            allow_redirects=False,
            trace_request_ctx=trail,
        ) as response:
            body = await _read(response)
        if response.status >= 300:
            body = self._without_secrets(body)
        return Answer(response.status, body, _retry_after(response.headers.get("Retry-After")))

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            trace = aiohttp.TraceConfig()
            trace.on_request_headers_sent.append(_note_writing)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEEP_ALIVE_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=self._headers,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
                trace_configs=[trace],
            )
        return self._session

    def _without_secrets(self, body: bytes) -> bytes:
        for secret in self._secrets:
            body = body.replace(secret, b"(secret)")
        return body

    def _explain(self, error: Exception, trail: _Trail) -> str:
        place = URL(self._api_base).authority
        if isinstance(error, TimeoutError):
            what = f"Twilio at {place} did not answer" if trail.writing else f"no connection to Twilio at {place}"
            return f"{what} within {self._timeout_seconds:g} s"
        if isinstance(error, _AnswerTooLong):
            return f"Twilio at {place} answered with more than {_MAX_ANSWER_BYTES} bytes"
        if trail.writing:
            return f"the connection to Twilio at {place} was lost before its answer was read ({type(error).__name__})"
        return f"no connection to Twilio at {place}: {_cause(error)}"

    async def close(self) -> None:
        """Close the session; requests under way end as `NoAnswer`, later ones too."""
        self._closed = True
        if self._session is not None:
            await self._session.close()


async def _note_writing(_: aiohttp.ClientSession, context: SimpleNamespace, __: object) -> None:
    # aiohttp signals this just before it hands the first byte to the transport, so False means nothing left.
    context.trace_request_ctx.writing = True


async def _read(response: aiohttp.ClientResponse) -> bytes:
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_any():
        chunks.append(chunk)
        size += len(chunk)
        if size > _MAX_ANSWER_BYTES:
            raise _AnswerTooLong
    return b"".join(chunks)


def _cause(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "its name could not be looked up"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return "its certificate is not trusted"
    if isinstance(error, aiohttp.ClientSSLError):
        return "no secure connection came about"
    if isinstance(error, aiohttp.ClientConnectorError):
        return error.os_error.strerror or type(error.os_error).__name__
    return type(error).__name__


def _retry_after(value: str | None) -> float | None:
    """Seconds, from either form of the header (RFC 9110 section 10.2.3); None when there is none to read."""
    if value is None:
        return None
    try:
        seconds = float(value) if value.strip().isdigit() else _seconds_until(parsedate_to_datetime(value))
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), _MAX_RETRY_AFTER_SECONDS)


def _seconds_until(moment: datetime) -> float:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - datetime.now(UTC)).total_seconds()
