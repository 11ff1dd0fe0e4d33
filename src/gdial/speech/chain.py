"""The engines in order: the first that gives a sound is heard."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import structlog

from gdial.errors import InvalidInput, SpeechUnavailable
from gdial.speech.base import Engine, Pcm, SpeechRequest
from gdial.speech.guard import EngineRests

Made = TypeVar("Made")

log = structlog.get_logger(__name__)


async def make_with_first(
    engines: Sequence[Engine], request: SpeechRequest, finish: Callable[[Pcm], Awaitable[Made]]
) -> tuple[str, Made]:
    """The name of the engine that spoke, and what `finish` made of its sound.

    A voice is the first engine's own word: what it refuses together with a voice is an error, and the engines after
    it speak in their own default voice. Raises `InvalidInput` when every engine refuses the request, and
    `SpeechUnavailable` when at least one might speak it another time.
    """
    refusals: list[InvalidInput] = []
    failures: list[str] = []
    for engine in engines:
        try:
            return engine.name, await finish(await engine.speak(request))
        except InvalidInput as error:
            if request.voice is not None:
                raise
            refusals.append(error)
        except EngineRests as error:
            failures.append(f"{engine.name}: {error}")
        except SpeechUnavailable as error:
            log.warning("speech_engine_failed", engine=engine.name, reason=str(error))
            failures.append(f"{engine.name}: {error}")
        except Exception as error:
            # A fault in one engine must not silence the others.
            log.exception("speech_engine_broke", engine=engine.name)
            failures.append(f"{engine.name}: {type(error).__name__}: {error}")
        request = replace(request, voice=None)
    if refusals and not failures:
        raise refusals[0]
    nobody = "it names people, and none of TTS_ENGINE and TTS_FALLBACK may be told them (TTS_NAMES_TO_CLOUD)"
    reasons = [*failures, *map(str, refusals)] or [nobody]
    raise SpeechUnavailable("no voice gave audio: " + "; ".join(reasons))
