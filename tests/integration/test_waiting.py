"""Waiting for work, but not for long."""

from __future__ import annotations

import asyncio

import pytest

from gdial.actions.waiting import within


class Work:
    """Goes on until it is let go; counts how often it was begun."""

    def __init__(self) -> None:
        self.begun = 0
        self.may_end = asyncio.Event()

    async def __call__(self) -> int:
        self.begun += 1
        await self.may_end.wait()
        return self.begun


async def test_what_takes_too_long_goes_on() -> None:
    work = Work()
    with pytest.raises(TimeoutError, match=r"no answer within 0\.01 s"):
        await within(0.01, work(), name="status")
    work.may_end.set()
    assert await within(30, work(), name="status") == 1


async def test_who_asks_again_meanwhile_waits_for_the_same_work() -> None:
    work = Work()
    first, second = (asyncio.create_task(within(30, work(), name="status")) for _ in range(2))
    other = asyncio.create_task(within(30, work(), name="another"))
    unnamed = asyncio.create_task(within(30, work()))
    await asyncio.sleep(0)
    work.may_end.set()
    await asyncio.gather(first, second, other, unnamed)
    assert work.begun == 3
    assert await within(30, work(), name="status") == 4
