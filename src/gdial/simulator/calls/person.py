"""The person (or mailbox) at the other end of an answered call."""

from __future__ import annotations

import asyncio
from collections import deque

from gdial.simulator.calls.line import Line
from gdial.simulator.clock import Clock
from gdial.simulator.people.plans import CallPlan, PlannedPress

BETWEEN_KEYS_SECONDS = 0.4
MOST_LOST_PRESSES = 3


async def take_part(plan: CallPlan, line: Line, clock: Clock) -> None:
    """Listen and press as planned; returns when the person hangs up, and never if they stay."""
    async with asyncio.TaskGroup() as group:
        pressing = group.create_task(_press_keys(plan, line, clock))
        if plan.hangs_up_after_seconds is None:
            await asyncio.Event().wait()
        else:
            await clock.sleep(plan.hangs_up_after_seconds)
        pressing.cancel()


async def _press_keys(plan: CallPlan, line: Line, clock: Clock) -> None:
    """Press at the first thing heard; then, for the next key or one that nobody received, wait to be asked again."""
    planned = deque(plan.presses)
    lost = 0
    await line.until(lambda: line.sounds + line.questions > 0)
    while planned and lost < MOST_LOST_PRESSES:
        if plan.hears_all:
            await line.until(lambda: line.questions > 0 and not line.is_prompting)
        await clock.sleep(planned[0].after_seconds)
        answered = line.questions
        if await _press_each(planned[0], line, clock):
            planned.popleft()
        else:
            lost += 1
        await _wait_for_question(line, answered)


async def _wait_for_question(line: Line, answered: int) -> None:
    await line.until(lambda: line.questions > answered)


async def _press_each(planned: PlannedPress, line: Line, clock: Clock) -> bool:
    """Press the keys one by one; tells whether all were received."""
    received = True
    for index, key in enumerate(planned.keys):
        if index:
            await clock.sleep(BETWEEN_KEYS_SECONDS)
        received = line.press(key).gathered and received
    return received
