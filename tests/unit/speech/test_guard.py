"""An engine that is sick is left alone, and asked again beside the way."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import numpy as np
import pytest
from structlog.testing import capture_logs

from gdial.errors import InvalidInput, SpeechUnavailable
from gdial.monitoring import metrics
from gdial.monitoring.alarms import Alarms
from gdial.speech.base import Pcm, SpeechLate, SpeechRequest
from gdial.speech.guard import FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS, PROBE_TEXT, GuardedEngine
from tests.support.receiver import receiver

HEJ = SpeechRequest("Hej på dig.", "sv")
VOICE = Pcm((np.sin(np.arange(16_000) / 5) * 9_000).astype("<i2").tobytes(), 16_000)


@dataclass
class Patient:
    """An engine as well as `answer` says; `let_go` is what one that hangs waits for."""

    answer: Pcm | Exception = VOICE
    name: str = "patient"
    asked: list[str] = field(default_factory=list)
    let_go: asyncio.Event | None = None
    is_asked: asyncio.Event = field(default_factory=asyncio.Event)
    closed: int = 0

    async def speak(self, request: SpeechRequest) -> Pcm:
        self.asked.append(request.text)
        self.is_asked.set()
        if self.let_go is not None:
            await self.let_go.wait()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    async def close(self) -> None:
        self.closed += 1


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def fail(guarded: GuardedEngine, text: str, told: str) -> None:
    with pytest.raises(SpeechUnavailable, match=told):
        await guarded.speak(SpeechRequest(text, "sv"))


async def test_three_texts_that_fail_are_enough() -> None:
    patient, clock = Patient(SpeechUnavailable("no licence")), Clock()
    guarded = GuardedEngine(patient, clock)
    for text in ("Ett.", "Ett.", "Ett.", "Två."):
        await fail(guarded, text, "^no licence")
    assert not guarded.is_resting, "one text that cannot be said is no illness"
    await fail(guarded, "Tre.", "^no licence")
    assert guarded.is_resting
    await fail(guarded, "Fyra.", "left alone for a while after: no licence")
    assert len(patient.asked) == 5


async def test_a_text_that_succeeds_between_them_forgives() -> None:
    patient = Patient(SpeechUnavailable("busy"))
    guarded = GuardedEngine(patient, Clock())
    for answer in (patient.answer, patient.answer, VOICE, patient.answer, patient.answer):
        patient.answer = answer
        if isinstance(answer, Exception):
            await fail(guarded, f"Text {len(patient.asked)}.", "busy")
        else:
            assert await guarded.speak(HEJ) == VOICE
    assert not guarded.is_resting


async def test_one_that_was_waited_for_is_not_waited_for_again_and_frees_those_who_wait() -> None:
    patient = Patient(SpeechLate("no audio within 10 seconds"), let_go=asyncio.Event())
    guarded = GuardedEngine(patient, Clock())
    first = asyncio.create_task(guarded.speak(HEJ))
    await patient.is_asked.wait()
    patient.let_go, hanging = asyncio.Event(), patient.let_go
    patient.is_asked.clear()
    second = asyncio.create_task(guarded.speak(SpeechRequest("Två.", "sv")))
    await patient.is_asked.wait()
    assert hanging is not None
    hanging.set()
    for waiting, told in ((first, "within 10"), (second, "given up with the others")):
        with pytest.raises(SpeechUnavailable, match=told):
            await waiting
    await fail(guarded, "Tre.", "left alone")
    assert len(patient.asked) == 2


async def rest(guarded: GuardedEngine) -> None:
    for text in ("Ett.", "Två.", "Tre."):
        await fail(guarded, text, ".")
    assert guarded.is_resting


async def test_after_the_pause_it_is_probed_while_the_text_goes_on() -> None:
    patient, clock = Patient(SpeechUnavailable("away")), Clock()
    guarded = GuardedEngine(patient, clock)
    await rest(guarded)
    clock.now += FIRST_PAUSE_SECONDS - 0.1
    await fail(guarded, "För tidigt.", "left alone")
    clock.now += 0.2
    patient.answer, patient.let_go = VOICE, asyncio.Event()
    patient.is_asked.clear()
    await fail(guarded, "Fyra.", "left alone")
    await patient.is_asked.wait()
    await fail(guarded, "Fem.", "left alone")
    patient.let_go.set()
    await guarded.probed()
    assert await guarded.speak(HEJ) == VOICE
    assert patient.asked[3:] == [PROBE_TEXT, HEJ.text]


async def test_each_probe_that_fails_makes_the_pause_longer_up_to_a_limit() -> None:
    patient, clock = Patient(SpeechUnavailable("away")), Clock()
    guarded = GuardedEngine(patient, clock)
    with capture_logs() as logs:
        await rest(guarded)
        for _ in range(8):
            clock.now += LONGEST_PAUSE_SECONDS
            if len(patient.asked) % 2:
                await fail(guarded, "Hej.", "left alone")
            else:
                guarded.look()
            await guarded.probed()
    pauses = [line["seconds"] for line in logs if line["event"] == "speech_engine_rests"]
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300, 300]


async def test_an_alarm_tells_that_it_rests_and_once_that_it_speaks_again() -> None:
    patient, clock = Patient(SpeechUnavailable("no licence")), Clock()
    async with receiver() as hook:
        alarms = Alarms(hook.url)
        guarded = GuardedEngine(patient, clock, alarms)
        other = GuardedEngine(Patient(SpeechUnavailable("away"), name="another"), clock, alarms)
        assert resting(guarded) == 0
        await rest(guarded)
        await rest(other)
        assert (resting(guarded), resting(other)) == (1, 1)
        clock.now += FIRST_PAUSE_SECONDS
        await fail(guarded, "Fyra.", "left alone")
        await guarded.probed()
        patient.answer = VOICE
        clock.now += LONGEST_PAUSE_SECONDS
        await fail(guarded, "Fem.", "left alone")
        await guarded.probed()
        assert (resting(guarded), resting(other)) == (0, 1)
        await alarms.close()
    told = {(heard.json["facts"]["engine"], heard.json.get("is_over", False)): heard.json for heard in hook.heard}
    assert sorted(told) == [("another", False), (patient.name, False), (patient.name, True)]
    assert len(hook.heard) == len(told), "a longer pause is no alarm of its own"
    assert {body["alarm"] for body in told.values()} == {"voice away"}
    assert told[patient.name, False]["facts"]["why"] == "no licence"


def resting(guarded: GuardedEngine) -> float | None:
    return metrics.REGISTRY.get_sample_value("gdial_speech_engine_resting", {"engine": guarded.name})


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Pcm(b"", 16_000), "cannot be a text"),
        (Pcm(bytes(32_000), 16_000), "silence"),
        (Pcm(np.full(16_000, 20_000, "<i2").tobytes(), 16_000), "silence"),
        (Pcm(VOICE.samples[:-1], 16_000), "middle of a sample"),
        (Pcm(VOICE.samples, 0), "0 Hz"),
        (Pcm(VOICE.samples, 4_000_000), "Hz"),
        (Pcm(VOICE.samples[:1_000], 16_000), r"0\.03 s of sound cannot be a text of 11 characters"),
        (Pcm(VOICE.samples * 60, 16_000), "60.00 s of sound cannot be"),
    ],
)
async def test_what_cannot_be_a_voice_is_no_answer(answer: Pcm, told: str) -> None:
    with pytest.raises(SpeechUnavailable, match=told):
        await GuardedEngine(Patient(answer)).speak(HEJ)


async def test_a_refusal_is_no_illness() -> None:
    guarded = GuardedEngine(Patient(InvalidInput("no voice speaks it")), Clock())
    for number in range(5):
        with pytest.raises(InvalidInput):
            await guarded.speak(SpeechRequest(f"Hei {number}", "fi"))
    assert not guarded.is_resting


async def test_who_gives_up_waiting_is_no_illness_and_closing_ends_the_probe() -> None:
    patient, clock = Patient(let_go=asyncio.Event()), Clock()
    guarded = GuardedEngine(patient, clock)
    waiting = asyncio.create_task(guarded.speak(HEJ))
    await patient.is_asked.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not guarded.is_resting
    patient.answer, hanging = SpeechUnavailable("away"), patient.let_go
    patient.let_go = None
    await rest(guarded)
    clock.now += FIRST_PAUSE_SECONDS
    patient.let_go = hanging
    await fail(guarded, "Hej.", "left alone")
    await guarded.close()
    assert patient.closed == 1
