"""A call's life: what becomes of it, when, and in what order."""

from __future__ import annotations

import aiohttp
import pytest

from gdial.simulator import (
    BadNumber,
    Behaviour,
    Busy,
    HangUp,
    Listen,
    NoAnswer,
    Press,
    Reject,
    SimulatorOptions,
    Voicemail,
    running_simulator,
)
from tests.simulator.application import TO, Application
from tests.simulator.caller import NOBODY_ANSWERS, Caller
from tests.simulator.stepped_clock import SteppedClock

HELD = "<Response><Pause length='10000'/></Response>"
EVENTS = [("StatusCallbackEvent", event) for event in ("initiated", "ringing", "answered", "completed")]

LIVES: list[tuple[Behaviour, list[str], int]] = [
    (Listen(), ["initiated", "ringing", "in-progress", "completed"], 200),
    (Voicemail(), ["initiated", "ringing", "in-progress", "completed"], 200),
    (HangUp(), ["initiated", "ringing", "in-progress", "completed"], 200),
    (NoAnswer(), ["initiated", "ringing", "no-answer"], 487),
    (Busy(), ["initiated", "busy"], 486),
    (Reject(), ["initiated", "ringing", "busy"], 603),
    (BadNumber(found="when_dialled"), ["initiated", "failed"], 404),
]


@pytest.mark.parametrize(("behaviour", "statuses", "sip_code"), LIVES)
async def test_each_behaviour_lives_its_life_in_order(
    caller: Caller, application: Application, behaviour: Behaviour, statuses: list[str], sip_code: int
) -> None:
    caller.simulator.phones.script(TO, behaviour)
    sid = await caller.place(EVENTS, StatusCallback=application.url("/status"))
    await caller.simulator.wait_until_idle()
    told = [received.form for received in application.at("/status")]
    assert [form["CallStatus"] for form in told] == statuses
    assert [form["SequenceNumber"] for form in told] == [str(n) for n in range(len(statuses))]
    assert told[-1]["SipResponseCode"] == str(sip_code)
    row = caller.row(sid)
    assert (row["status"], row["sip_code"], row["behaviour"]["does"]) == (statuses[-1], sip_code, behaviour.does)


async def test_a_phone_rings_until_the_time_out_and_no_longer(stepped: Caller, clock: SteppedClock) -> None:
    stepped.simulator.phones.script(TO, NoAnswer())
    sid = await stepped.place(Timeout="25")
    await clock.advance(0.5)
    assert stepped.row(sid)["status"] == "ringing"
    await clock.advance(24.9)
    assert stepped.row(sid)["status"] == "ringing"
    await clock.advance(0.1)
    assert stepped.row(sid)["status"] == "no-answer"


async def test_a_time_out_below_the_mailbox_never_meets_it(stepped: Caller, clock: SteppedClock) -> None:
    stepped.simulator.phones.script(TO, Voicemail(after_seconds=(25, 30)))
    sid = await stepped.place(Timeout="25")
    await clock.advance(40)
    assert stepped.row(sid)["status"] == "no-answer"


async def test_without_a_time_out_a_phone_rings_a_minute(stepped: Caller, clock: SteppedClock) -> None:
    sid = await stepped.place()
    await clock.advance(60.4)
    assert stepped.row(sid)["status"] == "ringing"
    await clock.advance(0.2)
    assert stepped.row(sid)["status"] == "no-answer"


async def test_a_call_lasts_from_the_answer_to_the_hang_up(stepped: Caller, clock: SteppedClock) -> None:
    stepped.simulator.phones.script(TO, HangUp(answers_after_seconds=(8, 8), hangs_up_after_seconds=(3.2, 3.2)))
    sid = await stepped.place(Twiml=HELD)
    await clock.advance(8.5)
    assert stepped.row(sid)["status"] == "in-progress"
    await clock.advance(3.2)
    row = stepped.row(sid)
    assert (row["status"], row["duration_seconds"]) == ("completed", 4)
    assert (row["answered_at"], row["ended"]) == (
        "2026-11-23T04:00:08.500000+00:00",
        "2026-11-23T04:00:11.700000+00:00",
    )


async def test_the_time_limit_ends_a_call(stepped: Caller, clock: SteppedClock) -> None:
    stepped.simulator.phones.script(TO, Listen(answers_after_seconds=(1, 1)))
    sid = await stepped.place(Twiml=HELD, TimeLimit="30")
    await clock.advance(31.4)
    assert stepped.row(sid)["status"] == "in-progress"
    await clock.advance(0.2)
    assert stepped.row(sid)["status"] == "completed"


async def test_a_phone_that_rings_or_talks_is_busy_and_the_ledger_shows_the_double_ring(
    stepped: Caller, clock: SteppedClock
) -> None:
    phones = stepped.simulator.phones
    phones.script(TO, Listen(answers_after_seconds=(5, 5)), Press(), Press(), Listen())
    first = await stepped.place(Twiml=HELD)
    await clock.advance(2)
    while_ringing = await stepped.place()
    await clock.advance(10)
    while_talking = await stepped.place()
    await clock.advance(1)
    for sid in (while_ringing, while_talking):
        assert (stepped.row(sid)["status"], stepped.row(sid)["busy_with"]) == ("busy", first)
    await stepped.update(first, Status="completed")
    after = await stepped.place()
    await clock.advance(1)
    assert stepped.row(after)["status"] == "ringing"


async def test_a_ringing_call_can_be_canceled_and_says_so(stepped: Caller, application: Application) -> None:
    clock = stepped.simulator.network.clock
    assert isinstance(clock, SteppedClock)
    sid = await stepped.place(StatusCallback=application.url("/status"))
    await clock.advance(3)
    _, call = await stepped.update(sid, Status="canceled")
    assert call["status"] == "canceled"
    [told] = await application.wait_for("/status")
    assert (told.form["CallStatus"], told.form["CallDuration"], told.form["SequenceNumber"]) == ("canceled", "0", "0")
    await clock.advance(100)
    assert stepped.row(sid)["status"] == "canceled"
    assert stepped.simulator.phones.find(TO).in_call is None


async def test_completing_a_ringing_call_cancels_it(stepped: Caller, clock: SteppedClock) -> None:
    sid = await stepped.place()
    await clock.advance(3)
    _, call = await stepped.update(sid, Status="completed")
    assert call["status"] == "canceled"


async def test_calls_above_the_pace_wait_in_the_queue(session: aiohttp.ClientSession, clock: SteppedClock) -> None:
    options = SimulatorOptions(calls_per_second=1, clock=clock, profile=NOBODY_ANSWERS)
    async with running_simulator(options) as simulator:
        caller = Caller(simulator, session)
        sids = [await caller.place(To=f"+4670000000{n}") for n in range(4)]
        await caller.update(sids[1], Status="canceled")
        await clock.advance(0.6)
        assert [caller.row(sid)["status"] for sid in sids] == ["ringing", "canceled", "queued", "queued"]
        assert (await caller.fetch(sids[2]))["start_time"] is None
        # The canceled call takes no turn.
        await clock.advance(1)
        assert [caller.row(sid)["status"] for sid in sids] == ["ringing", "canceled", "ringing", "queued"]
        await clock.advance(1)
        assert caller.row(sids[3])["status"] == "ringing"
        assert [(await caller.fetch(sid))["queue_time"] for sid in sids] == ["0", "0", "1000", "2000"]


async def test_detection_keeps_the_script_waiting_and_tells_it_who_answered(
    stepped: Caller, clock: SteppedClock, application: Application
) -> None:
    stepped.simulator.phones.script(TO, Voicemail(after_seconds=(2, 2), greeting_seconds=(6, 6)))
    url = application.twiml("/voice", "<Pause length='60'/>")
    sid = await stepped.place(Url=url, MachineDetection="DetectMessageEnd")
    await clock.advance(8.4)
    assert application.at("/voice") == []
    await clock.advance(0.2)
    [asked] = await application.wait_for("/voice")
    assert asked.form["AnsweredBy"] == "machine_end_beep"
    assert (await stepped.fetch(sid))["answered_by"] == "machine_end_beep"


@pytest.mark.parametrize(
    ("behaviour", "answered_by", "milliseconds"),
    [
        (Listen(answers_after_seconds=(2, 2)), "human", "2500"),
        (Voicemail(after_seconds=(2, 2)), "machine_start", "4000"),
    ],
)
async def test_detection_in_the_background_reports_later(
    stepped: Caller,
    clock: SteppedClock,
    application: Application,
    behaviour: Behaviour,
    answered_by: str,
    milliseconds: str,
) -> None:
    stepped.simulator.phones.script(TO, behaviour)
    await stepped.place(
        Url=application.twiml("/voice", "<Pause length='60'/>"),
        MachineDetection="Enable",
        AsyncAmd="true",
        AsyncAmdStatusCallback=application.url("/amd"),
    )
    await clock.advance(2.5)
    [asked] = await application.wait_for("/voice")
    assert "AnsweredBy" not in asked.form
    await clock.advance(4.1)
    [told] = await application.wait_for("/amd")
    assert (told.form["AnsweredBy"], told.form["MachineDetectionDuration"]) == (answered_by, milliseconds)
    assert told.is_signed()


async def test_detection_that_takes_too_long_is_unknown(stepped: Caller, clock: SteppedClock) -> None:
    stepped.simulator.phones.script(TO, Voicemail(after_seconds=(2, 2), greeting_seconds=(9, 9)))
    sid = await stepped.place(Twiml=HELD, MachineDetection="DetectMessageEnd", MachineDetectionTimeout="5")
    await clock.advance(8)
    assert (await stepped.fetch(sid))["answered_by"] == "unknown"


async def test_the_oldest_finished_calls_are_forgotten(session: aiohttp.ClientSession, clock: SteppedClock) -> None:
    async with running_simulator(SimulatorOptions(keep_calls=3, clock=clock, profile=NOBODY_ANSWERS)) as simulator:
        caller = Caller(simulator, session)
        living = await caller.place(To="+46700000000", Timeout="600")
        sids = [await caller.place(To=f"+4670000000{n}", Timeout="1") for n in range(1, 4)]
        await clock.advance(5)
        last = await caller.place(To="+46700000009")
        assert [row["sid"] for row in simulator.ledger()["calls"]] == [living, sids[2], last]
        assert (await caller.request("GET", f"/2010-04-01/Accounts/AC{'a' * 32}/Calls.json?To=%2B46700000001"))[1][
            "calls"
        ] == []
