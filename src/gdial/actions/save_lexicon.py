"""Take in how the organisation wants a word said."""

from __future__ import annotations

from dataclasses import replace
from typing import TypedDict
from uuid import UUID, uuid4

from sqlalchemy.exc import IntegrityError

from gdial.actions.system_settings import read_values
from gdial.errors import Conflict, InvalidInput
from gdial.messages.model import normalise_language
from gdial.runtime import Runtime
from gdial.speech.text import clean_text
from gdial.storage import lexicon
from gdial.storage.database import Transaction
from gdial.storage.lexicon import StoredEntry

MAX_WRITTEN_CHARACTERS = 80
MAX_SPOKEN_CHARACTERS = 200
MAX_ENTRIES = 5_000
WRITTEN_EXAMPLE = "Hjo"
SPOKEN_EXAMPLE = "Jo"


class GivenEntry(TypedDict, total=False):
    """What was given of an entry; a field that is not there stays as it is."""

    language: str
    written: str
    spoken: str


async def create_entry(rt: Runtime, given: GivenEntry) -> StoredEntry:
    """Heard from the next piece on, in other processes within seconds. Without a language it is in the installation's.

    Raises InvalidInput with the field, Conflict for a word that is there already.
    """
    now = rt.clock()
    default_language = (await read_values(rt)).text("default_language")
    language = normalise_language(given.get("language") or default_language)
    written, spoken = _read_written(given.get("written", "")), _read_spoken(given.get("spoken", ""))
    entry = StoredEntry(uuid4(), language, written, spoken, now, now)
    try:
        async with rt.database.transaction() as tx:
            if await lexicon.count(tx) >= MAX_ENTRIES:
                raise Conflict(f"the lexicon is full: it holds {MAX_ENTRIES:,} entries; remove some first")
            await _check_new(tx, entry)
            await lexicon.insert(tx, entry)
    except IntegrityError:
        raise _taken(entry) from None
    await rt.speech.lexicon.refresh(at_once=True)
    return entry


async def change_entry(rt: Runtime, entry_id: UUID, given: GivenEntry) -> StoredEntry:
    """Raises NotFound, and as `create_entry` does."""
    try:
        async with rt.database.transaction() as tx:
            before = await lexicon.get(tx, entry_id, lock=True)
            after = replace(
                before,
                language=normalise_language(given["language"]) if "language" in given else before.language,
                written=_read_written(given["written"]) if "written" in given else before.written,
                spoken=_read_spoken(given["spoken"]) if "spoken" in given else before.spoken,
            )
            if after == before:
                return before
            await _check_new(tx, after)
            after = replace(after, updated_at=rt.clock())
            await lexicon.save(tx, after)
    except IntegrityError:
        raise Conflict("this word got an entry at the same moment") from None
    await rt.speech.lexicon.refresh(at_once=True)
    return after


async def remove_entry(rt: Runtime, entry_id: UUID) -> None:
    """The word is read as any other again. Raises NotFound."""
    async with rt.database.transaction() as tx:
        await lexicon.remove(tx, entry_id)
    await rt.speech.lexicon.refresh(at_once=True)


async def _check_new(tx: Transaction, entry: StoredEntry) -> None:
    there = await lexicon.find(tx, entry.language, entry.written)
    if there is not None and there.id != entry.id:
        raise _taken(there)


def _taken(entry: StoredEntry) -> Conflict:
    return Conflict(
        f'"{entry.written}" is in the lexicon of {entry.language} already, said as "{entry.spoken}"; change that entry'
    )


def _read_written(text: str) -> str:
    return _read(text, "written", MAX_WRITTEN_CHARACTERS, WRITTEN_EXAMPLE)


def _read_spoken(text: str) -> str:
    return _read(text, "spoken", MAX_SPOKEN_CHARACTERS, SPOKEN_EXAMPLE)


def _read(text: str, where: str, most: int, example: str) -> str:
    """One line as a voice gets it: what `clean_text` would take out can never be met in a text."""
    clean = clean_text(text)
    if not any(sign.isalnum() for sign in clean):
        raise InvalidInput("has no letter or digit", where=where, example=example)
    if len(clean) > most:
        raise InvalidInput(f"is {len(clean):,} characters long; at most {most} are allowed", where=where)
    if "{" in clean or "}" in clean:
        raise InvalidInput("takes no fields in braces", where=where, example=example)
    return clean
