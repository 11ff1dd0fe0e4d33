"""The simulator's own doors, which the vendor has not: the ledger, the phones, whether it lives."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import datetime

from aiohttp import web

from gdial.errors import InvalidInput
from gdial.simulator.clock import ScaledClock
from gdial.simulator.explaining import read_json
from gdial.simulator.faults.reading import EXAMPLE, parse_fault_plan
from gdial.simulator.ledger import write_rows
from gdial.simulator.network import Network
from gdial.simulator.people.profile import E164, parse_behaviours

ROWS_IN_A_PIECE = 200
UNCODED_ZONE = re.compile(r" (\d\d:\d\d)$")
SCRIPT_EXAMPLE = '{"calls": [{"does": "busy"}]}'
CLOCK_EXAMPLE = '{"advance_seconds": 1800}'
WELCOME = """GDial's simulated telephone network. It speaks Twilio's REST API (2010-04-01) and rings nobody.

POST /2010-04-01/Accounts/{account}/Calls.json        place a call (also GET: list, with filters and pages)
GET  /2010-04-01/Accounts/{account}/Calls/{sid}.json  one call (also POST: cancel, hang up, redirect)
GET  /2010-04-01/Accounts/{account}.json              the account, and .../IncomingPhoneNumbers.json
GET  /ledger                                          every call, what was heard and pressed (?since=ISO time)
DELETE /ledger                                        hang up and forget everything
GET  /faults                                          what goes wrong by plan, and how often it did; PUT: another plan
GET  /clock                                           the network's time; POST {"advance_seconds": 1800}: move it ahead
GET  /phones/{number}                                 one phone; POST {"calls": [...]}: what it does next
GET  /health/live                                     whether this is running
"""


class ControlDoor:
    """The handlers of `/`, `/ledger`, `/faults`, `/clock`, `/phones/{number}` and `/health/live`."""

    def __init__(self, network: Network) -> None:
        self._network = network

    async def welcome(self, request: web.Request) -> web.Response:
        return web.Response(text=WELCOME)

    async def live(self, request: web.Request) -> web.Response:
        return web.json_response({"status": "alive", "open_calls": self._network.open_calls})

    async def read_ledger(self, request: web.Request) -> web.StreamResponse:
        """Written in pieces, so that calls go on while a long ledger is read."""
        since = _read_since(request)
        response = web.StreamResponse()
        response.content_type = "application/json"
        await response.prepare(request)
        async for piece in self._write_ledger(since):
            await response.write(piece.encode())
        await response.write_eof()
        return response

    async def reset_ledger(self, request: web.Request) -> web.Response:
        await self._network.reset()
        return web.Response(status=204)

    async def read_faults(self, request: web.Request) -> web.Response:
        return web.json_response(self._network.faults.describe())

    async def read_injections(self, request: web.Request) -> web.Response:
        rows = [
            {"at": one.at.isoformat(), "does": one.does, "to": one.to, "sid": one.sid, "detail": one.detail}
            for one in self._network.faults.injections
        ]
        return web.json_response({"injected": rows})

    async def replace_faults(self, request: web.Request) -> web.Response:
        plan = parse_fault_plan(read_json(await request.text(), "fault plan", EXAMPLE))
        self._network.faults.replace(plan)
        return await self.read_faults(request)

    async def read_clock(self, request: web.Request) -> web.Response:
        clock = self._network.clock
        return web.json_response({"now": clock.now().isoformat(), "telephone_seconds": clock.elapsed_seconds()})

    async def advance_clock(self, request: web.Request) -> web.Response:
        clock = self._network.clock
        if not isinstance(clock, ScaledClock):
            raise InvalidInput("this network was handed a clock of another kind, which its owner moves")
        body = read_json(await request.text(), "body", CLOCK_EXAMPLE)
        seconds = body.get("advance_seconds") if isinstance(body, dict) and len(body) == 1 else None
        if not isinstance(seconds, int | float) or isinstance(seconds, bool):
            raise InvalidInput("the body must have just the field advance_seconds, a number", example=CLOCK_EXAMPLE)
        clock.advance(seconds)
        return await self.read_clock(request)

    async def read_phone(self, request: web.Request) -> web.Response:
        phone = self._network.phones.find(_read_number(request))
        scripted = [behaviour.model_dump() for behaviour in phone.script]
        body = {"number": phone.number, "calls": phone.calls, "in_call": phone.in_call, "script": scripted}
        return web.json_response(body)

    async def script_phone(self, request: web.Request) -> web.Response:
        number = _read_number(request)
        body = read_json(await request.text(), "body", SCRIPT_EXAMPLE)
        if not isinstance(body, dict) or body.keys() != {"calls"}:
            raise InvalidInput("the body must have just the field calls", example=SCRIPT_EXAMPLE)
        self._network.phones.script(number, *parse_behaviours(body["calls"]))
        return await self.read_phone(request)

    async def _write_ledger(self, since: datetime | None) -> AsyncIterator[str]:
        yield '{"calls": ['
        rows: list[str] = []
        separator = ""
        for row in write_rows(self._network.store, since):
            rows.append(json.dumps(row))
            if len(rows) == ROWS_IN_A_PIECE:
                yield separator + ", ".join(rows)
                rows, separator = [], ", "
        yield (separator + ", ".join(rows) if rows else "") + "]}"


def _read_since(request: web.Request) -> datetime | None:
    text = request.query.get("since")
    if not text:
        return None
    # A "+00:00" copied from the ledger into a query arrives with a space for its plus.
    text = UNCODED_ZONE.sub(r"+\1", text)
    try:
        since = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"{text!r} is no time", where="since", example="2026-01-31T04:00:00Z") from error
    if since.tzinfo is None:
        raise InvalidInput(f"{text!r} has no zone", where="since", example="2026-01-31T04:00:00Z")
    return since


def _read_number(request: web.Request) -> str:
    number = request.match_info["number"]
    if not E164.fullmatch(number):
        raise InvalidInput(f"{number!r} is no phone number in E.164", where="number", example="+46701234567")
    return number
