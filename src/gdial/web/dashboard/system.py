"""`/system`: the parts of the system; and the strip of every page that tells which is down."""

from __future__ import annotations

from fastapi import Response

from gdial.web.access.current import Viewer
from gdial.web.dashboard.page import Page, fingerprint, page_router
from gdial.web.dashboard.system_words import PARTS, STATES

router = page_router("/system")


@router.get("")
async def show_system(page: Page, actor: Viewer) -> Response:
    return page.show("system.html", names=PARTS, states=STATES)


@router.get("/strip")
async def show_strip(page: Page, actor: Viewer, seen: str = "") -> Response:
    """204 where it still says what was `seen`: then htmx leaves it, and nobody is read it again."""
    if page.system is not None and fingerprint(page.system) == seen:
        return Response(status_code=204)
    return page.show("strip.html")
