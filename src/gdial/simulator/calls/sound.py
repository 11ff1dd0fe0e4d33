"""Makes sound on an answered call, and keeps what was heard."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from gdial.simulator.calls.line import Line
from gdial.simulator.calls.record import Call, Heard
from gdial.simulator.clock import Clock
from gdial.simulator.outgoing.audio import AudioLibrary
from gdial.simulator.outgoing.courier import BAD_URL, DeliveryError
from gdial.simulator.signal import Signal
from gdial.simulator.twiml.verbs import Pause, Play, Prompt, Say


def resolve_url(base: str, url: str) -> str:
    """The absolute form of a URL that stands in the document at `base` (empty for TwiML without an address)."""
    absolute = urljoin(base, url)
    parts = urlsplit(absolute)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise DeliveryError(BAD_URL, f"{url!r} is no absolute http or https URL", url=url)
    return absolute


class Sound:
    """What a person hears on one call."""

    def __init__(self, call: Call, line: Line, audio: AudioLibrary, clock: Clock, changes: Signal) -> None:
        self._call = call
        self._line = line
        self._audio = audio
        self._clock = clock
        self._changes = changes

    async def play(self, prompt: Prompt, base: str) -> None:
        """Let the prompt sound to its end; raises `DeliveryError` when its audio cannot be had."""
        match prompt:
            case Pause():
                await self._clock.sleep(prompt.length_seconds)
            case Say():
                length = prompt.spoken_seconds * prompt.loop
                await self._last(Heard("say", text=prompt.text, language=prompt.language, length_seconds=length))
            case Play(url=""):
                await self._last(Heard("play", text=prompt.digits, length_seconds=prompt.tone_seconds * prompt.loop))
            case Play():
                await self._play_audio(prompt, resolve_url(base, prompt.url))

    async def _play_audio(self, prompt: Play, url: str) -> None:
        try:
            clip = await self._audio.open(url)
        except DeliveryError as error:
            raise DeliveryError(error.code, str(error), status=error.status, url=url) from error
        length = clip.seconds * prompt.loop
        heard = Heard("play", url=url, length_seconds=length, content_type=clip.content_type, sha256=clip.sha256)
        await self._last(heard)

    async def _last(self, heard: Heard) -> None:
        self._call.heard.append(heard)
        heard.length_seconds = round(heard.length_seconds, 3)
        began = self._clock.elapsed_seconds()
        self._line.begin_sound()
        self._changes.notify()
        try:
            await self._clock.sleep(heard.length_seconds)
        finally:
            heard.seconds = round(min(heard.length_seconds, self._clock.elapsed_seconds() - began), 3)
