"""Ring somebody of a run before the others."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import structlog

from gdial.actions.deeds import Deed, note_deed
from gdial.actions.feed_queue import CALL_QUEUES
from gdial.dialing.call_now import bring_forward
from gdial.errors import NotFound, QueueUnavailable
from gdial.queue.jobs import CallJob, write_job
from gdial.runtime import Runtime
from gdial.storage import feeding, recipients
from gdial.storage.recipients import StoredRecipient

log = structlog.get_logger(__name__)

FIRST_OF_ALL = 10
"""A queue's highest priority; on one that knows none, a second's calls may lie before it."""


async def call_now(rt: Runtime, run_id: UUID, recipient_id: UUID) -> None:
    """This person is due, and their doorbell lies first. Pace, lines and claims are as ever: nobody is rung twice.

    Raises NotFound; Conflict when they are being rung, the run is not running, or it has ended for them.
    """
    now = rt.clock()
    async with rt.database.transaction() as tx:
        person = await recipients.get(tx, recipient_id, lock=True)
        if person is None or person.run.id != run_id:
            raise NotFound("recipient of this run", recipient_id)
        await recipients.save(tx, person, bring_forward(person.facts, now), now)
        # Fed here, so that the feeder does not ring for them too.
        await feeding.mark_fed(tx, [person.id], now + timedelta(seconds=rt.settings.feed_lease_sec))
        await note_deed(tx, now, Deed.RECIPIENT_CHANGED, "recipient", person.id, name=person.name, detail="call now")
    await _ring(rt, person)


async def _ring(rt: Runtime, person: StoredRecipient) -> None:
    job = CallJob(
        contact_id=person.contact_id,
        recipient_id=person.id,
        ahead=True,
        call_run_id=person.run.id,
        priority=person.run.priority,
    )
    try:
        await rt.queue.publish(CALL_QUEUES[person.run.mode], write_job(job), priority=FIRST_OF_ALL)
    except QueueUnavailable as error:
        # They are due: whoever dials without the broker finds them once this feed has lapsed.
        log.warning("somebody who is to be rung now waits for the queue", recipient=str(person.id), why=str(error))
