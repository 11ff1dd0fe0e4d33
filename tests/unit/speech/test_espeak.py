"""espeak-ng behaves as every engine does, and keeps its own words."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import espeakng_loader
import pytest

from gdial.errors import InvalidInput
from gdial.speech.base import SpeechRequest
from gdial.speech.espeak import EspeakEngine
from gdial.speech.processes import SpeechProcesses
from tests.ports.speech_port import SpeechPortSuite, seconds

pytestmark = pytest.mark.asyncio(loop_scope="module")


class TestEspeakEngine(SpeechPortSuite):
    pass


@pytest.mark.parametrize(
    ("language", "voice", "chosen"),
    [
        ("sv", None, "gmq/sv"),
        ("sv-SE", None, "gmq/sv"),
        ("en", None, "gmw/en"),
        ("en-GB", None, "gmw/en"),
        ("en-US", None, "gmw/en-US"),
        ("en-ZA", None, "gmw/en"),
        ("fr", None, "roa/fr"),
        ("pt-BR", None, "roa/pt-BR"),
        ("es-MX", None, "roa/es-419"),
        ("nn-NO", None, "gmq/nb"),
        ("zh-Hans-CN", None, "sit/cmn"),
        ("sv", "sv+f3", "gmq/sv+f3"),
        ("sv-SE", "+f3", "gmq/sv+f3"),
        ("en", "en-us+f3", "gmw/en-US+f3"),
        ("en", "gmw/en-GB-scotland", "gmw/en-GB-scotland"),
    ],
)
async def test_a_language_finds_its_voice(engine: EspeakEngine, language: str, voice: str | None, chosen: str) -> None:
    assert (await engine.voices()).choose(language, voice) == chosen


async def test_lists_its_voices_and_variants(engine: EspeakEngine) -> None:
    known = await engine.voices()
    languages = {language for voice in known.voices for language in voice.languages}
    assert {"sv", "en-gb", "en-us", "fi", "de", "ar", "so"} - languages == {"so"}
    assert {"f3", "m1", "whisper"} <= set(known.variants)


@pytest.mark.parametrize(
    ("voice", "told"),
    [("en", 'the voice "en" does not speak "sv"'), ("sv+nobody", 'no variant "nobody"; there are: .*f3')],
)
async def test_refuses_a_voice_nobody_would_understand(engine: EspeakEngine, voice: str, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        await engine.speak(SpeechRequest("Hej på dig", "sv", voice))


async def test_phoneme_brackets_are_text_and_never_a_command(engine: EspeakEngine) -> None:
    bracketed = seconds(await engine.speak(SpeechRequest("[[h@'l0U h@'l0U h@'l0U]] there", "en")))
    bare = seconds(await engine.speak(SpeechRequest("there", "en")))
    assert bracketed > bare + 2, "its signs are read out"


async def test_digits_of_another_script_are_spoken(engine: EspeakEngine) -> None:
    assert seconds(await engine.speak(SpeechRequest("١٢٣", "sv"))) > 0.5


@pytest.mark.parametrize(
    "text", ["W.W." * 1_000, "w" * 4_000, "å" * 3_000, "a-" * 2_000, "漢" * 1_000, "&" * 4_000 + "a"]
)
async def test_texts_that_break_espeak_leave_the_process_alive(
    engine: EspeakEngine, processes: SpeechProcesses, text: str
) -> None:
    await engine.speak(SpeechRequest(text, "sv", speed=2.0))
    assert processes.restarts == 0


async def test_refuses_what_takes_too_long_to_say(engine: EspeakEngine) -> None:
    with pytest.raises(InvalidInput, match="more than 15 minutes"):
        await engine.speak(SpeechRequest("1," * 2_500, "sv", speed=0.5))
    assert seconds(await engine.speak(SpeechRequest("Hej på dig", "sv"))) < 2, "the next one is whole and its own"


async def test_its_data_may_lie_deeper_than_espeak_can_spell(tmp_path: Path) -> None:
    data = tmp_path.joinpath(*["a-folder-with-a-long-name"] * 8) / "espeak-ng-data"
    data.parent.mkdir(parents=True)
    data.symlink_to(espeakng_loader.get_data_path())  # type: ignore[no-untyped-call]
    assert len(str(data)) > 200
    program = (
        "import sys; from pathlib import Path; from gdial.speech.espeak_library import EspeakLibrary\n"
        "library = EspeakLibrary(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        "print(len(library.say('Hej på dig', 'gmq/sv', 175)))"
    )
    paths = (espeakng_loader.get_library_path(), data)  # type: ignore[no-untyped-call]
    speaking = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, *paths), stdout=asyncio.subprocess.PIPE
    )
    assert int((await speaking.communicate())[0]) > 10_000
