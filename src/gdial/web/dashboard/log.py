"""`/log`: who did what."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query, Response

from gdial.storage import audit
from gdial.storage.audit import EntryFilter
from gdial.web.access.current import Administrator
from gdial.web.context import Rt
from gdial.web.dashboard.deed_words import DEEDS, DETAILS
from gdial.web.dashboard.page import Page, page_router
from gdial.web.paging import HIGHEST_OFFSET

router = page_router()

ENTRIES_A_PAGE = 50


@router.get("/log")
async def show(
    rt: Rt,
    page: Page,
    actor: Administrator,
    search: Annotated[str, Query(max_length=200)] = "",
    deed: Annotated[str, Query(max_length=60)] = "",
    offset: Annotated[int, Query(ge=0, le=HIGHEST_OFFSET)] = 0,
) -> Response:
    wanted = EntryFilter(search=search.strip(), deed=deed if deed in DEEDS else "")
    async with rt.database.reading() as tx:
        found, total = await audit.page(tx, wanted, ENTRIES_A_PAGE, offset)
    return page.show(
        "log.html",
        entries=found,
        total=total,
        limit=ENTRIES_A_PAGE,
        offset=offset,
        search=search,
        deed=wanted.deed,
        deeds=DEEDS,
        details=DETAILS,
        query=urlencode({"search": wanted.search, "deed": wanted.deed}),
    )
