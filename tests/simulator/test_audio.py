"""What a Play fetches, how long it takes it to last, and how often it asks for it."""

from __future__ import annotations

import asyncio
import hashlib
import struct
from typing import Any

import pytest
from aiohttp import web

from gdial.simulator import Listen
from gdial.simulator.outgoing.audio import measure_audio
from gdial.simulator.outgoing.courier import DeliveryError
from gdial.simulator.outgoing.wave import measure_wave
from tests.simulator.application import TO, Application, Received
from tests.simulator.caller import ERROR_TEXT, Caller, texts
from tests.simulator.sound_files import mp3, wave_mulaw, wave_pcm


def test_wave_files_are_measured_by_their_header() -> None:
    assert measure_wave(wave_pcm(2.5)) == 2.5
    assert measure_wave(wave_mulaw(3.25)) == 3.25
    odd_chunk = b"LIST" + struct.pack("<I", 3) + b"abc\0"
    assert measure_wave(wave_pcm(1, extra=odd_chunk)) == 1
    assert measure_wave(wave_pcm(1.5, data_length=0xFFFFFFFF)) == 1.5
    assert measure_wave(wave_pcm(1.5, data_length=0)) == 1.5
    assert measure_wave(wave_pcm(2)[: 44 + 16000]) == 1


@pytest.mark.parametrize("data", [b"", b"RIFF", b"ID3" + b"\0" * 100, wave_pcm(1)[:30], wave_pcm(1)[:36]])
def test_what_is_no_wave_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        measure_wave(data)


def test_an_mp3_is_measured_by_decoding_it() -> None:
    assert measure_audio("audio/mpeg", mp3(3)) == pytest.approx(3, abs=0.2)


def test_raw_mulaw_has_8000_bytes_a_second() -> None:
    assert measure_audio("audio/ulaw", b"\xff" * 12000) == 1.5


@pytest.mark.parametrize(
    ("content_type", "data"),
    [("text/html", wave_pcm(1)), ("audio/ogg", wave_pcm(1)), ("audio/mpeg", b"no sound"), ("audio/wav", mp3(1))],
)
def test_a_wrong_content_type_is_12300(content_type: str, data: bytes) -> None:
    with pytest.raises(DeliveryError) as refused:
        measure_audio(content_type, data)
    assert refused.value.code == 12300


async def test_what_was_played_is_kept(caller: Caller, application: Application) -> None:
    audio = wave_mulaw(4)
    application.answer("/audio/a.wav", audio, content_type="audio/wav")
    row = await caller.run(Listen(), Url=application.twiml("/voice", "<Play loop='2'>/audio/a.wav#rc=2</Play>"))
    [heard] = row["heard"]
    assert heard == {
        "kind": "play",
        "url": application.url("/audio/a.wav#rc=2"),
        "text": None,
        "language": None,
        "seconds": 8.0,
        "length_seconds": 8.0,
        "content_type": "audio/wav",
        "sha256": hashlib.sha256(audio).hexdigest(),
    }
    [asked] = application.at("/audio/a.wav")
    assert (asked.method, asked.form) == ("GET", {})


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"status": 404}, 11200),
        ({"body": "<html/>", "content_type": "text/html"}, 12300),
        ({"body": "nonsense", "content_type": "audio/wav"}, 12300),
    ],
)
async def test_audio_that_cannot_be_played_is_a_failure_of_the_document(
    caller: Caller, application: Application, answer: dict[str, Any], code: int
) -> None:
    url = application.answer("/a.wav", **({"body": ""} | answer))
    voice = application.twiml("/voice", "<Gather><Play>/a.wav</Play></Gather>")
    row = await caller.run(Listen(), Url=voice, FallbackUrl=application.twiml("/fallback", "<Say>Saved</Say>"))
    assert [(note["code"], note["url"]) for note in row["notifications"]] == [(code, url)]
    [asked] = application.at("/fallback")
    assert asked.form["ErrorUrl"] == url
    assert texts(row) == ["Saved"]
    row = await caller.run(Listen(), Url=voice)
    assert texts(row) == [ERROR_TEXT]


def audio_with(headers: dict[str, str]) -> Any:
    async def respond(received: Received) -> web.Response:
        if "ETag" in headers and received.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=304, headers=headers)
        return web.Response(body=wave_mulaw(2), content_type="audio/wav", headers=headers)

    return respond


async def test_audio_with_a_tag_is_asked_for_again_by_its_tag(caller: Caller, application: Application) -> None:
    application.answer_with("/a.wav", audio_with({"ETag": '"v1"'}))
    voice = application.twiml("/voice", "<Play>/a.wav</Play>")
    first = await caller.run(Listen(), Url=voice)
    second = await caller.run(Listen(), Url=voice)
    assert [one.headers.get("If-None-Match") for one in application.at("/a.wav")] == [None, '"v1"']
    assert first["heard"] == second["heard"]


async def test_fresh_audio_is_not_asked_for_again(caller: Caller, application: Application) -> None:
    application.answer_with("/a.wav", audio_with({"Cache-Control": "public, max-age=3600, immutable"}))
    voice = application.twiml("/voice", "<Play>/a.wav</Play><Play>/a.wav</Play>")
    for _ in range(3):
        row = await caller.run(Listen(), Url=voice)
        assert len(row["heard"]) == 2
    assert len(application.at("/a.wav")) == 1


async def test_audio_without_a_word_about_keeping_is_fetched_for_each_play(
    caller: Caller, application: Application
) -> None:
    application.answer_with("/a.wav", audio_with({}))
    await caller.run(Listen(), Url=application.twiml("/voice", "<Play>/a.wav</Play><Play>/a.wav</Play>"))
    assert len(application.at("/a.wav")) == 2


async def test_calls_that_need_the_same_audio_at_once_share_a_request(caller: Caller, application: Application) -> None:
    release = asyncio.Event()

    async def wait(_: Received) -> web.Response:
        await release.wait()
        return web.Response(body=wave_mulaw(2), content_type="audio/wav")

    application.answer_with("/a.wav", wait)
    voice = application.twiml("/voice", "<Play>/a.wav</Play>")
    numbers = [f"{TO[:-1]}{n}" for n in range(5)]
    for number in numbers:
        caller.simulator.phones.script(number, Listen(answers_after_seconds=(1, 1)))
    sids = [await caller.place(To=number, Url=voice) for number in numbers]
    await application.wait_for("/voice", 5)
    # One who hangs up meanwhile takes the audio from nobody.
    await caller.simulator.wait_for(lambda call: call.sid == sids[0] and call.status == "in-progress")
    await caller.update(sids[0], Status="completed")
    release.set()
    await caller.simulator.wait_until_idle()
    assert [len(caller.row(sid)["heard"]) for sid in sids] == [0, 1, 1, 1, 1]
    assert len(application.at("/a.wav")) == 1
