"""What a person hears: the message, and what follows each key."""

from __future__ import annotations

from collections.abc import Sequence

from gdial.actions.prepare_speech import message_for, utterances
from gdial.actions.record_event import CallInHand, CallNamed, record_answer, record_press
from gdial.actions.recorded_parts import look_up
from gdial.actions.run_content import content_for
from gdial.actions.webhook_links import press_link
from gdial.carriers.base import AskForKey, HangUp, ScriptStep, SpokenByCarrier, Tell, Utterance
from gdial.messages.dialogue import Ask, Farewell, Spoken, Thank, after_presses
from gdial.runtime import Runtime

Script = list[ScriptStep]


async def answer_call(rt: Runtime, named: CallNamed, *, spoken_by_carrier: bool) -> Script | None:
    """The receiver was lifted: the message from its beginning. None when the call is unknown.

    Raises DatabaseUnavailable; nothing is stored then.
    """
    call = await record_answer(rt, named)
    return None if call is None else await _say_message(rt, call, step=0, spoken_by_carrier=spoken_by_carrier)


async def answer_press(rt: Runtime, named: CallNamed, step: int, digits: str) -> Script | None:
    """A key, or silence, after the prompt of this step. A replay gets the same answer: the first key stands,
    and before it the first that is an answer.

    Raises DatabaseUnavailable; nothing is stored then.
    """
    call = await record_press(rt, named, step, digits)
    if call is None:
        return None
    match after_presses(content_for(call.recipient), call.presses[: step + 1]):
        case Ask(next_step, before):
            return await _say_message(rt, call, next_step.number, before=[before] if before.text else [])
        case Thank(_, said) | Farewell(said):
            return [Tell(await utterances(rt, [said], call.run.mode)), HangUp()]


async def _say_message(
    rt: Runtime, call: CallInHand, step: int, *, before: Sequence[Spoken] = (), spoken_by_carrier: bool = False
) -> Script:
    content = content_for(call.recipient)
    said = [*before, *message_for(content, call.recipient.fields)]
    if spoken_by_carrier:
        words = await look_up(rt, said)
        uttered: Sequence[Utterance] = [SpokenByCarrier(spoken.text, spoken.language) for spoken in words]
    else:
        uttered = await utterances(rt, said, call.run.mode)
    if not call.run.responses:
        return [Tell(uttered), HangUp()]
    return [AskForKey(uttered, press_link(rt, call.run.mode, call.attempt.facts.id, step, content))]
