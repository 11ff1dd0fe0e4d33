"""`/runs/{id}/manual`: whom a run did not reach, and what people do about them."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form, Query, Response

from gdial.actions.deeds import Deed
from gdial.actions.manual_list import CareDeed, show_manual_list, take_care
from gdial.actions.report_words import explain
from gdial.actions.write_note import write_note
from gdial.errors import Conflict, InvalidInput
from gdial.web.access.current import Operator, Viewer
from gdial.web.access.rules import deeds
from gdial.web.context import Rt
from gdial.web.dashboard.languages import N_
from gdial.web.dashboard.page import Page, PageMaker, page_router
from gdial.web.paging import Offset

router = page_router("/runs/{run_id}/manual")

PEOPLE_ON_A_PAGE = 50
LABELS = {"mobile": N_("mobile"), "home": N_("home"), "work": N_("work")}

Shown = Annotated[str, Query(max_length=20)]


@router.get("")
async def show(run_id: UUID, rt: Rt, page: Page, actor: Viewer, show: Shown = "", offset: Offset = 0) -> Response:
    """`show` is "all" with those who are handled; else those who are left."""
    return await _show(rt, page, run_id, show, offset)


async def _show(rt: Rt, page: PageMaker, run_id: UUID, shown: str, offset: int, wrong: str = "") -> Response:
    found = await show_manual_list(rt, run_id, PEOPLE_ON_A_PAGE, offset, with_handled=shown == "all")
    return page.show(
        "manual.html",
        409 if wrong else 200,
        run=found.run,
        counts=found.counts,
        rows=[(row, explain(row.state, row.reason, "sv" if page.language == "sv" else "en")) for row in found.rows],
        total=found.total,
        limit=PEOPLE_ON_A_PAGE,
        offset=offset,
        shown=shown,
        labels=LABELS,
        wrong=wrong,
    )


@router.post("/{recipient_id}/notes")
@deeds(Deed.RECIPIENT_CHANGED)
async def note(
    run_id: UUID,
    recipient_id: UUID,
    rt: Rt,
    page: Page,
    actor: Operator,
    text: Annotated[str, Form()] = "",
    back: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    try:
        await write_note(rt, run_id, recipient_id, text, actor)
    except InvalidInput:
        wrong = page.gettext("A note has between 1 and 2000 characters.")
        return await _show(rt, page, run_id, "all" if back == "all" else "", 0, wrong)
    return _back(page, run_id, recipient_id, back)


@router.post("/{recipient_id}/{deed}")
@deeds(Deed.RECIPIENT_CHANGED)
async def care_for(
    run_id: UUID,
    recipient_id: UUID,
    deed: CareDeed,
    rt: Rt,
    page: Page,
    actor: Operator,
    back: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    try:
        await take_care(rt, run_id, recipient_id, deed, actor)
    except Conflict:
        wrong = page.gettext("Somebody else has taken this person.")
        return await _show(rt, page, run_id, "all" if back == "all" else "", 0, wrong)
    return _back(page, run_id, recipient_id, back)


def _back(page: PageMaker, run_id: UUID, recipient_id: UUID, back: str) -> Response:
    query = "?show=all" if back == "all" else ""
    return page.go_to(f"/runs/{run_id}/manual{query}#person-{recipient_id}")
