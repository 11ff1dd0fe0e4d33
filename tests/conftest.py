"""What tests of every room may ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gdial.settings import Settings, explicit_settings
from tests.support.services import PrivatePostgres, private_postgres


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PrivatePostgres]:
    """A PostgreSQL of this test process; `create_database` and `drop_database` are quick."""
    with private_postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PrivatePostgres) -> Iterator[str]:
    """The URL of an empty database for this test alone."""
    url = postgres_server.create_database()
    yield url
    postgres_server.drop_database(url)


@pytest.fixture
def make_settings(tmp_path: Path) -> Callable[..., Settings]:
    """Settings from the values given alone, with a data folder of this test."""

    def make(**values: Any) -> Settings:
        return explicit_settings(**{"data_dir": tmp_path / "data"} | values)

    return make
