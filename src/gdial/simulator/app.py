"""The HTTP application: routes, and what holds for all of them."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from gdial.errors import InvalidInput
from gdial.simulator.network import Network
from gdial.simulator.options import SimulatorOptions
from gdial.simulator.rest.accounts import AccountsResource
from gdial.simulator.rest.calls import CallsResource
from gdial.simulator.rest.control import ControlDoor
from gdial.simulator.rest.errors import RestError, not_found, too_many_requests, write_error
from gdial.simulator.rest.spoiling import bear_outage

API = "/2010-04-01/Accounts/{account}"


class RequestGate:
    """Lets a number of requests a second through, and counts those under way."""

    def __init__(self, requests_per_second: float | None) -> None:
        self._rate = requests_per_second
        self._left = max(1.0, requests_per_second or 1.0)
        self._counted_at = 0.0
        self.under_way = 0

    def admit(self, now: float) -> bool:
        """Whether a request at this moment (in real seconds) is within the rate."""
        if self._rate is None:
            return True
        full = max(1.0, self._rate)
        self._left = min(full, self._left + (now - self._counted_at) * self._rate)
        self._counted_at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


def build_app(network: Network, options: SimulatorOptions) -> web.Application:
    """The application with every route."""
    app = web.Application(middlewares=[_speak_like_the_vendor(RequestGate(options.requests_per_second), network)])
    calls, accounts, control = CallsResource(network, options), AccountsResource(options), ControlDoor(network)
    app.add_routes(
        [
            web.post(API + "/Calls.json", calls.create),
            web.get(API + "/Calls.json", calls.index),
            web.get(API + "/Calls/{sid}/Events.json", calls.events),
            web.get(API + "/Calls/{sid}.json", calls.fetch),
            web.post(API + "/Calls/{sid}.json", calls.update),
            web.get(API + "/IncomingPhoneNumbers.json", accounts.list_numbers),
            web.get(API + ".json", accounts.fetch),
            web.get("/", control.welcome),
            web.get("/health/live", control.live),
            web.get("/ledger", control.read_ledger),
            web.delete("/ledger", control.reset_ledger),
            web.get("/faults", control.read_faults),
            web.put("/faults", control.replace_faults),
            web.get("/faults/injected", control.read_injections),
            web.get("/clock", control.read_clock),
            web.post("/clock", control.advance_clock),
            web.get("/phones/{number}", control.read_phone),
            web.post("/phones/{number}", control.script_phone),
        ]
    )
    return app


def _speak_like_the_vendor(gate: RequestGate, network: Network) -> Middleware:
    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        is_api = request.path.startswith("/2010-04-01/")
        if is_api and not gate.admit(asyncio.get_running_loop().time()):
            return _stamp(write_error(too_many_requests()), gate)
        gate.under_way += is_api
        try:
            away = await bear_outage(request, network) if is_api else None
            response = away if away is not None else await _handle(request, handler)
        finally:
            gate.under_way -= is_api
        return _stamp(response, gate) if is_api else response

    return answer


async def _handle(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except RestError as error:
        return write_error(error)
    except InvalidInput as error:
        return web.json_response({"reason": error.reason, "where": error.where, "text": str(error)}, status=422)
    except web.HTTPNotFound:
        return write_error(not_found(request.path))
    except web.HTTPMethodNotAllowed as error:
        response = write_error(RestError(405, 20004, f"Method {request.method} is not allowed here"))
        response.headers["Allow"] = ", ".join(sorted(error.allowed_methods))
        return response


def _stamp(response: web.StreamResponse, gate: RequestGate) -> web.StreamResponse:
    response.headers["Twilio-Request-Id"] = "RQ" + uuid4().hex
    response.headers["Twilio-Concurrent-Requests"] = str(gate.under_way + 1)
    response.headers["API-Version"] = "2010-04-01"
    return response
