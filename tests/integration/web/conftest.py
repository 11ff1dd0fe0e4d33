"""The REST interface over real HTTP, with a real database and no telephone network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from gdial.runtime import Runtime
from gdial.settings import Settings
from tests.support.runtime import TurnedClock, opened_runtime
from tests.support.web import Api, served


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
async def runtime(
    database_url: str, make_settings: Callable[..., Settings], clock: TurnedClock
) -> AsyncIterator[Runtime]:
    """Once on SQLite, once on PostgreSQL."""
    async with opened_runtime(make_settings(database_url=database_url), clock) as opened:
        yield opened


@pytest.fixture
async def api(runtime: Runtime) -> AsyncIterator[Api]:
    """The API of a running process: once on SQLite, once on PostgreSQL."""
    async with served(runtime) as running:
        yield running


@pytest.fixture
async def quick_api(make_settings: Callable[..., Settings], clock: TurnedClock) -> AsyncIterator[Api]:
    """The API of a running process on SQLite, for what no database decides."""
    async with opened_runtime(make_settings(), clock) as opened, served(opened) as running:
        yield running
