"""One request to a webhook endpoint, and what came of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from importlib.metadata import version
from types import TracebackType

import aiohttp
from yarl import URL

from gdial.endpoints.addresses import PrivateAddress, public_socket
from gdial.endpoints.signing import signed_headers
from gdial.monitoring.masking import mask_text

ANSWER_SECONDS = 10.0
READ_BYTES = 1024
SHOWN_CHARACTERS = 200
KEEP_ALIVE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Told:
    """`error` is "" when the endpoint answered 2xx; it holds no whole phone number. `status` is None without an
    answer."""

    status: int | None
    error: str

    @property
    def is_delivered(self) -> bool:
        return not self.error


class EndpointClient:
    """Follows no redirect, keeps no cookie, uses no proxy of the environment, reads no more than 1 kB of an answer.

    Unless `allow_private`, connects to public addresses only: looked at on the socket, so that a name that changes
    between two look-ups gains nothing. Open and close it inside one event loop.
    """

    def __init__(self, *, allow_private: bool, timeout_seconds: float = ANSWER_SECONDS) -> None:
        self._timeout_seconds = timeout_seconds
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                socket_factory=None if allow_private else public_socket, keepalive_timeout=KEEP_ALIVE_SECONDS
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Content-Type": "application/json", "User-Agent": f"GDial/{version('gdial')}"},
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
            auto_decompress=False,
        )

    async def __aenter__(self) -> EndpointClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._session.close()

    async def tell(self, url: str, secret: str, delivery_id: str, timestamp: int, body: bytes) -> Told:
        """POST this body, signed. Raises nothing but cancellation."""
        headers = signed_headers(secret, delivery_id, timestamp, body)
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await self._exchange(url, headers, body)
        except TimeoutError:
            return Told(None, f"no answer within {self._timeout_seconds:g} s")
        except Exception as error:  # whatever broke: it is tried again
            return Told(None, _cause(error))

    async def _exchange(self, url: str, headers: dict[str, str], body: bytes) -> Told:
        async with self._session.post(
            URL(url, encoded=True), data=body, headers=headers, allow_redirects=False
        ) as response:
            if 200 <= response.status < 300:
                return Told(response.status, "")
            said = await _beginning(response)
            return Told(response.status, f"answered {_status(response.status)}{said}")


async def _beginning(response: aiohttp.ClientResponse) -> str:
    """The first words of an answer that refuses, fit to be shown."""
    read = b""
    while len(read) < READ_BYTES and (piece := await response.content.read(READ_BYTES - len(read))):
        read += piece
    text = "".join(sign if sign.isprintable() else " " for sign in read.decode("utf-8", "replace"))
    shown = mask_text(" ".join(text.split()))[:SHOWN_CHARACTERS]
    return f": {shown}" if shown else ""


def _status(status: int) -> str:
    try:
        name = f" {HTTPStatus(status).phrase}"
    except ValueError:
        name = ""
    return f"{status}{name}{' (redirects are not followed)' if 300 <= status < 400 else ''}"


def _cause(error: Exception) -> str:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "its name could not be looked up"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return "its certificate is not trusted"
    if isinstance(error, aiohttp.ClientSSLError):
        return "no secure connection came about"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"no connection: {_told_of(error.os_error)}"
    if isinstance(error, aiohttp.InvalidURL):
        return "the address cannot be used"
    return f"the connection was lost ({type(error).__name__})"


def _told_of(error: OSError) -> str:
    if isinstance(error, PrivateAddress) or "private, of this machine" in str(error):
        return f"{PrivateAddress('the address is private, of this machine or reserved')} (WEBHOOK_ALLOW_PRIVATE)"
    return error.strerror or type(error).__name__
