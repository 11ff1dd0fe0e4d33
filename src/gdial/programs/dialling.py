"""`dial_contacts`: a call-out that another program starts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from uuid import UUID

import structlog

from gdial.actions.take_job import store_wish, wish_of_batch
from gdial.errors import InvalidInput, NobodyToRing
from gdial.programs.opening import OpenRecords, opened_records
from gdial.queue.jobs import CALL_BATCH, TTS, CallBatchJob, TtsJob, read_job
from gdial.queue.publishing import publish_message
from gdial.settings import Settings
from gdial.storage import runs
from gdial.storage.runs import Run

log = structlog.get_logger(__name__)


async def dial_contacts(
    contacts: Sequence[UUID | str] | None = None,
    group_id: UUID | str | None = None,
    message_id: UUID | str | None = None,
    call_run_id: UUID | str | None = None,
    call_run_name: str | None = None,
    call_run_description: str | None = None,
) -> UUID | None:
    """Ring these contacts and the members of this group; the id of the call run they are in, which is stored by then.

    `call_run_id` names a run that is there (more people join it, or with nobody named it is looked at again), or is the
    id that the new one shall have. A new run needs `message_id`; it is a real one of ordinary priority, by the policy
    of the system settings, where a message without keys reaches who answers. None only when nothing was stored, because
    the contacts and the group named hold no one.

    One CallBatchJob goes to `gdial.call.batch`. A broker that is away, or a crash before it, loses nothing: the
    scheduler feeds from the database within a second or so. Nothing is rung in this process, and not promised is that
    a worker or a carrier is there. Raises InvalidInput (neither contacts, group nor run: never everyone), NotFound,
    Conflict (a run that is over), InvalidSetting, SetupError, DatabaseUnavailable.
    """
    given = {
        "contacts": list(contacts) if contacts else None,
        "group_id": group_id,
        "message_id": message_id,
        "call_run_id": call_run_id,
        "call_run_name": call_run_name,
        "call_run_description": call_run_description,
    }
    job = read_job(CallBatchJob, json.dumps(given, default=str).encode())
    if not job.contacts and job.group_id is None and job.call_run_id is None:
        raise InvalidInput("names nobody to ring: give contacts, group_id or call_run_id", where="dial_contacts")
    async with opened_records() as records:
        try:
            run = await _store(records, job)
        except NobodyToRing as error:
            log.warning("nothing to dial", why=str(error))
            return None
        await _publish(records.settings, run)
    return run.id


async def _store(records: OpenRecords, job: CallBatchJob) -> Run:
    if job.call_run_id is not None and not job.contacts and job.group_id is None:
        async with records.database.reading() as tx:
            return await runs.get(tx, job.call_run_id)
    run = await store_wish(records, wish_of_batch(job))
    assert run is not None  # noqa: S101 - only a job that came before gives none
    return run


async def _publish(settings: Settings, run: Run) -> None:
    """Doorbells: a run of a hundred thousand people is one short message."""
    if settings.rabbitmq_url is None:
        return
    for queue_name, job in ((CALL_BATCH, CallBatchJob(call_run_id=run.id)), (TTS, TtsJob(call_run_id=run.id))):
        if not await asyncio.to_thread(publish_message, queue_name, job):
            log.warning("the queue does not hear of the run; the scheduler finds it", run=str(run.id))
            return
