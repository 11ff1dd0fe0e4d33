"""`/api/calls`: one person rung by hand, which is a run of one."""

from __future__ import annotations

from gdial.actions.brakes import find_overlaps
from gdial.actions.start_run import start_run
from gdial.dialing.brakes import Starter
from gdial.web.access.current import Operator as Who
from gdial.web.access.current import starter_of
from gdial.web.api.run_shapes import NewCall, StartedShape
from gdial.web.api.runs import Key, Operator, idempotency_key
from gdial.web.context import Rt
from gdial.web.openapi import api_router

router = api_router("/api/calls", "calls")


@router.post("", status_code=202)
async def call(wish: NewCall, rt: Rt, actor: Who, key: Key = None, operator: Operator = None) -> StartedShape:
    """Ring one contact now. Its progress is that of the run it makes."""
    starter = starter_of(actor, operator, Starter.JOB)
    started = await start_run(rt, wish.wish(starter), idempotency_key(key, wish))
    return StartedShape.of(started, await find_overlaps(rt, started.run))
