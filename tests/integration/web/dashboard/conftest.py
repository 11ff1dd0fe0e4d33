"""The board on SQLite, with its runtime at hand, for what no database decides."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from gdial.runtime import Runtime
from gdial.settings import Settings
from tests.support.runtime import TurnedClock, opened_runtime
from tests.support.web import Api, served


@pytest.fixture
async def quick_runtime(make_settings: Callable[..., Settings], clock: TurnedClock) -> AsyncIterator[Runtime]:
    async with opened_runtime(make_settings(), clock) as opened:
        yield opened


@pytest.fixture
async def quick_api(quick_runtime: Runtime) -> AsyncIterator[Api]:
    async with served(quick_runtime) as running:
        yield running
