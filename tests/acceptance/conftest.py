"""The essential tests run on PostgreSQL too; the others, for their time, on SQLite alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.services import PrivatePostgres


@pytest.fixture
def database_settings(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    """What to add to the settings of an organisation; without a parameter an SQLite file in its own folder."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield {}
        return
    server: PrivatePostgres = request.getfixturevalue("postgres_server")
    url = server.create_database(request.getfixturevalue("postgres_template"))
    yield {"database_url": url}
    server.drop_database(url)
