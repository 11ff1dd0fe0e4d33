"""The database goes away in the middle of a run and comes back: nobody on the line hears of it, and no key is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from gdial.simulator.options import SimulatorOptions
from gdial.simulator.people.behaviours import NoAnswer, Press
from gdial.storage.database import Database
from gdial.storage.migrate import upgrade
from tests.support.organisation import Organisation, running_organisation
from tests.support.services import PrivatePostgres, private_postgres

WEBHOOKS = {"/voice", "/custom-voice", "/dtmf", "/call-status"}
ANSWERED_WITHIN_MS = 5_000
PEOPLE = 16
ON_THE_LINE = 8
"""So many have answered when it happens."""
NUMBERS = [f"+4670174{place:04}" for place in range(600, 600 + PEOPLE)]
NOT_AN_ERROR = ("Ett ögonblick, tack.", "Tack för svaret. Hej då.")
"""What the carrier's own voice may say meanwhile."""
POLICY = {"ring_timeout_seconds": 10, "wait_between_numbers_seconds": 0, "wait_between_rounds_seconds": 2, "rounds": 3}


@pytest.fixture
def server() -> Iterator[PrivatePostgres]:
    """One of its own: it is going to be ended."""
    with private_postgres() as postgres:
        yield postgres


@asynccontextmanager
async def calling_from(folder: Path, server: PrivatePostgres, speed: float) -> AsyncIterator[Organisation]:
    url = server.create_database()
    database = Database(url)
    await upgrade(database)
    await database.close()
    options = SimulatorOptions(speed=speed)
    async with running_organisation(folder, options, database_url=url, calls_per_second=8) as organisation:
        yield organisation


def give_phones(organisation: Organisation, speed: float) -> None:
    """All press a key, some a wrong one first; in a quick network, some are only there the second time."""
    for place, number in enumerate(NUMBERS):
        press = Press(answers_after_seconds=[1, 4], presses_after_seconds=[2, 7], keys={str(place % 2 + 1): 1})
        if place % 8 == 3:
            press = press.model_copy(update={"wrong_keys": {"7": 1.0}})
        organisation.simulator.phones.script(number, *([NoAnswer()] if place % 8 == 5 and speed > 1 else []), press)


async def somebody_is_about_to_press(organisation: Organisation) -> None:
    calls = organisation.simulator.network.store

    def enough() -> bool:
        return sum(call.status == "in-progress" for call in calls.oldest_first()) >= ON_THE_LINE

    async with asyncio.timeout(60):
        await organisation.simulator.network.changes.until(enough)


async def be_away(server: PrivatePostgres, how: str, seconds: float) -> None:
    """Ended at once and started anew, or silent: the connections stand, and nothing is said on them."""
    if how == "ended":
        server.server.kill()
        await asyncio.sleep(seconds)  # what is shown is what happens in this time
        await asyncio.to_thread(server.server.start)
    else:
        server.server.freeze()
        await asyncio.sleep(seconds)
        server.server.thaw()


def assert_answered_in_time(said: list[Any]) -> None:
    requests = [line for line in said if line.get("event") == "request" and line["route"] in WEBHOOKS]
    assert requests
    assert max(line["duration_ms"] for line in requests) < ANSWERED_WITHIN_MS
    assert {line["status"] for line in requests if line["route"] != "/call-status"} == {200}
    assert {line["status"] for line in requests if line["route"] == "/call-status"} <= {204, 503}


def assert_nobody_heard_an_error(organisation: Organisation) -> None:
    """The network says an error of its own where a script cannot be fetched, and notes it."""
    for row in organisation.simulator.ledger()["calls"]:
        assert not [note for note in row["notifications"] if "/call-status" not in note["url"]], row
        said = [piece["text"] for piece in row["heard"] if piece["kind"] == "say"]
        assert set(said) <= set(NOT_AN_ERROR), said


async def assert_every_key_counts(organisation: Organisation, run_id: str) -> None:
    """Who pressed a key that was taken has that answer, and was not rung again."""
    answers = {entry["name"]: entry["answer"] for entry in (await organisation.recipients(run_id)).values()}
    for place, number in enumerate(NUMBERS):
        rows = [row for row in organisation.simulator.ledger()["calls"] if row["to"] == number]
        pressed = [press["key"] for row in rows for press in row["presses"] if press["gathered"]]
        key = str(place % 2 + 1)
        assert answers[f"Person {place}"] == key, rows
        assert pressed.count(key) == 1, rows
        assert len([row for row in rows if row["answered_at"]]) == 1, rows


async def run_through(organisation: Organisation, server: PrivatePostgres, how: str, seconds: float) -> None:
    group = await organisation.import_people({f"Person {n}": [number] for n, number in enumerate(NUMBERS)})
    with capture_logs() as said:
        run = await organisation.start_run(group, policy=POLICY, text="Det brinner. Tryck 1 eller 2.")
        await somebody_is_about_to_press(organisation)
        await be_away(server, how, seconds)
        done = await organisation.wait_until(run["id"], "done", seconds=120)
    assert done["counts"]["reached"] == PEOPLE
    assert any(line["event"].startswith("a pressed key is kept") for line in said)
    assert_answered_in_time(said)
    assert_nobody_heard_an_error(organisation)
    await assert_every_key_counts(organisation, run["id"])
    await organisation.assert_nobody_lost_or_rung_twice(run["id"])


@pytest.mark.parametrize(
    ("how", "seconds", "speed"),
    [
        ("silent", 6.0, 3.0),
        pytest.param("ended", 20.0, 1.0, marks=pytest.mark.slow),
    ],
)
async def test_nobody_on_the_line_hears_that_the_database_is_away(
    tmp_path: Path, server: PrivatePostgres, how: str, seconds: float, speed: float
) -> None:
    async with calling_from(tmp_path, server, speed) as organisation:
        give_phones(organisation, speed)
        await run_through(organisation, server, how, seconds)
