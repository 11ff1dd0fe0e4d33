"""Work on the manual list of a run: take a person, let go, be done with them. It changes no outcome."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from gdial.actions.acting import Actor
from gdial.actions.deeds import Deed, note_deed
from gdial.actions.report_words import ReportLanguage, explain
from gdial.contacts.exporting import guard_formula
from gdial.contacts.tables import Value, open_table
from gdial.dialing.states import RunMode
from gdial.errors import Conflict, NotFound, Worded
from gdial.runtime import Records
from gdial.storage import care, manual_list, recipients, runs
from gdial.storage.batches import let_others_work
from gdial.storage.care import Care
from gdial.storage.database import Transaction
from gdial.storage.manual_list import ManualCounts, ManualRow
from gdial.storage.runs import Run

COLUMNS = (
    "name",
    "numbers",
    "reason",
    "explanation",
    "attempts",
    "taken_by",
    "handled_by",
    "handled_at",
    "notes",
    "mode",
)
"""A new one is put at the end."""

MAX_NAME_CHARACTERS = 100


class CareDeed(StrEnum):
    """What somebody does about a person on the list."""

    TAKE = "take"
    RELEASE = "release"
    HANDLE = "handle"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class ManualPage:
    run: Run
    counts: ManualCounts
    rows: tuple[ManualRow, ...]
    total: int


async def show_manual_list(
    rt: Records, run_id: UUID, limit: int, offset: int, *, with_handled: bool = True
) -> ManualPage:
    """Raises NotFound."""
    async with rt.database.reading() as tx:
        run = await runs.get(tx, run_id)
        rows, total = await manual_list.page(tx, run_id, limit, offset, with_handled=with_handled)
        return ManualPage(run, await manual_list.counts(tx, run_id), tuple(rows), total)


async def take_care(rt: Records, run_id: UUID, recipient_id: UUID, deed: CareDeed, actor: Actor) -> Care:
    """Raises NotFound; Conflict when somebody else has taken this person."""
    who, now = actor.name[:MAX_NAME_CHARACTERS], rt.clock()
    async with rt.database.transaction() as tx:
        person = await recipients.get(tx, recipient_id)
        if person is None or person.run.id != run_id:
            raise NotFound("recipient of this run", recipient_id)
        match deed:
            case CareDeed.TAKE:
                if not await care.take(tx, recipient_id, who, now):
                    raise await _taken(tx, recipient_id)
            case CareDeed.RELEASE:
                await care.release(tx, recipient_id)
            case CareDeed.HANDLE:
                await care.handle(tx, recipient_id, who, now)
            case CareDeed.REOPEN:
                await care.reopen(tx, recipient_id)
        await note_deed(tx, now, Deed.RECIPIENT_CHANGED, "recipient", recipient_id, name=person.name, detail=deed)
        return await care.get(tx, recipient_id)


async def _taken(tx: Transaction, recipient_id: UUID) -> Conflict:
    other = await care.get(tx, recipient_id)
    return Conflict(Worded("{who} has taken this person; let go of them first", who=other.taken_by))


async def write_manual_list(rt: Records, run_id: UUID, language: ReportLanguage) -> AsyncIterator[bytes]:
    """As CSV, in pieces; times in DISPLAY_TIMEZONE. Raises NotFound at the first piece."""
    zone = ZoneInfo(rt.settings.display_timezone)
    table = open_table("csv", "Manual list")
    async with rt.database.reading() as tx:
        run = await runs.get(tx, run_id)
        yield table.rows([COLUMNS])
        async for people in manual_list.everybody(tx, run_id):
            yield table.rows(_line(person, run.mode, zone, language) for person in people)
            await let_others_work()
    yield table.end()


def _line(person: ManualRow, mode: RunMode, zone: ZoneInfo, language: ReportLanguage) -> tuple[Value, ...]:
    done = person.care.handled_at
    return (
        guard_formula(person.name),
        " ".join(number.number for number in person.numbers),
        person.reason or "",
        explain(person.state, person.reason, language),
        person.attempts,
        guard_formula(person.care.taken_by or ""),
        guard_formula(person.care.handled_by or ""),
        done.astimezone(zone).isoformat(timespec="seconds") if done else "",
        guard_formula("; ".join(f"{note.author}: {note.text}" for note in person.notes)),
        mode,
    )
