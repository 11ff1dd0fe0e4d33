"""Have the audio made before the call that needs it. A voice that fails costs quality, never the call."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from uuid import UUID

import structlog

from gdial.actions.recorded_parts import look_up
from gdial.actions.run_content import content_for, own_content, translations_of
from gdial.actions.webhook_links import audio_link, joined_links
from gdial.carriers.base import Sound, SpokenByCarrier, Utterance
from gdial.dialing.states import RunMode
from gdial.errors import InvalidInput, SpeechUnavailable
from gdial.messages.dialogue import Spoken, say_parts, speak_in
from gdial.messages.model import MessageContent
from gdial.messages.parts import split_parts
from gdial.messages.phrases import phrases_for
from gdial.monitoring import metrics
from gdial.runtime import Runtime
from gdial.speech.base import Audio, SpeechRequest
from gdial.speech.joined import can_be_joined
from gdial.storage import runs
from gdial.storage.recipients import StoredRecipient

log = structlog.get_logger(__name__)

LONGEST_WAIT_SECONDS = 2.0
UNWRITABLE = "audio cannot be written: look at AUDIO_DIR and its disk; the carrier's own voice speaks meanwhile"


def message_for(content: MessageContent, fields: Mapping[str, str]) -> list[Spoken]:
    """What this person hears as the message, in the pieces that are spoken one by one."""
    return say_parts(content, split_parts(content.text), fields)


async def for_recipient(rt: Runtime, recipient: StoredRecipient) -> None:
    """Wait for this person's audio, but not for long; what is not ready then is made meanwhile."""
    await make_all(rt, message_for(content_for(recipient), recipient.fields))


async def for_run(rt: Runtime, run_id: UUID) -> None:
    """All that the run says to everybody, in each of its languages: the fixed parts, the replies, the system's own
    sentences."""
    async with rt.database.reading() as tx:
        run = await runs.get(tx, run_id)
    own = own_content(run)
    contents = (own, *translations_of(run, own).values())
    await make_all(rt, [spoken for content in contents for spoken in said_to_everybody(content)])


def said_to_everybody(content: MessageContent) -> Iterator[Spoken]:
    fixed = [part for part in split_parts(content.text) if not part.fields]
    yield from say_parts(content, fixed, {})
    yield from (speak_in(content, response.reply) for response in content.responses.values() if response.reply)
    phrases = phrases_for(content.language)
    own = (phrases.no_answer, phrases.unknown_key, phrases.thanks, phrases.goodbye)
    yield from (Spoken(text, phrases.language, content.names_people) for text in own)


def said_to_one(content: MessageContent, fields: Mapping[str, str]) -> list[Spoken]:
    """The parts of the message that name something of this person."""
    return say_parts(content, [part for part in split_parts(content.text) if part.personal], fields)


async def for_text(rt: Runtime, text: str, language: str) -> Audio:
    """One text. Raises SpeechUnavailable, InvalidInput."""
    return await rt.speech.prepare(SpeechRequest(text, language))


async def utterances(rt: Runtime, said: Sequence[Spoken], mode: RunMode) -> list[Utterance]:
    """Our own audio where it is made in time, as much as can be under one address; else words for the carrier's voice.

    Asks the database once at most for audio, and not at all for what is in this process's folder; once more for the
    recordings of a message, and every few seconds for the lexicon.
    """
    said = await look_up(rt, said)
    late = await make_all(rt, said)
    heard = [(spoken, rt.speech.find(_name(rt, spoken))) for spoken in said]
    metrics.speech_pieces.labels("late").inc(sum(audio is None and spoken in late for spoken, audio in heard))
    uttered: list[Utterance] = []
    for joinable, run in groupby(heard, key=lambda each: each[1] is not None and can_be_joined(each[1])):
        if joinable:
            names = [audio.name for _, audio in run if audio is not None]
            uttered += [Sound(link) for link in joined_links(rt, mode, names)]
        else:
            uttered += [_utterance(rt, spoken, audio, mode) for spoken, audio in run]
    return uttered


def _utterance(rt: Runtime, spoken: Spoken, audio: Audio | None, mode: RunMode) -> Utterance:
    if audio is None:
        return SpokenByCarrier(spoken.text, spoken.language)
    return Sound(audio_link(rt, mode, audio.name))


async def make_all(rt: Runtime, said: Iterable[Spoken]) -> set[Spoken]:
    """Wait for these pieces, but not for long; those that are still being made then."""
    await rt.speech.lexicon.refresh()
    missing = await not_there(rt, await look_up(rt, list(said)))
    if not missing:
        return set()
    making = {asyncio.ensure_future(make(rt, spoken)): spoken for spoken in missing}
    _, late = await asyncio.wait(making, timeout=LONGEST_WAIT_SECONDS)
    if late:
        log.warning("audio is late; the carrier's voice speaks until it is there", pieces=len(late))
    return {making[each] for each in late}


async def not_there(rt: Runtime, said: Iterable[Spoken]) -> list[Spoken]:
    """What is to be spoken and is neither here nor, asked at once for all, with another process."""
    names = {spoken: _name(rt, spoken) for spoken in said}
    found = await rt.speech.find_many(name for name in names.values() if name)
    to_speak = {spoken: name for spoken, name in names.items() if not spoken.audio_name}
    rt.speech.count_reused(sum(name in found for name in to_speak.values()))
    return [spoken for spoken, name in to_speak.items() if name not in found]


def _name(rt: Runtime, spoken: Spoken) -> str:
    """Empty for what no voice can say, such as a name without a letter."""
    try:
        return spoken.audio_name or rt.speech.name_for(request_for(spoken))
    except InvalidInput:
        return ""


async def make(rt: Runtime, spoken: Spoken) -> None:
    """The piece, where it was not there a moment ago. What no voice can say is told in the log."""
    try:
        await rt.speech.prepare(request_for(spoken), ask_shelf=False)
    except (SpeechUnavailable, InvalidInput) as error:
        log.warning("no audio for a text; the carrier's voice speaks it", why=str(error))
        alarm_if_unwritable(rt, error)


def alarm_if_unwritable(rt: Runtime, error: Exception) -> None:
    if isinstance(error.__cause__, OSError):
        rt.alarms.sound("audio not kept", UNWRITABLE, why=str(error))


def request_for(spoken: Spoken) -> SpeechRequest:
    return SpeechRequest(spoken.text, spoken.language, is_private=spoken.is_private)
