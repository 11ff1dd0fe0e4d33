"""Start a call run: from a wish to rows that are due."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy.exc import IntegrityError

from gdial.actions.brakes import require_room
from gdial.actions.deeds import Deed, note_deed
from gdial.actions.people_of_run import read_list_of, require_good_lines
from gdial.actions.prepare_run import PreparedRun, RunWish, prepare_run
from gdial.actions.tell_endpoints import tell_started
from gdial.dialing.states import RunState
from gdial.errors import Conflict, InvalidInput, QueueUnavailable
from gdial.queue.jobs import CALL_BATCH, TTS, CallBatchJob, TtsJob, write_job
from gdial.runtime import Records, Runtime
from gdial.storage import custom_messages, idempotency, runs
from gdial.storage.database import Transaction
from gdial.storage.idempotency import KnownKey
from gdial.storage.runs import Run

log = structlog.get_logger(__name__)

KEY_LIFETIME = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """`body_hash` tells a repeated request from another one under the same key."""

    key: str
    body_hash: str


@dataclass(frozen=True, slots=True)
class StartedRun:
    run: Run
    recipients: int


async def start_run(rt: Runtime, wish: RunWish, key: IdempotencyKey | None = None) -> StartedRun:
    """Store the run and everybody in it, in one transaction; then ring the bells.

    The same key within 24 hours gives the run it gave before. Raises InvalidInput (nobody to ring, a text that cannot
    be spoken, a policy out of bounds, a key used for something else), NotFound, Conflict (no telephone network;
    somebody who is to be rung, or the message, was removed at this moment), TooManyRuns.
    """
    rt.network(wish.mode)
    async with rt.database.reading() as tx:
        known = await _find_known(tx, rt, key)
        if known is not None:
            return known
    wish, listed = await read_list_of(rt, wish)
    require_good_lines(wish, listed)
    async with rt.database.reading() as tx:
        await require_room(tx, rt, wish)
        prepared = await prepare_run(tx, rt, wish)
    try:
        async with rt.database.transaction() as tx:
            known = await _find_known(tx, rt, key)
            if known is not None:
                return known
            started = await store_run(tx, rt, prepared)
            await _keep_key(tx, rt, key, started.run)
            await note_deed(tx, rt.clock(), Deed.RUN_STARTED, "run", started.run.id, name=wish.name, detail=wish.mode)
    except IntegrityError as error:
        return await _started_meanwhile(rt, key, error)
    log.info("run started", run=str(started.run.id), recipients=started.recipients, mode=wish.mode)
    await ring_the_bells(rt, started.run)
    return started


async def _started_meanwhile(rt: Runtime, key: IdempotencyKey | None, error: IntegrityError) -> StartedRun:
    """Two clicks at the same moment: the other one's run is there by now. Else somebody was removed."""
    async with rt.database.reading() as tx:
        known = await _find_known(tx, rt, key)
    if known is None:
        raise Conflict("somebody on the list, or the message, was removed at this moment; try again") from error
    return known


async def _find_known(tx: Transaction, rt: Runtime, key: IdempotencyKey | None) -> StartedRun | None:
    if key is None:
        return None
    known = await idempotency.find(tx, key.key, rt.clock() - KEY_LIFETIME)
    if known is None:
        return None
    if known.body_hash != key.body_hash:
        raise InvalidInput("was used within 24 hours for another request", where="Idempotency-Key")
    counts = await runs.counts(tx, known.run_id)
    return StartedRun(await runs.get(tx, known.run_id), counts.recipients)


async def store_run(tx: Transaction, rt: Records, prepared: PreparedRun) -> StartedRun:
    """Raises IntegrityError when the message or somebody on the list is gone, or a run with this id is there."""
    run = prepared.run
    if run.custom_message_log_id is not None and prepared.new_text is not None:
        await custom_messages.insert(
            tx, run.custom_message_log_id, prepared.new_text, run.created_at, prepared.only_contact_id
        )
    await runs.insert(tx, run)
    for rows in prepared.rows:
        await tx.insert_rows(rows)
    if run.state is RunState.RUNNING:
        await tell_started(tx, rt, run)
    return StartedRun(run, prepared.recipients)


async def _keep_key(tx: Transaction, rt: Runtime, key: IdempotencyKey | None, run: Run) -> None:
    if key is not None:
        await idempotency.forget(tx, rt.clock() - KEY_LIFETIME)
        await idempotency.insert(tx, key.key, KnownKey(key.body_hash, run.id), rt.clock())


async def ring_the_bells(rt: Runtime, run: Run) -> None:
    """All of it may be lost: the scheduler finds the run by itself."""
    rt.bells.feed.set()
    rt.bells.close_runs.set()
    try:
        await rt.queue.publish(TTS, write_job(TtsJob(call_run_id=run.id)), priority=run.priority)
        await rt.queue.publish(CALL_BATCH, write_job(CallBatchJob(call_run_id=run.id)), priority=run.priority)
    except QueueUnavailable as error:
        log.warning("the queue does not hear of the run; the scheduler finds it", run=str(run.id), why=str(error))
