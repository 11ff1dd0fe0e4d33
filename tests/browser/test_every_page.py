"""Every page: readable on a telephone and on a desk, by everybody, in both languages, and with nothing from outside."""

from __future__ import annotations

import pytest

from tests.browser.office import WORDS, Office
from tests.browser.pages import furnish, visits, wish_for_a_run
from tests.browser.windows import NARROW, WIDE, Window

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(300)]


async def faults(window: Window) -> list[str]:
    """Swedish is looked at by axe in the dark on a telephone, English in the light on a desk."""
    found = [f"{WIDE}: {fault}" for fault in await window.layout_faults()]
    if window.language == "en":
        found += await window.access_faults()
    await window.resize(NARROW)
    found += [f"{NARROW}: {fault}" for fault in await window.layout_faults()]
    if window.language == "sv":
        await window.page.emulate_media(color_scheme="dark")
        found += await window.access_faults()
    return found


async def test_every_page_can_be_read_and_reached_in_both_languages_and_widths(office: Office) -> None:
    places = await furnish(office)
    found: dict[str, list[str]] = {}
    for language in ("sv", "en"):
        async for place, window in visits(office, places, language):
            assert await window.page.get_attribute("html", "lang") == language
            if faulty := await faults(window):
                found[f"{place.name} {language}"] = faulty
    assert found == {}


@pytest.mark.parametrize("language", ["sv", "en"])
async def test_what_a_run_will_take_can_be_read_before_it_starts(office: Office, language: str) -> None:
    async with office.windows.open(office.operator, language=language) as window:
        await window.go("/runs/new")
        await wish_for_a_run(window.page, "Hela kommunen", "alarm", WORDS)
        assert await faults(window) == []


async def test_the_looks_find_what_they_look_for(office: Office) -> None:
    async with office.windows.open(office.operator, width=NARROW) as window:
        await window.go("/runs")
        assert [*await window.layout_faults(), *await window.access_faults()] == []
        await window.page.evaluate(
            """() => {
              const wide = document.createElement("p"), image = document.createElement("img");
              wide.textContent = "x".repeat(200);
              wide.style.whiteSpace = "nowrap";
              document.querySelector("main").append(wide, image);
            }"""
        )
        assert any("the page is" in fault for fault in await window.layout_faults())
        assert any(fault.startswith("image-alt") for fault in await window.access_faults())
        async with window.page.expect_console_message():
            await window.page.evaluate("() => { fetch('http://192.0.2.1/').catch(() => {}); }")
        assert any("Content Security Policy" in complaint for complaint in window.complaints)
        window.complaints.clear()
