"""What a person hears: the message, and what follows each key."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from gdial.actions.prepare_speech import texts_for, utterances
from gdial.actions.record_event import CallInHand, record_answer, record_press
from gdial.actions.webhook_links import press_link
from gdial.carriers.base import AskForKey, HangUp, PressWord, ScriptStep, SpokenByCarrier, Tell, Utterance
from gdial.messages.dialogue import Ask, Farewell, Thank, after_presses
from gdial.messages.model import read_content
from gdial.runtime import Runtime

Script = list[ScriptStep]


async def answer_call(rt: Runtime, attempt_id: UUID, sid: str, *, spoken_by_carrier: bool) -> Script | None:
    """The receiver was lifted: the message from its beginning. None when the call is unknown.

    Raises DatabaseUnavailable; nothing is stored then.
    """
    call = await record_answer(rt, attempt_id, sid)
    return None if call is None else await _say_message(rt, call, step=0, spoken_by_carrier=spoken_by_carrier)


async def answer_press(rt: Runtime, attempt_id: UUID, step: int, press: PressWord) -> Script | None:
    """A key, or silence, after the prompt of this step. A replay gets the same answer: the first key stands.

    Raises DatabaseUnavailable; nothing is stored then.
    """
    call = await record_press(rt, attempt_id, step, press)
    if call is None:
        return None
    content = read_content(call.run.text, call.run.language, call.run.responses)
    match after_presses(content, call.presses[: step + 1]):
        case Ask(next_step, lead_in):
            return await _say_message(rt, call, next_step, lead_in=lead_in)
        case Thank(reply):
            return await _say_and_end(rt, call, reply)
        case Farewell(text):
            return await _say_and_end(rt, call, text)


async def _say_message(
    rt: Runtime, call: CallInHand, step: int, *, lead_in: str = "", spoken_by_carrier: bool = False
) -> Script:
    texts = texts_for(call.run, call.recipient.fields)
    said = await _speak(rt, call, [lead_in, *texts] if lead_in else texts, spoken_by_carrier)
    if not call.run.responses:
        return [Tell(said), HangUp()]
    return [AskForKey(said, press_link(rt, call.run.mode, call.attempt.facts.id, step))]


async def _say_and_end(rt: Runtime, call: CallInHand, text: str) -> Script:
    return [Tell(await _speak(rt, call, [text], False)), HangUp()] if text else [HangUp()]


async def _speak(rt: Runtime, call: CallInHand, texts: Sequence[str], spoken_by_carrier: bool) -> Sequence[Utterance]:
    if spoken_by_carrier:
        return [SpokenByCarrier(text, call.run.language) for text in texts]
    return await utterances(rt, texts, call.run.language, rt.network(call.run.mode).callback_base)
