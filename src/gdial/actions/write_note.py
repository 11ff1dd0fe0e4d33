"""Write down something about a person of a run."""

from __future__ import annotations

from uuid import UUID, uuid4

from gdial.actions.acting import Actor
from gdial.actions.deeds import Deed, note_deed
from gdial.errors import InvalidInput, NotFound, Worded
from gdial.runtime import Records
from gdial.storage import notes, recipients
from gdial.storage.notes import Note

MAX_NOTE_CHARACTERS = 2000


async def write_note(rt: Records, run_id: UUID, recipient_id: UUID, text: str, author: Actor) -> Note:
    """It changes no outcome. Raises NotFound, InvalidInput."""
    written = text.replace("\r\n", "\n").strip()
    if not written:
        raise InvalidInput("is empty", where="text", example="Rang mamman, kommer kl. 6")
    if len(written) > MAX_NOTE_CHARACTERS:
        raise InvalidInput(Worded("has more than {most} characters", most=MAX_NOTE_CHARACTERS), where="text")
    note = Note(uuid4(), recipient_id, author.name[:100], written, rt.clock())
    async with rt.database.transaction() as tx:
        person = await recipients.get(tx, recipient_id)
        if person is None or person.run.id != run_id:
            raise NotFound("recipient of this run", recipient_id)
        await notes.insert(tx, note)
        await note_deed(
            tx, note.written_at, Deed.RECIPIENT_CHANGED, "recipient", recipient_id, name=person.name, detail="note"
        )
    return note
