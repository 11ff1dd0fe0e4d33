"""The scheduler: feeds the queue, moves runs on, asks about silent calls. Several may run; the work is done once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from gdial.actions.clear_old_data import Upkeep
from gdial.actions.close_runs import keep_runs
from gdial.actions.feed_queue import feed_queue
from gdial.actions.order_speech import publish_ordered
from gdial.actions.reconcile_calls import Reconciler
from gdial.actions.record_event import decide_leftovers
from gdial.actions.speak_ahead import LookAhead
from gdial.actions.watch_clock import ClockWatch
from gdial.actions.watch_database import DatabaseWatch
from gdial.actions.watch_workers import WorkerWatch
from gdial.errors import TemporaryError
from gdial.monitoring.metrics import counted_worker, scheduler_last_look
from gdial.runtime import Runtime
from gdial.workers.deliveries import run_deliveries
from gdial.workers.feed_gate import FeedGate

log = structlog.get_logger(__name__)

TICK_SECONDS = 1.0
FEED_REST_SECONDS = 0.02
CLOSE_REST_SECONDS = 0.25
SPEAK_REST_SECONDS = 0.25
"""Bells that ring within a rest are answered by one round."""


async def run_scheduler(rt: Runtime, stop: asyncio.Event, *, rings_here: bool = True) -> None:
    """Runs until `stop`. The bells wake it; the tick is the safety net. `rings_here`: beside a call worker."""
    never, fed = asyncio.Event(), asyncio.Event()
    gate = FeedGate(rt, rings_here=rings_here)
    upkeep, watch, reconciler = Upkeep(rt), WorkerWatch(rt), Reconciler(rt)
    with counted_worker("scheduler"):
        await asyncio.gather(
            _every(rt.bells.feed, FEED_REST_SECONDS, lambda: _look_for_due_people(rt, gate, fed), stop),
            _every(fed, SPEAK_REST_SECONDS, LookAhead(rt).look, stop),
            _every(never, 0, lambda: publish_ordered(rt), stop),
            _every(rt.bells.close_runs, CLOSE_REST_SECONDS, lambda: keep_runs(rt), stop),
            _every(never, 0, reconciler.look, stop),
            _every(never, 0, lambda: decide_leftovers(rt), stop),
            _every(never, 0, upkeep.look, stop),
            _every(never, 0, watch.look, stop),
            _every(never, 0, DatabaseWatch(rt).look, stop),
            _every(never, 0, ClockWatch(rt).look, stop),
            run_deliveries(rt, stop),
        )


async def _look_for_due_people(rt: Runtime, gate: FeedGate, fed: asyncio.Event) -> None:
    """`fed` wakes what looks further ahead than the feeder: after a run started, and as its people are rung."""
    if await gate.is_open():
        await feed_queue(rt)
    fed.set()
    scheduler_last_look.set_to_current_time()


async def _every(
    bell: asyncio.Event, rest_seconds: float, action: Callable[[], Awaitable[object]], stop: asyncio.Event
) -> None:
    while not stop.is_set():
        bell.clear()
        try:
            await action()
        except TemporaryError as error:
            log.warning("tried again in a moment", why=str(error))
        except Exception:
            log.exception("a round of the scheduler failed")
        await asyncio.sleep(rest_seconds)
        await _first_of(TICK_SECONDS, bell, stop)


async def _first_of(seconds: float, *wakes: asyncio.Event) -> None:
    waits = [asyncio.ensure_future(wake.wait()) for wake in wakes]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
