"""Take in a contact list: read it, compare it with what is stored, store all that can be used, or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from gdial.actions.plan_import import ImportPlan, plan_import, still_stands
from gdial.contacts.model import ContactList, RowError
from gdial.contacts.reading import read_contact_list
from gdial.runtime import Clock
from gdial.storage import contact_changes, groups
from gdial.storage.batches import in_batches
from gdial.storage.contact_changes import NewPeople, new_people
from gdial.storage.database import Database, Transaction
from gdial.storage.groups import NewGroup
from gdial.storage.turns import take_turn

ROWS_IN_ONE_STATEMENT = 1_000
MOST_GROUPS_NAMED = 20
PLANS_BESIDE_OTHERS = 3


@dataclass(frozen=True, slots=True)
class ImportReport:
    """`created`, `updated` and `unchanged` count people; `errors` are rows, or parts of rows, that were left out, and
    `errors_left_out` how many more of them there are. `notes` are sentences for the person who imports."""

    created: int
    updated: int
    unchanged: int
    errors: tuple[RowError, ...]
    errors_left_out: int
    notes: tuple[str, ...]


async def take_in_list(
    database: Database, clock: Clock, source: BinaryIO, *, region: str, dry_run: bool
) -> ImportReport:
    """See `import_contacts`, which chooses the process for this."""
    listed = await asyncio.to_thread(read_contact_list, source, region=region)
    plan = await (_plan if dry_run else _plan_and_store)(database, clock, listed)
    return _report(listed, plan)


async def _plan(database: Database, clock: Clock, listed: ContactList) -> ImportPlan:
    async with database.reading() as tx:
        return await plan_import(tx, listed.contacts, clock())


async def _plan_and_store(database: Database, clock: Clock, listed: ContactList) -> ImportPlan:
    """The comparison takes longest, and on SQLite nobody else may write while a transaction does: it is done
    beforehand, and again when somebody changed a contact meanwhile. Where that goes on, it is done inside at last."""
    for _ in range(PLANS_BESIDE_OTHERS):
        plan = await _plan(database, clock, listed)
        if not (plan.new or plan.changes):
            return plan
        people = await asyncio.to_thread(new_people, database.dialect, plan.new)
        async with database.transaction() as tx:
            await take_turn(tx, "import")
            if await still_stands(tx, plan):
                await _store(tx, clock, plan, people)
                return plan
    async with database.transaction() as tx:
        await take_turn(tx, "import")
        plan = await plan_import(tx, listed.contacts, clock())
        await _store(tx, clock, plan, new_people(tx.dialect, plan.new))
        return plan


async def _store(tx: Transaction, clock: Clock, plan: ImportPlan, people: NewPeople) -> None:
    await groups.create(tx, plan.new_groups, clock())
    await contact_changes.insert_rows(tx, people)
    for changes in in_batches(plan.changes, ROWS_IN_ONE_STATEMENT):
        await contact_changes.change(tx, changes)


def _report(listed: ContactList, plan: ImportPlan) -> ImportReport:
    return ImportReport(
        created=len(plan.new),
        updated=len(plan.changes),
        unchanged=plan.unchanged,
        errors=listed.errors,
        errors_left_out=listed.errors_left_out,
        notes=(*listed.notes, *_group_notes(plan.new_groups)),
    )


def _group_notes(new_groups: Sequence[NewGroup]) -> Iterator[str]:
    if new_groups:
        named = ", ".join(group.name for group in new_groups[:MOST_GROUPS_NAMED])
        more = len(new_groups) - MOST_GROUPS_NAMED
        yield f"New groups: {named}{f' and {more} more' if more > 0 else ''}."
