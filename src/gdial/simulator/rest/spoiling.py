"""Answers that go wrong by plan: what was asked is done or not, and the asker hears something else."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from gdial.simulator.calls.record import Call
from gdial.simulator.faults.injector import Strike
from gdial.simulator.faults.plan import BadNumber, Cut, Error, Hang, Refuse, Request, Slow, TooManyRequests
from gdial.simulator.network import Network
from gdial.simulator.rest.errors import BAD_NUMBERS, RestError, refused, server_error, too_many_requests, write_error

Done = tuple[web.StreamResponse, Call | None]


class SpoiltAnswers:
    """What stands between a request that was understood and its answer."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._faults = network.faults

    async def answer(
        self, request: web.Request, kind: Request, to: str, perform: Callable[[], Done]
    ) -> web.StreamResponse:
        """The answer to a request about the number `to`, which `perform` would answer truthfully.

        `perform` is called at most once, and not at all when a fault keeps the request from being processed.
        """
        ordinal = self._faults.count_request(kind, to)
        try:
            response, call = await self._spoil(request, kind, to, ordinal, perform)
        except RestError as error:
            response, call = write_error(error), None
        await self._delay(kind, to, ordinal, call)
        return response

    async def _spoil(
        self, request: web.Request, kind: Request, to: str, ordinal: int, perform: Callable[[], Done]
    ) -> Done:
        if kind == "create":
            self._refuse_bad_number(to)
        strike = self._faults.choose("answer", kind, to, ordinal)
        fault = strike.fault if strike else None
        if strike is None or fault is None:
            return perform()
        match fault:
            case TooManyRequests():
                self._faults.record(strike, to, f"{kind} answered 429")
                raise too_many_requests(fault.retry_after_seconds)
            case Refuse():
                self._faults.record(strike, to, f"{kind} answered {fault.code}")
                raise refused(fault.code, fault.status)
            case Error() | Cut() | Hang():
                call = perform()[1] if fault.accepted else None
                return await self._mislead(request, kind, to, strike, call), call
        raise AssertionError(f"{fault.name} spoils no answer")

    async def _mislead(
        self, request: web.Request, kind: Request, to: str, strike: Strike, call: Call | None
    ) -> web.StreamResponse:
        fault = strike.fault
        done = "accepted" if getattr(fault, "accepted", False) else "not accepted"
        if isinstance(fault, Error):
            self._faults.record(strike, to, f"{kind} {done}, answered {fault.status}", call)
            return write_error(server_error(fault.status))
        self._faults.record(strike, to, f"{kind} {done}, not answered", call)
        if isinstance(fault, Hang):
            await self._network.hold(self._faults.seconds(strike, fault.seconds))
        return cut_off(request)

    def _refuse_bad_number(self, to: str) -> None:
        strike = self._faults.choose("number", "", to)
        if strike is not None and isinstance(strike.fault, BadNumber):
            code = strike.fault.code
            self._faults.record(strike, to, f"create answered {code}")
            raise RestError(400, code, BAD_NUMBERS[code].format(number=to))

    async def _delay(self, kind: Request, to: str, ordinal: int, call: Call | None) -> None:
        strike = self._faults.choose("slow", kind, to, ordinal)
        if strike is not None and isinstance(strike.fault, Slow):
            seconds = self._faults.seconds(strike, strike.fault.seconds)
            self._faults.record(strike, to, f"{kind} answered after {seconds:.2f} s", call)
            await self._network.hold(seconds)


async def bear_outage(request: web.Request, network: Network) -> web.StreamResponse | None:
    """The answer of an API that is away; none when it is not."""
    outage = network.faults.outage()
    if outage is None:
        return None
    if outage.how == "error":
        return write_error(server_error(503))
    if outage.how == "hang":
        await network.wait_out(outage)
    return cut_off(request)


def cut_off(request: web.Request) -> web.StreamResponse:
    """End the connection; the response that is returned goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
