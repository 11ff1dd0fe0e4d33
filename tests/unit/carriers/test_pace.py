"""The limiter inside one process, on a clock that the test moves."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from random import Random

import pytest

from gdial.carriers.pace import InProcessPace
from gdial.dialing.pacing import LEAST_GAP_SHARE, TOLERANCE_SECONDS
from tests.simulator.stepped_clock import SteppedClock

ORDINARY, URGENT = 1, 8
MANY_LINES = 1_000


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


def make_pace(clock: SteppedClock, per_second: float, lines: int = MANY_LINES, open_lines: int = 0) -> InProcessPace:
    return InProcessPace(per_second, lines, open_lines=open_lines, clock=clock.elapsed_seconds, sleep=clock.sleep)


class Callers:
    """Everybody who wants a line; each takes a slot in a task of its own, as workers do."""

    def __init__(self, pace: InProcessPace, clock: SteppedClock) -> None:
        self.pace = pace
        self.clock = clock
        self.starts: list[float] = []
        self.tasks: list[asyncio.Task[None]] = []

    def ring(self, unused_after: float | None = None) -> None:
        """Start a call when it may start, or find after so many seconds that nobody is to be rung after all."""
        self.tasks.append(asyncio.create_task(self._ring(unused_after)))

    async def _ring(self, unused_after: float | None) -> None:
        slot = await self.pace.take_slot(ORDINARY)
        assert slot is not None
        if unused_after is None:
            await self.pace.depart()
            self.starts.append(self.clock.elapsed_seconds())
            return
        await self.clock.sleep(unused_after)
        await self.pace.give_back(slot)

    async def finish(self, seconds: float = 1_000) -> None:
        await self.clock.advance(seconds)
        assert all(task.done() for task in self.tasks)
        await asyncio.gather(*self.tasks, return_exceptions=True)


def assert_pace_is_kept(starts: list[float], per_second: float) -> None:
    starts = sorted(starts)
    for first in range(len(starts)):
        for last in range(first, len(starts)):
            allowed = (starts[last] - starts[first] + TOLERANCE_SECONDS) * per_second + 1
            assert last - first + 1 <= allowed + 1e-6, starts[first : last + 1]


@pytest.mark.parametrize("per_second", [0.5, 1, 7, 50])
async def test_in_no_window_do_more_calls_start_than_the_pace_allows(clock: SteppedClock, per_second: float) -> None:
    callers = Callers(make_pace(clock, per_second), clock)
    for _ in range(60):
        callers.ring()
    await callers.finish()
    assert len(callers.starts) == 60
    assert_pace_is_kept(callers.starts, per_second)
    assert callers.starts[-1] <= 59 * 1.02 / per_second, "no start is wasted"


async def test_a_carrier_with_too_much_at_once_slows_the_pace_which_then_comes_back(clock: SteppedClock) -> None:
    pace = make_pace(clock, 10)
    callers = Callers(pace, clock)
    await clock.advance(1)
    assert await pace.slow_down() == 5
    assert await pace.slow_down() == 5, "creates that were out together"
    began_at = clock.elapsed_seconds()
    for _ in range(900):
        callers.ring()
    await callers.finish()
    after = [start - began_at for start in callers.starts]
    in_five = sum(start < 5 for start in after)
    assert 25 <= in_five <= 29, "half the pace, and a little more each second"
    in_a_late_five = sum(40 <= start < 45 for start in after)
    assert 48 <= in_a_late_five <= 51, "all of it again after half a minute"
    assert pace.per_second == 10


async def test_an_unused_start_goes_to_the_next_in_turn(clock: SteppedClock) -> None:
    callers = Callers(make_pace(clock, 1), clock)
    for _ in range(10):
        callers.ring(unused_after=0.01)
    callers.ring()
    await callers.finish()
    assert callers.starts[0] < 0.2, "ten who need no call hold nobody up"


@pytest.mark.parametrize("seed", range(8))
async def test_starts_given_back_never_make_two_calls_start_together(clock: SteppedClock, seed: int) -> None:
    random, per_second = Random(seed), 5.0
    callers = Callers(make_pace(clock, per_second), clock)
    for _ in range(120):
        callers.ring(unused_after=random.choice([None, None, 0.01, random.uniform(0, 2)]))
        if random.random() < 0.5:
            await clock.advance(random.uniform(0, 0.4))
    await callers.finish()
    assert_pace_is_kept(callers.starts, per_second)


async def test_who_is_cancelled_while_waiting_gives_the_line_back_and_the_start_to_nobody_too_early(
    clock: SteppedClock,
) -> None:
    pace = make_pace(clock, 1, lines=10)
    callers = Callers(pace, clock)
    for _ in range(4):
        callers.ring()
    await clock.advance(0.1)
    assert (callers.starts, await pace.free_lines(ORDINARY)) == ([0], 5)
    callers.tasks[1].cancel()
    callers.tasks[2].cancel()
    callers.ring()
    await clock.advance(0.1)
    assert callers.starts == [0], "the cancelled ones would have started later"
    await callers.finish()
    assert_pace_is_kept(callers.starts, 1)
    assert callers.starts[-1] < 2.1, "those behind move up"
    assert await pace.free_lines(ORDINARY) == 6


async def test_a_line_is_held_until_the_call_ends(clock: SteppedClock) -> None:
    pace = make_pace(clock, 1_000, lines=4)
    taken = [await take(clock, pace, ORDINARY) for _ in range(4)]
    assert taken == [True, True, True, False]
    assert (await pace.free_lines(ORDINARY), await pace.free_lines(URGENT)) == (0, 1)
    pace.free_line()
    assert await take(clock, pace, ORDINARY)
    assert not await take(clock, pace, ORDINARY)


async def test_some_lines_are_kept_for_urgent_calls(clock: SteppedClock) -> None:
    pace = make_pace(clock, 1_000, lines=20, open_lines=18)
    assert not await take(clock, pace, ORDINARY)
    assert not await take(clock, pace, URGENT - 1)
    assert [await take(clock, pace, URGENT) for _ in range(3)] == [True, True, False]


async def test_a_single_line_serves_everybody(clock: SteppedClock) -> None:
    pace = make_pace(clock, 1_000, lines=1)
    assert await take(clock, pace, ORDINARY)
    assert not await take(clock, pace, URGENT)


async def test_calls_of_an_earlier_process_hold_their_lines(clock: SteppedClock) -> None:
    pace = make_pace(clock, 1_000, lines=4, open_lines=7)
    assert not await take(clock, pace, ORDINARY)
    for _ in range(4):
        pace.free_line()
    assert await pace.free_lines(URGENT) == 1
    assert await pace.free_lines(ORDINARY) == 0


async def take(clock: SteppedClock, pace: InProcessPace, priority: int) -> bool:
    """Whether a call of this priority has started."""

    async def start() -> bool:
        if not await pace.take_slot(priority):
            return False
        await pace.depart()
        return True

    starting = asyncio.create_task(start())
    await clock.advance(1)
    return await starting


async def test_a_line_of_which_the_database_knows_nothing_is_free_again_and_one_it_knows_of_is_busy(
    clock: SteppedClock,
) -> None:
    pace = make_pace(clock, 1_000, lines=10)
    for _ in range(4):
        assert await take(clock, pace, ORDINARY)
    pace.recount(2)
    assert await pace.free_lines(ORDINARY) == 5, "a call may have been counted before we heard of it"
    pace.recount(2)
    assert await pace.free_lines(ORDINARY) == 7
    pace.recount(3)
    pace.recount(3)
    assert await pace.free_lines(ORDINARY) == 6


async def test_calls_that_begin_and_end_meanwhile_and_slots_in_hand_are_not_counted_away(clock: SteppedClock) -> None:
    pace = make_pace(clock, 1_000, lines=10)
    assert await pace.take_slot(ORDINARY)
    pace.recount(0)
    pace.recount(0)
    assert await pace.free_lines(ORDINARY) == 8
    await pace.depart()
    pace.recount(0)
    assert await take(clock, pace, ORDINARY)
    pace.recount(0)
    assert await pace.free_lines(ORDINARY) == 7
    pace.free_line()
    pace.recount(0)
    assert await pace.free_lines(ORDINARY) == 8


async def test_calls_that_were_held_up_together_do_not_leave_together(clock: SteppedClock) -> None:
    pace = make_pace(clock, 10)
    departures: list[float] = []

    async def leave() -> None:
        await pace.depart()
        departures.append(clock.elapsed_seconds())

    tasks = [asyncio.create_task(leave()) for _ in range(30)]
    await clock.advance(10)
    await asyncio.gather(*tasks)
    assert_pace_is_kept(departures, 10)


@pytest.mark.parametrize("seed", range(4))
async def test_a_process_that_is_held_up_now_and_then_lets_no_two_calls_leave_closely(
    clock: SteppedClock, seed: int
) -> None:
    """Held up between waking and sending, as by a busy disk; what was lost is made up for little by little."""
    random, per_second = Random(seed), 20

    async def oversleep(seconds: float) -> None:
        await clock.sleep(seconds + random.choice([0, 0, 0, 0, 0.02, 0.1]))

    pace = InProcessPace(per_second, MANY_LINES, clock=clock.elapsed_seconds, sleep=oversleep)
    departures: list[float] = []

    async def leave() -> None:
        await pace.depart()
        departures.append(clock.elapsed_seconds())

    tasks = [asyncio.create_task(leave()) for _ in range(100)]
    await clock.advance(60)
    await asyncio.gather(*tasks)
    least = LEAST_GAP_SHARE / per_second
    assert all(later - earlier >= least - 1e-9 for earlier, later in pairwise(departures))


async def test_nobody_waits_for_a_slot_once_slots_are_no_longer_given(clock: SteppedClock) -> None:
    pace = make_pace(clock, 1, lines=10)
    tasks = [asyncio.create_task(pace.take_slot(ORDINARY)) for _ in range(4)]
    await clock.advance(0.1)
    pace.stop_taking()
    await clock.advance(0)
    assert [await task is not None for task in tasks] == [True, False, False, False]
    assert await pace.free_lines(ORDINARY) == 8
    assert not await pace.take_slot(URGENT)
