"""The brakes, where they take hold: before a call is claimed, and before a run is stored."""

from __future__ import annotations

from datetime import datetime
from math import ceil

from gdial.actions.prepare_run import RunWish
from gdial.dialing import events
from gdial.dialing.brakes import WINDOW, Starter, free_at, may_be_braked
from gdial.dialing.model import NumberToRing
from gdial.errors import TooManyRuns
from gdial.runtime import Records, Runtime
from gdial.storage import brakes, phone_numbers
from gdial.storage.brakes import Overlap
from gdial.storage.database import Transaction
from gdial.storage.runs import Run


async def why_not_now(
    tx: Transaction, rt: Records, run: Run, number: NumberToRing
) -> events.NumberFoundBad | events.NumberRungEnough | None:
    """What has been learnt of this number since the run was made, and how often it was rung within the hour."""
    if await phone_numbers.is_bad(tx, number):
        return events.NumberFoundBad()
    most = rt.settings.calls_per_number_per_hour
    if most == 0 or not may_be_braked(run.started_by, run.priority):
        return None
    now = rt.clock()
    latest = await brakes.latest_calls(tx, run.mode, number.number, now - WINDOW, most)
    at = free_at(latest, most, now)
    return None if at is None else events.NumberRungEnough(at)


async def require_room(tx: Transaction, rt: Records, wish: RunWish) -> None:
    """Raises TooManyRuns when programs have started as many runs within the hour as they may. Requests at the same
    moment may each find room."""
    most = rt.settings.runs_per_hour
    if most == 0 or wish.started_by is not Starter.PROGRAM or not may_be_braked(wish.started_by, wish.priority):
        return
    now = rt.clock()
    at = free_at(await brakes.latest_runs(tx, wish.mode, now - WINDOW, most), most, now)
    if at is not None:
        raise _too_many(most, at, now)


def _too_many(most: int, free: datetime, now: datetime) -> TooManyRuns:
    wait = max(1, ceil((free - now).total_seconds()))
    return TooManyRuns(
        f"programs have started {most} {'run' if most == 1 else 'runs'} within an hour, which is as many as "
        f"RUNS_PER_HOUR allows; the next may start in {ceil(wait / 60)} min. An operator's own runs and urgent ones "
        "(priority 8 to 10) are not held back",
        retry_after_seconds=wait,
    )


async def find_overlaps(rt: Runtime, run: Run) -> list[Overlap]:
    """Other live runs that ring the same people; a person is in one call at a time all the same."""
    async with rt.database.reading() as tx:
        return await brakes.overlaps(tx, run.id, run.mode)
