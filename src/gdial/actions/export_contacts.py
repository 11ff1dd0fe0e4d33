"""Contacts as a file that an import reads back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

from gdial.contacts.exporting import guard_formula
from gdial.contacts.group_cells import join_groups
from gdial.contacts.tables import TableKind, open_table
from gdial.runtime import Runtime
from gdial.storage import contact_export, groups
from gdial.storage.batches import let_others_work
from gdial.storage.contact_export import ExportedContact

FIRST_COLUMNS = ("Id", "Name")
LAST_COLUMNS = ("Group", "Language", "Notes")
NO_NUMBERS = ((0, "mobile"),)
"""The columns of a list without anybody on it."""

Places = Sequence[tuple[int, str]]


async def export_contacts(
    rt: Runtime, kind: TableKind, *, search: str = "", group_id: UUID | None = None
) -> AsyncIterator[bytes]:
    """The file in pieces: those whom the list shows for these filters, by name.

    A column for each place and kind of number that occurs keeps both in an import. Raises NotFound for the group, at
    the first piece.
    """
    table = open_table(kind, "Contacts")
    async with rt.database.reading() as tx:
        if group_id is not None:
            await groups.get(tx, group_id)
        places = await contact_export.number_places(tx, search, group_id) or NO_NUMBERS
        yield table.rows([(*FIRST_COLUMNS, *(f"{label.capitalize()} {place + 1}" for place, label in _named(places)),
                           *LAST_COLUMNS)])  # fmt: skip
        async for people in contact_export.every_contact(tx, search, group_id):
            yield table.rows(_row(person, places) for person in people)
            await let_others_work()
    yield table.end()


def _named(places: Places) -> list[tuple[int, str]]:
    return [(place, "phone" if label in ("other", "") else label) for place, label in places]


def _row(person: ExportedContact, places: Places) -> tuple[str, ...]:
    at = {(place, label): number for place, (number, label) in enumerate(person.numbers)}
    return (
        guard_formula(person.external_id or ""),
        guard_formula(person.name),
        *(at.get(place, "") for place in places),
        guard_formula(join_groups(person.groups)),
        person.language or "",
        guard_formula(person.notes),
    )
