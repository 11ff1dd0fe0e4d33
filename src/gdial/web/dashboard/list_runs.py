"""`/runs`: every call-out, newest first."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from gdial.actions.show_run import show_run
from gdial.dialing.states import RunState
from gdial.storage import runs
from gdial.web.access.current import Viewer
from gdial.web.context import Rt
from gdial.web.dashboard.page import Page, page_router
from gdial.web.dashboard.run_words import RUN_STATES
from gdial.web.paging import HIGHEST_OFFSET

router = page_router()
RUNS_A_PAGE = 25


@router.get("/")
async def first_page(page: Page, actor: Viewer) -> Response:
    return page.go_to("/runs")


@router.get("/runs")
async def list_runs(
    rt: Rt,
    page: Page,
    actor: Viewer,
    state: RunState | None = None,
    offset: Annotated[int, Query(ge=0, le=HIGHEST_OFFSET)] = 0,
) -> Response:
    async with rt.database.reading() as tx:
        found, total = await runs.page(tx, RUNS_A_PAGE, offset, state)
    views = [await show_run(rt, run.id) for run in found]
    return page.show(
        "runs.html", views=views, total=total, limit=RUNS_A_PAGE, offset=offset, state=state, states=RUN_STATES
    )
