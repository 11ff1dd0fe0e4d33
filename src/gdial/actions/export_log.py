"""The audit log as a file."""

from __future__ import annotations

from collections.abc import AsyncIterator

from gdial.actions.deeds import Deed, note_deed
from gdial.contacts.exporting import guard_formula
from gdial.contacts.tables import TableKind, open_table
from gdial.runtime import Runtime
from gdial.storage import audit
from gdial.storage.audit import Entry, EntryFilter

COLUMNS = ("At", "Actor", "Kind", "Deed", "Object kind", "Object id", "Object name", "Detail", "Address", "Id")
ROWS_AT_ONCE = 500


async def export_log(rt: Runtime, kind: TableKind, wanted: EntryFilter) -> AsyncIterator[bytes]:
    """The file in pieces, newest first. That it was exported is noted, too."""
    async with rt.database.transaction() as tx:
        await note_deed(tx, rt.clock(), Deed.LOG_EXPORTED)
    table = open_table(kind, "Log")
    yield table.rows([COLUMNS])
    rows: list[tuple[str, ...]] = []
    async with rt.database.reading() as tx:
        async for entry in audit.every(tx, wanted):
            rows.append(_row(entry))
            if len(rows) == ROWS_AT_ONCE:
                yield table.rows(rows)
                rows = []
    yield table.rows(rows)
    yield table.end()


def _row(entry: Entry) -> tuple[str, ...]:
    return (
        entry.at.isoformat(),
        guard_formula(entry.actor),
        entry.actor_kind,
        entry.deed,
        entry.object_kind,
        entry.object_id,
        guard_formula(entry.object_name),
        guard_formula(entry.detail),
        entry.address,
        str(entry.id),
    )
