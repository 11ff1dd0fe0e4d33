"""Top up the queue from the database: first attempts, redials, scheduled runs and lost doorbells are all the same,
people who are due."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from gdial.actions.deciding import Decided, decide_and_save, let_out
from gdial.actions.watch_carrier import silence_of
from gdial.dialing import events
from gdial.dialing.breaker import BreakerState
from gdial.dialing.pacing import URGENT_PRIORITY, window_size
from gdial.dialing.redial import MOST_FEEDS
from gdial.dialing.states import RunMode
from gdial.errors import QueueUnavailable
from gdial.monitoring import metrics
from gdial.queue.jobs import CALL_SINGLE, DRILL_SINGLE, CallJob, write_job
from gdial.runtime import Network, Runtime
from gdial.storage import feeding, recipients
from gdial.storage.database import Transaction
from gdial.storage.feeding import DueRecipient

log = structlog.get_logger(__name__)

CALL_QUEUES = {RunMode.REAL: CALL_SINGLE, RunMode.DRILL: DRILL_SINGLE}
"""Apart, so that a drill holds no worker that a real call waits for."""


async def feed_queue(rt: Runtime) -> int:
    """How many people were put on the queue. Safe to run in several processes at once."""
    return sum([await _feed_network(rt, mode, network) for mode, network in rt.networks.items()])


async def _feed_network(rt: Runtime, mode: RunMode, network: Network) -> int:
    ordinary = await network.pace.free_lines(1)
    urgent = ordinary or await network.pace.free_lines(URGENT_PRIORITY)
    metrics.pace.labels(mode).set(network.pace.per_second)
    if urgent == 0 or network.breaker.state is BreakerState.OPEN:
        return 0
    decided: list[Decided] = []
    async with rt.database.transaction() as tx:
        silence = await silence_of(tx, rt, mode)
        if silence is not None and silence.is_total:
            return 0
        now = rt.clock()
        least_priority = 1 if ordinary > 0 else URGENT_PRIORITY
        window = window_size(network.pace.per_second, ordinary or urgent, rt.settings.feed_lease_sec)
        # Ordinary people who lie on the queue take no room from the urgent when only the kept lines are free.
        room = window - await feeding.count_fed(tx, mode, _fresh_after(rt, now), least_priority)
        if room <= 0:
            return 0
        due = await feeding.take_due(tx, mode, now, room, least_priority)
        # Doorbells that lay behind those of a carrier that was away were no fault of anybody.
        gives_up = silence is None and network.breaker.state is BreakerState.CLOSED
        lost = [person for person in due if gives_up and person.feeds >= MOST_FEEDS]
        fed = [person for person in due if person not in lost]
        decided = await _give_up(tx, rt, lost)
        until = now + timedelta(seconds=rt.settings.feed_lease_sec)
        await feeding.mark_fed(tx, [person.id for person in fed], until)
    await let_out(rt, *decided)
    await _publish(rt, mode, fed)
    return len(fed)


def _fresh_after(rt: Runtime, now: datetime) -> datetime:
    """Feeds that end later than this are on this queue, and still fresh."""
    if rt.feeds_count_from is None:
        return now
    return max(now, rt.feeds_count_from + timedelta(seconds=rt.settings.feed_lease_sec))


async def _publish(rt: Runtime, mode: RunMode, fed: list[DueRecipient]) -> None:
    """Raises QueueUnavailable; whom the queue did not take has not been fed."""
    for place, person in enumerate(fed):
        try:
            await rt.queue.publish(CALL_QUEUES[mode], write_job(_doorbell(person)), priority=person.priority)
        except QueueUnavailable:
            async with rt.database.transaction() as tx:
                await _take_back(tx, rt, fed[place:])
            raise


async def _take_back(tx: Transaction, rt: Runtime, unfed: list[DueRecipient]) -> None:
    for person in unfed:
        recipient = await recipients.get(tx, person.id, lock=True)
        if recipient is not None:
            await decide_and_save(tx, rt, recipient, events.FeedReturned())


async def _give_up(tx: Transaction, rt: Runtime, lost: list[DueRecipient]) -> list[Decided]:
    """People whom something of ours keeps from being rung: on to the list that is rung by hand."""
    decided = []
    for person in lost:
        recipient = await recipients.get(tx, person.id, lock=True)
        if recipient is not None:
            facts = {"run": str(person.run_id), "recipient": str(person.id)}
            rt.alarms.sound("person given up", "somebody was fed five times without an attempt", **facts)
            decided.append(await decide_and_save(tx, rt, recipient, events.FeedLapsed()))
    return decided


def _doorbell(person: DueRecipient) -> CallJob:
    return CallJob(
        contact_id=person.contact_id,
        recipient_id=person.id,
        call_run_id=person.run_id,
        priority=person.priority,
    )
