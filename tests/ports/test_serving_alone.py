"""One `gdial serve` on one database, whichever it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from gdial.errors import DatabaseUnavailable, SetupError
from gdial.storage.alone import serving_alone_on
from tests.support.ports import free_port


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'gdial.db'}"
    postgres_url: str = request.getfixturevalue("postgres_url")
    return postgres_url


async def test_a_second_one_is_refused_until_the_first_ends(url: str) -> None:
    async with serving_alone_on(url):
        with pytest.raises(SetupError, match="already serves"):
            async with serving_alone_on(url):
                pytest.fail("two serve one database")
    async with serving_alone_on(url):
        pass


async def test_a_database_that_is_away_is_told_plainly() -> None:
    with pytest.raises(DatabaseUnavailable, match="does not answer"):
        async with serving_alone_on(f"postgresql://nobody@127.0.0.1:{free_port()}/gdial"):
            pytest.fail("there is no database")
