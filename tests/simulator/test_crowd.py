"""A thousand phones at once."""

from __future__ import annotations

from collections import Counter

import aiohttp
from aiohttp import web

from gdial.simulator import Person, Press, Profile, Simulator, SimulatorOptions, running_simulator
from tests.simulator.application import Application, Received
from tests.simulator.caller import Caller
from tests.simulator.sound_files import wave_mulaw
from tests.simulator.stepped_clock import SteppedClock

CROWD = 1000


async def sounds(simulator: Simulator, count: int) -> None:
    """Wait until so many sounds began on all lines together."""
    store = simulator.network.store
    await simulator.network.changes.until(lambda: sum(len(call.heard) for call in store.oldest_first()) == count)


async def test_a_thousand_calls_at_once_lose_no_key(
    application: Application, session: aiohttp.ClientSession, clock: SteppedClock
) -> None:
    audio = wave_mulaw(10)

    async def play(_: Received) -> web.Response:
        headers = {"Cache-Control": "public, max-age=3600, immutable", "ETag": '"a"'}
        return web.Response(body=audio, content_type="audio/wav", headers=headers)

    application.answer_with("/a.wav", play)
    application.twiml("/dtmf", "<Say>Thank you</Say>")
    voice = application.twiml(
        "/voice", "<Gather numDigits='1' timeout='200' action='/dtmf'><Play>/a.wav</Play></Gather>"
    )
    answers = Press(answers_after_seconds=(1, 1), presses_after_seconds=(5, 5), answers_again=0)
    profile = Profile(people=(Person(calls=(answers,)),))
    options = SimulatorOptions(clock=clock, profile=profile)
    async with running_simulator(options) as simulator:
        caller = Caller(simulator, session)
        for n in range(CROWD):
            await caller.place(To=f"+4670{n:07}", Url=voice, StatusCallback=application.url("/status"))
        await clock.advance(1.5)
        await sounds(simulator, CROWD)
        assert simulator.network.open_calls == CROWD
        await clock.advance(5)
        await application.wait_for("/dtmf", CROWD)
        await sounds(simulator, 2 * CROWD)
        await clock.advance(2)
        await simulator.wait_until_idle()
        rows = simulator.ledger()["calls"]
    assert Counter((row["status"], row["digits"], len(row["heard"])) for row in rows) == {("completed", "1", 2): CROWD}
    assert all(row["presses"][0]["answer_status"] == 200 for row in rows)
    assert Counter(one.form["CallSid"] for one in application.at("/dtmf")) == {row["sid"]: 1 for row in rows}
    assert Counter(one.form["CallSid"] for one in application.at("/status")) == {row["sid"]: 1 for row in rows}
    assert len(application.at("/a.wav")) == 1
