"""What holds for every engine, tested on real sound.

An engine's own test file subclasses `SpeechPortSuite`, gives an `engine` fixture and, where the engine's words differ,
overrides the class attributes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from gdial.errors import InvalidInput
from gdial.speech.base import Engine, Pcm, SpeechRequest

SWEDISH = SpeechRequest("Skolan är stängd i dag. Tryck ett om du har hört meddelandet.", "sv")
ENGLISH = SpeechRequest("The school is closed today. Press one to confirm.", "en")


def seconds(pcm: Pcm) -> float:
    return len(pcm.samples) / 2 / pcm.rate


class SpeechPortSuite:
    languages: Sequence[SpeechRequest] = (SWEDISH, ENGLISH)
    unknown_language = "xx"
    unknown_voice = "no-such-voice"

    async def test_says_a_sentence_aloud_in_a_sensible_time(self, engine: Engine) -> None:
        for request in self.languages:
            pcm = await engine.speak(request)
            samples = np.frombuffer(pcm.samples, "<i2")
            assert pcm.rate >= 8_000
            assert 0.04 < seconds(pcm) / len(request.text) < 0.2
            assert np.sqrt(np.mean(samples.astype(float) ** 2)) > 500, "a voice, not a whisper of noise"

    async def test_speaks_faster_and_slower(self, engine: Engine) -> None:
        slow, normal, fast = [
            seconds(await engine.speak(replace(self.languages[0], speed=speed))) for speed in (0.5, 1.0, 2.0)
        ]
        assert 1.5 < slow / normal < 2.3
        assert 0.4 < fast / normal < 0.7

    async def test_language_tags_with_a_country_are_understood(self, engine: Engine) -> None:
        for language in ("sv-SE", "sv_SE", "SV"):
            assert seconds(await engine.speak(replace(SWEDISH, language=language))) > 1

    async def test_an_emergency_number_is_said_digit_by_digit(self, engine: Engine) -> None:
        written = seconds(await engine.speak(SpeechRequest("Ring 112 genast.", "sv")))
        spelled = seconds(await engine.speak(SpeechRequest("Ring ett ett två genast.", "sv")))
        assert written == pytest.approx(spelled, rel=0.05)

    async def test_markup_is_no_command(self, engine: Engine) -> None:
        marked = seconds(await engine.speak(SpeechRequest('Hello <break time="30s"/> there.', "en")))
        plain = seconds(await engine.speak(SpeechRequest("Hello there.", "en")))
        assert marked == pytest.approx(plain, rel=0.05)

    async def test_what_no_voice_can_say_is_left_out(self, engine: Engine) -> None:
        plain = seconds(await engine.speak(SWEDISH))
        dirty = replace(SWEDISH, text="\x00\x01" + SWEDISH.text.replace("stängd", "stän\u00ad\u200bgd\x07") + "\ud800")
        assert seconds(await engine.speak(dirty)) == pytest.approx(plain, rel=0.05)

    @pytest.mark.parametrize("text", ["", "   \n", "?!… — ", "😀", "\x00\x01"])
    async def test_refuses_a_text_with_nothing_to_say(self, engine: Engine, text: str) -> None:
        with pytest.raises(InvalidInput, match="no letter or digit"):
            await engine.speak(SpeechRequest(text, "sv"))

    async def test_refuses_a_text_that_is_too_long_and_tells_the_limit(self, engine: Engine) -> None:
        with pytest.raises(InvalidInput, match="5,001 characters; at most 5,000"):
            await engine.speak(SpeechRequest("a" * 5_001, "sv"))

    @pytest.mark.parametrize(
        ("field", "value"), [("speed", 0.4), ("speed", 2.1), ("speed", float("nan")), ("pitch", 11.0), ("pitch", -11.0)]
    )
    async def test_refuses_a_speed_or_pitch_out_of_bounds(self, engine: Engine, field: str, value: float) -> None:
        with pytest.raises(InvalidInput, match=f"{field}: .* is not between") as refused:
            await engine.speak(replace(SWEDISH, **{field: value}))  # type: ignore[arg-type]
        assert refused.value.where == field

    async def test_refuses_an_unknown_language_and_tells_those_it_knows(self, engine: Engine) -> None:
        with pytest.raises(InvalidInput, match=r"there are: .*\bsv\b") as refused:
            await engine.speak(replace(SWEDISH, language=self.unknown_language))
        assert refused.value.where == "language"

    async def test_refuses_an_unknown_voice_and_tells_those_it_knows(self, engine: Engine) -> None:
        for voice in (self.unknown_voice, "../../etc/passwd"):
            with pytest.raises(InvalidInput, match="there are: ") as refused:
                await engine.speak(replace(SWEDISH, voice=voice))
            assert refused.value.where == "voice"

    async def test_many_at_once_each_get_their_own_sound(self, engine: Engine) -> None:
        texts = [" ".join(["Hej på dig"] * count) for count in range(1, 9)]
        sounds = await asyncio.gather(*(engine.speak(SpeechRequest(text, "sv")) for text in texts))
        lengths = [seconds(sound) for sound in sounds]
        assert lengths == sorted(lengths)
        assert lengths[-1] > 4 * lengths[0]

    async def test_can_be_closed_twice(self, engine: Engine) -> None:
        await engine.close()
        await engine.close()
