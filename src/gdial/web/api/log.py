"""`/api/log`: who did what."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, BaseModel, Field

from gdial.actions.acting import ActorKind
from gdial.actions.export_log import export_log
from gdial.storage import audit
from gdial.storage.audit import Entry, EntryFilter
from gdial.web.context import Rt
from gdial.web.files import file_answer, stream_file
from gdial.web.moments import SentMoment
from gdial.web.openapi import api_router
from gdial.web.paging import DEFAULT_LIMIT, Limit, Offset, Page

router = api_router("/api", "access")

Search = Annotated[str, Query(max_length=200, description="Part of the actor's or the object's name, or its id.")]
OneDeed = Annotated[str, Query(max_length=60, description="Only this deed.", examples=["run.started"])]
Since = Annotated[SentMoment | None, Query(description="Not before this.")]
Until = Annotated[SentMoment | None, Query(description="Before this.")]


class EntryShape(BaseModel):
    """`user_id` is that of the user, also of the one whose own a token is."""

    id: UUID
    at: AwareDatetime
    actor_kind: ActorKind
    actor: str
    user_id: UUID | None
    deed: str = Field(examples=["run.started"])
    object_kind: str
    object_id: str
    object_name: str
    detail: str
    address: str = Field(description="The network it was asked from; of an address outside it is not all.")

    @classmethod
    def of(cls, entry: Entry) -> EntryShape:
        return cls(**{name: getattr(entry, name) for name in cls.model_fields})


@router.get("/log")
async def list_entries(
    rt: Rt,
    search: Search = "",
    deed: OneDeed = "",
    since: Since = None,
    until: Until = None,
    limit: Limit = DEFAULT_LIMIT,
    offset: Offset = 0,
) -> Page[EntryShape]:
    """Newest first."""
    wanted = EntryFilter(search=search, deed=deed, since=since, until=until)
    async with rt.database.reading() as tx:
        found, total = await audit.page(tx, wanted, limit, offset)
    return Page(items=[EntryShape.of(entry) for entry in found], total=total, limit=limit, offset=offset)


@router.get("/log.csv", **file_answer("csv", "One row a deed, as CSV in UTF-8."))
async def log_csv(
    rt: Rt, search: Search = "", deed: OneDeed = "", since: Since = None, until: Until = None
) -> StreamingResponse:
    """Newest first; new columns come at the end."""
    wanted = EntryFilter(search=search, deed=deed, since=since, until=until)
    return stream_file("csv", "log", export_log(rt, "csv", wanted))
