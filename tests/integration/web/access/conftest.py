"""A web process whose passwords are cheap to check, on SQLite, and one on each database."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gdial.carriers.pace import InProcessPace
from gdial.carriers.twilio import TwilioCarrier
from gdial.dialing.states import RunMode
from gdial.runtime import Network, Runtime
from gdial.settings import Settings
from tests.support.carrier_stub import ACCOUNT_SID, AUTH_TOKEN
from tests.support.runtime import TurnedClock, opened_runtime
from tests.support.web import Api, served

CHEAP_MIB = 19


@pytest.fixture
async def quick(
    sqlite_template: Path, tmp_path: Path, make_settings: Callable[..., Settings], clock: TurnedClock
) -> AsyncIterator[Runtime]:
    """On SQLite, for what no database decides."""
    (tmp_path / "data").mkdir()
    shutil.copy(sqlite_template, tmp_path / "data" / "gdial.db")
    async with opened_runtime(make_settings(password_hash_mib=CHEAP_MIB), clock) as opened:
        yield opened


@pytest.fixture
async def web(quick: Runtime) -> AsyncIterator[Api]:
    async with served(quick) as running:
        yield running


@pytest.fixture
async def both(database_url: str, make_settings: Callable[..., Settings], clock: TurnedClock) -> AsyncIterator[Runtime]:
    """Once on SQLite, once on PostgreSQL."""
    settings = make_settings(database_url=database_url, password_hash_mib=CHEAP_MIB)
    async with opened_runtime(settings, clock) as opened:
        yield opened


@pytest.fixture
async def dialling(quick: Runtime) -> AsyncIterator[Runtime]:
    """With a telephone network over which nobody rings."""
    carrier = TwilioCarrier(ACCOUNT_SID, AUTH_TOKEN, api_base="http://127.0.0.1:9", timeout_seconds=1)
    network = Network(carrier, ("+46313900600",), InProcessPace(1, 10), "https://calls.example.org")
    yield replace(quick, networks={RunMode.REAL: network, RunMode.DRILL: network})
    await carrier.close()


@pytest.fixture
async def paced(dialling: Runtime) -> AsyncIterator[Api]:
    async with served(dialling) as running:
        yield running
