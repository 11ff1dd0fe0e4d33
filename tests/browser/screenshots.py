"""A picture of every page: `python -m tests.browser.screenshots`, or `make screenshots`."""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.async_api import async_playwright, expect

from tests.browser.office import KEYS, WORDS, Office, open_office
from tests.browser.pages import furnish, visits, wish_for_a_run
from tests.browser.windows import NARROW, WIDE, Window, chromium

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".screenshots"
OF_README = ROOT / "docs" / "images" / "live-run.png"
MORE_THAN_HALF = re.compile(r"[5-9]\d")


async def take_all(office: Office, folder: Path) -> None:
    await take_live_run(office)
    places = await furnish(office)
    for language in ("sv", "en"):
        async for place, window in visits(office, places, language):
            await take(window, folder, place.name)
    for language in ("sv", "en"):
        async with office.windows.open(office.operator, language=language) as window:
            await window.go("/runs/new")
            await wish_for_a_run(window.page, "Hela kommunen", "alarm", WORDS)
            await take(window, folder, "new-run-question")


async def take(window: Window, folder: Path, name: str) -> None:
    """Whole, in both widths; the narrow one in the dark too."""
    await window.page.evaluate("document.fonts.ready")
    for width in (WIDE, NARROW):
        await window.resize(width)
        await window.page.screenshot(path=folder / f"{name}-{window.language}-{width}.png", full_page=True)
    await window.page.emulate_media(color_scheme="dark")
    await window.page.screenshot(path=folder / f"{name}-{window.language}-{NARROW}-dark.png", full_page=True)


async def take_live_run(office: Office) -> None:
    """The one of the README: more than half of the people are reached."""
    run = await office.start_run("Brand i centralarkivet", office.crowd, responses=KEYS, policy={"rounds": 2})
    async with office.windows.open(office.operator) as window:
        await window.go(f"/runs/{run}")
        await expect(window.page.locator("progress")).to_have_attribute("value", MORE_THAN_HALF, timeout=120_000)
        OF_README.parent.mkdir(exist_ok=True)
        await window.page.screenshot(path=OF_README)
    await office.organisation.call_api("POST", f"/api/runs/{run}/stop")


async def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    with tempfile.TemporaryDirectory() as data:
        async with (
            async_playwright() as playwright,
            chromium(playwright) as browser,
            open_office(browser, Path(data), speed=20) as office,
        ):
            await take_all(office, FOLDER)
    sys.stdout.write(f"{len(list(FOLDER.iterdir()))} pictures are in {FOLDER}, that of the README is {OF_README}\n")


if __name__ == "__main__":
    asyncio.run(main())
