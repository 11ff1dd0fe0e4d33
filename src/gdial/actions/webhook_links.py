"""The addresses a carrier calls back on: each bears the attempt's id and a token that no one else can make.

What is needed to speak to somebody without the database stands in them too: the language, and which keys there are.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from enum import StrEnum
from urllib.parse import urlencode
from uuid import UUID

from gdial.dialing.states import RunMode
from gdial.messages.model import MessageContent
from gdial.runtime import Runtime
from gdial.speech.joined import MOST_JOINED, NAME_CHARACTERS, join_names
from gdial.storage.runs import Run

TOKEN_LENGTH = 32
LONGEST_LINK = 2_000
"""Characters that every proxy on the way takes."""
STATUS_RETRIES = "#rc=3&rp=ct,rt,5xx"
"""Ask for a status callback again when it could not be delivered (Twilio's connection overrides)."""


class Purpose(StrEnum):
    VOICE = "voice"
    PRESS = "dtmf"
    STATUS = "status"
    RING_BACK = "ring-back"


def make_token(secret: bytes, attempt_id: UUID, purpose: Purpose) -> str:
    """Checked without the database; a replayed or altered address of another attempt does not pass."""
    return hmac.new(secret, f"{purpose}:{attempt_id}".encode(), hashlib.sha256).hexdigest()[:TOKEN_LENGTH]


def token_is_right(secret: bytes, attempt_id: UUID, purpose: Purpose, token: str) -> bool:
    return hmac.compare_digest(make_token(secret, attempt_id, purpose).encode(), token.encode())


def voice_link(rt: Runtime, run: Run, attempt_id: UUID, language: str = "", *, spoken_by_carrier: bool = False) -> str:
    """Where the call's script is fetched; `spoken_by_carrier` asks for one that needs no audio of ours.

    `language` is this person's; the run's own where it is not given.
    """
    if run.message_id is not None:
        path, named = "voice", {"message_id": str(run.message_id)}
    else:
        path, named = "custom-voice", {"custom_message_id": str(run.custom_message_log_id)}
    extra = {"say": "1"} if spoken_by_carrier else {}
    spoken = {"language": language or run.language}
    return _link(rt, run.mode, path, attempt_id, Purpose.VOICE, named | extra | spoken)


def press_link(rt: Runtime, mode: RunMode, attempt_id: UUID, step: int, content: MessageContent) -> str:
    return _link(rt, mode, "dtmf", attempt_id, Purpose.PRESS, {"step": str(step), **_dialogue_in(content)})


def ring_back_link(rt: Runtime, mode: RunMode, call_id: UUID, step: int, content: MessageContent) -> str:
    """Where a key goes that is pressed in a call somebody made to us."""
    token = make_token(rt.secret, call_id, Purpose.RING_BACK)
    query = {"step": str(step), **_dialogue_in(content), "inbound": str(call_id), "token": token}
    return f"{rt.network(mode).callback_base}/dtmf?{urlencode(query)}"


def status_link(rt: Runtime, mode: RunMode, attempt_id: UUID) -> str:
    return _link(rt, mode, "call-status", attempt_id, Purpose.STATUS, {}) + STATUS_RETRIES


def audio_link(rt: Runtime, mode: RunMode, name: str) -> str:
    return f"{rt.network(mode).callback_base}/tts/audio/{name}"


def joined_links(rt: Runtime, mode: RunMode, names: Sequence[str]) -> list[str]:
    """Where these pieces are heard one after the other: as few addresses as they fit in."""
    room = LONGEST_LINK - len(audio_link(rt, mode, ""))
    at_once = max(1, min(MOST_JOINED, room // (NAME_CHARACTERS + 1)))
    portions = (names[first : first + at_once] for first in range(0, len(names), at_once))
    return [audio_link(rt, mode, join_names(portion)) for portion in portions]


def _dialogue_in(content: MessageContent) -> dict[str, str]:
    return {"language": content.language, "keys": "".join(content.responses)}


def _link(rt: Runtime, mode: RunMode, path: str, attempt_id: UUID, purpose: Purpose, extra: dict[str, str]) -> str:
    query = {**extra, "attempt": str(attempt_id), "token": make_token(rt.secret, attempt_id, purpose)}
    return f"{rt.network(mode).callback_base}/{path}?{urlencode(query)}"
