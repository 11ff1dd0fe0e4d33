"""What holds for every pace: calls start no faster than told, and never more lines are open than there are.

A pace's own test file subclasses `PacePortSuite` and gives a `network` fixture.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from gdial.dialing.pacing import Pace, Slot

ORDINARY, URGENT = 1, 8
NO_WAIT_PER_SECOND = 500.0
SOON_SECONDS = 30.0


@dataclass(frozen=True)
class PacedNetwork:
    """`make_pace(per_second, lines)`: as one more process would have it. `claim` makes an open call of a slot."""

    make_pace: Callable[[float, int], Pace]
    claim: Callable[[Pace, Slot], Awaitable[None]]
    end_call: Callable[[Pace], Awaitable[None]]

    async def call(self, pace: Pace, priority: int) -> bool:
        """Whether a call of this priority could start; it goes on until it is ended."""
        async with asyncio.timeout(SOON_SECONDS):
            slot = await pace.take_slot(priority)
            if slot is None:
                return False
            await self.claim(pace, slot)
            await pace.depart()
            return True


async def take(pace: Pace) -> Slot:
    async with asyncio.timeout(SOON_SECONDS):
        slot = await pace.take_slot(ORDINARY)
    assert slot is not None
    return slot


def assert_pace_is_kept(departures: list[float], per_second: float) -> None:
    """In no sliding second more than a tenth above the pace, and one."""
    departures = sorted(departures)
    for first, began_at in enumerate(departures):
        in_second = [at for at in departures[first:] if at < began_at + 1]
        assert len(in_second) <= 1.1 * per_second + 1, in_second


class PacePortSuite:
    async def test_a_carrier_with_too_much_at_once_slows_it_by_half_once(self, network: PacedNetwork) -> None:
        one = network.make_pace(NO_WAIT_PER_SECOND, 1_000)
        assert await one.slow_down() == pytest.approx(NO_WAIT_PER_SECOND / 2, rel=0.01)
        assert await one.slow_down() < NO_WAIT_PER_SECOND * 0.55, "refused together counts once"
        assert one.per_second < NO_WAIT_PER_SECOND * 0.6
        await take(one)

    async def test_calls_leave_at_the_pace_and_no_faster(self, network: PacedNetwork) -> None:
        per_second = 40.0
        pace = network.make_pace(per_second, 1_000)
        departures: list[float] = []

        async def ring() -> None:
            assert await network.call(pace, ORDINARY)
            departures.append(time.monotonic())

        await asyncio.gather(*(ring() for _ in range(60)))
        assert_pace_is_kept(departures, per_second)
        assert departures[-1] - departures[0] < 59 / per_second * 3, "starts are not wasted"

    async def test_a_line_is_held_until_the_call_ends(self, network: PacedNetwork) -> None:
        pace = network.make_pace(NO_WAIT_PER_SECOND, 4)
        assert [await network.call(pace, ORDINARY) for _ in range(4)] == [True, True, True, False]
        assert (await pace.free_lines(ORDINARY), await pace.free_lines(URGENT)) == (0, 1)
        await network.end_call(pace)
        assert await network.call(pace, ORDINARY)
        assert not await network.call(pace, ORDINARY)

    async def test_a_slot_in_hand_holds_a_line_until_it_is_given_back(self, network: PacedNetwork) -> None:
        pace = network.make_pace(NO_WAIT_PER_SECOND, 3)
        slots = [await take(pace), await take(pace)]
        assert await pace.take_slot(ORDINARY) is None
        assert await pace.free_lines(ORDINARY) == 0
        await pace.give_back(slots[0])
        assert await pace.free_lines(ORDINARY) == 1
        assert await network.call(pace, ORDINARY)

    async def test_some_lines_are_kept_for_urgent_calls(self, network: PacedNetwork) -> None:
        pace = network.make_pace(NO_WAIT_PER_SECOND, 20)
        for _ in range(18):
            assert await network.call(pace, ORDINARY)
        assert not await network.call(pace, URGENT - 1)
        assert [await network.call(pace, URGENT) for _ in range(3)] == [True, True, False]

    async def test_a_single_line_serves_everybody(self, network: PacedNetwork) -> None:
        pace = network.make_pace(NO_WAIT_PER_SECOND, 1)
        assert await network.call(pace, ORDINARY)
        assert not await network.call(pace, URGENT)

    async def test_an_unused_start_goes_to_the_next_in_turn(self, network: PacedNetwork) -> None:
        pace = network.make_pace(0.05, 100)
        for _ in range(5):
            await pace.give_back(await take(pace))
        waiting = asyncio.create_task(take(pace))
        await waiting
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await pace.take_slot(ORDINARY)

    async def test_a_start_given_back_after_another_has_started_is_lost(self, network: PacedNetwork) -> None:
        pace = network.make_pace(4, 100)
        first, _ = await take(pace), await take(pace)
        began_at = time.monotonic()
        await pace.give_back(first)
        await take(pace)
        assert time.monotonic() - began_at > 0.1

    async def test_nobody_waits_for_a_slot_once_slots_are_no_longer_given(self, network: PacedNetwork) -> None:
        pace = network.make_pace(0.05, 100)
        await take(pace)
        tasks = [asyncio.create_task(pace.take_slot(ORDINARY)) for _ in range(3)]
        await asyncio.sleep(0.05)
        pace.stop_taking()
        async with asyncio.timeout(SOON_SECONDS):
            assert [await task for task in tasks] == [None, None, None]
        assert await pace.free_lines(ORDINARY) == 89
        assert await pace.take_slot(URGENT) is None
