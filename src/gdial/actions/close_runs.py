"""Move runs on as time passes: start the scheduled, expire the late, finish stops, close what is over."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import structlog

from gdial.actions.deciding import decide_and_save, let_out
from gdial.actions.run_ledger import write_ledger
from gdial.actions.tell_endpoints import tell_ended, tell_started
from gdial.dialing.events import DeadlinePassed, RunStopped
from gdial.dialing.run import RunCommand, change_run
from gdial.dialing.states import RunState
from gdial.runtime import Runtime
from gdial.storage import recipients, runs
from gdial.storage.runs import Run

log = structlog.get_logger(__name__)

SWEEP_CHUNK = 500


async def keep_runs(rt: Runtime) -> None:
    """One round of all four. Safe to run in several processes at once."""
    await start_scheduled(rt)
    async with rt.database.reading() as tx:
        expired = await runs.past_deadline(tx, rt.clock())
        stopped = await runs.stopped_with_somebody_waiting(tx)
    for run_id in expired:
        await sweep(rt, run_id, DeadlinePassed())
    for run_id in stopped:
        await sweep(rt, run_id, RunStopped())
    await close_finished(rt)


async def start_scheduled(rt: Runtime) -> None:
    now = rt.clock()
    async with rt.database.reading() as tx:
        if not await runs.due_to_start(tx, now):
            return
    async with rt.database.transaction() as tx:
        due = await runs.due_to_start(tx, now)
        for run in due:
            deadline_at = now + timedelta(minutes=run.policy.deadline_minutes)
            state = change_run(run.state, RunCommand.START)
            await runs.change(tx, run.id, state=state, started_at=now, deadline_at=deadline_at)
            await recipients.schedule_all(tx, run.id, now)
            await tell_started(tx, rt, await runs.get(tx, run.id))
    rt.bells.feed.set()
    for run in due:
        log.info("scheduled run started", run=str(run.id))


async def sweep(rt: Runtime, run_id: UUID, event: DeadlinePassed | RunStopped) -> int:
    """Tell everybody who waits in this run; how many there were. Cut short, it is taken up again by `keep_runs`."""
    swept = 0
    while True:
        async with rt.database.transaction() as tx:
            people = await recipients.waiting_of(tx, run_id, SWEEP_CHUNK)
            decided = [await decide_and_save(tx, rt, person, event) for person in people]
        await let_out(rt, *decided)
        swept += len(people)
        if len(people) < SWEEP_CHUNK:
            return swept


async def close_finished(rt: Runtime) -> None:
    async with rt.database.reading() as tx:
        over = await runs.finished(tx)
    for run in over:
        await _close(rt, run)


async def _close(rt: Runtime, run: Run) -> None:
    async with rt.database.transaction() as tx:
        current = await runs.get(tx, run.id, lock=True)
        if current.ended_at is not None:
            return
        counts = await runs.counts(tx, run.id)
        if counts.waiting or counts.calling:
            return
        state = current.state if current.state is RunState.STOPPED else change_run(current.state, RunCommand.FINISH)
        await runs.change(tx, run.id, state=state, ended_at=rt.clock())
        written = await write_ledger(tx, run.id, rt.clock())
        await tell_ended(tx, rt, await runs.get(tx, run.id))
    if written.faults:
        rt.alarms.sound("ledger", "the ledger of a run does not balance", run=str(run.id), faults=list(written.faults))
    log.info(
        "run ended",
        run=str(run.id),
        state=state,
        recipients=counts.recipients,
        reached=counts.reached,
        not_reached=counts.not_reached,
        stopped=counts.stopped,
    )
