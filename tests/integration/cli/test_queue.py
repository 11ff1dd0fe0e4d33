"""`gdial queue`: an operator looks at what was laid aside, and sends it back or throws it away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from gdial.queue.dead_letters import lay_aside
from gdial.queue.jobs import TTS
from gdial.runtime import Runtime
from gdial.settings import Settings
from tests.integration.cli.commands import Finished, Place, assert_told_plainly
from tests.support.runtime import API_TOKEN, opened_runtime
from tests.support.web import served

REASON = "TtsJob.text: Extra inputs are not permitted"


class Desk:
    """Where commands about this GDial's queues are typed."""

    def __init__(self, rt: Runtime, place: Place, url: str) -> None:
        self.rt = rt
        self._place = place
        self._url = url

    async def run(self, *words: str) -> Finished:
        return await asyncio.to_thread(self._place.run, "queue", *words, "--url", self._url)


@pytest.fixture
async def desk(make_settings: Callable[..., Settings], tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened_runtime(make_settings()) as rt, served(rt) as api:
        yield Desk(rt, Place(tmp_path / "here", api_token=API_TOKEN), api.url)


async def test_letters_are_listed_sent_back_and_thrown_away(desk: Desk) -> None:
    for body in (b'{"text": "Hej"}', b"caf\xe9"):
        await lay_aside(desk.rt.queue, TTS, body, REASON, desk.rt.clock())
    status, dead = await asyncio.gather(desk.run("status"), desk.run("dead"))
    assert {line.split()[0]: line.split()[1] for line in status.stdout.splitlines()[2:]}["gdial.dead"] == "2"
    assert "gdial queue dead" in status.stderr
    first, second = dead.stdout.splitlines()[2:]
    assert all(said in first for said in (TTS, REASON, '{"text": "Hej"}', "15"))

    sent = await desk.run("replay", first.split()[-1][:6])
    assert (sent.returncode, sent.stdout) == (0, "Sent back: 1 letter\n")
    assert await desk.rt.queue.depth(TTS) == 1

    assert_told_plainly(await desk.run("discard", second.split()[-1]), 1, "Say --yes")
    thrown = await desk.run("discard", second.split()[-1], "--yes")
    assert thrown.stdout == "Thrown away: 1 letter\n"
    assert await desk.rt.queue.depth("gdial.dead") == 0


async def test_slips_are_told_plainly(desk: Desk) -> None:
    await lay_aside(desk.rt.queue, TTS, b"{}", REASON, desk.rt.clock())
    neither, unknown = await asyncio.gather(desk.run("replay"), desk.run("discard", "xyz", "--yes"))
    assert_told_plainly(neither, 2, "name one letter, or say --all")
    assert_told_plainly(unknown, 2, "no letter has this id: xyz")
    assert (await desk.run("replay", "--all")).stdout == "Sent back: 1 letter\n"
    assert '"letters": 0' in (await desk.run("discard", "--all", "--yes", "--json")).stdout
