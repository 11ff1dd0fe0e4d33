"""Who may come in: the right Host, the right Origin, the right token. Pure ASGI, before any body is read."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gdial.runtime import Runtime
from gdial.settings.checks import is_loopback
from gdial.web.problems import problem

OPEN_DOORS = re.compile(r"/voice|/custom-voice|/dtmf|/call-status|/tts/audio/[^/]+|/health/live")
"""Without a login: webhooks check signatures themselves, audio has a name that nobody can guess."""

OPEN_PAGES = re.compile(r"/login|/first-administrator|/language|/static/[^/]+")
"""Where people log in, and the files of those pages."""

LOCAL_DOORS = frozenset({"/metrics"})
"""Without a login from this machine only."""

UNSAFE_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
FORWARDED = (b"forwarded", b"x-forwarded-for", b"x-real-ip")

HEADERS = {
    b"x-content-type-options": b"nosniff",
    # With "no-referrer" browsers send "Origin: null" with our own forms (https://fetch.spec.whatwg.org/#origin-header).
    b"referrer-policy": b"same-origin",
    b"x-frame-options": b"DENY",
    b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    b"cache-control": b"no-store",
}
"""Put on every answer that does not set its own."""


class SecurityHeaders:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                missing = [(name, value) for name, value in HEADERS.items() if name not in present]
                message["headers"] = [*message["headers"], *missing]
            await send(message)

        await self.app(scope, receive, send_with_headers)


class KnownHosts:
    """Refuses names that are not ours, as in DNS rebinding, and changes sent by pages of other sites."""

    def __init__(self, app: ASGIApp, *, names: Iterable[str], public_url: str) -> None:
        self.app = app
        self._names = frozenset(name.lower().rstrip(".") for name in names)
        self._public_origin = origin_of(public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        host = host_name(hosts[0]) if len(hosts) == 1 else None
        if host is None:
            refusal = problem(400, "bad-host", "The Host header is missing, doubled or no host name.")
        elif not self._is_ours(host):
            refusal = problem(
                421, "unknown-host", f"This is not {host}. Let GDial answer to it with ALLOWED_HOSTS={host}"
            )
        elif scope["method"] in UNSAFE_METHODS and self._is_foreign(headers.getlist("origin"), hosts[0]):
            refusal = problem(403, "foreign-origin", "A page of another site may not change anything here.")
        else:
            await self.app(scope, receive, send)
            return
        await refusal(scope, receive, send)

    def _is_ours(self, host: str) -> bool:
        return host in self._names or is_loopback(host)

    def _is_foreign(self, origins: list[str], host: str) -> bool:
        return not all(self._is_own(origin.lower(), host.lower()) for origin in origins)

    def _is_own(self, origin: str, host: str) -> bool:
        """A proxy may show the browser another scheme and port; on this machine the port is all that tells sites
        apart."""
        scheme, _, rest = origin.partition("://")
        if scheme not in ("http", "https"):
            return False
        name = host_name(rest)
        return rest == host or origin == self._public_origin or (name in self._names and not is_loopback(name))


class BearerToken:
    """The door of a worker process, which knows the installation's token alone: exactly 401 without it, on every
    address that is not an open door, whether anything is there or not."""

    def __init__(self, app: ASGIApp, *, token: str) -> None:
        self.app = app
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_open(scope) or self._is_right(Headers(scope=scope).getlist("authorization")):
            await self.app(scope, receive, send)
            return
        refusal = problem(
            401,
            "not-logged-in",
            "This needs the header: Authorization: Bearer <API_TOKEN>",
            headers={"www-authenticate": 'Bearer realm="gdial"'},
        )
        await refusal(scope, receive, send)

    def _is_right(self, given: list[str]) -> bool:
        scheme, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
        return scheme.lower() == "bearer" and hmac.compare_digest(token.strip().encode("latin-1"), self._token)


def is_open(scope: Scope) -> bool:
    if OPEN_DOORS.fullmatch(scope["path"]) or OPEN_PAGES.fullmatch(scope["path"]):
        return True
    return scope["path"] in LOCAL_DOORS and is_local(scope)


def is_local(scope: Scope) -> bool:
    """Whether a program on this machine asks for itself; what a proxy on this machine passes on does not count."""
    client = scope.get("client")
    passed_on = any(name in FORWARDED for name, _ in scope["headers"])
    host = host_name(Headers(scope=scope).get("host", ""))
    return client is not None and is_loopback(client[0]) and is_loopback(host) and not passed_on


def names_of(runtime: Runtime) -> set[str]:
    """The host names that this installation answers to, beside those of this machine."""
    addresses = [runtime.public_url, *(network.callback_base for network in runtime.networks.values())]
    named = {urlsplit(address).hostname for address in addresses}
    return {runtime.settings.api_host, *runtime.settings.allowed_hosts, *(name for name in named if name)}


def host_name(host: str) -> str | None:
    """The name in a Host header or behind an Origin's `://`, without port; None when it is none."""
    if not re.fullmatch(r"\[[0-9a-fA-F:.]+\](:\d{1,5})?|[A-Za-z0-9._-]+(:\d{1,5})?", host):
        return None
    name = host[1 : host.index("]")] if host.startswith("[") else host.partition(":")[0]
    return name.lower().rstrip(".") or None


def origin_of(url: str) -> str:
    """Scheme, host and port as a browser writes them in an Origin header."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
