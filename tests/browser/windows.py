"""A browser's window onto the board, which writes down whatever a page should not do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any

from playwright.async_api import Browser, ConsoleMessage, Page, Playwright, Request, StorageState, expect

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 20_000
LANGUAGES = {"sv": "sv-SE", "en": "en-GB"}
TALL = 844
NARROW, WIDE = 390, 1366
# axe's own grades; below them are advice and what a person has to judge.
GRAVE = ("serious", "critical")

TOO_WIDE = """() => {
  const wide = document.documentElement.clientWidth;
  const scrolls = (node) => {
    for (let up = node.parentElement; up; up = up.parentElement)
      if (["auto", "scroll"].includes(getComputedStyle(up).overflowX)) return true;
    return false;
  };
  const seen = (node) => node.getClientRects().length && !node.closest(".unseen, .skip");
  const told = (node) => `${node.localName}.${node.className}: ${node.textContent.trim().slice(0, 60)}`;
  const out = [...document.body.querySelectorAll("*")].filter((node) => {
    const box = node.getBoundingClientRect();
    return seen(node) && box.width && (box.right > wide + 1 || box.left < -1)
      && !scrolls(node) && !node.closest("thead");
  });
  const cut = [...document.body.querySelectorAll("a, button, [role=button], label, dd, dt, th, td, p, h1, h2, li")]
    .filter((node) => seen(node) && getComputedStyle(node).overflowX !== "visible"
      && node.scrollWidth > node.clientWidth + 1 && node.clientWidth);
  const whole = document.documentElement.scrollWidth;
  const page = whole > wide ? [`the page is ${whole} wide`] : [];
  return [...page, ...out.slice(0, 5).map((node) => `beyond the edge: ${told(node)}`),
    ...cut.slice(0, 5).map((node) => `cut off: ${told(node)}`)];
}"""


@asynccontextmanager
async def chromium(playwright: Playwright) -> AsyncIterator[Browser]:
    """Debian's, with a profile of its own that is thrown away."""
    browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS, chromium_sandbox=False)
    yield browser
    await browser.close()


class Window:
    """One page of one visitor. `complaints` has errors of scripts, blocked content, and requests to other places."""

    def __init__(self, page: Page, base_url: str, language: str) -> None:
        self.page = page
        self.language = language
        self.complaints: list[str] = []
        self._base_url = base_url
        self._refused: str | None = None
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("request", self._see)

    def _hear(self, message: ConsoleMessage) -> None:
        asked = message.location.get("url", "").removeprefix(self._base_url)
        if message.type in ("error", "warning") and asked != self._refused:
            self.complaints.append(f"{self.page.url}: {message.text} ({message.location.get('url')})")

    def _see(self, request: Request) -> None:
        if not request.url.startswith((self._base_url, "data:")):
            self.complaints.append(f"{self.page.url} asked {request.url}")

    async def go(self, path: str, status: int = 200) -> None:
        self._refused = path if status != 200 else None
        answer = await self.page.goto(self._base_url + path)
        assert answer is not None
        assert answer.status == status, f"{path}: {answer.status}"

    async def resize(self, width: int) -> None:
        await self.page.set_viewport_size({"width": width, "height": TALL})

    async def layout_faults(self) -> list[str]:
        """What stands beyond the edge of the window, or is cut off."""
        found: list[str] = await self.page.evaluate(TOO_WIDE)
        return found

    async def access_faults(self) -> list[str]:
        """What axe says that somebody cannot see, reach or understand."""
        await self.page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text("utf-8"))
        found: dict[str, Any] = await self.page.evaluate("axe.run({resultTypes: ['violations']})")
        return [
            f"{fault['id']}: {node['html'][:200]} {' '.join(each['message'] for each in node['any'])}"
            for fault in found["violations"]
            if fault["impact"] in GRAVE
            for node in fault["nodes"]
        ]

    async def stays_here(self) -> None:
        """Mark the page: one that is loaded anew has lost it."""
        await self.page.evaluate("window.marked = true")

    async def was_never_left(self) -> bool:
        return await self.page.evaluate("window.marked === true") is True


class Windows:
    """Opens windows of one installation, and gathers what they complain of."""

    def __init__(self, browser: Browser, base_url: str) -> None:
        self.base_url = base_url
        self._browser = browser
        self.opened: list[Window] = []

    @asynccontextmanager
    async def open(
        self,
        who: StorageState | None = None,
        *,
        language: str = "en",
        width: int = WIDE,
        scripts: bool = True,
        dark: bool = False,
    ) -> AsyncIterator[Window]:
        """Somebody's window, with the cookies of a session or none. Fails at its end if a page did wrong."""
        context = await self._browser.new_context(
            storage_state=who,
            locale=LANGUAGES[language],
            viewport={"width": width, "height": TALL},
            java_script_enabled=scripts,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE_MS)
        window = Window(await context.new_page(), self.base_url, language)
        try:
            yield window
        finally:
            await context.close()
        assert window.complaints == []


expect.set_options(timeout=PATIENCE_MS)
