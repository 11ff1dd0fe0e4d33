"""Take in a contact list: all rows that can be used, or none."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import structlog

from gdial.actions.plan_import import ImportPlan, plan_import, still_stands
from gdial.contacts.model import ContactList, RowError
from gdial.contacts.reading import read_contact_list
from gdial.runtime import Runtime
from gdial.storage import contact_changes, groups
from gdial.storage.batches import in_batches
from gdial.storage.database import Transaction
from gdial.storage.groups import NewGroup
from gdial.storage.turns import take_turn

ROWS_IN_ONE_STATEMENT = 1_000
MOST_GROUPS_NAMED = 20
PLANS_BESIDE_OTHERS = 3

log = structlog.get_logger(__name__)


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


async def import_contacts(rt: Runtime, source: BinaryIO, *, dry_run: bool = False) -> ImportReport:
    """Read a CSV or XLSX file and store its people, in one transaction; the same file again changes nothing.

    A person is known by the external id, else by name and first number. The list's numbers replace the stored ones,
    its groups are added, and an empty language or note leaves what is there. Groups that are not there are made.
    With `dry_run` nothing is stored, and the report says what would be.

    Raises InvalidContactList; Conflict when somebody else takes an external id or a group at the same moment, and
    then nothing was stored.
    """
    listed = await asyncio.to_thread(read_contact_list, source, region=rt.settings.default_region)
    plan = await _plan(rt, listed) if dry_run else await _plan_and_store(rt, listed)
    report = _report(listed, plan)
    log.info("contacts imported", dry_run=dry_run, errors=len(report.errors), created=report.created,
             updated=report.updated, unchanged=report.unchanged)  # fmt: skip
    return report


async def _plan(rt: Runtime, listed: ContactList) -> ImportPlan:
    async with rt.database.reading() as tx:
        return await plan_import(tx, listed.contacts, rt.clock())


async def _plan_and_store(rt: Runtime, listed: ContactList) -> ImportPlan:
    """The comparison takes longest, and on SQLite nobody else may write while a transaction does: it is done
    beforehand, and again when somebody changed a contact meanwhile. Where that goes on, it is done inside at last."""
    for _ in range(PLANS_BESIDE_OTHERS):
        plan = await _plan(rt, listed)
        async with rt.database.transaction() as tx:
            await take_turn(tx, "import")
            if await still_stands(tx, plan):
                await _store(tx, rt, plan)
                return plan
    async with rt.database.transaction() as tx:
        await take_turn(tx, "import")
        plan = await plan_import(tx, listed.contacts, rt.clock())
        await _store(tx, rt, plan)
        return plan


async def _store(tx: Transaction, rt: Runtime, plan: ImportPlan) -> None:
    await groups.create(tx, plan.new_groups, rt.clock())
    await contact_changes.insert(tx, plan.new)
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
