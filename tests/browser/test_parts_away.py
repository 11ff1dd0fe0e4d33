"""The board while a part of the system is down."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from gdial.simulator.faults.plan import FaultPlan
from tests.browser.office import Office, person
from tests.browser.windows import NARROW

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]

AWAY = FaultPlan.model_validate({"faults": [{"does": "outage", "for_seconds": 1_000_000, "how": "error"}]})


async def test_without_its_carrier_the_board_says_so_and_everything_else_works(office: Office) -> None:
    async with office.windows.open(office.operator, width=NARROW) as window:
        page = window.page
        await window.go("/runs")
        await window.stays_here()
        strip = page.locator("#strip")
        await expect(strip).to_contain_text("All parts work.")
        office.simulator.faults.replace(AWAY)
        try:
            run = await office.start_long_run("Det som får vänta")
            await expect(strip).to_contain_text("Nobody is rung until it answers.", timeout=60_000)
            assert await window.was_never_left()
            assert [*await window.layout_faults(), *await window.access_faults()] == []
            await window.go(f"/runs/{run}")
            await expect(strip).to_contain_text("Nobody is rung until it answers.")
            await expect(page.locator(".live")).to_contain_text("The carrier has not answered since")
            await page.get_by_label("Name or number").fill("904")
            await page.get_by_role("link", name=person(904)).click()
            await expect(page.get_by_role("heading", level=1)).to_have_text(person(904))
            await page.get_by_label("Note").fill("Ringer själv.")
            await page.get_by_role("button", name="Save the note").click()
            await expect(page.locator(".history")).to_contain_text("Ringer själv.")
            await window.go(f"/runs/{run}/stop")
            await page.get_by_role("button", name="Stop the run").click()
            await expect(page.locator(".state")).to_contain_text("Stopped")
        finally:
            office.simulator.faults.replace(FaultPlan())
        await expect(strip).to_contain_text("All parts work.", timeout=90_000)
