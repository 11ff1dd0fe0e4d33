"""Pause, resume and stop: in force for the next call that would start."""

from __future__ import annotations

import asyncio
from uuid import UUID

import structlog

from gdial.actions.close_runs import sweep
from gdial.actions.deciding import decide_and_save, let_out
from gdial.actions.deeds import Deed, note_deed
from gdial.dialing.events import RunStopped
from gdial.dialing.run import RunCommand
from gdial.dialing.run import change_run as change_state
from gdial.dialing.states import RunState
from gdial.errors import DatabaseUnavailable
from gdial.runtime import Runtime
from gdial.storage import recipients, runs
from gdial.storage.runs import Run

log = structlog.get_logger(__name__)

HANG_UPS_AT_ONCE = 20
DEEDS = {
    RunCommand.PAUSE: Deed.RUN_PAUSED,
    RunCommand.RESUME: Deed.RUN_RESUMED,
    RunCommand.STOP: Deed.RUN_STOPPED,
}


async def pause_run(rt: Runtime, run_id: UUID) -> Run:
    """Calls under way go on. Raises NotFound, Conflict."""
    return await _command(rt, run_id, RunCommand.PAUSE)


async def resume_run(rt: Runtime, run_id: UUID) -> Run:
    """Raises NotFound, Conflict."""
    run = await _command(rt, run_id, RunCommand.RESUME)
    rt.bells.feed.set()
    return run


async def stop_run(rt: Runtime, run_id: UUID, *, hang_up: bool = False) -> Run:
    """Nobody more is rung. Calls under way end by themselves, or at once with `hang_up`; a key pressed in one still
    counts. Raises NotFound, Conflict."""
    run = await _command(rt, run_id, RunCommand.STOP, hangs_up=hang_up)
    await sweep(rt, run_id, RunStopped())
    if hang_up:
        await _hang_up_all(rt, run_id)
    rt.bells.close_runs.set()
    return run


async def _command(rt: Runtime, run_id: UUID, command: RunCommand, *, hangs_up: bool = False) -> Run:
    async with rt.database.transaction() as tx:
        run = await runs.get(tx, run_id, lock=True)
        state = change_state(run.state, command)
        if state is not run.state:
            note = "" if state is not RunState.PAUSED else "paused by the operator"
            await runs.change(tx, run_id, state=state, paused_because=note)
            await note_deed(tx, rt.clock(), DEEDS[command], "run", run_id, name=run.name)
            log.info("run told", run=str(run_id), command=command)
        if hangs_up:
            await runs.change(tx, run_id, hangs_up=True)
        return await runs.get(tx, run_id)


async def _hang_up_all(rt: Runtime, run_id: UUID) -> None:
    async with rt.database.reading() as tx:
        people = await recipients.with_open_attempt(tx, run_id)
    turns = asyncio.Semaphore(HANG_UPS_AT_ONCE)
    await asyncio.gather(*(_hang_up_one(rt, recipient_id, turns) for recipient_id in people))


async def _hang_up_one(rt: Runtime, recipient_id: UUID, turns: asyncio.Semaphore) -> None:
    async with turns:
        try:
            async with rt.database.transaction() as tx:
                recipient = await recipients.get(tx, recipient_id, lock=True)
                decided = await decide_and_save(tx, rt, recipient, RunStopped(hang_up=True)) if recipient else None
        except DatabaseUnavailable as error:
            log.warning("a call is left to end by itself", recipient=str(recipient_id), why=str(error))
            return
        if decided is not None:
            await let_out(rt, decided)
