"""Where scripts are switched off, every page works by loading it anew."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.office import WORDS, Office, log_in, person

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]


async def test_a_run_is_started_searched_and_stopped_without_scripts(office: Office) -> None:
    async with office.windows.open(scripts=False) as window:
        page = window.page
        await log_in(window)
        await page.get_by_role("link", name="New run").click()
        await page.get_by_label("Jouren").first.check()
        await page.get_by_label("Text", exact=True).fill(WORDS)
        await page.get_by_label("Means").first.fill("Kommer")
        await page.get_by_role("button", name="Listen").click()
        await expect(page.locator(".heard")).to_contain_text("centralarkivet")
        await page.get_by_role("radio", name="Alarm Before").check()
        await page.get_by_role("button", name="See what it will take").click()
        await page.get_by_role("button", name="Ring 6 people now").click()
        await expect(page.locator(".state")).to_contain_text("Calling")
        await page.get_by_label("Name or number").fill("0701000904")
        await page.get_by_role("button", name="Search").click()
        await expect(page.locator("#people tbody tr")).to_have_count(1)
        await expect(page.get_by_role("link", name=person(904))).to_be_visible()
        await page.get_by_role("button", name="Pause").click()
        await expect(page.locator(".state")).to_contain_text("Paused")
        await page.get_by_role("button", name="Stop …").click()
        await page.get_by_role("button", name="Stop the run").click()
        await expect(page.locator(".state")).to_contain_text("Stopped")
        await page.get_by_role("button", name="Log out").click()
        await expect(page.get_by_role("button", name="Log in")).to_be_visible()
