"""One browser and one installation for all of these tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright

from tests.browser.office import Office, open_office
from tests.browser.windows import chromium


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    async with (
        async_playwright() as playwright,
        chromium(playwright) as browser,
        open_office(browser, tmp_path_factory.mktemp("office")) as opened,
    ):
        yield opened
