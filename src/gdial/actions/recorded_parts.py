"""The recordings that a message plays: there when it is saved, and looked up when it is heard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import structlog

from gdial.errors import InvalidInput, Worded
from gdial.messages.dialogue import Spoken, no_message
from gdial.messages.model import MessageContent
from gdial.messages.render import RECORDING_EXAMPLE, recordings_in
from gdial.messages.translations import Translations
from gdial.runtime import Records
from gdial.storage import recordings
from gdial.storage.database import Transaction

MOST_NAMED = 20

log = structlog.get_logger(__name__)


async def check_recordings(tx: Transaction, content: MessageContent, translations: Translations) -> None:
    """Raises InvalidInput, naming those there are, for one that is not there. None of them is removed until the
    transaction ends."""
    for where, text in (("text", content.text), *((f"translations.{t}.text", c.text) for t, c in translations.items())):
        wanted = recordings_in(text)
        found = await recordings.find(tx, wanted, keep=True) if wanted else {}
        missing = [name for name in wanted if name not in found]
        if missing:
            raise InvalidInput(
                Worded('there is no recording "{name}"; {others}', name=missing[0], others=await _there_are(tx)),
                where=where,
                example=RECORDING_EXAMPLE,
            )


async def look_up(records: Records, said: Sequence[Spoken]) -> list[Spoken]:
    """The same with the sound and the words of each recording. Asks the database only where there is one.

    One that is gone says that the message cannot be read out. Raises DatabaseUnavailable.
    """
    names = _unknown(said)
    if not names:
        return list(said)
    async with records.database.reading() as tx:
        return await look_up_in(tx, said)


async def look_up_in(tx: Transaction, said: Sequence[Spoken]) -> list[Spoken]:
    found = await recordings.find(tx, _unknown(said))
    return [_with_sound(spoken, found.get(spoken.recording)) if _is_unknown(spoken) else spoken for spoken in said]


def _unknown(said: Iterable[Spoken]) -> list[str]:
    return list(dict.fromkeys(spoken.recording for spoken in said if _is_unknown(spoken)))


def _is_unknown(spoken: Spoken) -> bool:
    return spoken.recording != "" and not spoken.audio_name


def _with_sound(spoken: Spoken, recording: recordings.Recording | None) -> Spoken:
    if recording is None:
        log.error("a recording is gone that a message plays", recording=spoken.recording)
        return no_message(spoken.language)
    return replace(spoken, text=recording.text, language=recording.language, audio_name=recording.audio_name)


async def _there_are(tx: Transaction) -> Worded:
    found, total = await recordings.page(tx, MOST_NAMED, 0)
    if not found:
        return Worded("there is no recording at all yet")
    names = ", ".join(recording.name for recording in found)
    if total > len(found):
        return Worded("there are: {names} and {count} more", names=names, count=total - len(found))
    return Worded("there are: {names}", names=names)
