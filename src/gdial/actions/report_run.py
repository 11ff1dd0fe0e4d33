"""A run's report: one row a person, stable columns."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from gdial.contacts.exporting import guard_formula
from gdial.runtime import Runtime
from gdial.storage import run_lists, runs
from gdial.storage.run_lists import CallRow, RecipientRow
from gdial.storage.runs import Run

COLUMNS = (
    "name",
    "groups",
    "outcome",
    "reason",
    "answer",
    "answer_label",
    "number_reached",
    "attempts",
    "answered_at",
    "ended_at",
    "reached_when",
    "mode",
)
ROWS_IN_A_PIECE = 500


async def write_report(rt: Runtime, run_id: UUID) -> AsyncIterator[str]:
    """CSV in pieces, with a byte order mark so that spreadsheets read it as UTF-8. Times are in DISPLAY_TIMEZONE.

    Raises NotFound at the first piece.
    """
    zone = ZoneInfo(rt.settings.display_timezone)
    async with rt.database.reading() as tx:
        run = await runs.get(tx, run_id)
        reached = await run_lists.calls_that_reached(tx, run_id)
        yield "\ufeff" + _lines([COLUMNS])
        rows: list[tuple[str, ...]] = []
        async for person in run_lists.every_recipient(tx, run_id):
            rows.append(_row(run, person, reached.get(person.id), zone))
            if len(rows) == ROWS_IN_A_PIECE:
                yield _lines(rows)
                rows.clear()
        yield _lines(rows)


def _row(run: Run, person: RecipientRow, call: CallRow | None, zone: ZoneInfo) -> tuple[str, ...]:
    label = run.responses.get(person.answer or "", {}).get("label", "")
    return (
        guard_formula(person.name),
        guard_formula(person.fields.get("group", "")),
        person.outcome or person.state,
        person.reason or "",
        person.answer or "",
        guard_formula(label),
        call.number if call else "",
        str(person.attempts),
        _local(call.answered_at if call else None, zone),
        _local(person.ended_at, zone),
        run.policy.reached_when,
        run.mode,
    )


def _local(moment: datetime | None, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).isoformat(timespec="seconds") if moment else ""


def _lines(rows: object) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)  # type: ignore[arg-type]
    return text.getvalue()
