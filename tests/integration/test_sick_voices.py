"""Whatever the first voice does, the message is made by the next one, or said by the carrier."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from gdial.actions.prepare_speech import LONGEST_WAIT_SECONDS, message_for, said_to_everybody
from gdial.actions.speak_message import speak
from gdial.assembly.speaking import open_speech
from gdial.errors import SpeechUnavailable
from gdial.messages.model import MessageContent, Response
from gdial.settings import Settings
from gdial.speech.base import SpeechRequest
from gdial.speech.cache import AudioStore
from gdial.speech.processes import SpeechProcesses
from gdial.storage.database import Database
from gdial.storage.migrate import upgrade
from tests.support.organisation import Organisation, running_organisation
from tests.support.runtime import TurnedClock
from tests.support.tiny_voice import build_voice
from tests.support.voice_stubs import Mood, VoiceStub, voice_stub

SECRET = b"an installation's own secret"
NUMBER = "+46701740605"
TEXTS = tuple(SpeechRequest(f"Samling {number}, tryck ett.", "sv") for number in range(1, 5))
MOODS: tuple[Mood, ...] = ("hanging", "silent", "rubbish", "broken", "cut off", "too short")
NAMED = MessageContent("Hej {first_name}! Det brinner.", "sv", {"1": Response("Kommer", "Tack.")})
MakeSettings = Callable[..., Settings]


@asynccontextmanager
async def opened_store(settings: Settings) -> AsyncIterator[AudioStore]:
    """As every process of GDial opens it."""
    database, processes = Database(settings.database_url), SpeechProcesses()
    await upgrade(database)
    store = open_speech(settings, SECRET, processes, database, TurnedClock())
    try:
        yield store
    finally:
        await store.close()
        await processes.close()
        await database.close()


def at_google(stub: VoiceStub, **settings: Any) -> dict[str, Any]:
    address = {"google_tts_endpoint": stub.address, "google_tts_api_key": "a-key"}
    return {"tts_engine": "google", **address, **settings}


@pytest.mark.parametrize("mood", MOODS)
async def test_a_sick_voice_is_followed_by_the_next(make_settings: MakeSettings, mood: Mood) -> None:
    async with (
        voice_stub(mood) as stub,
        opened_store(make_settings(**at_google(stub, tts_timeout_sec=1))) as store,
    ):
        for request in TEXTS:
            assert (await store.prepare(request)).seconds > 1
        assert store.made_by == {"espeak": len(TEXTS)}
        # One that is waited for in vain is asked by the first text alone.
        assert len(stub.asked) == (1 if mood == "hanging" else 3)


async def test_whether_a_process_can_work_tells_of_a_sick_voice_and_does_not_hang_on_it(tmp_path: Path) -> None:
    async with (
        voice_stub("broken") as stub,
        running_organisation(tmp_path, **at_google(stub)) as organisation,
    ):
        assert await speech_part(organisation) == ("ok", "")
        for request in TEXTS:
            await organisation.runtime.speech.prepare(request)
        status, detail = await speech_part(organisation)
        assert status == "failed"
        assert detail.startswith("google: ")
        assert detail.endswith("left alone for a while, another voice speaks meanwhile")


async def speech_part(organisation: Organisation) -> tuple[str, str]:
    """Of a process that is ready."""
    ready = await organisation.call_api("GET", "/health/ready")
    return next((part["status"], part["detail"]) for part in ready["parts"] if part["name"] == "speech")


async def test_one_that_is_well_speaks_itself(make_settings: MakeSettings) -> None:
    async with voice_stub() as stub, opened_store(make_settings(**at_google(stub))) as store:
        await asyncio.gather(*map(store.prepare, TEXTS))
        assert store.made_by == {"google": len(TEXTS)}


@pytest.mark.parametrize("signal_number", [signal.SIGKILL, signal.SIGSTOP])
async def test_piper_killed_or_stopped_in_the_middle_of_a_text(
    make_settings: MakeSettings, tmp_path: Path, signal_number: signal.Signals
) -> None:
    model = build_voice(tmp_path / "sv_SE-tiny.onnx")
    settings = make_settings(tts_engine="piper", piper_model=model, tts_timeout_sec=3)
    async with opened_store(settings) as store:
        await store.prepare(TEXTS[0])
        os.kill(pid_of_piper(), signal_number)
        assert (await store.prepare(TEXTS[1])).seconds > 1
    assert store.failed == 0
    made_by = Counter({name.partition(" ")[0]: count for name, count in store.made_by.items()})
    assert made_by == ({"piper": 2} if signal_number == signal.SIGKILL else {"piper": 1, "espeak": 1})


def pid_of_piper() -> int:
    """The child that has its library in memory."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    (pid,) = [pid for pid in children if "onnxruntime" in Path(f"/proc/{pid}/maps").read_text()]
    return int(pid)


async def test_names_stay_in_the_house_and_one_voice_speaks_the_whole_message(make_settings: MakeSettings) -> None:
    said = [*message_for(NAMED, {"first_name": "Anna"}), *said_to_everybody(NAMED)]
    async with voice_stub() as stub, opened_store(make_settings(**at_google(stub))) as store:
        made = await speak(store, said)
        assert len(made) == len(set(said))
        assert stub.asked == []
        assert set(store.made_by) == {"espeak"}
        await speak(store, said_to_everybody(MessageContent("Det brinner i hamnen.", "sv")))
        assert "Det brinner i hamnen." in stub.texts
    async with voice_stub() as stub, opened_store(make_settings(**at_google(stub, tts_names_to_cloud=True))) as store:
        await speak(store, said)
        assert "Hej Anna!" in stub.texts


async def test_a_name_is_not_told_to_the_cloud_though_nobody_else_can_say_it(make_settings: MakeSettings) -> None:
    async with voice_stub() as stub, opened_store(make_settings(**at_google(stub, tts_fallback=()))) as store:
        with pytest.raises(SpeechUnavailable, match="TTS_NAMES_TO_CLOUD"):
            await store.prepare(SpeechRequest("Hej Anna!", "sv", is_private=True))
        assert stub.asked == []


async def test_what_no_voice_has_made_is_said_by_the_carrier(tmp_path: Path) -> None:
    async with voice_stub("hanging") as stub:
        sick = at_google(stub, tts_fallback=(), tts_timeout_sec=2 * LONGEST_WAIT_SECONDS)
        async with running_organisation(tmp_path, **sick) as organisation:
            group = await organisation.import_people({"Anna Ek": [NUMBER]})
            run = await organisation.start_run(group, text="Det brinner. Tryck 1.")
            done = await organisation.wait_until(run["id"], "done")
            assert done["counts"]["recipients"] == 1
            heard = [piece for call in organisation.simulator.ledger()["calls"] for piece in call["heard"]]
            assert {piece["kind"] for piece in heard} == {"say"}
            assert "Det brinner. Tryck 1." in {piece["text"] for piece in heard}
