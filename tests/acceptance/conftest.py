"""The essential tests run on every set-up; the others, for their time, on SQLite alone.

All of them on another one: `pytest tests/acceptance --gdial-on quorum`; those marked `embedded` stay where they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.support import organisation
from tests.support.services import PrivatePostgres


@contextmanager
def settings_of(setup: str, request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """What to set for it; nothing for an SQLite file in the organisation's own folder."""
    if setup == "sqlite":
        yield {}
        return
    server: PrivatePostgres = request.getfixturevalue("postgres_server")
    url = server.create_database(request.getfixturevalue("postgres_template"))
    settings = {"database_url": url}
    if setup != "postgresql":
        settings |= {"rabbitmq_url": request.getfixturevalue("rabbitmq_url"), "rabbitmq_queue_type": setup}
    yield settings
    server.drop_database(url)


@pytest.fixture
def database_settings(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """What to add to the settings of an organisation."""
    with settings_of(getattr(request, "param", "sqlite"), request) as settings:
        yield settings


@pytest.fixture(autouse=True)
def everywhere(request: pytest.FixtureRequest) -> Iterator[None]:
    """The set-up that was asked for on the command line, for every organisation."""
    is_embedded = request.node.get_closest_marker("embedded") is not None
    with settings_of("sqlite" if is_embedded else request.config.getoption("--gdial-on"), request) as settings:
        organisation.everywhere.update(settings)
        yield
        organisation.everywhere.clear()
