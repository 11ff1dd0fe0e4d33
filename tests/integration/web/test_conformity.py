"""The REST interface does what its OpenAPI description says, whatever it is sent."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gdial.settings import Settings
from tests.support.runtime import API_TOKEN, opened_runtime
from tests.support.web import Api, served

UNFIT_CHECKS = "positive_data_acceptance,use_after_free"
"""What is right by its form may still be no phone number, or no message that can be spoken. To delete a setting is to
have its default again; that other things are gone when they were deleted has a test of its own."""


@pytest.mark.slow
@pytest.mark.timeout(0)
async def test_every_answer_is_one_that_is_described(
    postgres_url: str, make_settings: Callable[..., Settings], tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    """On PostgreSQL, which takes less than SQLite does."""
    async with opened_runtime(make_settings(database_url=postgres_url)) as rt, served(rt) as api:
        seconds = pytestconfig.getoption("--conformity-seconds")
        async with asyncio.timeout(60 + seconds * 2):
            returncode, told = await try_everything(api, tmp_path, seconds)

    assert returncode == 0, told


async def try_everything(api: Api, folder: Path, seconds: int) -> tuple[int | None, str]:
    arguments = ["run", f"{api.url}/api/openapi.json", "--header", f"Authorization: Bearer {API_TOKEN}"]
    arguments += [
        "--checks",
        "all",
        "--exclude-checks",
        UNFIT_CHECKS,
        "--max-time",
        str(seconds),
        "--continue-on-failure",
    ]
    arguments += ["--generation-deterministic", "--no-color", "--warnings", "off"]
    program = "from schemathesis.cli import schemathesis; schemathesis()"

    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, *arguments, cwd=folder,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    told = (await process.communicate())[0].decode()
    return process.returncode, told


async def test_the_description_asks_for_the_token_where_it_is_needed(quick_api: Api) -> None:
    schema = (await quick_api.get("/api/openapi.json")).json

    assert schema["security"] == [{"token": []}]
    open_paths = {
        path for path, operations in schema["paths"].items() for it in operations.values() if it.get("security") == []
    }
    assert open_paths == {"/health/live", "/metrics", "/tts/audio/{name}"}
    problem = schema["paths"]["/api/contacts"]["post"]["responses"]["422"]["content"]
    assert list(problem) == ["application/problem+json"]
