"""What an answered call does with the application's TwiML."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import web

from gdial.simulator import HangUp, Listen, Press
from gdial.simulator.twiml.reading import TwimlError, read_twiml
from gdial.simulator.twiml.verbs import Gather, Hangup, Pause, Play, Redirect, Say
from tests.simulator.application import TO, Application, Received
from tests.simulator.caller import ERROR_TEXT, Caller, texts
from tests.simulator.stepped_clock import SteppedClock


async def test_the_answered_call_asks_for_its_document(caller: Caller, application: Application) -> None:
    row = await caller.run(Listen(), Url=application.twiml("/voice", "<Say language='sv-SE'>Hej där</Say>"))
    [asked] = application.at("/voice")
    assert asked.form["CallStatus"] == "in-progress"
    assert asked.form["CallSid"] == row["sid"]
    assert asked.is_signed()
    [heard] = row["heard"]
    assert (heard["kind"], heard["text"], heard["language"]) == ("say", "Hej där", "sv-SE")
    assert heard["seconds"] == heard["length_seconds"] > 0
    assert row["status"] == "completed"


async def test_a_document_can_be_asked_for_with_get(caller: Caller, application: Application) -> None:
    await caller.run(Listen(), Url=application.twiml("/voice", ""), Method="GET")
    [asked] = application.at("/voice")
    assert asked.method == "GET"
    assert asked.is_signed()


async def test_verbs_take_their_time_in_order(stepped: Caller, clock: SteppedClock) -> None:
    stepped.simulator.phones.script(TO, Listen(answers_after_seconds=(1, 1)))
    fourteen = "fourteen chars"
    sid = await stepped.place(
        Twiml=f"<Response><Pause length='4'/><Say loop='2'>{fourteen}</Say><Pause/><Play digits='1w2'/></Response>"
    )
    await clock.advance(1.5 + 3.9)
    assert texts(stepped.row(sid)) == []
    await clock.advance(0.2)
    assert texts(stepped.row(sid)) == [fourteen]
    # Twice a second and a half of speech, then a second's pause.
    await clock.advance(3.8)
    assert len(texts(stepped.row(sid))) == 1
    await clock.advance(0.2)
    assert texts(stepped.row(sid)) == [fourteen, "1w2"]
    await clock.advance(1)
    row = stepped.row(sid)
    assert [heard["seconds"] for heard in row["heard"]] == [3.0, 1.0]
    assert (row["status"], row["duration_seconds"]) == ("completed", 9)


async def test_a_hang_up_cuts_off_what_is_heard(stepped: Caller, clock: SteppedClock) -> None:
    behaviour = HangUp(answers_after_seconds=(1, 1), hangs_up_after_seconds=(0.75, 0.75))
    stepped.simulator.phones.script(TO, behaviour)
    sid = await stepped.place(Twiml="<Response><Say>fourteen chars</Say></Response>")
    await clock.advance(5)
    [heard] = stepped.row(sid)["heard"]
    assert (heard["seconds"], heard["length_seconds"]) == (0.75, 1.5)


async def test_hangup_and_reject_end_the_call_at_once(caller: Caller) -> None:
    for verb in ("Hangup", "Reject"):
        row = await caller.run(Listen(), Twiml=f"<Response><Say>a</Say><{verb}/><Say>b</Say></Response>")
        assert (texts(row), row["status"]) == (["a"], "completed")


async def test_redirect_goes_on_elsewhere_and_relative(caller: Caller, application: Application) -> None:
    application.twiml("/deep/second", "<Redirect method='GET'>third?a=1&amp;b=2</Redirect>")
    application.twiml("/deep/third", "<Say>there</Say>")
    row = await caller.run(
        Listen(), Url=application.twiml("/voice", "<Redirect>/deep/second</Redirect><Say>not here</Say>")
    )
    assert texts(row) == ["there"]
    [third] = application.at("/deep/third")
    assert third.url.startswith(application.url("/deep/third?a=1&b=2&CallSid="))
    assert third.is_signed()


async def test_endless_redirects_are_bounded(caller: Caller, application: Application) -> None:
    row = await caller.run(Listen(), Url=application.twiml("/voice", "<Redirect/>"))
    assert len(application.at("/voice")) == 200
    assert [note["code"] for note in row["notifications"]] == [11215]
    assert row["status"] == "completed"


BROKEN = [
    ({"status": 500}, 11200),
    ({"status": 404}, 11200),
    ({"body": "<Response>"}, 12100),
    ({"body": ""}, 12100),
    ({"body": " <?xml version='1.0'?><Response/>"}, 12100),
    ({"body": "<response/>"}, 12100),
    ({"body": "<!DOCTYPE a><Response/>"}, 12100),
    ({"body": "{}", "content_type": "application/json"}, 12300),
    ({"body": "<Response>" + "<Pause/>" * 9000 + "</Response>"}, 11750),
]


@pytest.mark.parametrize(("answer", "code"), BROKEN)
async def test_a_broken_document_ends_the_call_with_an_apology(
    caller: Caller, application: Application, answer: dict[str, Any], code: int
) -> None:
    row = await caller.run(Listen(), Url=application.answer("/voice", **({"body": ""} | answer)))
    assert row["status"] == "completed"
    assert texts(row) == [ERROR_TEXT]
    [note] = row["notifications"]
    assert (note["code"], note["url"]) == (code, application.url("/voice"))


@pytest.mark.parametrize(("answer", "code"), BROKEN)
async def test_a_broken_document_goes_to_the_fallback(
    caller: Caller, application: Application, answer: dict[str, Any], code: int
) -> None:
    url = application.answer("/voice", **({"body": ""} | answer))
    row = await caller.run(Listen(), Url=url, FallbackUrl=application.twiml("/fallback", "<Say>Saved</Say>"))
    [asked] = application.at("/fallback")
    assert (asked.form["ErrorCode"], asked.form["ErrorUrl"]) == (str(code), url)
    assert asked.form["CallStatus"] == "in-progress"
    assert asked.is_signed()
    assert texts(row) == ["Saved"]


async def test_a_broken_action_goes_to_the_fallback_with_get(caller: Caller, application: Application) -> None:
    application.answer("/dtmf", status=503)
    row = await caller.run(
        Press(presses_after_seconds=(1, 1)),
        Url=application.twiml("/voice", "<Gather numDigits='1' action='/dtmf'/>"),
        FallbackUrl=application.twiml("/fallback", "<Say>Saved</Say>"),
        FallbackMethod="GET",
    )
    [asked] = application.at("/fallback")
    assert asked.method == "GET"
    assert f"ErrorUrl={application.url('/dtmf')}".replace(":", "%3A").replace("/", "%2F") in asked.url
    assert texts(row) == ["Saved"]
    assert (row["presses"][0]["answer_status"], row["presses"][0]["answered_at"]) == (503, None)


async def test_a_broken_fallback_is_the_end(caller: Caller, application: Application) -> None:
    row = await caller.run(
        Listen(),
        Url=application.answer("/voice", status=500),
        FallbackUrl=application.answer("/fallback", status=500),
    )
    assert [note["url"] for note in row["notifications"]] == [application.url("/voice"), application.url("/fallback")]
    assert (len(application.at("/fallback")), texts(row)) == (1, [ERROR_TEXT])


async def test_a_retry_of_the_document_saves_the_call(caller: Caller, application: Application) -> None:
    async def fail_once(received: Received) -> web.Response:
        if len(application.at("/voice")) == 1:
            return web.Response(status=503)
        return web.Response(text="<Response><Say>Hello</Say></Response>", content_type="text/xml")

    url = application.answer_with("/voice", fail_once)
    row = await caller.run(Listen(), Url=url + "#rc=2&rp=5xx")
    assert texts(row) == ["Hello"]
    assert row["notifications"] == []


async def test_plain_text_is_spoken(caller: Caller, application: Application) -> None:
    row = await caller.run(Listen(), Url=application.answer("/voice", "Just text", content_type="text/plain"))
    assert texts(row) == ["Just text"]


async def test_relative_addresses_need_a_document_with_an_address(caller: Caller) -> None:
    row = await caller.run(Listen(), Twiml="<Response><Redirect>/voice</Redirect></Response>")
    assert [note["code"] for note in row["notifications"]] == [11100]


async def test_what_the_validator_would_warn_of_is_noted_and_left_out(caller: Caller, application: Application) -> None:
    voice = application.twiml("/voice", "<say>a</say><Say colour='red'>b</Say><Dial>+4612345</Dial><Say>c</Say>")
    row = await caller.run(Listen(), Url=voice)
    assert texts(row) == ["b", "c"]
    assert [note["code"] for note in row["notifications"]] == [12200] * 3


def test_every_verb_is_read_with_its_defaults() -> None:
    document = read_twiml(
        b"<Response><Play loop='0'>http://a/b.wav</Play><Say>hej  <emphasis>du</emphasis></Say><Pause length='3'/>"
        b"<Gather/><Redirect> /next </Redirect><Hangup/></Response>"
    )
    assert document.complaints == ()
    assert document.verbs == (
        Play("http://a/b.wav", loop=1000),
        Say("hej du"),
        Pause(3),
        Gather(),
        Redirect("/next"),
        Hangup(),
    )
    assert Gather() == Gather((), "", "POST", 5.0, "#", 0, False, True)


@pytest.mark.parametrize(
    "verb",
    [
        "<Gather numDigits='0'/>",
        "<Gather timeout='soon'/>",
        f"<Gather timeout='{'9' * 5000}'/>",
        "<Gather finishOnKey='12'/>",
        "<Gather method='PUT'/>",
        "<Gather actionOnEmptyResult='yes'/>",
        "<Gather><Redirect/></Gather>",
        "<Gather><Play/></Gather>",
        "<Pause length='-1'/>",
        "<Say loop='many'>a</Say>",
        "<Say/>",
        "<Play/>",
    ],
)
def test_a_bad_verb_is_complained_of_once(verb: str) -> None:
    assert len(read_twiml(f"<Response>{verb}</Response>".encode()).complaints) == 1


def test_entities_are_not_expanded() -> None:
    with pytest.raises(TwimlError):
        read_twiml(b'<!DOCTYPE r [<!ENTITY a "b">]><Response><Say>&a;</Say></Response>')
