"""By keyboard alone, and one always sees where one is."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.office import PASSWORD, Office

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]

MOST_STOPS = 40
WHERE = """() => {
  const node = document.activeElement, style = getComputedStyle(node), box = node.getBoundingClientRect();
  const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  return {
    name: (node.labels?.[0]?.textContent || node.textContent || node.value).trim(),
    seen: (outlined || style.boxShadow !== "none") && box.width > 0 && box.bottom > 0 && box.top < innerHeight
      && box.right > 0 && box.left < innerWidth,
  };
}"""


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until the element that begins with these words has the focus; it shows at every stop."""
    stops: list[str] = []
    while len(stops) < MOST_STOPS:
        await page.keyboard.press("Tab")
        here = await page.evaluate(WHERE)
        assert here["seen"], f"the focus does not show on {here['name']!r}"
        if here["name"].startswith(name):
            return
        stops.append(here["name"][:40])
    raise AssertionError(f"Tab does not come to {name!r}, only to {stops}")


async def test_a_drill_is_started_and_stopped_by_keyboard_alone(office: Office) -> None:
    async with office.windows.open() as window:
        page, keys = window.page, window.page.keyboard
        await window.go("/login")
        await keys.type("Vera Vakt")
        await tab_to(page, "Password")
        await keys.type(PASSWORD)
        await keys.press("Enter")
        await page.wait_for_url("**/runs")
        await tab_to(page, "To the content")
        await tab_to(page, "Drill")
        await keys.press("Enter")
        await expect(page.get_by_label("Whom")).to_be_visible()
        await tab_to(page, "Whom")
        await keys.type("Jouren")
        await tab_to(page, "Start the drill")
        await keys.press("Space")
        await expect(page.locator(".state")).to_contain_text("Calling")
        await page.wait_for_load_state()
        await tab_to(page, "Stop …")
        run = page.url.rpartition("/")[2]
        await office.organisation.call_api("POST", f"/api/runs/{run}/pause")
        await expect(page.get_by_role("button", name="Go on")).to_be_visible()
        # What somebody else does takes nobody's place on the page away.
        await expect(page.get_by_role("button", name="Stop …")).to_be_focused()
        await keys.press("Space")
        await expect(page.get_by_role("button", name="Stop the run")).to_be_visible()
        await tab_to(page, "They end by themselves")
        await keys.press("ArrowDown")
        await expect(page.get_by_label("They are hung up at once")).to_be_checked()
        await tab_to(page, "Stop the run")
        await keys.press("Enter")
        await expect(page.locator(".state")).to_contain_text("Stopped")


async def test_the_skip_link_goes_past_the_menu(office: Office) -> None:
    async with office.windows.open(office.operator) as window:
        await window.go("/runs")
        await tab_to(window.page, "To the content")
        await window.page.keyboard.press("Enter")
        await tab_to(window.page, "All")
