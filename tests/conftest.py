"""What tests of every room may ask for."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pika
import pytest

from gdial.queue.jobs import QUEUES
from gdial.settings import Settings, explicit_settings
from gdial.storage import migrate
from gdial.storage.database import Database
from tests.support.services import PrivatePostgres, PrivateRabbitmq, private_postgres, private_rabbitmq
from tests.support.setups import SETUPS


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--gdial-on", default="sqlite", choices=SETUPS, help="where the acceptance tests run")
    parser.addoption("--people", type=int, default=300, help="how many are rung where the pace is measured")
    parser.addoption("--drill-people", type=int, default=30, help="how many are in the drill beside a real call")
    parser.addoption("--conformity-seconds", type=int, default=30, help="for how long the REST interface is tried")


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


@pytest.fixture(scope="session")
def rabbitmq_server() -> Iterator[PrivateRabbitmq]:
    """A RabbitMQ of this test process, some seconds after it is first asked for."""
    with private_rabbitmq() as server:
        yield server


@pytest.fixture
def rabbitmq_url(rabbitmq_server: PrivateRabbitmq) -> str:
    """The URL of a broker without any of GDial's queues."""
    with pika.BlockingConnection(pika.URLParameters(rabbitmq_server.url)) as connection:
        channel = connection.channel()
        for name in QUEUES:
            channel.queue_delete(name)
    return rabbitmq_server.url


@pytest.fixture
def make_settings(tmp_path: Path) -> Callable[..., Settings]:
    """Settings from the values given alone, with a data folder of this test."""

    def make(**values: Any) -> Settings:
        return explicit_settings(**{"data_dir": tmp_path / "data"} | values)

    return make


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables and nothing in them; to be copied, not used."""
    file = tmp_path_factory.mktemp("template") / "gdial.db"
    _upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PrivatePostgres) -> str:
    """The name of a database with all tables and nothing in them; to be copied, not used."""
    url = postgres_server.create_database()
    _upgrade(url)
    return url.rpartition("/")[2]


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with all tables, for this test alone: once on SQLite, once on PostgreSQL."""
    if request.param == "sqlite":
        file = tmp_path / "data" / "gdial.db"
        file.parent.mkdir(exist_ok=True)
        shutil.copy(request.getfixturevalue("sqlite_template"), file)
        yield f"sqlite:///{file}"
        return
    server: PrivatePostgres = request.getfixturevalue("postgres_server")
    url = server.create_database(request.getfixturevalue("postgres_template"))
    yield url
    server.drop_database(url)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """An open database with all tables: once on SQLite, once on PostgreSQL."""
    opened = Database(database_url)
    yield opened
    await opened.close()


def _upgrade(url: str) -> None:
    async def run() -> None:
        database = Database(url)
        await migrate.upgrade(database)
        await database.close()

    asyncio.run(run())
