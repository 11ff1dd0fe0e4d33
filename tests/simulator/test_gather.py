"""What a Gather takes in, and what becomes of the keys that a person presses."""

from __future__ import annotations

import pytest
from aiohttp import web

from gdial.simulator import Listen, Press
from tests.simulator.application import TO, Application, Received
from tests.simulator.caller import Caller, texts
from tests.simulator.stepped_clock import SteppedClock


async def test_a_pressed_key_goes_to_the_action(caller: Caller, application: Application) -> None:
    application.twiml("/dtmf", "<Say>Thank you</Say>")
    voice = application.twiml(
        "/voice",
        "<Gather numDigits='1' timeout='6' finishOnKey='' actionOnEmptyResult='true' action='/dtmf?token=t%2B1'>"
        "<Say>Press one</Say></Gather>",
    )
    row = await caller.run(Press(keys={"1": 1}), Url=voice)
    [told] = application.at("/dtmf")
    assert (told.form["Digits"], told.form["FinishedOnKey"]) == ("1", "")
    assert told.url == application.url("/dtmf?token=t%2B1")
    assert told.is_signed()
    assert texts(row) == ["Press one", "Thank you"]
    assert row["digits"] == "1"
    [press] = row["presses"]
    assert (press["key"], press["gathered"], press["answer_status"]) == ("1", True, 200)
    assert press["at"] <= press["answered_at"]


async def test_a_key_interrupts_the_prompt(stepped: Caller, clock: SteppedClock, application: Application) -> None:
    behaviour = Press(answers_after_seconds=(1, 1), presses_after_seconds=(2, 2))
    stepped.simulator.phones.script(TO, behaviour)
    application.twiml("/dtmf", "<Pause length='60'/>")
    prompt = "x" * 280
    sid = await stepped.place(
        Twiml=f"<Response><Gather numDigits='1' action='{application.url('/dtmf')}'>"
        f"<Pause length='3'/><Say>{prompt}</Say><Say>never heard</Say></Gather></Response>"
    )
    await clock.advance(1.5 + 3 + 1.9)
    assert stepped.row(sid)["digits"] == ""
    await clock.advance(0.2)
    await application.wait_for("/dtmf")
    [heard] = stepped.row(sid)["heard"]
    assert (heard["seconds"], heard["length_seconds"]) == (2.0, 20.5)


async def test_a_key_can_come_after_the_whole_prompt(
    stepped: Caller, clock: SteppedClock, application: Application
) -> None:
    behaviour = Press(answers_after_seconds=(1, 1), presses_after_seconds=(4, 4), hears_all=True)
    stepped.simulator.phones.script(TO, behaviour)
    sid = await stepped.place(
        Twiml=f"<Response><Gather numDigits='1' action='{application.url('/dtmf')}'>"
        "<Say>fourteen chars</Say></Gather></Response>"
    )
    await clock.advance(1.5 + 1.5 + 3.9)
    assert stepped.row(sid)["digits"] == ""
    await clock.advance(0.2)
    assert stepped.row(sid)["digits"] == "1"
    [told] = await application.wait_for("/dtmf")
    assert told.form["Digits"] == "1"


async def test_the_time_out_starts_when_the_prompt_ends(stepped: Caller, clock: SteppedClock) -> None:
    stepped.simulator.phones.script(TO, Listen(answers_after_seconds=(1, 1)))
    sid = await stepped.place(
        Twiml="<Response><Gather timeout='6'><Say>fourteen chars</Say></Gather><Say>Nothing</Say></Response>"
    )
    await clock.advance(1.5 + 1.5 + 5.9)
    assert texts(stepped.row(sid)) == ["fourteen chars"]
    await clock.advance(0.2)
    assert texts(stepped.row(sid)) == ["fourteen chars", "Nothing"]


async def test_silence_falls_through_unless_the_action_wants_it(caller: Caller, application: Application) -> None:
    application.twiml("/dtmf", "")
    gather = "<Gather action='/dtmf' {0}><Say>Press</Say></Gather><Say>After</Say>"
    row = await caller.run(Listen(), Url=application.twiml("/voice", gather.format("")))
    assert (texts(row), application.at("/dtmf")) == (["Press", "After"], [])
    url = application.twiml("/voice", gather.format("actionOnEmptyResult='true'"))
    row = await caller.run(Listen(), Url=url)
    [told] = application.at("/dtmf")
    assert told.form["Digits"] == ""
    assert told.is_signed()
    assert texts(row) == ["Press"]


@pytest.mark.parametrize(
    ("attributes", "keys", "digits", "finished_on"),
    [
        ("", "12#", "12", "#"),
        ("", "123", "123", ""),
        ("numDigits='2'", "123", "12", ""),
        ("finishOnKey='*'", "1#2*", "1#2", "*"),
        ("finishOnKey=''", "1#", "1#", ""),
    ],
)
async def test_keys_are_collected_as_the_gather_says(
    caller: Caller, application: Application, attributes: str, keys: str, digits: str, finished_on: str
) -> None:
    voice = application.twiml("/voice", f"<Gather action='/dtmf' timeout='5' {attributes}/>")
    await caller.run(Press(keys={keys: 1}, presses_after_seconds=(1, 1), answers_again=0), Url=voice)
    [told] = application.at("/dtmf")
    assert (told.form["Digits"], told.form["FinishedOnKey"]) == (digits, finished_on)


async def test_a_finishing_key_alone_is_no_answer(caller: Caller, application: Application) -> None:
    voice = application.twiml("/voice", "<Gather action='/dtmf'/><Say>After</Say>")
    row = await caller.run(Press(keys={"#": 1}, presses_after_seconds=(1, 1)), Url=voice)
    assert (texts(row), application.at("/dtmf")) == (["After"], [])


async def test_a_gather_without_action_asks_the_same_document_again(caller: Caller, application: Application) -> None:
    asked: list[Received] = []

    async def voice(received: Received) -> web.Response:
        asked.append(received)
        verbs = "<Say>Done</Say>" if "Digits" in received.form else "<Gather numDigits='1'/>"
        return web.Response(text=f"<Response>{verbs}</Response>", content_type="text/xml")

    row = await caller.run(Press(presses_after_seconds=(1, 1)), Url=application.answer_with("/voice", voice))
    assert [one.form.get("Digits") for one in asked] == [None, "1"]
    assert texts(row) == ["Done"]


async def test_a_wrong_key_comes_first_and_the_right_one_when_asked_again(
    caller: Caller, application: Application
) -> None:
    async def voice(received: Received) -> web.Response:
        verbs = "<Say>Thank you</Say>"
        if received.form.get("Digits") != "1":
            verbs = "<Gather numDigits='1' finishOnKey=''><Say>Press one</Say></Gather>"
        return web.Response(text=f"<Response>{verbs}</Response>", content_type="text/xml")

    behaviour = Press(keys={"1": 1}, wrong_keys={"9": 1}, presses_after_seconds=(1, 3))
    row = await caller.run(behaviour, Url=application.answer_with("/voice", voice))
    assert row["digits"] == "91"
    assert texts(row) == ["Press one", "Press one", "Thank you"]


async def test_a_key_that_nobody_takes_is_lost_and_pressed_again_when_asked(
    caller: Caller, application: Application
) -> None:
    voice = application.twiml(
        "/voice", f"<Say>{'x' * 140}</Say><Gather numDigits='1' action='/dtmf'><Say>Press</Say></Gather>"
    )
    row = await caller.run(Press(presses_after_seconds=(2, 2)), Url=voice)
    assert [(press["gathered"], press["answered_at"] is not None) for press in row["presses"]] == [
        (False, False),
        (True, True),
    ]
    assert len(application.at("/dtmf")) == 1


async def test_a_key_on_its_way_arrives_though_the_person_hangs_up(caller: Caller, application: Application) -> None:
    async def thank(_: Received) -> web.Response:
        await caller.simulator.wait_for(lambda call: call.status == "completed")
        return web.Response(text="<Response/>", content_type="text/xml")

    application.answer_with("/dtmf", thank)
    voice = application.twiml("/voice", "<Gather numDigits='1' action='/dtmf'/>")
    behaviour = Press(presses_after_seconds=(1, 1), hangs_up_after_seconds=(4, 4))
    row = await caller.run(behaviour, Url=voice)
    assert row["presses"][0]["answer_status"] == 200
    assert row["presses"][0]["answered_at"] > row["ended"]


async def test_speech_alone_takes_no_keys(caller: Caller, application: Application) -> None:
    voice = application.twiml("/voice", "<Gather input='speech' action='/dtmf'/><Say>After</Say>")
    row = await caller.run(Press(presses_after_seconds=(1, 1)), Url=voice)
    assert (texts(row), application.at("/dtmf")) == (["After"], [])
