"""A line between GDial and the telephone network that can be told to spoil creates.

Everything else passes as it is, both ways; callbacks go past it.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum
from urllib.parse import parse_qsl, urlencode

import aiohttp
from aiohttp import web

from tests.support.carrier_stub import error

PASSED_ON = ("Authorization", "Content-Type", "Accept")


class Told(Enum):
    """What GDial hears of its create."""

    THE_TRUTH = "what the carrier answered"
    AN_ERROR = "an error"
    NOTHING = "nothing, on a line that stays open"
    THE_END = "that the connection is gone"


@dataclass(frozen=True)
class Fault:
    """What happens to one create. Only one that `reaches` the carrier can ring; `until` is waited for in between;
    `without_callbacks` is as if every status callback of the call was lost."""

    reaches: bool = True
    told: Told = Told.THE_TRUTH
    status: int = 500
    code: int | None = None
    until: asyncio.Event | None = None
    without_callbacks: bool = False


GOOD = Fault()


class FaultyLine:
    """`base_url` takes the carrier's place in the settings. `creates` counts those heard, spoilt or not, by number.
    While it `is_down` everything is answered with a 503, and `heard_while_down` has the methods. More than
    `takes_a_second` creates in a second get a 429; `too_many` counts them."""

    def __init__(self, carrier_url: str, session: aiohttp.ClientSession) -> None:
        self.base_url = ""
        self.creates: Counter[str] = Counter()
        self.is_down = False
        self.heard_while_down: list[str] = []
        self.takes_a_second = float("inf")
        self.too_many = 0
        self._taken_at: deque[float] = deque()
        self._carrier_url = carrier_url
        self._session = session
        self._faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._runner: web.AppRunner | None = None
        self._port = 0

    def spoil(self, number: str, *faults: Fault) -> None:
        """One for each create to this number in turn; after them the line is good."""
        self._faults[number].extend(faults)

    async def plug_in(self) -> None:
        """Listen, always on the same port."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True).start()
        self._port = self._runner.addresses[0][1]
        self.base_url = f"http://127.0.0.1:{self._port}"

    async def unplug(self) -> None:
        """Nobody listens any more."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if self.is_down:
            self.heard_while_down.append(request.method)
            return error(503, 20503, "down")
        if request.method != "POST" or not request.path.endswith("/Calls.json"):
            return await self._forward(request, body)
        fields = parse_qsl(body.decode(), keep_blank_values=True)
        number = dict(fields)["To"]
        self.creates[number] += 1
        if self._has_too_many():
            return error(429, 20429, "Too many requests")
        fault = self._faults[number].popleft() if self._faults[number] else GOOD
        if fault.without_callbacks:
            body = urlencode([(name, text) for name, text in fields if not name.startswith("StatusCallback")]).encode()
        answer = await self._forward(request, body) if fault.reaches else None
        if fault.until is not None:
            await fault.until.wait()
        return await _tell(fault, request, answer)

    def _has_too_many(self) -> bool:
        now = asyncio.get_running_loop().time()
        while self._taken_at and self._taken_at[0] <= now - 1:
            self._taken_at.popleft()
        if len(self._taken_at) < self.takes_a_second:
            self._taken_at.append(now)
            return False
        self.too_many += 1
        return True

    async def _forward(self, request: web.Request, body: bytes) -> web.Response:
        headers = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
        url = self._carrier_url + request.path_qs
        async with self._session.request(request.method, url, data=body, headers=headers) as answer:
            return web.Response(status=answer.status, body=await answer.read(), content_type=answer.content_type)


async def _tell(fault: Fault, request: web.Request, answer: web.Response | None) -> web.StreamResponse:
    if fault.told is Told.NOTHING:
        await asyncio.Event().wait()
    if fault.told is Told.THE_END and request.transport is not None:
        request.transport.close()
    if fault.told is Told.THE_TRUTH and answer is not None:
        return answer
    return error(fault.status, fault.code, "spoilt on the line")


@asynccontextmanager
async def faulty_line(carrier_url: str) -> AsyncIterator[FaultyLine]:
    async with aiohttp.ClientSession() as session:
        line = FaultyLine(carrier_url, session)
        await line.plug_in()
        try:
            yield line
        finally:
            await line.unplug()
