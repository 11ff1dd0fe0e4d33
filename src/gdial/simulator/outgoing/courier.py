"""Carries one request to the application, over and over if its URL asks for that."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus, urljoin
from uuid import uuid4

import aiohttp
from yarl import URL

from gdial.simulator.calls.record import Exchange
from gdial.simulator.clock import Clock
from gdial.simulator.faults.plan import Failure
from gdial.simulator.outgoing.overrides import CLIENT_ERROR, CONNECT, READ, SERVER_ERROR, Overrides, split_overrides
from gdial.simulator.outgoing.signature import sign_request

RETRIEVAL_FAILURE = 11200
CONNECTION_FAILURE = 11205
PROTOCOL_VIOLATION = 11206
BAD_HOST_NAME = 11210
TOO_MANY_REDIRECTS = 11215
BODY_TOO_LARGE = 11750
BAD_URL = 11100
LONGEST_TWIML_BYTES = 64 * 1024
MOST_HTTP_REDIRECTS = 10
# Every printable ASCII character may stand as it is: the URL is asked for, and signed, as the application wrote it.
AS_WRITTEN = "".join(chr(code) for code in range(0x21, 0x7F))


class DeliveryError(Exception):
    """The application gave no usable answer.

    `code` is the vendor's error code, `retry_class` what `rp` calls the failure, `status` the HTTP status if one came,
    `url` the address if it is another than the one asked for.
    """

    def __init__(
        self, code: int, message: str, *, retry_class: str = "", status: int | None = None, url: str = ""
    ) -> None:
        super().__init__(message)
        self.code = code
        self.retry_class = retry_class
        self.status = status
        self.url = url
        self.attempts = 1


@dataclass(frozen=True, slots=True)
class Webhook:
    """A request to be carried; `url` may carry overrides in its fragment. Every try is noted in `exchanges`. `mishaps`
    befall the first tries."""

    url: str
    method: str
    form: Mapping[str, str]
    auth_token: str
    exchanges: list[Exchange]
    mishaps: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the application answered, in the end."""

    status: int
    content_type: str
    body: bytes
    url: str
    attempts: int
    complaints: list[str] = field(default_factory=list)


class Courier:
    """Sends webhooks through one session."""

    def __init__(self, session: aiohttp.ClientSession, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    async def send(self, webhook: Webhook) -> Answer:
        """Deliver; any answer below 400 is returned, everything else raises `DeliveryError` after the last try."""
        bare, overrides, complaints = split_overrides(webhook.url)
        idempotency_token = str(uuid4())
        deadline = asyncio.get_running_loop().time() + overrides.total_ms / 1000
        for attempt in range(1, overrides.retries + 2):
            left = deadline - asyncio.get_running_loop().time()
            mishap = webhook.mishaps[attempt - 1] if attempt <= len(webhook.mishaps) else None
            try:
                answer = await self._try(webhook, bare, overrides, left, idempotency_token, mishap)
                return Answer(*answer, attempts=attempt, complaints=complaints)
            except DeliveryError as error:
                error.attempts = attempt
                out_of_time = asyncio.get_running_loop().time() >= deadline
                if attempt > overrides.retries or error.retry_class not in overrides.retry_on or out_of_time:
                    raise
        raise AssertionError("the last try returns or raises")

    async def _try(
        self, webhook: Webhook, url: str, overrides: Overrides, left: float, token: str, mishap: Failure | None
    ) -> tuple[int, str, bytes, str]:
        """One try, noted."""
        at, began_at = self._clock.now(), asyncio.get_running_loop().time()

        def note(status: int | None, content_type: str = "", body: bytes = b"") -> None:
            took_ms = round((asyncio.get_running_loop().time() - began_at) * 1000)
            form = encode_form(webhook.form)
            webhook.exchanges.append(Exchange(at, url, webhook.method, form, took_ms, status, content_type, body))

        try:
            if mishap is not None and mishap != "answer_lost":
                raise make_failure(mishap)
            answer = await self._try_once(webhook, url, overrides, left, token)
            if mishap is not None:
                raise make_failure(mishap)
        except DeliveryError as error:
            note(error.status)
            raise
        note(*answer[:3])
        return answer

    async def _try_once(
        self, webhook: Webhook, url: str, overrides: Overrides, left: float, idempotency_token: str
    ) -> tuple[int, str, bytes, str]:
        limits = aiohttp.ClientTimeout(
            total=max(left, 0.001), sock_connect=overrides.connect_ms / 1000, sock_read=overrides.read_ms / 1000
        )
        try:
            async with asyncio.timeout(limits.total):  # which aiohttp would count anew for every redirect
                return await self._follow_redirects(webhook, url, limits, idempotency_token)
        except (aiohttp.ClientError, TimeoutError, ValueError, OSError) as error:
            raise explain_failure(error) from error

    async def _follow_redirects(
        self, webhook: Webhook, url: str, limits: aiohttp.ClientTimeout, idempotency_token: str
    ) -> tuple[int, str, bytes, str]:
        method, form = webhook.method, dict(webhook.form)
        for _ in range(MOST_HTTP_REDIRECTS + 1):
            asked, body = _address(url, method, form)
            headers = {
                "Accept": "*/*",
                "User-Agent": "TwilioProxy/1.1",
                "I-Twilio-Idempotency-Token": idempotency_token,
                "X-Twilio-Signature": sign_request(webhook.auth_token, asked, form if body is not None else {}),
            }
            if body is not None:
                headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
            async with self._session.request(
                method,
                URL(asked, encoded=True),
                data=body,
                headers=headers,
                timeout=limits,
                allow_redirects=False,
            ) as response:
                if response.status in (301, 302, 303, 307, 308) and "Location" in response.headers:
                    url = urljoin(asked, response.headers["Location"])
                    if response.status in (301, 302, 303):
                        method, form = "GET", {}
                    continue
                return response.status, response.content_type, await _read_body(response), asked
        raise DeliveryError(TOO_MANY_REDIRECTS, f"{url} redirected more than {MOST_HTTP_REDIRECTS} times")


def _address(url: str, method: str, form: Mapping[str, str]) -> tuple[str, bytes | None]:
    """The URL as it goes over the wire, and the body; a GET carries its fields in the query."""
    written = quote(url, safe=AS_WRITTEN)
    parts = URL(written, encoded=True)
    if parts.scheme not in ("http", "https") or not parts.host:
        raise DeliveryError(BAD_URL, f"{url!r} is no absolute http or https URL")
    if not parts.raw_path:
        written = str(parts.with_path("/"))
    if method != "GET":
        return written, encode_form(form).encode("ascii")
    if not form:
        return written, None
    return written + ("&" if "?" in written else "?") + encode_form(form), None


def encode_form(form: Mapping[str, str]) -> str:
    """The fields as application/x-www-form-urlencoded; names are the vendor's, and need no coding."""
    return "&".join(
        # Most values are plain, and there are twenty of them in every request.
        f"{name}={value if value.isascii() and value.isalnum() else quote_plus(value)}"
        for name, value in form.items()
    )


async def _read_body(response: aiohttp.ClientResponse) -> bytes:
    if response.status >= 400:
        group = CLIENT_ERROR if response.status < 500 else SERVER_ERROR
        message = f"the application answered {response.status}"
        raise DeliveryError(RETRIEVAL_FAILURE, message, retry_class=group, status=response.status)
    body = bytearray()
    async for chunk in response.content.iter_chunked(LONGEST_TWIML_BYTES):
        body += chunk
        if len(body) > LONGEST_TWIML_BYTES:
            raise DeliveryError(BODY_TOO_LARGE, f"the answer is longer than {LONGEST_TWIML_BYTES} bytes")
    return bytes(body)


def make_failure(mishap: Failure) -> DeliveryError:
    """The failure that a fault plan asks for, as if it had come over the wire."""
    match mishap:
        case "no_connection":
            return DeliveryError(CONNECTION_FAILURE, "no connection, as the fault plan says", retry_class=CONNECT)
        case "error_status":
            text = "the answer was 503, as the fault plan says"
            return DeliveryError(RETRIEVAL_FAILURE, text, retry_class=SERVER_ERROR, status=503)
    return DeliveryError(RETRIEVAL_FAILURE, "no answer in time, as the fault plan says", retry_class=READ)


def explain_failure(error: Exception) -> DeliveryError:
    """The failure of a request in the vendor's words."""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return DeliveryError(BAD_HOST_NAME, f"the host name is unknown: {error}", retry_class=CONNECT)
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return DeliveryError(CONNECTION_FAILURE, f"no connection: {error}", retry_class=CONNECT)
    if isinstance(error, TimeoutError):
        return DeliveryError(RETRIEVAL_FAILURE, "no answer in time", retry_class=READ)
    if isinstance(error, aiohttp.InvalidURL | ValueError):
        return DeliveryError(BAD_URL, f"the URL cannot be used: {error}")
    return DeliveryError(PROTOCOL_VIOLATION, f"the connection broke: {error or type(error).__name__}", retry_class=READ)
