"""The operator of a trial, who asks again when GDial is just being killed, and the watcher of the telephone network."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import aiohttp

from tests.chaos.crowd import Crowd
from tests.support.organisation import RESPONSES, TEXT
from tests.support.serving import API_TOKEN

POLICY: dict[str, Any] = {
    "rounds": 2,
    "wait_between_numbers_seconds": 0,
    "wait_between_rounds_seconds": 1,
    "ring_timeout_seconds": 20,
}
ASK_AGAIN_SECONDS = 0.5
ONE_REQUEST_SECONDS = 20.0
PAGE = 500


class Operator:
    """What an operator does, through the API alone. Every request is made until it is answered."""

    def __init__(self, base_url: str, session: aiohttp.ClientSession) -> None:
        self._base_url = base_url
        self._session = session
        self.resumed = 0

    async def request(self, method: str, path: str, **arguments: Any) -> Any:
        """The JSON of the first answer below 500. Raises AssertionError for one of 400 and more."""
        while True:
            try:
                return await self._request_once(method, path, **arguments)
            except (aiohttp.ClientError, TimeoutError):
                await asyncio.sleep(ASK_AGAIN_SECONDS)

    async def _request_once(self, method: str, path: str, **arguments: Any) -> Any:
        timeout = aiohttp.ClientTimeout(total=ONE_REQUEST_SECONDS)
        async with self._session.request(method, self._base_url + path, timeout=timeout, **arguments) as answer:
            if answer.status >= 500:
                answer.raise_for_status()
            assert answer.status < 400, f"{method} {path}: {answer.status} {await answer.text()}"
            return await answer.json(content_type=None)

    async def until_working(self, workers: int) -> None:
        """Wait until so many workers tell that they live."""
        while True:
            page = await self.request("GET", "/api/workers")
            if sum(worker["alive"] and worker["kind"] != "web" for worker in page["items"]) >= workers:
                return
            await asyncio.sleep(ASK_AGAIN_SECONDS)

    async def start_run(self, crowd: Crowd, key: str) -> str:
        """Import the people and start; the run's id. However often it is asked for, it is one run."""
        form = aiohttp.FormData()
        form.add_field("file", crowd.as_csv(), filename="people.csv", content_type="text/csv")
        imported = await self.request("POST", "/api/contacts/import", data=form)
        assert imported["errors"] == [], imported
        groups = await self.request("GET", "/api/groups")
        body = {
            "name": "Brand",
            "group_id": groups["items"][0]["id"],
            "text": TEXT,
            "language": "sv",
            "responses": RESPONSES,
            "policy": POLICY,
        }
        run = await self.request("POST", "/api/runs", json=body, headers={"Idempotency-Key": key})
        return str(run["id"])

    async def until_done(self, run_id: str) -> Any:
        """Resume the run whenever it was paused for a refusal of the carrier; the run as it is when it is done."""
        while True:
            run = await self.request("GET", f"/api/runs/{run_id}")
            if run["state"] == "done":
                return run
            if run["state"] == "paused":
                await self._resume(run_id)
            await asyncio.sleep(1)

    async def _resume(self, run_id: str) -> None:
        await self.request("POST", f"/api/runs/{run_id}/resume")
        self.resumed += 1

    async def every(self, path: str) -> list[Any]:
        """All pages of a list."""
        items: list[Any] = []
        while True:
            page = await self.request("GET", f"{path}?limit={PAGE}&offset={len(items)}")
            items += page["items"]
            if len(items) >= page["total"]:
                return items


class Truth:
    """A copy of the network's ledger, kept up by asking for what has changed."""

    def __init__(self, base_url: str, session: aiohttp.ClientSession) -> None:
        self._base_url = base_url
        self._session = session
        self._since = datetime.fromtimestamp(0, UTC)
        self._calls: dict[str, Any] = {}

    @property
    def calls(self) -> list[Any]:
        return list(self._calls.values())

    async def look(self) -> int:
        """Look once; how many calls there were so far."""
        looked_at = datetime.now(UTC)
        for row in (await self._get("/ledger", since=self._since.isoformat()))["calls"]:
            self._calls[row["sid"]] = row
        self._since = looked_at
        return len(self._calls)

    async def until_quiet(self) -> None:
        """Wait until no call is open and every callback was answered or given up."""
        while (await self._get("/health/live"))["open_calls"] or self._callbacks_under_way():
            await asyncio.sleep(ASK_AGAIN_SECONDS)
            await self.look_at_all()

    async def look_at_all(self) -> None:
        self._calls = {row["sid"]: row for row in (await self._get("/ledger"))["calls"]}

    def _callbacks_under_way(self) -> bool:
        told = (callback for row in self._calls.values() for callback in row["callbacks"])
        return any(callback["answered_at"] is None and callback["error"] is None for callback in told)

    async def spoil(self, plan: dict[str, Any]) -> None:
        """From now on things go wrong in the network as this plan says."""
        async with self._session.put(self._base_url + "/faults", json=plan) as answer:
            assert answer.status == 200, await answer.text()

    async def injected(self) -> dict[str, int]:
        """How often what went wrong so far, by its kind."""
        return dict((await self._get("/faults"))["injected"])

    async def _get(self, path: str, **query: str) -> Any:
        async with self._session.get(self._base_url + path, params=query) as answer:
            answer.raise_for_status()
            return await answer.json()


def operators_session() -> aiohttp.ClientSession:
    """The API's token goes to the network too, which asks for none."""
    return aiohttp.ClientSession(headers={"Authorization": f"Bearer {API_TOKEN}"})
