"""The buttons of a live run: pause, resume, and stop, which is asked about first."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form, Response

from gdial.actions.change_run import pause_run, resume_run, stop_run
from gdial.actions.deeds import Deed
from gdial.actions.show_run import show_run
from gdial.web.access.current import Operator
from gdial.web.access.rules import deeds
from gdial.web.context import Rt
from gdial.web.dashboard.page import Page, page_router

router = page_router("/runs/{run_id}")


@router.post("/pause")
@deeds(Deed.RUN_PAUSED)
async def pause(run_id: UUID, rt: Rt, page: Page, actor: Operator) -> Response:
    await pause_run(rt, run_id)
    return page.go_to(f"/runs/{run_id}")


@router.post("/resume")
@deeds(Deed.RUN_RESUMED)
async def resume(run_id: UUID, rt: Rt, page: Page, actor: Operator) -> Response:
    await resume_run(rt, run_id)
    return page.go_to(f"/runs/{run_id}")


@router.get("/stop")
async def ask(run_id: UUID, rt: Rt, page: Page, actor: Operator) -> Response:
    return page.show("stop_run.html", view=await show_run(rt, run_id))


@router.post("/stop")
@deeds(Deed.RUN_STOPPED)
async def stop(
    run_id: UUID, rt: Rt, page: Page, actor: Operator, calls: Annotated[str, Form(max_length=20)] = "end"
) -> Response:
    """`calls` is "end", which lets calls under way end by themselves, or "hang_up"."""
    await stop_run(rt, run_id, hang_up=calls == "hang_up")
    return page.go_to(f"/runs/{run_id}")
