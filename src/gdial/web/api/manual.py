"""`/api/runs/{id}/manual`: whom a run did not reach, for people who go on by hand."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, BaseModel

from gdial.actions.manual_list import CareDeed, show_manual_list, take_care, write_manual_list
from gdial.actions.report_words import ReportLanguage, explain
from gdial.actions.system_settings import load_values
from gdial.dialing.states import Outcome
from gdial.runtime import Runtime
from gdial.storage import runs
from gdial.storage.care import Care
from gdial.storage.manual_list import ManualRow
from gdial.web.access.current import Operator
from gdial.web.context import Rt
from gdial.web.files import file_answer, stream_file
from gdial.web.openapi import api_router
from gdial.web.paging import DEFAULT_LIMIT, Limit, Offset, Page

router = api_router("/api/runs", "runs")

InWords = Annotated[ReportLanguage | None, Query(description="Of the explanations; unset: the installation's own.")]
WithHandled = Annotated[bool, Query(description="Whether those are listed who are handled.")]


class CareShape(BaseModel):
    """Names of users, as they were then; null: nobody."""

    taken_by: str | None
    taken_at: AwareDatetime | None
    handled_by: str | None
    handled_at: AwareDatetime | None

    @classmethod
    def of(cls, care: Care) -> CareShape:
        return cls(**{name: getattr(care, name) for name in cls.model_fields})


class ManualNumberShape(BaseModel):
    number: str
    label: str
    is_bad: bool


class NoteShape(BaseModel):
    author: str
    text: str
    written_at: AwareDatetime


class ManualShape(CareShape):
    """`reason` is the word of the report, `explanation` the same in a sentence."""

    recipient_id: UUID
    contact_id: UUID | None
    name: str
    numbers: list[ManualNumberShape]
    outcome: Outcome
    reason: str | None
    explanation: str
    attempts: int
    ended_at: AwareDatetime | None
    notes: list[NoteShape]

    @classmethod
    def of_row(cls, row: ManualRow, language: ReportLanguage) -> ManualShape:
        same = ("contact_id", "name", "outcome", "reason", "attempts", "ended_at")
        return cls(
            **{name: getattr(row, name) for name in same},
            **CareShape.of(row.care).model_dump(),
            recipient_id=row.id,
            numbers=[ManualNumberShape(number=it.number, label=it.label, is_bad=it.is_bad) for it in row.numbers],
            explanation=explain(row.state, row.reason, language),
            notes=[NoteShape(author=it.author, text=it.text, written_at=it.written_at) for it in row.notes],
        )


@router.get("/{run_id}/manual")
async def list_manual(
    run_id: UUID,
    rt: Rt,
    language: InWords = None,
    with_handled: WithHandled = True,
    limit: Limit = DEFAULT_LIMIT,
    offset: Offset = 0,
) -> Page[ManualShape]:
    """Who ended without being reached, in the order of dialling, with all their numbers."""
    found = await show_manual_list(rt, run_id, limit, offset, with_handled=with_handled)
    words = language or await _own_language(rt)
    items = [ManualShape.of_row(row, words) for row in found.rows]
    return Page(items=items, total=found.total, limit=limit, offset=offset)


@router.get("/{run_id}/manual.csv", **file_answer("csv", "One row a person who was not reached, as CSV in UTF-8."))
async def manual_csv(run_id: UUID, rt: Rt, language: InWords = None) -> StreamingResponse:
    """The same, as a file."""
    async with rt.database.reading() as tx:
        await runs.get(tx, run_id)
    words = language or await _own_language(rt)
    return stream_file("csv", f"manual-{run_id}", write_manual_list(rt, run_id, words))


@router.post("/{run_id}/recipients/{recipient_id}/care/{deed}")
async def care_for(run_id: UUID, recipient_id: UUID, deed: CareDeed, rt: Rt, actor: Operator) -> CareShape:
    """Take a person, let go of them, be done with them, or begin anew. It changes no outcome and rings nobody."""
    return CareShape.of(await take_care(rt, run_id, recipient_id, deed, actor))


async def _own_language(rt: Runtime) -> ReportLanguage:
    async with rt.database.reading() as tx:
        own = (await load_values(tx, rt.settings)).text("default_language")
    return "sv" if own.startswith("sv") else "en"
