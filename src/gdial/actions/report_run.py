"""A run's report: one row a person, stable columns. What each holds stands in docs/reference/report.md."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from gdial.actions.ledger_rows import HEADINGS, ledger_rows
from gdial.actions.report_words import ReportLanguage, explain
from gdial.actions.run_ledger import show_ledger
from gdial.actions.system_settings import load_values
from gdial.contacts.exporting import guard_formula
from gdial.contacts.group_cells import join_groups
from gdial.contacts.tables import TableKind, Value, open_table
from gdial.runtime import Runtime
from gdial.storage import run_lists, runs
from gdial.storage.batches import let_others_work
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
    "explanation",
)
"""A new one is put at the end."""


async def write_report(
    rt: Runtime, run_id: UUID, kind: TableKind = "csv", language: ReportLanguage | None = None
) -> AsyncIterator[bytes]:
    """The file in pieces; a workbook has the ledger on its second sheet. Times are in DISPLAY_TIMEZONE; `language` is
    that of the explanations, unset: the installation's, where it is Swedish, else English.

    Raises NotFound at the first piece.
    """
    zone = ZoneInfo(rt.settings.display_timezone)
    table = open_table(kind, "Report", "Ledger")
    async with rt.database.reading() as tx:
        run = await runs.get(tx, run_id)
        if language is None:
            of_installation = (await load_values(tx, rt.settings)).text("default_language")
            language = "sv" if of_installation.startswith("sv") else "en"
        yield table.rows([COLUMNS])
        async for people in run_lists.every_recipient(tx, run_id):
            reached = await run_lists.calls_that_reached(tx, [person.id for person in people])
            groups = await run_lists.group_names(tx, [it.contact_id for it in people if it.contact_id is not None])
            make = _RowMaker(run, zone, language, reached, groups)
            yield table.rows(make.row(person) for person in people)
            await let_others_work()
    if kind == "xlsx":
        yield table.next_sheet()
        yield table.rows([HEADINGS, *ledger_rows(await show_ledger(rt, run_id))])
    yield table.end()


@dataclass(frozen=True, slots=True)
class _RowMaker:
    run: Run
    zone: ZoneInfo
    language: ReportLanguage
    reached: Mapping[UUID, CallRow]
    groups: Mapping[UUID, Sequence[str]]

    def row(self, person: RecipientRow) -> tuple[Value, ...]:
        call = self.reached.get(person.id)
        label = self.run.responses.get(person.answer or "", {}).get("label", "")
        return (
            guard_formula(person.name),
            guard_formula(join_groups(self.groups.get(person.contact_id, ()) if person.contact_id else ())),
            person.outcome or person.state,
            person.reason or "",
            person.answer or "",
            guard_formula(label),
            call.number if call else "",
            person.attempts,
            _local(call.answered_at if call else None, self.zone),
            _local(person.ended_at, self.zone),
            self.run.policy.reached_when,
            self.run.mode,
            explain(person.state, person.reason, self.language),
        )


def _local(moment: datetime | None, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).isoformat(timespec="seconds") if moment else ""
