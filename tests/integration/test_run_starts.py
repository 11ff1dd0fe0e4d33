"""What can happen while a run starts."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from gdial.actions.prepare_run import RunWish
from gdial.actions.start_run import start_run
from gdial.errors import Conflict, InvalidInput
from gdial.storage import contact_removal, runs
from tests.support.dialling import Dialling, dialling
from tests.support.locks import until_waiting
from tests.support.services import PrivatePostgres
from tests.support.stored_runs import NUMBER, store_contact

RESPONSES = {"1": {"label": "Kommer", "reply": "Tack."}}


async def stored_runs(office: Dialling) -> int:
    async with office.rt.database.reading() as tx:
        return (await runs.page(tx, 10, 0, None))[1]


async def test_somebody_who_is_removed_at_that_moment_is_told_and_nothing_starts(
    tmp_path: Path, postgres_server: PrivatePostgres, postgres_template: str
) -> None:
    url = postgres_server.create_database(postgres_template)
    async with dialling(tmp_path, url) as office:
        karin = await store_contact(office.rt.database, "Karin Öst", NUMBER)
        wish = RunWish(name="Brand", contact_ids=[karin], text="Hej!", responses=RESPONSES)
        async with office.rt.database.transaction() as tx:
            await contact_removal.remove(tx, karin)
            starting = asyncio.create_task(start_run(office.rt, wish))
            await until_waiting(office.rt.database, 1)
        with pytest.raises(Conflict, match="was removed at this moment"):
            await starting
        assert await stored_runs(office) == 0
    postgres_server.drop_database(url)


async def test_a_text_too_long_to_be_spoken_is_told_with_its_length(tmp_path: Path, sqlite_template: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "gdial.db")
    async with dialling(tmp_path, f"sqlite:///{tmp_path / 'gdial.db'}") as office:
        karin = await store_contact(office.rt.database, "Karin Öst", NUMBER)
        wish = RunWish(name="Brand", contact_ids=[karin], text="x" * 5_001, responses=RESPONSES)
        with pytest.raises(InvalidInput, match="5,001 characters"):
            await start_run(office.rt, wish)
        assert await stored_runs(office) == 0
