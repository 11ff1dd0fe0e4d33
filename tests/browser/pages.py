"""Every page of the board, with something on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from playwright.async_api import Page

from tests.browser.office import CROWD, Office, person
from tests.browser.windows import WIDE, Window

PLAN = "Vattenläckan i Södra skolan"


@dataclass(frozen=True)
class Place:
    """`path` is shown to the administrator, unless nobody is logged in."""

    name: str
    path: str
    is_open: bool = False
    status: int = 200


async def furnish(office: Office) -> list[Place]:
    """Runs that go on, that are over and that were drills; then where all pages are."""
    over = await office.start_run("Branden i arkivet", office.silent, policy={"rounds": 1})
    drill = await office.start_run("Övning i november", office.school, mode="drill", policy={"rounds": 1})
    await office.organisation.wait_until(over, "done")
    going_on = await office.start_long_run(PLAN)
    await office.organisation.wait_until(drill, "done")
    somebody = (await office.organisation.recipients(over))[person(902)]["id"]
    users = await office.organisation.call_api("GET", "/api/users")
    return [
        Place("log-in", "/login", is_open=True),
        Place("runs", "/runs"),
        Place("run", f"/runs/{going_on}"),
        Place("run-drill", f"/runs/{drill}"),
        Place("stop", f"/runs/{going_on}/stop"),
        Place("person", f"/runs/{over}/recipients/{somebody}"),
        Place("manual-list", f"/runs/{over}/manual"),
        Place("manual-list-drill", f"/runs/{drill}/manual"),
        Place("new-run", "/runs/new"),
        Place("new-run-again", f"/runs/new?again={over}"),
        Place("drill", "/drill"),
        Place("users", "/settings/users"),
        Place("user", f"/settings/users/{users['items'][0]['id']}"),
        Place("tokens", "/settings/tokens"),
        Place("account", "/account"),
        Place("log", "/log"),
        Place("system", "/system"),
        Place("not-found", "/runs/00000000-0000-4000-8000-000000000000", status=404),
    ]


async def visits(office: Office, places: list[Place], language: str) -> AsyncIterator[tuple[Place, Window]]:
    """Each page in turn, wide and light, with everything that can be unfolded."""
    for is_open in (True, False):
        who = None if is_open else office.administrator
        async with office.windows.open(who, language=language) as window:
            for place in (place for place in places if place.is_open is is_open):
                await window.resize(WIDE)
                await window.page.emulate_media(color_scheme="light")
                await window.go(place.path, place.status)
                await unfold(window.page)
                yield place, window


async def unfold(page: Page) -> None:
    await page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")


async def wish_for_a_run(page: Page, group: str, mode: str, text: str) -> None:
    """Fill in the form of a new run as far as the question whether to start it, in either language."""
    await page.get_by_label(group).first.check()
    await page.locator("[name=text]").fill(text)
    await page.locator("[name=label]").first.fill("Kommer")
    await page.locator("[name=reply]").first.fill("Tack.")
    await page.locator(f"[name=preset][value={mode}]").check()
    await page.locator("[name=do][value=check]").click()
    await page.locator(".forecast", has_text=str(CROWD)).wait_for()
