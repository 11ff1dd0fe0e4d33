"""Somebody rings our number: they hear who rang, the message that is for them, and may answer it.

A caller's number is what the carrier says it is. It can be forged, so nothing is told beyond what a call to that number
would have told, and the personal parts only where one person alone has the number.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import structlog

from gdial.actions.deciding import Decided, decide_and_save, let_out
from gdial.actions.prepare_speech import message_for, utterances
from gdial.actions.run_content import content_for
from gdial.actions.system_settings import load_values
from gdial.actions.webhook_links import ring_back_link
from gdial.carriers.base import AskForKey, HangUp, InboundWord, PressWord, ScriptStep, Tell
from gdial.dialing.events import AnsweredByRingBack, RangBack
from gdial.dialing.states import RunMode
from gdial.messages.dialogue import Ask, Farewell, Next, Spoken, Thank, after_presses, say_parts
from gdial.messages.model import MessageContent
from gdial.messages.parts import split_parts
from gdial.messages.phrases import phrases_for
from gdial.messages.render import FIELD_NAMES
from gdial.runtime import Runtime
from gdial.settings.system import SystemValues
from gdial.storage import inbound_calls, recipients
from gdial.storage.database import Transaction
from gdial.storage.inbound_calls import InboundCall
from gdial.storage.recipients import StoredRecipient

log = structlog.get_logger(__name__)

Script = list[ScriptStep]

MOST_STEPS = 32
"""More prompts than one call can have."""


async def answer_ring_back(rt: Runtime, mode: RunMode, word: InboundWord) -> Script:
    """What the caller hears. A replay gets the same, and changes nothing.

    Raises DatabaseUnavailable; nothing is stored then.
    """
    decided = None
    async with rt.database.transaction() as tx:
        values = await load_values(tx, rt.settings)
        call = await _known_or_new(tx, rt, mode, word, values)
        recipient = await _recipient_of(tx, call)
        if recipient is not None and values.get("ring_back_answers"):
            decided = await decide_and_save(tx, rt, recipient, RangBack())
        is_shared = await inbound_calls.count_owners(tx, call.number) > 1
    if decided is not None:
        await let_out(rt, decided)
    log.info("somebody rang back", mode=mode, is_known=recipient is not None)
    if recipient is None:
        return [Tell(await utterances(rt, _nothing_for_you(values), mode)), HangUp()]
    content = content_for(recipient)
    phrases = phrases_for(content.language)
    said = [*_who_rang(values, content.language), Spoken(phrases.we_rang, phrases.language)]
    said = [_beside(content, sentence) for sentence in said]
    said += _message(content, recipient.fields, is_shared=is_shared)
    if not content.responses or not values.get("ring_back_answers"):
        return [Tell(await utterances(rt, said, mode)), HangUp()]
    if recipient.facts.answer is not None:
        said.append(_beside(content, Spoken(phrases.answered_already, phrases.language)))
        return [Tell(await utterances(rt, said, mode)), HangUp()]
    return [AskForKey(await utterances(rt, said, mode), ring_back_link(rt, mode, call.id, 0, content))]


async def answer_ring_back_press(
    rt: Runtime, mode: RunMode, call_id: UUID, step: int, press: PressWord
) -> Script | None:
    """What follows a key, or silence, after the prompt of this step; None for a call that is not known. The first
    answer of a step stands, or else its first press, whatever a replay says.

    Raises DatabaseUnavailable; nothing is stored then.
    """
    async with rt.database.transaction() as tx:
        call = await inbound_calls.get(tx, call_id)
        recipient = None if call is None else await _recipient_of(tx, call)
        if call is None or recipient is None or (call.call_sid, call.mode) != (press.sid, mode) or step >= MOST_STEPS:
            return None
        values = await load_values(tx, rt.settings)
        content = content_for(recipient)
        presses = await _keep_press(tx, call_id, step, press.digits, content.responses)
        following = after_presses(content, presses[: step + 1])
        following, decided = await _decide(tx, rt, recipient, call_id, step, following, values)
        is_shared = await inbound_calls.count_owners(tx, call.number) > 1
    if decided is not None:
        await let_out(rt, decided)
    match following:
        case Ask(next_step, before):
            said = [before] if before.text else []
            said += _message(content, recipient.fields, is_shared=is_shared)
            link = ring_back_link(rt, mode, call_id, next_step.number, content)
            return [AskForKey(await utterances(rt, said, mode), link)]
        case Thank(_, sentence) | Farewell(sentence):
            return [Tell(await utterances(rt, [sentence], mode)), HangUp()]


async def _known_or_new(
    tx: Transaction, rt: Runtime, mode: RunMode, word: InboundWord, values: SystemValues
) -> InboundCall:
    known = await inbound_calls.find(tx, word.sid)
    if known is not None:
        return known
    now = rt.clock()
    since = now - timedelta(hours=values.number("ring_back_hours"))
    found = await inbound_calls.whom_it_is_for(tx, word.from_number, mode, since) if word.from_number else None
    recipient_id, run_id = found or (None, None)
    call = InboundCall(uuid4(), word.sid, mode, word.from_number, run_id, recipient_id, (), now)
    if await inbound_calls.insert_if_new(tx, call):
        return call
    # The same request twice at the same moment.
    return await inbound_calls.find(tx, word.sid) or call


async def _recipient_of(tx: Transaction, call: InboundCall) -> StoredRecipient | None:
    return None if call.recipient_id is None else await recipients.get(tx, call.recipient_id, lock=True)


async def _keep_press(
    tx: Transaction, call_id: UUID, step: int, digits: str, answers: Container[str]
) -> tuple[str, ...]:
    """Read anew, under the recipient's lock: two requests for one step may come at once."""
    call = await inbound_calls.get(tx, call_id)
    presses = call.presses if call is not None else ()
    digit = digits.strip()[:1]
    if step < len(presses) and (presses[step] in answers or digit not in answers):
        return presses
    presses = (*presses[:step], *("" for _ in range(len(presses), step)), digit, *presses[step + 1 :])
    await inbound_calls.save_presses(tx, call_id, presses)
    return presses


async def _decide(
    tx: Transaction,
    rt: Runtime,
    recipient: StoredRecipient,
    call_id: UUID,
    step: int,
    following: Next,
    values: SystemValues,
) -> tuple[Next, Decided | None]:
    """An answer that was given elsewhere meanwhile stands, and the caller is told so."""
    if not isinstance(following, Thank):
        return following, None
    reply = following.reply
    phrases = phrases_for(reply.language)
    if not values.get("ring_back_answers"):
        return Farewell(Spoken(phrases.goodbye, phrases.language, reply.is_private)), None
    event = AnsweredByRingBack(call_id, step, following.answer, is_listed=True)
    decided = await decide_and_save(tx, rt, recipient, event)
    if decided.decision.recipient.answer_attempt_id != call_id:
        return Farewell(Spoken(phrases.answered_already, phrases.language, reply.is_private)), decided
    return following, decided


def _message(content: MessageContent, fields: Mapping[str, str], *, is_shared: bool) -> list[Spoken]:
    """Without the sentences that name a person when several people have the number; where nothing else is left, with
    nothing in place of the name."""
    if not is_shared:
        return message_for(content, fields)
    parts = split_parts(content.text)
    nameless = say_parts(content, [part for part in parts if not part.personal], {})
    return nameless or say_parts(content, parts, dict.fromkeys(FIELD_NAMES, ""))


def _beside(content: MessageContent, sentence: Spoken) -> Spoken:
    """Spoken by the voice that speaks the message."""
    return replace(sentence, is_private=content.names_people)


def _who_rang(values: SystemValues, language: str) -> list[Spoken]:
    phrases, name = phrases_for(language), values.text("organisation_name")
    return [Spoken(phrases.organisation.replace("{organisation}", name), phrases.language)] if name else []


def _nothing_for_you(values: SystemValues) -> list[Spoken]:
    default_language = values.text("default_language")
    language = phrases_for(default_language).language
    sentence = values.text(f"ring_back_unknown_{language}")
    return [*_who_rang(values, default_language), Spoken(sentence, language)]
