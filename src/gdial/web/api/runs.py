"""`/api/runs`: start, watch and steer call-outs."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any
from uuid import UUID

from fastapi import Header, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict

from gdial.actions.audit_run import audit_run
from gdial.actions.brakes import find_overlaps
from gdial.actions.change_run import pause_run, resume_run, stop_run
from gdial.actions.report_run import write_report
from gdial.actions.report_words import ReportLanguage
from gdial.actions.run_ledger import show_ledger
from gdial.actions.show_run import show_run
from gdial.actions.start_run import IdempotencyKey, start_run
from gdial.contacts.tables import TableKind
from gdial.dialing.brakes import Starter
from gdial.dialing.states import Outcome, RecipientState, RunMode, RunState
from gdial.storage import run_lists, runs
from gdial.storage.run_lists import RecipientFilter
from gdial.web.access.current import Operator as Who
from gdial.web.access.current import starter_of
from gdial.web.api.audit_shapes import NDJSON, AuditShape, last_of, lines_of
from gdial.web.api.ledger_shapes import LedgerShape
from gdial.web.api.run_shapes import CallShape, NewRun, RecipientShape, RunShape, StartedShape
from gdial.web.context import Rt
from gdial.web.files import file_answer, stream_file
from gdial.web.openapi import api_router
from gdial.web.paging import DEFAULT_LIMIT, Limit, Offset, Page

router = api_router("/api/runs", "runs")

Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]
Operator = Annotated[
    str | None,
    Header(
        alias="GDial-Operator",
        min_length=1,
        max_length=100,
        pattern=r"^[\x21-\x7e]+$",
        description="Sent, whatever it says: a person asks for this, and no brake holds it back.",
    ),
]
Search = Annotated[str | None, Query(max_length=200, description="Part of a name or a number.")]
InWords = Annotated[ReportLanguage | None, Query(description="Of the explanations; unset: the installation's own.")]
Follow = Annotated[bool, Query(description="Lines of JSON: `progress` while it goes on, then `result` or `error`.")]
Digit = Annotated[str | None, Query(max_length=1)]


class StopWish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    hang_up: bool = False


def idempotency_key(key: str | None, body: BaseModel, about: UUID | None = None) -> IdempotencyKey | None:
    """The same wish has the same hash, however its JSON was written."""
    if key is None:
        return None
    told = body.model_dump_json() + (str(about) if about else "")
    return IdempotencyKey(key, hashlib.sha256(told.encode()).hexdigest())


@router.post("", status_code=202)
async def start(wish: NewRun, rt: Rt, actor: Who, key: Key = None, operator: Operator = None) -> StartedShape:
    """Start a call-out, or set it for later. A repeated click with one Idempotency-Key is one run."""
    starter = starter_of(actor, operator, Starter.PROGRAM)
    started = await start_run(rt, wish.wish(starter), idempotency_key(key, wish))
    return StartedShape.of(started, await find_overlaps(rt, started.run))


@router.get("")
async def list_runs(
    rt: Rt, state: RunState | None = None, limit: Limit = DEFAULT_LIMIT, offset: Offset = 0
) -> Page[RunShape]:
    """Newest first."""
    async with rt.database.reading() as tx:
        found, total = await runs.page(tx, limit, offset, state)
    items = [RunShape.of(await show_run(rt, run.id)) for run in found]
    return Page(items=items, total=total, limit=limit, offset=offset)


@router.get("/{run_id}")
async def show(run_id: UUID, rt: Rt) -> RunShape:
    return RunShape.of(await show_run(rt, run_id))


@router.get("/{run_id}/recipients")
async def list_recipients(
    run_id: UUID,
    rt: Rt,
    search: Search = None,
    state: RecipientState | None = None,
    outcome: Outcome | None = None,
    answer: Digit = None,
    limit: Limit = DEFAULT_LIMIT,
    offset: Offset = 0,
) -> Page[RecipientShape]:
    """In the order of dialling."""
    wanted = RecipientFilter(search=search, state=state, outcome=outcome, answer=answer)
    async with rt.database.reading() as tx:
        await runs.get(tx, run_id)
        rows, total = await run_lists.page_of_recipients(tx, run_id, wanted, limit, offset)
    return Page(items=[RecipientShape.of(row) for row in rows], total=total, limit=limit, offset=offset)


@router.get("/{run_id}/calls")
async def list_calls(
    run_id: UUID, rt: Rt, recipient_id: UUID | None = None, limit: Limit = DEFAULT_LIMIT, offset: Offset = 0
) -> Page[CallShape]:
    """Every attempt, oldest first."""
    async with rt.database.reading() as tx:
        await runs.get(tx, run_id)
        rows, total = await run_lists.page_of_calls(tx, run_id, recipient_id, limit, offset)
    return Page(items=[CallShape.of(row) for row in rows], total=total, limit=limit, offset=offset)


@router.get("/{run_id}/ledger")
async def ledger(run_id: UUID, rt: Rt) -> LedgerShape:
    """What became of everybody and of every call: as it was written when the run ended, as it is now, and whether it
    adds up."""
    return LedgerShape.of(await show_ledger(rt, run_id))


@router.get("/{run_id}/audit", response_model=AuditShape)
async def audit(run_id: UUID, rt: Rt, follow: Follow = False) -> Any:
    """Every call held against the carrier's own list; nothing is changed. It takes a request to the carrier for each
    thousand calls since the run began, and one for each answered call without a key."""
    if not follow:
        return await last_of(audit_run(rt, run_id))
    async with rt.database.reading() as tx:
        rt.network((await runs.get(tx, run_id)).mode)
    return StreamingResponse(lines_of(audit_run(rt, run_id)), media_type=NDJSON)


@router.post("/{run_id}/stop")
async def stop(run_id: UUID, rt: Rt, wish: StopWish | None = None) -> RunShape:
    """Nobody more is rung. Ringing calls end by themselves unless told to hang up."""
    await stop_run(rt, run_id, hang_up=wish.hang_up if wish else False)
    return RunShape.of(await show_run(rt, run_id))


@router.post("/{run_id}/pause")
async def pause(run_id: UUID, rt: Rt) -> RunShape:
    await pause_run(rt, run_id)
    return RunShape.of(await show_run(rt, run_id))


@router.post("/{run_id}/resume")
async def resume(run_id: UUID, rt: Rt) -> RunShape:
    await resume_run(rt, run_id)
    return RunShape.of(await show_run(rt, run_id))


@router.get("/{run_id}/report.csv", **file_answer("csv", "One row a person, as CSV in UTF-8."))
async def report_csv(run_id: UUID, rt: Rt, language: InWords = None) -> StreamingResponse:
    """One row a person; new columns come at the end."""
    return await _report(rt, run_id, "csv", language)


@router.get("/{run_id}/report.xlsx", **file_answer("xlsx", "One row a person, as a workbook."))
async def report_xlsx(run_id: UUID, rt: Rt, language: InWords = None) -> StreamingResponse:
    """The same columns as report.csv."""
    return await _report(rt, run_id, "xlsx", language)


async def _report(rt: Rt, run_id: UUID, kind: TableKind, language: ReportLanguage | None) -> StreamingResponse:
    async with rt.database.reading() as tx:
        run = await runs.get(tx, run_id)
    name = f"drill-{run_id}" if run.mode is RunMode.DRILL else str(run_id)
    return stream_file(kind, name, write_report(rt, run_id, kind, language))
