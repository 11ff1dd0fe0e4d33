"""Faults of the machine: a disk without room, a folder that is none, a clock that jumps. Each is an alarm, breaks
nothing, and everything goes on when it is mended."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from gdial.assembly import utc_now
from gdial.simulator.options import SimulatorOptions
from gdial.simulator.people.behaviours import NoAnswer, Press
from gdial.simulator.server import running_simulator
from tests.support.organisation import Organisation, organisation_over, running_organisation
from tests.support.receiver import Receiver, receiver

# The disk and the clock of one process: PostgreSQL goes by a clock of its own.
pytestmark = pytest.mark.embedded

PEOPLE = 12
NUMBERS = [f"+4670174{place:04}" for place in range(600, 600 + PEOPLE)]
NO_LIMIT = 4_294_967_294
NO_RETRY_LATER_THAN_SECONDS = 60.0


@pytest.fixture
async def hook() -> AsyncIterator[Receiver]:
    """What ALERT_WEBHOOK_URL names."""
    async with receiver() as listening:
        yield listening


async def import_everybody(organisation: Organisation, *, sleepers: int = 0) -> str:
    """The first of them are only there the second time."""
    for place, number in enumerate(NUMBERS):
        first = [NoAnswer()] if place < sleepers else []
        organisation.simulator.phones.script(number, *first, Press(answers_after_seconds=[1, 8]))
    return await organisation.import_people({f"Person {n}": [number] for n, number in enumerate(NUMBERS)})


async def told_of(hook: Receiver, kind: str) -> dict[str, Any]:
    """The alarm of this kind, as soon as it was told."""
    await hook.until(lambda heard: any(each.json["alarm"] == kind for each in heard.heard))
    return next(each.json for each in hook.heard if each.json["alarm"] == kind)


async def limit_pages(organisation: Organisation, pages: int) -> None:
    """SQLite's own way to have no room: no page more than there are, or than this."""
    async with organisation.runtime.database.transaction() as tx:
        await tx.execute(text(f"PRAGMA max_page_count={pages}"))


async def assert_nothing_is_corrupt(organisation: Organisation) -> None:
    async with organisation.runtime.database.reading() as tx:
        assert (await tx.execute(text("PRAGMA integrity_check"))).scalar_one() == "ok"
        assert (await tx.execute(text("PRAGMA foreign_key_check"))).all() == []


async def test_a_full_disk_is_an_alarm_and_the_run_goes_on_when_there_is_room(tmp_path: Path, hook: Receiver) -> None:
    async with running_organisation(tmp_path, SimulatorOptions(speed=5), alert_webhook_url=hook.url) as organisation:
        run = await organisation.start_run(await import_everybody(organisation))
        await organisation.simulator.wait_for(lambda call: call.status == "in-progress")
        await limit_pages(organisation, 1)
        told = await told_of(hook, "disk full")
        assert "make room" in told["text"]
        assert "full" in told["facts"]["why"]
        assert (await organisation.show(run["id"]))["state"] == "running"  # what is there can be read
        await limit_pages(organisation, NO_LIMIT)
        done = await organisation.wait_until(run["id"], "done")
        assert done["counts"]["reached"] == PEOPLE
        await organisation.assert_nobody_lost_or_rung_twice(run["id"])
        await assert_nothing_is_corrupt(organisation)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own that is soon full."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("mounting a small disk takes root")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def fill_up(disk: Path) -> Path:
    """With a file, to the last byte."""
    file = disk / "something-large"
    with suppress(OSError), file.open("wb", buffering=0) as filling:
        while True:
            filling.write(b"\0" * 4096)
    assert shutil.disk_usage(disk).free == 0
    return file


async def test_on_a_disk_that_is_really_full_nothing_is_lost(small_disk: Path, hook: Receiver) -> None:
    async with running_organisation(small_disk, SimulatorOptions(speed=5), alert_webhook_url=hook.url) as organisation:
        run = await organisation.start_run(await import_everybody(organisation))
        await organisation.simulator.wait_for(lambda call: call.status == "in-progress")
        large = fill_up(small_disk)
        assert "make room" in (await told_of(hook, "disk full"))["text"]
        assert (await organisation.show(run["id"]))["state"] == "running"
        large.unlink()
        done = await organisation.wait_until(run["id"], "done")
        assert done["counts"]["reached"] == PEOPLE
        await organisation.assert_nobody_lost_or_rung_twice(run["id"])
        await assert_nothing_is_corrupt(organisation)


async def test_audio_that_cannot_be_written_is_an_alarm_and_the_carrier_speaks(tmp_path: Path, hook: Receiver) -> None:
    async with running_organisation(tmp_path, alert_webhook_url=hook.url) as organisation:
        shutil.rmtree(tmp_path / "audio")
        put_a_file_at(tmp_path / "audio")
        run = await organisation.start_run(await import_everybody(organisation))
        told = await told_of(hook, "audio not kept")
        assert "AUDIO_DIR" in told["text"]
        done = await organisation.wait_until(run["id"], "done")
        assert done["counts"]["reached"] == PEOPLE
        spoken = {piece["kind"] for row in organisation.simulator.ledger()["calls"] for piece in row["heard"]}
        assert spoken == {"say"}


def put_a_file_at(path: Path) -> None:
    path.write_text("a file where a folder should be")


class JumpingClock:
    """The machine's clock, until somebody sets it."""

    def __init__(self) -> None:
        self.offset = timedelta(0)

    def __call__(self) -> datetime:
        return utc_now() + self.offset


async def start_with_redials(organisation: Organisation) -> str:
    """A run in which some are due again after a while."""
    policy = {"ring_timeout_seconds": 10, "wait_between_rounds_seconds": 8, "rounds": 2}
    run = await organisation.start_run(await import_everybody(organisation, sleepers=4), policy=policy)
    async with asyncio.timeout(30):
        await organisation.simulator.wait_for(lambda call: call.status == "no-answer")
    return str(run["id"])


async def until_nobody_is_on_the_line(organisation: Organisation, run_id: str) -> None:
    async with asyncio.timeout(30):
        while True:
            counts = (await organisation.show(run_id))["counts"]
            if counts["waiting"] and not counts["calling"]:
                return
            await asyncio.sleep(0.05)


async def finish_in_time(organisation: Organisation, hook: Receiver, run_id: str) -> None:
    told = await told_of(hook, "clock set back")
    assert 3_500 < told["facts"]["seconds"] < 3_700
    done = await organisation.wait_until(run_id, "done", seconds=NO_RETRY_LATER_THAN_SECONDS)
    assert done["counts"]["reached"] == PEOPLE
    await organisation.assert_nobody_lost_or_rung_twice(run_id)


async def test_a_clock_that_jumps_back_an_hour_delays_nobody(tmp_path: Path, hook: Receiver) -> None:
    clock = JumpingClock()
    options = SimulatorOptions(speed=20)
    async with running_organisation(tmp_path, options, clock=clock, alert_webhook_url=hook.url) as organisation:
        run_id = await start_with_redials(organisation)
        clock.offset = timedelta(hours=-1)
        await finish_in_time(organisation, hook, run_id)


async def test_a_clock_that_was_an_hour_ahead_before_the_start_delays_nobody(tmp_path: Path, hook: Receiver) -> None:
    clock = JumpingClock()
    async with running_simulator(SimulatorOptions(speed=20)) as simulator:
        async with organisation_over(simulator, tmp_path, clock=clock) as organisation:
            run_id = await start_with_redials(organisation)
            await until_nobody_is_on_the_line(organisation, run_id)
        clock.offset = timedelta(hours=-1)
        async with organisation_over(simulator, tmp_path, clock=clock, alert_webhook_url=hook.url) as organisation:
            await finish_in_time(organisation, hook, run_id)
