"""Jobs that other programs publish: from a stranger's wish to people who are due, once for each job id."""

from __future__ import annotations

from uuid import UUID

import structlog
from sqlalchemy.exc import IntegrityError

from gdial.actions.join_run import join_run
from gdial.actions.people_of_run import people_of
from gdial.actions.prepare_run import RunWish, prepare_run
from gdial.actions.start_run import ring_the_bells, store_run
from gdial.dialing.states import RunMode
from gdial.errors import Conflict, InvalidInput, NotFound
from gdial.queue.jobs import CallBatchJob, CallJob
from gdial.runtime import Records, Runtime
from gdial.storage import runs, taken_jobs
from gdial.storage.database import Transaction
from gdial.storage.runs import Run

log = structlog.get_logger(__name__)

CALL_NAME = "Call from another program"
BATCH_NAME = "Call-out from another program"


async def take_call_job(rt: Runtime, job: CallJob, mode: RunMode) -> None:
    """One person, into the run that the job names, or into a run of one in `mode`, like a manual call.

    Raises PermanentError for what nobody can do: InvalidInput, NotFound, Conflict (a run that is over, no telephone
    network). Then nothing is stored, and the same job may come again when that is mended.
    """
    wish = _wish_of_call(job, mode)
    if job.call_run_id is None:
        rt.network(mode)
    run = await store_wish(rt, wish, job.job_id, may_start=job.call_run_id is None)
    if _told(job.job_id, run) is not None:
        rt.bells.feed.set()
        rt.bells.close_runs.set()


async def take_batch_job(rt: Runtime, job: CallBatchJob) -> None:
    """With contacts or a group: a run of them, with the id that the job names, or more people for the run that has it.
    With a run's id alone: look who is due now.

    Raises PermanentError as `take_call_job` does. A job that names nobody rings nobody.
    """
    if job.contacts or job.group_id is not None:
        if job.call_run_id is None:
            rt.network(RunMode.REAL)
        run = _told(job.job_id, await store_wish(rt, wish_of_batch(job), job.job_id))
        if run is not None:
            await ring_the_bells(rt, run)
        return
    if job.call_run_id is None:
        raise InvalidInput("names nobody to ring: give contacts, group_id or call_run_id", where="CallBatchJob")
    async with rt.database.reading() as tx:
        await runs.get(tx, job.call_run_id)
    rt.bells.feed.set()


def wish_of_batch(job: CallBatchJob) -> RunWish:
    return RunWish(
        name=(job.call_run_name or "").strip() or BATCH_NAME,
        description=job.call_run_description or "",
        contact_ids=job.contacts or (),
        group_ids=[job.group_id] if job.group_id is not None else (),
        message_id=job.message_id,
        run_id=job.call_run_id,
        may_announce=True,
    )


async def store_wish(rt: Records, wish: RunWish, job_id: UUID | None = None, *, may_start: bool = True) -> Run | None:
    """The run that the people of the wish are in by now: the one with `run_id` where there is one, else a new one.

    With `job_id` it is done once; None, and nothing stored, when that was before. `may_start` False: only a run that is
    there will do. Raises NobodyToRing, InvalidInput, NotFound, Conflict.
    """
    for _ in range(2):
        try:
            return await _store_wish(rt, wish, job_id, may_start=may_start)
        except IntegrityError as error:
            # Somebody was removed, or a run with this id was made, since it was looked for. The second look tells.
            meanwhile = error
    raise Conflict("somebody on the list, or the message, was removed at this moment; try again") from meanwhile


async def _store_wish(rt: Records, wish: RunWish, job_id: UUID | None, *, may_start: bool) -> Run | None:
    async with rt.database.reading() as tx:
        if job_id is not None and await taken_jobs.is_taken(tx, job_id):
            return None
        joins = await _is_there(tx, wish.run_id)
        if not joins and not may_start:
            raise NotFound("run", wish.run_id)
        people = await people_of(tx, wish) if joins else []
        prepared = None if joins else await prepare_run(tx, rt, wish)
    async with rt.database.transaction() as tx:
        if job_id is not None and not await taken_jobs.insert_if_new(tx, job_id, rt.clock()):
            return None
        if prepared is not None:
            run = (await store_run(tx, rt, prepared)).run
        else:
            assert wish.run_id is not None  # noqa: S101 - else there is none to join
            run = await join_run(tx, rt, wish.run_id, wish, people)
        if job_id is not None:
            await taken_jobs.name_run(tx, job_id, run.id)
    return run


async def _is_there(tx: Transaction, run_id: UUID | None) -> bool:
    if run_id is None:
        return False
    try:
        await runs.get(tx, run_id)
    except NotFound:
        return False
    return True


def _told(job_id: UUID, run: Run | None) -> Run | None:
    """The same, with a line in the log."""
    if run is None:
        log.info("a job came again; it was done before", job=str(job_id))
    else:
        log.info("job of another program taken", job=str(job_id), run=str(run.id))
    return run


def _wish_of_call(job: CallJob, mode: RunMode) -> RunWish:
    if job.contact_id is None:
        raise InvalidInput("names nobody to ring", where="CallJob.contact_id", example=str(UUID(int=7)))
    words = [job.message_id, job.custom_message_id, job.custom_message_content]
    named = len(words) - words.count(None)
    if named > 1 or (named == 0 and job.call_run_id is None):
        raise InvalidInput(
            "give one of message_id, custom_message_id and custom_message_content"
            + (", or call_run_id for a run's own" if named == 0 else ""),
            where="CallJob",
        )
    if job.dtmf_responses and job.custom_message_content is None:
        raise InvalidInput("go with custom_message_content only", where="CallJob.dtmf_responses")
    return RunWish(
        name=CALL_NAME,
        contact_ids=[job.contact_id],
        phone_id=job.phone_id,
        message_id=job.message_id,
        custom_message_id=job.custom_message_id,
        text=job.custom_message_content,
        responses=job.dtmf_responses or {},
        priority=job.priority,
        mode=mode,
        run_id=job.call_run_id,
        may_announce=True,
    )
