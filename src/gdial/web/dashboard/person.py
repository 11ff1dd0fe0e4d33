"""`/runs/{id}/recipients/{id}`: one person in one run, what happened to them, and what can be done now."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form, Response

from gdial.actions.call_now import call_now
from gdial.actions.deeds import Deed
from gdial.actions.tell_history import tell_history
from gdial.actions.write_note import write_note
from gdial.dialing.states import RunMode
from gdial.errors import InvalidInput
from gdial.web.access.current import Operator, Viewer
from gdial.web.access.rules import deeds
from gdial.web.context import Rt
from gdial.web.dashboard.history_words import HINDRANCES, sentence
from gdial.web.dashboard.page import Page, PageMaker, page_router
from gdial.web.dashboard.run_words import person_state

router = page_router("/runs/{run_id}/recipients/{recipient_id}")


@router.get("")
async def show(run_id: UUID, recipient_id: UUID, rt: Rt, page: Page, actor: Viewer) -> Response:
    return await _show(run_id, recipient_id, rt, page)


async def _show(run_id: UUID, recipient_id: UUID, rt: Rt, page: PageMaker, note: str = "", wrong: str = "") -> Response:
    history = await tell_history(rt, run_id, recipient_id)
    facts = history.person.facts
    lines = [
        (happening.at, sentence(page.language, happening, page.formats.exact_time(happening.next_at)))
        for happening in history.happenings
    ]
    return page.show(
        "person.html",
        422 if wrong else 200,
        person=history.person,
        run=history.person.run,
        state=person_state(facts.state, facts.outcome, facts.reason, page.language),
        answer=history.person.run.responses.get(facts.answer or "", {}).get("label") or facts.answer,
        lines=lines,
        hindrance=page.gettext(HINDRANCES[history.hindrance]) if history.hindrance else "",
        may_ring_by_hand=history.person.run.mode is RunMode.REAL,
        note=note,
        wrong=wrong,
    )


@router.post("/call-now")
@deeds(Deed.RECIPIENT_CHANGED)
async def ring(run_id: UUID, recipient_id: UUID, rt: Rt, page: Page, actor: Operator) -> Response:
    await call_now(rt, run_id, recipient_id)
    return page.go_to(f"/runs/{run_id}/recipients/{recipient_id}")


@router.post("/notes")
@deeds(Deed.RECIPIENT_CHANGED)
async def note(
    run_id: UUID, recipient_id: UUID, rt: Rt, page: Page, actor: Operator, text: Annotated[str, Form()] = ""
) -> Response:
    try:
        await write_note(rt, run_id, recipient_id, text, actor)
    except InvalidInput:
        wrong = page.gettext("A note has between 1 and 2000 characters.")
        return await _show(run_id, recipient_id, rt, page, note=text, wrong=wrong)
    return page.go_to(f"/runs/{run_id}/recipients/{recipient_id}#notes")
