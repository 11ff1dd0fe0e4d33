"""Webhooks that go wrong by plan: callbacks, documents and pressed keys."""

from __future__ import annotations

from typing import Any

import pytest

from gdial.simulator import Listen, NoAnswer, Press, parse_fault_plan
from tests.simulator.application import TO, Application, Received
from tests.simulator.caller import ERROR_TEXT, Caller, texts
from tests.simulator.stepped_clock import SteppedClock

EVENTS = [("StatusCallbackEvent", event) for event in ("initiated", "ringing", "answered", "completed")]
IN_ORDER = ["initiated", "ringing", "in-progress", "completed"]


def spoil(caller: Caller, *faults: dict[str, Any]) -> None:
    caller.simulator.faults.replace(parse_fault_plan({"faults": list(faults)}))


def told(received: list[Received]) -> list[str]:
    return [one.form["CallStatus"] for one in received]


async def run(caller: Caller, application: Application, *faults: dict[str, Any]) -> dict[str, Any]:
    """One answered call with all its callbacks."""
    spoil(caller, *faults)
    caller.simulator.phones.script(TO, Listen())
    sid = await caller.place(EVENTS, StatusCallback=application.url("/status"))
    await caller.simulator.wait_until_idle()
    return caller.row(sid)


async def test_a_callback_is_lost(caller: Caller, application: Application) -> None:
    row = await run(caller, application, {"does": "callback_lost", "events": ["ringing", "completed"]})
    assert told(application.at("/status")) == ["initiated", "in-progress"]
    assert [(one["event"], one["fault"], one["attempts"]) for one in row["callbacks"]] == [
        ("initiated", None, 1),
        ("ringing", "callback_lost", 0),
        ("answered", None, 1),
        ("completed", "callback_lost", 0),
    ]
    assert [fault["detail"] for fault in row["faults"]] == ["ringing: never sent", "completed: never sent"]
    assert row["status"] == "completed"


async def test_a_callback_is_doubled(caller: Caller, application: Application) -> None:
    row = await run(caller, application, {"does": "callback_doubled", "after_seconds": 0, "events": ["completed"]})
    received = application.at("/status")
    assert told(received) == [*IN_ORDER, "completed"]
    assert received[-1].form == received[-2].form
    assert len({one.headers["I-Twilio-Idempotency-Token"] for one in received}) == 5
    assert [one["status"] for one in row["callbacks"]] == [200] * 5


async def test_a_callback_changes_place_with_the_next_one(caller: Caller, application: Application) -> None:
    row = await run(caller, application, {"does": "callback_swapped"})
    assert told(application.at("/status")) == ["ringing", "initiated", "completed", "in-progress"]
    assert [one.form["SequenceNumber"] for one in application.at("/status")] == ["1", "0", "3", "2"]
    assert [fault["detail"] for fault in row["faults"]] == [
        "initiated: sent after ringing",
        "answered: sent after completed",
    ]


async def test_a_callback_without_a_next_one_is_sent_as_it_is(caller: Caller, application: Application) -> None:
    spoil(caller, {"does": "callback_swapped"})
    caller.simulator.phones.script(TO, NoAnswer())
    sid = await caller.place([("StatusCallbackEvent", "ringing")], StatusCallback=application.url("/status"))
    await caller.simulator.wait_until_idle()
    assert told(application.at("/status")) == ["ringing"]
    assert caller.row(sid)["faults"] == []


async def test_a_callback_is_minutes_late(stepped: Caller, application: Application, clock: SteppedClock) -> None:
    spoil(stepped, {"does": "callback_late", "seconds": 180, "events": ["ringing"]})
    sid = await stepped.place(EVENTS, StatusCallback=application.url("/status"), Timeout="10")
    await clock.advance(11)
    await application.wait_for("/status", 2)
    assert told(application.at("/status")) == ["initiated", "no-answer"]
    await clock.advance(169)
    assert stepped.row(sid)["callbacks"][1]["attempts"] == 0
    await clock.advance(10)
    await stepped.simulator.wait_until_idle()
    assert told(application.at("/status")) == ["initiated", "no-answer", "ringing"]


@pytest.mark.parametrize(
    ("failure", "fragment", "seen", "attempts", "status"),
    [
        ("no_connection", "", 1, 2, 200),
        ("no_answer", "", 0, 1, None),
        ("no_answer", "#rc=1&rp=rt", 1, 2, 200),
        ("answer_lost", "#rc=1&rp=rt", 2, 2, 200),
        ("error_status", "#rc=2&rp=5xx", 1, 2, 200),
        ("error_status", "#rc=2&rp=4xx", 0, 1, 503),
    ],
)
async def test_a_callback_fails_once(
    caller: Caller, application: Application, failure: str, fragment: str, seen: int, attempts: int, status: int | None
) -> None:
    spoil(caller, {"does": "callback_fails", "failure": failure})
    sid = await caller.place(StatusCallback=application.url("/status") + fragment, Timeout="1")
    await caller.simulator.wait_until_idle()
    assert len(application.at("/status")) == seen
    [callback] = caller.row(sid)["callbacks"]
    assert (callback["attempts"], callback["status"], callback["fault"]) == (attempts, status, "callback_fails")


async def test_a_document_that_fails_once_is_had_by_another_try(caller: Caller, application: Application) -> None:
    spoil(caller, {"does": "script_fails"})
    row = await caller.run(Listen(), Url=application.twiml("/voice", "<Say>hello</Say>"))
    assert (texts(row), len(application.at("/voice"))) == (["hello"], 1)
    assert [fault["detail"] for fault in row["faults"]] == ["document 1: no_connection 1 times"]


async def test_a_document_that_fails_without_another_try_goes_to_the_fallback(
    caller: Caller, application: Application
) -> None:
    spoil(caller, {"does": "script_fails", "failure": "no_answer"})
    row = await caller.run(
        Listen(),
        Url=application.twiml("/voice", "<Say>hello</Say>"),
        FallbackUrl=application.twiml("/fallback", "<Say>fallback</Say>"),
    )
    assert texts(row) == ["fallback"]
    [asked] = application.at("/fallback")
    assert (asked.form["ErrorCode"], asked.form["ErrorUrl"]) == ("11200", application.url("/voice"))
    assert [note["code"] for note in row["notifications"]] == [11200]


async def test_only_one_document_of_a_call_fails(caller: Caller, application: Application) -> None:
    spoil(caller, {"does": "script_fails", "failure": "no_answer"})
    fallback = application.twiml("/fallback", "<Redirect>/voice</Redirect>")
    voice = application.twiml("/voice", "<Say>hello</Say><Redirect>/more</Redirect>")
    application.twiml("/more", "<Say>more</Say>")
    row = await caller.run(Listen(), Url=voice, FallbackUrl=fallback)
    assert texts(row) == ["hello", "more"]
    assert caller.simulator.faults.injected == {"script_fails": 1}


async def press_one(caller: Caller, application: Application, fragment: str = "", **fields: str) -> dict[str, Any]:
    application.twiml("/dtmf", "<Say>thanks</Say>")
    gather = f"<Gather numDigits='1' timeout='60' action='/dtmf{fragment}'><Say>press one</Say></Gather>"
    return await caller.run(
        Press(presses_after_seconds=(1, 1), answers_again=0), Url=application.twiml("/voice", gather), **fields
    )


async def test_no_key_is_lost_unless_the_plan_says_so(caller: Caller, application: Application) -> None:
    spoil(caller, {"does": "callback_lost"}, {"does": "script_fails"})
    row = await press_one(caller, application)
    assert [one.form["Digits"] for one in application.at("/dtmf")] == ["1"]
    assert row["presses"][0]["answer_status"] == 200


async def test_a_key_is_lost_for_good(caller: Caller, application: Application) -> None:
    spoil(caller, {"does": "key_fails", "tries": 6})
    row = await press_one(caller, application, "#rc=5&amp;rp=all")
    assert application.at("/dtmf") == []
    assert (row["digits"], row["presses"][0]["answered_at"]) == ("1", None)
    assert texts(row)[-1] == ERROR_TEXT


async def test_a_key_whose_answer_is_lost_was_received(caller: Caller, application: Application) -> None:
    spoil(caller, {"does": "key_fails", "failure": "answer_lost"})
    row = await press_one(caller, application, FallbackUrl=application.twiml("/fallback", "<Say>fallback</Say>"))
    assert [one.form["Digits"] for one in application.at("/dtmf")] == ["1"]
    assert texts(row)[-1] == "fallback"


async def test_a_key_is_late(stepped: Caller, application: Application, clock: SteppedClock) -> None:
    spoil(stepped, {"does": "key_late", "seconds": 20})
    application.twiml("/dtmf", "<Say>thanks</Say>")
    press = Press(answers_after_seconds=(1, 1), presses_after_seconds=(1, 1))
    stepped.simulator.phones.script(TO, press)
    gather = "<Gather numDigits='1' timeout='60' action='{}'><Say>press one</Say></Gather>"
    sid = await stepped.place(Twiml=f"<Response>{gather.format(application.url('/dtmf'))}</Response>")
    await clock.advance(22.4)
    assert (stepped.row(sid)["digits"], application.at("/dtmf")) == ("1", [])
    await clock.advance(0.2)
    await application.wait_for("/dtmf")
    await stepped.simulator.wait_for(lambda call: len(call.heard) == 2)
    await clock.advance(5)
    await stepped.simulator.wait_until_idle()
    assert texts(stepped.row(sid))[-1] == "thanks"


async def test_three_in_ten_callbacks_are_lost_and_the_rest_come(caller: Caller, application: Application) -> None:
    spoil(caller, {"does": "callback_lost", "share": 0.3}, {"does": "callback_swapped", "share": 0.2})
    for n in range(60):
        await caller.place(EVENTS, To=f"+4670{n:07}", StatusCallback=application.url("/status"), Timeout="1")
    await caller.simulator.wait_until_idle()
    lost = caller.simulator.faults.injected["callback_lost"]
    assert 30 < lost < 80
    assert len(application.at("/status")) == 180 - lost
    assert caller.simulator.faults.injected["callback_swapped"] > 10
