"""A small server playing Twilio's calls API, able to misbehave in every way a create can go wrong.

Written from the vendor's contract, sharing no code with GDial.
"""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from aiohttp import web

ACCOUNT_SID = "AC" + "ab" * 16
AUTH_TOKEN = "12345-the-secret-token"

Form = list[tuple[str, str]]
Mishap = Callable[["CarrierStub", web.Request], Awaitable[web.StreamResponse]]


@dataclass
class StubCall:
    sid: str
    to: str
    from_number: str
    created: datetime | None
    status: str = "queued"
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Received:
    """A request as it came in. `form` keeps repeated fields and their order."""

    method: str
    path: str
    query: dict[str, str]
    form: Form
    headers: Mapping[str, str]
    peer: object


class CarrierStub:
    """`mishaps` are used up one a request, in order; without one the stub does what Twilio would."""

    def __init__(self) -> None:
        self.base = ""
        self.calls: list[StubCall] = []
        self.received: list[Received] = []
        self.mishaps: deque[Mishap] = deque()
        self.requests: dict[str, list[dict[str, Any]]] = {}
        self.account_status = "active"
        self.numbers: list[dict[str, Any]] = []
        self.accepted = asyncio.Event()
        self.stopping = asyncio.Event()

    @property
    def creates(self) -> list[Received]:
        return [seen for seen in self.received if seen.method == "POST" and seen.path.endswith("/Calls.json")]

    def add_call(self, to: str, from_number: str, created: datetime | None, status: str = "queued") -> StubCall:
        call = StubCall(f"CA{len(self.calls) + 1:032x}", to, from_number, created, status)
        self.calls.append(call)
        return call

    def accept(self, form: Form) -> StubCall:
        fields = dict(form)
        call = self.add_call(fields["To"], fields["From"], datetime.now(UTC))
        call.fields = fields
        self.accepted.set()
        return call

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if self.mishaps:
            return await self.mishaps.popleft()(self, request)
        return await self.behave(request)

    async def note(self, request: web.Request) -> Received:
        form = parse_qsl((await request.read()).decode(), keep_blank_values=True)
        peer = request.transport.get_extra_info("peername") if request.transport else None
        seen = Received(request.method, request.path, dict(request.query), form, dict(request.headers), peer)
        self.received.append(seen)
        return seen

    async def behave(self, request: web.Request) -> web.StreamResponse:
        seen = await self.note(request)
        root = f"/2010-04-01/Accounts/{ACCOUNT_SID}"
        credentials = b64encode(f"{ACCOUNT_SID}:{AUTH_TOKEN}".encode()).decode()
        if seen.headers.get("Authorization") != f"Basic {credentials}":
            return error(401, 20003, "Authenticate")
        if seen.path == f"{root}.json":
            return web.json_response({"friendly_name": "Räddningstjänsten", "status": self.account_status})
        if seen.path == f"{root}/IncomingPhoneNumbers.json":
            return web.json_response({"incoming_phone_numbers": self.numbers, "next_page_uri": None})
        if seen.path == f"{root}/Calls.json":
            return self._create(seen) if seen.method == "POST" else self._list(seen)
        return self._requests(seen) if seen.path.endswith("/Events.json") else self._one(seen)

    def _create(self, seen: Received) -> web.Response:
        if missing := {"To", "From", "Url"} - {name for name, _ in seen.form}:
            return error(400, 21201, f"missing {sorted(missing)}")
        return web.json_response(self.row(self.accept(seen.form)), status=201)

    def _requests(self, seen: Received) -> web.Response:
        """The Events of a call, which the vendor has for some time only."""
        sid = seen.path.split("/")[-2]
        if sid not in self.requests:
            return error(404, 20404, "The requested resource was not found")
        return web.json_response({"events": self.requests[sid], "next_page_uri": None})

    def _one(self, seen: Received) -> web.Response:
        sid = seen.path.rpartition("/")[2].removesuffix(".json")
        call = next((call for call in self.calls if call.sid == sid), None)
        if call is None:
            return error(404, 20404, "The requested resource was not found")
        if seen.method == "POST":
            if call.status in ("completed", "busy", "failed", "no-answer", "canceled"):
                return error(400, 21220, "Call is not in-progress. Cannot redirect.")
            call.status = dict(seen.form)["Status"]
        return web.json_response(self.row(call))

    def _list(self, seen: Received) -> web.Response:
        query = seen.query
        wanted = [
            call
            for call in reversed(self.calls)
            if query.get("To") in (None, call.to) and query.get("From") in (None, call.from_number)
        ]
        size, page = min(int(query.get("PageSize", "50")), 1000), int(query.get("Page", "0"))
        rows = wanted[page * size : (page + 1) * size]
        following = None
        if len(wanted) > (page + 1) * size:
            token = rows[-1].sid.replace("CA", "PACA")
            following = f"{seen.path}?{urlencode({**query, 'Page': str(page + 1), 'PageToken': token})}"
        return web.json_response({"calls": [self.row(call) for call in rows], "next_page_uri": following})

    def row(self, call: StubCall) -> dict[str, Any]:
        unset = (
            "parent_call_sid phone_number_sid start_time end_time duration price answered_by forwarded_from "
            "group_sid caller_name trunk_sid"
        )
        created = format_datetime(call.created) if call.created else None
        uri = f"/2010-04-01/Accounts/{ACCOUNT_SID}/Calls/{call.sid}.json"
        return dict.fromkeys(unset.split()) | {
            "sid": call.sid,
            "date_created": created,
            "date_updated": created,
            "account_sid": ACCOUNT_SID,
            "to": call.to,
            "to_formatted": call.to,
            "from": call.from_number,
            "from_formatted": call.from_number,
            "status": call.status,
            "price_unit": "USD",
            "direction": "outbound-api",
            "api_version": "2010-04-01",
            "queue_time": "0",
            "uri": uri,
            "subresource_uris": {},
        }


def error(
    status: int, code: int | None = None, message: str = "", headers: Mapping[str, str] | None = None
) -> web.Response:
    document = {"code": code, "message": message, "more_info": f"https://www.twilio.com/docs/errors/{code}"}
    return web.json_response({**document, "status": status}, status=status, headers=headers)


def refuse(status: int, code: int | None = None, message: str = "", headers: Mapping[str, str] | None = None) -> Mishap:
    """Answer with an error; nothing was dialled."""

    async def mishap(stub: CarrierStub, request: web.Request) -> web.StreamResponse:
        await stub.note(request)
        return error(status, code, message, headers)

    return mishap


def answer(status: int, body: bytes, headers: Mapping[str, str] | None = None, *, accept: bool = False) -> Mishap:
    """Answer with these very bytes, having dialled or not."""

    async def mishap(stub: CarrierStub, request: web.Request) -> web.StreamResponse:
        seen = await stub.note(request)
        if accept:
            stub.accept(seen.form)
        return web.Response(status=status, body=body, headers=headers)

    return mishap


def fail_after_accepting(status: int) -> Mishap:
    return answer(status, json.dumps({"code": 20500, "message": "Internal error"}).encode(), accept=True)


async def cut_before_reading(stub: CarrierStub, request: web.Request) -> web.StreamResponse:
    """Reset the connection without looking at the body."""
    stub.received.append(Received(request.method, request.path, {}, [], dict(request.headers), None))
    return _cut(request, reset=True)


async def cut_after_accepting(stub: CarrierStub, request: web.Request) -> web.StreamResponse:
    """Dial, then close the connection without a word."""
    stub.accept((await stub.note(request)).form)
    return _cut(request, reset=False)


async def cut_after_reading(stub: CarrierStub, request: web.Request) -> web.StreamResponse:
    """Close the connection without a word; for requests that are no create."""
    await stub.note(request)
    return _cut(request, reset=False)


async def cut_within_the_answer(stub: CarrierStub, request: web.Request) -> web.StreamResponse:
    """Dial, announce the answer, send half of it."""
    body = json.dumps(stub.row(stub.accept((await stub.note(request)).form))).encode()
    response = web.StreamResponse(status=201, headers={"Content-Length": str(len(body))})
    await response.prepare(request)
    await response.write(body[: len(body) // 2])
    _cut(request, reset=False)
    return response


async def say_nothing_after_accepting(stub: CarrierStub, request: web.Request) -> web.StreamResponse:
    """Dial and keep the client waiting until the stub stops."""
    stub.accept((await stub.note(request)).form)
    await stub.stopping.wait()
    return web.Response(status=503)


def _cut(request: web.Request, *, reset: bool) -> web.Response:
    if request.transport is not None:
        if reset:
            request.transport.abort()
        else:
            request.transport.close()
    return web.Response()


@asynccontextmanager
async def carrier_stub() -> AsyncIterator[CarrierStub]:
    """A stub listening on a free loopback port."""
    stub = CarrierStub()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", stub.handle)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    stub.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield stub
    finally:
        stub.stopping.set()
        await runner.cleanup()


@asynccontextmanager
async def plain_server(speak: bytes) -> AsyncIterator[int]:
    """A port that says `speak` to whoever connects and hangs up; no HTTP at all."""

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(speak)
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
