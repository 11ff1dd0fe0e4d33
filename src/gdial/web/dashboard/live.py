"""`/runs/{id}`: a run while it goes on, and after."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, StreamingResponse

from gdial.actions.show_run import show_run
from gdial.runtime import Runtime
from gdial.storage import run_lists, runs
from gdial.web.access.current import Viewer
from gdial.web.context import Rt
from gdial.web.dashboard.live_feed import LiveFeed
from gdial.web.dashboard.live_view import figures_of, read_curve
from gdial.web.dashboard.page import HEADERS, Page, PageMaker, page_router
from gdial.web.dashboard.run_words import SHOWN, choices, filter_of, person_state
from gdial.web.dashboard.shared_parts import SharedParts
from gdial.web.paging import HIGHEST_OFFSET
from gdial.web.server import STOP

router = page_router("/runs/{run_id}")
PEOPLE_A_PAGE = 25

Search = Annotated[str, Query(max_length=200)]
Shown = Annotated[str, Query(alias="show", max_length=20)]
Offset = Annotated[int, Query(ge=0, le=HIGHEST_OFFSET)]


@router.get("")
async def show(
    run_id: UUID, rt: Rt, page: Page, actor: Viewer, search: Search = "", shown: Shown = "", offset: Offset = 0
) -> Response:
    view = await show_run(rt, run_id)
    people = await _people(rt, page, run_id, search, shown, offset)
    return page.show(
        "live.html",
        figures=figures_of(view),
        run=view.run,
        curve=await read_curve(rt, view.run),
        choices=[*((key, page.gettext(words)) for key, (words, _) in SHOWN.items()), *choices(view.run)],
        **people,
    )


@router.get("/people")
async def show_people(
    request: Request,
    run_id: UUID,
    rt: Rt,
    page: Page,
    actor: Viewer,
    search: Search = "",
    shown: Shown = "",
    offset: Offset = 0,
    offset_of: Annotated[str, Query(max_length=800)] = "",
) -> Response:
    """The list alone, for htmx. `offset_of` names the list that the offset was one of: a new search begins anew."""
    if not page.is_part:
        return page.go_to(_address(run_id, search, shown, offset))
    if offset_of != _list_name(search, shown):
        offset = 0

    async def make() -> str:
        return page.render("live_people.html", **await _people(rt, page, run_id, search, shown, offset))

    parts: SharedParts = request.app.state.shared_parts
    text = await parts.get((run_id, page.language, search, shown, offset), make)
    address = _address(run_id, search, shown, offset)
    return HTMLResponse(text, headers={**HEADERS, "hx-replace-url": address})


async def _people(rt: Runtime, page: PageMaker, run_id: UUID, search: str, shown: str, offset: int) -> dict[str, Any]:
    wanted = filter_of(shown, search)
    async with rt.database.reading() as tx:
        run = await runs.get(tx, run_id)
        rows, total = await run_lists.page_of_recipients(tx, run_id, wanted, PEOPLE_A_PAGE, offset)
        if offset and not rows:
            offset = 0
            rows, total = await run_lists.page_of_recipients(tx, run_id, wanted, PEOPLE_A_PAGE, 0)
    return {
        "run_id": run_id,
        "people": [(row, person_state(row.state, row.outcome, row.reason, page.language)) for row in rows],
        "labels": {key: str(response.get("label") or key) for key, response in run.responses.items()},
        "total": total,
        "limit": PEOPLE_A_PAGE,
        "offset": offset,
        "search": search,
        "shown": shown,
        "offset_of": _list_name(search, shown),
        "page_address": lambda at: _address(run_id, search, shown, at),
    }


def _list_name(search: str, shown: str) -> str:
    return urlencode([(name, value) for name, value in (("search", search), ("show", shown)) if value])


def _address(run_id: UUID, search: str, shown: str, offset: int) -> str:
    query = "&".join(part for part in (_list_name(search, shown), f"offset={offset}" if offset else "") if part)
    return f"/runs/{run_id}?{query}" if query else f"/runs/{run_id}"


@router.get("/controls")
async def show_controls(run_id: UUID, rt: Rt, page: Page, actor: Viewer) -> Response:
    """The buttons alone, for htmx: which there are depends on the run's state and on who looks."""
    if not page.is_part:
        return page.go_to(f"/runs/{run_id}")
    return page.show("live_controls.html", run=(await show_run(rt, run_id)).run)


@router.get("/curve.json")
async def show_curve(run_id: UUID, rt: Rt, actor: Viewer) -> Response:
    """People reached over time: `at` in seconds since 1970, `reached` until then."""
    async with rt.database.reading() as tx:
        run = await runs.get(tx, run_id)
    return JSONResponse((await read_curve(rt, run)).to_json())


@router.get("/events")
async def follow(request: Request, run_id: UUID, rt: Rt, page: Page, actor: Viewer) -> Response:
    """Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""
    async with rt.database.reading() as tx:
        await runs.get(tx, run_id)
    feed: LiveFeed = request.app.state.live_feed
    stop: asyncio.Event = request.scope.get(STOP) or asyncio.Event()
    told = feed.follow(run_id, page.language, stop)
    first = await anext(told)

    async def all_told() -> AsyncIterator[bytes]:
        async with aclosing(told):
            yield first
            async for said in told:
                yield said

    # A proxy that gathers an answer before it passes it on would hold back what happens now.
    headers = {"x-accel-buffering": "no"}
    return StreamingResponse(all_told(), media_type="text/event-stream", headers=headers)
