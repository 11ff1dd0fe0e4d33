"""What an operator does during a call-out, in a browser, with a mouse."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser.office import CROWD, WORDS, Office, person
from tests.browser.windows import NARROW

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(240)]


async def fill_in_drill(page: Page, group: str) -> None:
    """In Swedish: one round, so that it is over soon."""
    await page.get_by_label(group).first.check()
    await page.get_by_label("Text", exact=True).fill(WORDS)
    await page.get_by_label("Betyder").nth(0).fill("Kommer")
    await page.get_by_label("Betyder").nth(1).fill("Kan inte")
    await page.get_by_role("radio", name="Övning").check()
    await page.get_by_text("Mer", exact=True).click()
    await page.get_by_label("Omgångar", exact=True).fill("1")
    await page.get_by_label("Sekunder en telefon ringer").fill("10")
    await page.get_by_role("button", name="Se vad det kräver").click()


async def test_a_drill_of_five_hundred_is_started_and_watched_to_its_end(office: Office) -> None:
    async with office.windows.open(office.operator, language="sv") as window:
        page = window.page
        await window.go("/runs/new")
        await fill_in_drill(page, "Hela kommunen")
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Starta den här övningen?")
        await expect(page.locator(".forecast")).to_contain_text(str(CROWD))
        await page.get_by_role("button", name="Starta övningen").click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Övning")
        await window.stays_here()
        await expect(page.locator(".state")).to_contain_text("Klar", timeout=90_000)
        await expect(page.locator("progress")).to_have_attribute("value", "100")
        await expect(page.get_by_role("button", name="Stoppa …")).to_have_count(0)
        await expect(page.locator("#curve canvas")).to_be_visible()
        assert await window.was_never_left()
        told = [int(words) for words in await page.locator(".counters dd").all_inner_texts()]
        reached, coming, cannot, calling, waiting, not_reached = told
        assert reached + not_reached == CROWD
        assert coming + cannot == reached > CROWD / 2
        assert (calling, waiting) == (0, 0)


async def test_stop_by_one_operator_is_seen_by_another(office: Office) -> None:
    run = await office.start_long_run("Larmet som stoppas")
    async with (
        office.windows.open(office.administrator, language="sv", width=NARROW) as other,
        office.windows.open(office.operator) as window,
    ):
        await other.go(f"/runs/{run}")
        await other.stays_here()
        await expect(other.page.locator(".state")).to_contain_text("Ringer")
        await window.go(f"/runs/{run}")
        await window.page.get_by_role("button", name="Stop …").click()
        await window.page.get_by_label("They are hung up at once").check()
        await window.page.get_by_role("button", name="Stop the run").click()
        await expect(window.page.locator(".state")).to_contain_text("Stopped")
        await expect(other.page.locator(".state")).to_contain_text("Stoppad", timeout=5_000)
        await expect(other.page.get_by_role("button", name="Stoppa …")).to_have_count(0)
        assert await other.was_never_left()


async def test_a_person_is_found_while_one_types_and_the_history_tells_what_happened(office: Office) -> None:
    run = await office.start_run("Rundan", office.silent, policy={"rounds": 1, "wait_between_numbers_seconds": 0})
    await office.organisation.wait_until(run, "done")
    wanted = person(903)
    async with office.windows.open(office.operator, language="sv", width=NARROW) as window:
        page = window.page
        await window.go(f"/runs/{run}")
        await window.stays_here()
        await page.get_by_label("Namn eller nummer").press_sequentially(wanted[-10:].lower())
        await expect(page.locator("#people tbody tr")).to_have_count(1)
        assert await window.was_never_left()
        assert "search=" in page.url
        await page.get_by_role("link", name=wanted).click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(wanted)
        history = page.locator(".history li")
        await expect(history.filter(has_text="Ringer +46701000903")).to_have_count(1)
        await expect(history.filter(has_text="ringer nästa nummer")).to_have_count(1)
        await page.get_by_label("Anteckning").fill("Är på resa till fredag.")
        await page.get_by_role("button", name="Spara anteckningen").click()
        await expect(history.last).to_contain_text("Är på resa till fredag.")


async def test_who_was_not_reached_is_rung_by_hand(office: Office) -> None:
    run = await office.start_run("Branden", office.silent, policy={"rounds": 1, "wait_between_numbers_seconds": 0})
    await office.organisation.wait_until(run, "done")
    wanted = person(901)
    async with office.windows.open(office.operator, width=NARROW) as window:
        page = window.page
        await window.go(f"/runs/{run}")
        await page.get_by_role("link", name="Manual list").click()
        card = page.get_by_role("article", name=wanted)
        await expect(card.locator("a[href^='tel:']")).to_have_count(2)
        await card.get_by_role("button", name="I take this one").click()
        await expect(card).to_contain_text("Taken by Vera Vakt")
        await card.get_by_label("Note").fill("Svarade på grannens telefon.")
        await card.get_by_role("button", name="Write down").click()
        await expect(card).to_contain_text("Svarade på grannens telefon.")
        await card.get_by_role("button", name="Handled").click()
        await expect(page.get_by_role("article", name=wanted)).to_have_count(0)
        await page.get_by_role("link", name="All", exact=True).click()
        await expect(page.get_by_role("article", name=wanted)).to_contain_text("Handled by Vera Vakt")
        await page.get_by_role("button", name="Message only these again").click()
        await expect(page.get_by_label("Those whom “Branden” did not reach")).to_be_checked()
