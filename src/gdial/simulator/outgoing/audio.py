"""Fetches the audio that a Play names, and measures how long it lasts.

What was fetched is remembered by URL as its length and hash, never as sound. While `Cache-Control: max-age` says it is
fresh it is played without asking; after that it is asked for with If-None-Match or If-Modified-Since. Calls that need
the same audio at the same moment share one request.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import re
from collections import OrderedDict
from dataclasses import dataclass, replace
from urllib.parse import quote, urldefrag

import aiohttp
import av
from yarl import URL

from gdial.simulator.outgoing.courier import AS_WRITTEN, RETRIEVAL_FAILURE, DeliveryError, explain_failure
from gdial.simulator.outgoing.wave import measure_wave

BAD_CONTENT_TYPE = 12300
LARGEST_AUDIO_BYTES = 40 * 1024 * 1024
MOST_REMEMBERED = 10_000
TIMEOUT = aiohttp.ClientTimeout(total=15, sock_connect=5)
WAVE_TYPES = frozenset({"audio/wav", "audio/wave", "audio/x-wav"})
DECODED_TYPES = frozenset({"audio/mpeg", "audio/aiff", "audio/x-aifc", "audio/x-aiff", "audio/x-gsm", "audio/gsm"})
MULAW_TYPES = frozenset({"audio/ulaw"})
MULAW_BYTES_PER_SECOND = 8000
MAX_AGE = re.compile(r"max-age\s*=\s*\"?(\d+)")


@dataclass(frozen=True, slots=True)
class Clip:
    """A piece of audio as it was last fetched; `fresh_until` is in the event loop's seconds."""

    url: str
    seconds: float
    content_type: str
    sha256: str
    etag: str = ""
    last_modified: str = ""
    fresh_until: float = 0.0


class AudioLibrary:
    """Clips by URL, and how often each was fetched and asked for."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session
        self._clips: OrderedDict[str, Clip] = OrderedDict()
        self._fetching: dict[str, asyncio.Task[Clip]] = {}
        self.requests = 0
        """HTTP requests made for audio."""

    async def open(self, url: str) -> Clip:
        """The clip at this URL; raises `DeliveryError` when it cannot be fetched or played."""
        url = quote(urldefrag(url).url, safe=AS_WRITTEN)
        known = self._clips.get(url)
        if known is not None and known.fresh_until > asyncio.get_running_loop().time():
            self._clips.move_to_end(url)
            return known
        task = self._fetching.get(url)
        if task is None:
            task = asyncio.create_task(self._fetch(url, known))
            self._fetching[url] = task
            task.add_done_callback(lambda _: self._fetching.pop(url, None))
        # A caller who hangs up while waiting must not take the audio from the others.
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Stop every fetch under way."""
        tasks = list(self._fetching.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _fetch(self, url: str, known: Clip | None) -> Clip:
        try:
            clip = await self._request(url, known)
        except (aiohttp.ClientError, TimeoutError, ValueError, OSError) as error:
            raise explain_failure(error) from error
        self._clips[url] = clip
        self._clips.move_to_end(url)
        while len(self._clips) > MOST_REMEMBERED:
            self._clips.popitem(last=False)
        return clip

    async def _request(self, url: str, known: Clip | None) -> Clip:
        self.requests += 1
        headers = {"Accept": "*/*", "User-Agent": "TwilioProxy/1.1"}
        if known is not None and known.etag:
            headers["If-None-Match"] = known.etag
        if known is not None and known.last_modified:
            headers["If-Modified-Since"] = known.last_modified
        async with self._session.get(URL(url, encoded=True), headers=headers, timeout=TIMEOUT) as response:
            fresh_until = _read_freshness(response)
            if response.status == 304 and known is not None:
                return replace(known, fresh_until=fresh_until)
            if response.status != 200:
                message = f"the audio's address answered {response.status}"
                raise DeliveryError(RETRIEVAL_FAILURE, message, status=response.status)
            data = await _read_limited(response)
            seconds = await asyncio.to_thread(measure_audio, response.content_type, data)
            return Clip(
                url,
                seconds,
                response.content_type,
                hashlib.sha256(data).hexdigest(),
                response.headers.get("ETag", ""),
                response.headers.get("Last-Modified", ""),
                fresh_until,
            )


def measure_audio(content_type: str, data: bytes) -> float:
    """Seconds of sound; raises `DeliveryError` when the type is none that a Play takes, or the bytes are not of it."""
    try:
        if content_type in WAVE_TYPES:
            return measure_wave(data)
        if content_type in MULAW_TYPES:
            return len(data) / MULAW_BYTES_PER_SECOND
        if content_type in DECODED_TYPES:
            return _measure_decoded(data)
    except (ValueError, av.FFmpegError) as error:
        raise DeliveryError(BAD_CONTENT_TYPE, f"this is no {content_type}: {error}") from error
    raise DeliveryError(BAD_CONTENT_TYPE, f"a Play takes no {content_type}, but audio/mpeg, audio/wav or audio/ulaw")


def _measure_decoded(data: bytes) -> float:
    with av.open(io.BytesIO(data), mode="r") as container:
        if not container.streams.audio:
            raise ValueError("no sound in it")
        return sum((frame.samples / frame.sample_rate for frame in container.decode(audio=0)), 0.0)


async def _read_limited(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(64 * 1024):
        body += chunk
        if len(body) > LARGEST_AUDIO_BYTES:
            raise DeliveryError(RETRIEVAL_FAILURE, f"the audio is larger than {LARGEST_AUDIO_BYTES} bytes")
    return bytes(body)


def _read_freshness(response: aiohttp.ClientResponse) -> float:
    control = response.headers.get("Cache-Control", "").lower()
    age = MAX_AGE.search(control)
    if age is None or "no-cache" in control or "no-store" in control:
        return 0.0
    return asyncio.get_running_loop().time() + int(age.group(1))
