"""The servers of other voices, as far as GDial speaks to them: Coqui's, Google's, Google Translate's. On loopback.

They speak a tone as long as the text would be, and can be made to hang, to be silent, or to answer rubbish.
"""

from __future__ import annotations

import asyncio
import base64
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import av
import numpy as np
from aiohttp import web
from av.audio.frame import AudioFrame

RATE = 16_000
Mood = Literal["well", "hanging", "silent", "rubbish", "broken", "cut off", "too short"]


@dataclass
class VoiceStub:
    """`asked` are the texts it was to speak, with what came beside them."""

    mood: Mood = "well"
    seconds_a_character: float = 0.07
    address: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def texts(self) -> list[str]:
        return [each["text"] for each in self.asked]

    def application(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.post("/api/tts", self._coqui),
                web.get("/voices", self._coqui_voices),
                web.post("/v1/text:synthesize", self._google),
                web.get("/v1/voices", self._google_voices),
                web.post("/_/TranslateWebserverUi/data/batchexecute", self._translate),
            ]
        )
        return app

    async def _coqui(self, request: web.Request) -> web.Response:
        form = dict(await request.post())
        if (bad := await self._bad(request, form)) is not None:
            return bad
        return web.Response(body=self._sound(str(form["text"])), content_type="audio/wav")

    async def _coqui_voices(self, _request: web.Request) -> web.Response:
        return web.Response(text="Claribel Dervla sv u\nTomas sv u\n")

    async def _google(self, request: web.Request) -> web.Response:
        told = await request.json()
        asked = {"text": told["input"]["text"], **told["voice"], **told["audioConfig"]}
        if (bad := await self._bad(request, asked)) is not None:
            return bad
        sound = self._sound(asked["text"], asked.get("speakingRate", 1.0))
        return web.json_response({"audioContent": base64.b64encode(sound).decode()})

    async def _google_voices(self, request: web.Request) -> web.Response:
        if not {"X-Goog-Api-Key", "Authorization"} & set(request.headers):
            return web.json_response({"error": {"code": 403, "message": "no key"}}, status=403)
        names = ("sv-SE-Wavenet-A", "sv-SE-Standard-B", "en-US-Wavenet-C", "en-GB-Wavenet-D")
        return web.json_response({"voices": [{"name": each, "languageCodes": [each[:5]]} for each in names]})

    async def _translate(self, request: web.Request) -> web.Response:
        asked = json.loads(json.loads(str((await request.post())["f.req"]))[0][0][1])
        if (bad := await self._bad(request, {"text": asked[0], "language": asked[1]})) is not None:
            return bad
        sound = base64.b64encode(encode(self._samples(asked[0]), "mp3")).decode()
        row = ["wrb.fr", "jQ1olc", json.dumps([sound]), None, None, None, "generic"]
        return web.Response(text=f")]}}'\n\n{len(sound)}\n{json.dumps([row], separators=(',', ':'))}\n25\n[]\n")

    async def _bad(self, request: web.Request, asked: dict[str, Any]) -> web.Response | None:
        self.asked.append(asked)
        self.headers.append(dict(request.headers))
        self.reached.set()
        if self.mood == "hanging":
            await self.let_go.wait()
        if self.mood == "rubbish":
            return web.Response(body=b"\x89PNG rubbish" * 999, content_type="audio/wav")
        if self.mood == "broken":
            return web.json_response({"error": {"code": 500, "message": "no memory left"}}, status=500)
        if self.mood == "cut off":
            assert request.transport is not None
            request.transport.abort()
        return None

    def _sound(self, text: str, speed: float = 1.0) -> bytes:
        return encode(self._samples(text, speed), "wav")

    def _samples(self, text: str, speed: float = 1.0) -> np.ndarray[Any, np.dtype[np.int16]]:
        seconds = 0.01 if self.mood == "too short" else len(text) * self.seconds_a_character / speed
        time = np.arange(int(seconds * RATE)) / RATE
        loudness = 0.0 if self.mood == "silent" else 0.3
        return (loudness * 32_767 * np.sin(2 * np.pi * 440 * time)).astype(np.int16)


def encode(samples: np.ndarray[Any, np.dtype[np.int16]], file_format: Literal["wav", "mp3"]) -> bytes:
    file = io.BytesIO()
    codec: Any = {"wav": "pcm_s16le", "mp3": "libmp3lame"}[file_format]
    with av.open(file, "w", format=file_format) as container:
        stream = container.add_stream(codec, rate=RATE, layout="mono")
        frame = AudioFrame.from_ndarray(samples[np.newaxis, :], format="s16", layout="mono")
        frame.sample_rate = RATE
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return file.getvalue()


@asynccontextmanager
async def voice_stub(mood: Mood = "well") -> AsyncIterator[VoiceStub]:
    stub = VoiceStub(mood)
    runner = web.AppRunner(stub.application(), shutdown_timeout=1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        stub.address = f"http://{host}:{port}"
        yield stub
    finally:
        stub.let_go.set()
        await runner.cleanup()
