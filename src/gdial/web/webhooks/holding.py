"""While the database is away: the caller is kept on the line, a key is kept on this machine, and in the end something
kind is said. All of it comes from the address and the carrier's own voice."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.requests import Request

from gdial.actions.answer_call import Script
from gdial.actions.keep_words import keep_key
from gdial.carriers.base import GoTo, HangUp, PressWord, ScriptStep, SpokenByCarrier, Tell, Wait
from gdial.messages.dialogue import Spoken, no_message
from gdial.messages.model import REPEAT_KEY
from gdial.messages.phrases import phrases_for
from gdial.runtime import Runtime
from gdial.storage.kept_keys import KeptKey
from gdial.web.webhooks.verification import Webhook

PAUSES_SECONDS = (1, 2, 4, 8, 10)
"""Between one try and the next: a database that restarts is back within them, and a short gap is hardly heard."""
ASKED_TO_WAIT = (2, 4)
"""At these tries the caller hears that somebody is still there."""


def hold(request: Request, webhook: Webhook, press: PressWord | None) -> Script | None:
    """Wait, and the same question again; a key that was pressed goes along. None when it has lasted too long."""
    query = dict(request.query_params)
    tries = int(query["waits"][:3]) + 1 if query.get("waits", "").isdecimal() else 1
    if tries > len(PAUSES_SECONDS) or webhook.network is None:
        return None
    query["waits"] = str(tries)
    if press is not None:
        query["kept"] = press.digits
    url = f"{webhook.network.callback_base}{request.url.path}?{urlencode(query)}"
    phrases = phrases_for(query.get("language", ""))
    asked: list[ScriptStep] = [Tell([SpokenByCarrier(phrases.one_moment, phrases.language)])]
    return [*(asked if tries in ASKED_TO_WAIT else []), Wait(PAUSES_SECONDS[tries - 1]), GoTo(url)]


async def keep(rt: Runtime, webhook: Webhook, step: int, press: PressWord) -> bool:
    """Whether there is a key, and it is on this machine's disk."""
    call_id = webhook.attempt_id or webhook.inbound_id
    if call_id is None or webhook.mode is None or not press.digits:
        return False
    is_ring_back = webhook.attempt_id is None
    key = KeptKey(call_id, is_ring_back, webhook.mode, press.sid, step, press.digits, rt.clock())
    return await keep_key(rt, key)


def farewell(rt: Runtime, query: Mapping[str, str], press: PressWord | None, *, is_kept: bool) -> Script:
    """What is said when the database stayed away. An answer that is kept is thanked for: it counts."""
    language = query.get("language") or rt.settings.default_language
    said = _last_words(language, query.get("keys", ""), press.digits[:1] if press is not None else None, is_kept)
    return [Tell([SpokenByCarrier(sentence.text, sentence.language) for sentence in said]), HangUp()]


def _last_words(language: str, keys: str, key: str | None, is_kept: bool) -> list[Spoken]:
    phrases = phrases_for(language)
    if key is None or key == REPEAT_KEY:
        return [no_message(language)]
    if not key:
        sentences = [phrases.no_answer]
    elif key not in keys:
        sentences = [phrases.unknown_key, phrases.goodbye]
    else:
        sentences = [phrases.thanks if is_kept else phrases.answer_not_taken]
    return [Spoken(sentence, phrases.language) for sentence in sentences]
