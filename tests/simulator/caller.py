"""Places calls on a simulated network, by plain HTTP and by the vendor's own library."""

from __future__ import annotations

import base64
from typing import Any

import aiohttp
from twilio.rest import Client

from gdial.simulator import Behaviour, NoAnswer, Person, Profile, Simulator
from tests.simulator.application import ACCOUNT, FROM, TO, TOKEN

CALLS = f"/2010-04-01/Accounts/{ACCOUNT}/Calls"
NOBODY_ANSWERS = Profile(people=(Person(calls=(NoAnswer(),)),))
ERROR_TEXT = "We are sorry, an application error has occurred. Goodbye."
Pairs = list[tuple[str, str]]


def texts(row: dict[str, Any]) -> list[str]:
    """What was spoken on a call."""
    return [heard["text"] for heard in row["heard"]]


def authorize(token: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{ACCOUNT}:{token}".encode()).decode()}


class Caller:
    """An account that uses the network."""

    def __init__(self, simulator: Simulator, session: aiohttp.ClientSession) -> None:
        self.simulator = simulator
        self._session = session

    async def request(
        self, method: str, path: str, form: Pairs | dict[str, str] | None = None, *, token: str | None = TOKEN
    ) -> tuple[int, dict[str, Any]]:
        """The status and JSON body of a request."""
        headers = {} if token is None else authorize(token)
        async with self._session.request(
            method, self.simulator.base_url + path, data=form, headers=headers
        ) as response:
            return response.status, await response.json() if response.content_type == "application/json" else {}

    async def create(self, form: Pairs | None = None, /, **fields: str) -> tuple[int, dict[str, Any]]:
        """Create a call, to the usual number if no other is given."""
        pairs = {"To": TO, "From": FROM, "Twiml": "<Response/>"} | fields
        if "Url" in fields:
            del pairs["Twiml"]
        return await self.request("POST", f"{CALLS}.json", [*pairs.items(), *(form or [])])

    async def place(self, form: Pairs | None = None, /, **fields: str) -> str:
        """Create a call that must be taken; returns its SID."""
        status, body = await self.create(form, **fields)
        assert status == 201, body
        return str(body["sid"])

    async def update(self, sid: str, **fields: str) -> tuple[int, dict[str, Any]]:
        return await self.request("POST", f"{CALLS}/{sid}.json", fields)

    async def fetch(self, sid: str) -> dict[str, Any]:
        status, body = await self.request("GET", f"{CALLS}/{sid}.json")
        assert status == 200, body
        return body

    async def run(self, behaviour: Behaviour, **fields: str) -> dict[str, Any]:
        """Let one call live to its end; returns the ledger's row."""
        self.simulator.phones.script(TO, behaviour)
        sid = await self.place(**fields)
        await self.simulator.wait_until_idle()
        return self.row(sid)

    def row(self, sid: str) -> dict[str, Any]:
        """The ledger's row of a call."""
        [row] = [row for row in self.simulator.ledger()["calls"] if row["sid"] == sid]
        return row


def open_client(simulator: Simulator, token: str = TOKEN) -> Any:
    """The vendor's library, pointed at the simulated network; its own types are of no use here."""
    client: Any = Client(ACCOUNT, token)  # type: ignore[no-untyped-call]
    client.api.base_url = simulator.base_url
    return client
