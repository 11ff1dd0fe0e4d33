"""The voices that another server speaks with, over HTTP on loopback: Coqui's, Google's, Google Translate's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import jwt

from gdial.errors import InvalidInput, SpeechUnavailable
from gdial.speech.base import Engine, SpeechRequest
from gdial.speech.coqui import CoquiServer
from gdial.speech.google import GoogleEngine
from gdial.speech.google_access import AUDIENCE, ApiKey, ServiceAccount
from gdial.speech.gtts import GttsEngine
from gdial.speech.processes import SpeechProcesses
from gdial.speech.voice_server import VoiceServer
from tests.ports.speech_port import SWEDISH, SpeechPortSuite, seconds
from tests.support.voice_stubs import Mood, VoiceStub, voice_stub

pytestmark = pytest.mark.asyncio(loop_scope="module")

TIMEOUT_SECONDS = 60.0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stub() -> AsyncIterator[VoiceStub]:
    async with voice_stub() as serving:
        yield serving


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def processes() -> AsyncIterator[SpeechProcesses]:
    made = SpeechProcesses()
    yield made
    await made.close()


def coqui(address: str, processes: SpeechProcesses, timeout_seconds: float = TIMEOUT_SECONDS) -> Engine:
    return CoquiServer(VoiceServer("Coqui's server", address), ("sv", "en"), processes, timeout_seconds)


def google(address: str, processes: SpeechProcesses, timeout_seconds: float = TIMEOUT_SECONDS) -> Engine:
    return GoogleEngine(VoiceServer("Google", address), ApiKey("a-key"), processes, timeout_seconds)


def gtts(address: str, processes: SpeechProcesses, timeout_seconds: float = TIMEOUT_SECONDS) -> Engine:
    return GttsEngine(VoiceServer("Google Translate", address), processes, timeout_seconds)


Make = Callable[..., Engine]
LONG: dict[Make, str] = {
    google: "Öar på ån är öde åter. Åä ö åäö! " * 130,
    gtts: "Det brinner vid hamnen, säger Åsa. " * 12,
}
EVERY_VOICE = pytest.mark.parametrize("make", [coqui, google, gtts])


class TestCoquiServer(SpeechPortSuite):
    @pytest_asyncio.fixture(loop_scope="module")
    async def engine(self, stub: VoiceStub, processes: SpeechProcesses) -> AsyncIterator[Engine]:
        made = coqui(stub.address, processes)
        yield made
        await made.close()


class TestGoogle(SpeechPortSuite):
    @pytest_asyncio.fixture(loop_scope="module")
    async def engine(self, stub: VoiceStub, processes: SpeechProcesses) -> AsyncIterator[Engine]:
        made = google(stub.address, processes)
        yield made
        await made.close()


class TestGtts(SpeechPortSuite):
    @pytest_asyncio.fixture(loop_scope="module")
    async def engine(self, stub: VoiceStub, processes: SpeechProcesses) -> AsyncIterator[Engine]:
        made = gtts(stub.address, processes)
        yield made
        await made.close()


async def test_coqui_is_asked_in_the_language_and_with_the_speaker(processes: SpeechProcesses) -> None:
    async with voice_stub() as stub:
        engine = coqui(stub.address, processes)
        await engine.speak(SpeechRequest("Hej", "sv-SE", voice="claribel dervla"))
        assert stub.asked == [{"text": "Hej", "language_id": "sv", "speaker_id": "Claribel Dervla"}]
        with pytest.raises(InvalidInput, match="there are: Claribel Dervla, Tomas"):
            await engine.speak(SpeechRequest("Hej", "sv", voice="Kerstin"))
        await engine.close()


async def test_google_is_asked_by_language_or_by_name(processes: SpeechProcesses) -> None:
    async with voice_stub() as stub:
        engine = google(stub.address, processes)
        await engine.speak(SpeechRequest("Hej", "sv", pitch=3.0))
        await engine.speak(SpeechRequest("Hello", "en-GB", voice="en-gb-wavenet-d", speed=1.5))
        plain = {"text": "Hej", "languageCode": "sv-SE", "audioEncoding": "LINEAR16"}
        named = {"text": "Hello", "languageCode": "en-GB", "name": "en-GB-Wavenet-D", "audioEncoding": "LINEAR16"}
        assert stub.asked == [plain, named | {"speakingRate": 1.5}]
        assert {headers["X-Goog-Api-Key"] for headers in stub.headers} == {"a-key"}
        with pytest.raises(InvalidInput, match="there are: sv-SE-Wavenet-A, sv-SE-Standard-B"):
            await engine.speak(SpeechRequest("Hej", "sv", voice="en-US-Wavenet-C"))
        await engine.close()


@pytest.mark.parametrize(("make", "most"), [(google, 5_000), (gtts, 100)])
async def test_a_long_text_is_asked_for_in_pieces(processes: SpeechProcesses, make: Make, most: int) -> None:
    async with voice_stub() as stub:
        engine = make(stub.address, processes)
        stub.seconds_a_character = 0.03
        text = LONG[make]
        sound = await engine.speak(SpeechRequest(text, "sv"))
        assert len(stub.texts) > 1
        assert max(len(text.encode() if make is google else text) for text in stub.texts) <= most
        assert " ".join(stub.texts) == text.strip()
        assert seconds(sound) == pytest.approx(len(text) * 0.03, rel=0.15)
        await engine.close()


@EVERY_VOICE
@pytest.mark.parametrize(
    ("mood", "told"), [("rubbish", "."), ("broken", "answered 500: no memory left"), ("cut off", "cannot be reached")]
)
async def test_a_bad_answer_is_told(processes: SpeechProcesses, make: Make, mood: Mood, told: str) -> None:
    async with voice_stub(mood) as stub:
        engine = make(stub.address, processes)
        with pytest.raises(SpeechUnavailable, match=told):
            await engine.speak(SWEDISH)
        await engine.close()


@EVERY_VOICE
async def test_one_that_hangs_is_not_waited_for(processes: SpeechProcesses, make: Make) -> None:
    async with voice_stub("hanging") as stub:
        engine = make(stub.address, processes, 0.2)
        with pytest.raises(SpeechUnavailable, match=r"did not answer within \d"):
            await engine.speak(SWEDISH)
        await engine.close()


@EVERY_VOICE
async def test_one_that_is_away_is_told_without_the_key(processes: SpeechProcesses, make: Make) -> None:
    engine = make("http://127.0.0.1:9", processes)
    with pytest.raises(SpeechUnavailable, match="cannot be reached") as told:
        await engine.speak(SWEDISH)
    assert "a-key" not in str(told.value)
    await engine.close()


async def test_a_service_account_signs_for_itself(tmp_path: Path, processes: SpeechProcesses) -> None:
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    told = {"type": "service_account", "client_email": "gdial@example.iam", "private_key": pem, "private_key_id": "1"}
    (tmp_path / "key.json").write_text(json.dumps(told | {"token_uri": "https://oauth2.example.org/token"}))
    async with voice_stub() as stub:
        engine = GoogleEngine(
            VoiceServer("Google", stub.address), ServiceAccount(tmp_path / "key.json"), processes, TIMEOUT_SECONDS
        )
        await asyncio.gather(*(engine.speak(SpeechRequest(text, "sv")) for text in ("Hej", "Hej då")))
        await engine.close()
    kind, _, token = stub.headers[0]["Authorization"].partition(" ")
    claims = jwt.decode(token, certs=public, audience=AUDIENCE)  # type: ignore[no-untyped-call]
    assert (kind, claims["iss"]) == ("Bearer", "gdial@example.iam")


@pytest.mark.parametrize("content", ["", "{}", '{"private_key": "SECRET", "client_email": "x", "token_uri": "x"}'])
async def test_a_bad_key_file_is_told_without_what_is_in_it(tmp_path: Path, content: str) -> None:
    (tmp_path / "key.json").write_text(content)
    with pytest.raises(SpeechUnavailable, match="is no service account's key") as told:
        ServiceAccount(tmp_path / "key.json").headers()
    assert "SECRET" not in str(told.value)
    with pytest.raises(SpeechUnavailable, match="No such file"):
        ServiceAccount(tmp_path / "gone.json").headers()
