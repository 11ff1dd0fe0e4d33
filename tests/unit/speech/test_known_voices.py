"""What engines tell of their languages and voices, before anything is spoken."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from gdial.errors import InvalidInput, SpeechUnavailable
from gdial.speech.base import SpeechRequest
from gdial.speech.guard import FAILED_TEXTS, GuardedEngine
from gdial.speech.known_voices import FRESH_SECONDS, KnownVoices
from tests.support.dialling import MuteEngine

SWEDISH, FINNISH = SpeechRequest("Hej på dig.", "sv-SE"), SpeechRequest("Hei vaan.", "fi")


class TellingEngine(MuteEngine):
    """Tells what it is given to tell, and counts how often it is asked."""

    name = "telling"

    def __init__(self, told: Mapping[str, Sequence[str]] | Exception | None) -> None:
        self.asked = 0
        self.told = told

    async def list_voices(self) -> Mapping[str, Sequence[str]]:
        self.asked += 1
        if self.told is None:
            await asyncio.Event().wait()
        if isinstance(self.told, Exception):
            raise self.told
        return self.told or {}


async def test_one_that_knows_it_is_enough() -> None:
    voices = KnownVoices()
    swedish, finnish = TellingEngine({"sv": ["alva"]}), TellingEngine({"fi": []})
    await voices.check([swedish, finnish], FINNISH)
    with pytest.raises(InvalidInput, match='no voice speaks "fi"; there are: sv'):
        await voices.check([swedish], FINNISH)


@pytest.mark.parametrize("told", [None, SpeechUnavailable("away"), ZeroDivisionError("a fault")])
async def test_one_that_cannot_tell_refuses_nothing(told: Exception | None) -> None:
    voices = KnownVoices(patience_seconds=0.01)
    await voices.check([TellingEngine({"sv": ()}), TellingEngine(told)], FINNISH)
    await voices.check([MuteEngine()], FINNISH)


async def test_it_is_asked_again_after_a_while() -> None:
    now = 0.0
    voices, engine = KnownVoices(lambda: now), TellingEngine({"sv": ["alva"]})
    for _ in range(3):
        await voices.check([engine], SWEDISH)
    assert engine.asked == 1
    engine.told = {"fi": []}
    now += FRESH_SECONDS + 1
    await voices.check([engine], FINNISH)
    assert engine.asked == 2


async def test_a_voice_is_the_word_of_the_first_and_unknown_where_none_are_listed() -> None:
    voices = KnownVoices()
    first, second = TellingEngine({"sv": ["alva"]}), TellingEngine({"sv": ["nils"]})
    await voices.check([first, second], SpeechRequest("Hej.", "sv", "Alva"))
    with pytest.raises(InvalidInput, match="there are: alva"):
        await voices.check([first, second], SpeechRequest("Hej.", "sv", "nils"))
    await voices.check([TellingEngine({"sv": []}), first], SpeechRequest("Hej.", "sv", "whoever"))


async def test_a_guarded_engine_tells_while_it_is_well() -> None:
    engine = TellingEngine({"sv": ["alva"]})
    guarded = GuardedEngine(engine)
    assert await guarded.list_voices() == {"sv": ["alva"]}
    for number in range(FAILED_TEXTS):
        with pytest.raises(SpeechUnavailable):
            await guarded.speak(SpeechRequest(f"Hej {number}.", "sv"))
    with pytest.raises(SpeechUnavailable, match="mute"):
        await guarded.list_voices()
    with pytest.raises(SpeechUnavailable, match="does not tell"):
        await GuardedEngine(MuteEngine()).list_voices()
    await guarded.close()
