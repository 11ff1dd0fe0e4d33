"""`/api/contacts`: the people, one by one or as a list."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response, UploadFile
from fastapi.responses import StreamingResponse
from starlette.convertors import Convertor, register_url_convertor

from gdial.actions.export_contacts import export_contacts
from gdial.actions.import_contacts import import_contacts
from gdial.actions.merge_contacts import merge_contacts
from gdial.actions.save_contact import change_contact, create_contact, remove_contact
from gdial.actions.trust_number import trust_number
from gdial.contacts.tables import TableKind
from gdial.errors import InvalidInput
from gdial.storage import contact_doubles, contacts, groups
from gdial.web.api.contact_shapes import (
    ContactChanges,
    ContactShape,
    ContactWish,
    DoubleShape,
    ImportShape,
    MergeWish,
)
from gdial.web.context import Rt
from gdial.web.files import file_answer, stream_file
from gdial.web.openapi import api_router
from gdial.web.paging import DEFAULT_LIMIT, Limit, Offset, Page


class ContactId(Convertor[str]):
    """Anything but an address of its own; whether it is an id is told by the route."""

    regex = r"(?!(import|merge|doubles|export\.csv|export\.xlsx)$)[^/]+"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("contact", ContactId())
router = api_router("/api/contacts", "contacts")

Search = Annotated[str, Query(max_length=200, description="Part of a name, a number or an external id.")]
InGroup = Annotated[UUID | None, Query(description="Only members of this group.")]
DryRun = Annotated[bool, Query(description="Store nothing; say what would be.")]


@router.get("")
async def list_contacts(
    rt: Rt, search: Search = "", group_id: InGroup = None, limit: Limit = DEFAULT_LIMIT, offset: Offset = 0
) -> Page[ContactShape]:
    """By name."""
    async with rt.database.reading() as tx:
        found, total = await contacts.page(tx, limit, offset, search=search, group_id=group_id)
    return Page(items=[ContactShape.of(contact) for contact in found], total=total, limit=limit, offset=offset)


@router.post("", status_code=201)
async def create(wish: ContactWish, rt: Rt, response: Response) -> ContactShape:
    contact = await create_contact(rt, wish.given())
    response.headers["location"] = f"/api/contacts/{contact.id}"
    return ContactShape.of(contact)


@router.post("/import")
async def import_list(file: UploadFile, request: Request, rt: Rt, dry_run: DryRun = False) -> ImportShape:
    """Take in a CSV or XLSX file: every row that can be used, or none. The same file again changes nothing."""
    if len((await request.form()).getlist("file")) > 1:
        raise InvalidInput("there are several files; send one at a time", where="file")
    report = await import_contacts(rt, file.file, dry_run=dry_run)
    return ImportShape.of(report, dry_run=dry_run)


@router.get("/doubles")
async def list_doubles(rt: Rt, limit: Limit = DEFAULT_LIMIT, offset: Offset = 0) -> Page[DoubleShape]:
    """Who may be in here twice, and why. People who share a phone are among them."""
    async with rt.database.reading() as tx:
        found, total = await contact_doubles.page(tx, limit, offset)
    return Page(items=[DoubleShape.of(double) for double in found], total=total, limit=limit, offset=offset)


@router.post("/merge")
async def merge(wish: MergeWish, rt: Rt) -> ContactShape:
    """One contact of several, with the numbers, groups, notes and calls of all."""
    return ContactShape.of(await merge_contacts(rt, wish.keep_id, wish.merge_ids, wish.external_id))


@router.get("/export.csv", **file_answer("csv", "Contacts that an import reads back, as CSV in UTF-8."))
async def export_csv(rt: Rt, search: Search = "", group_id: InGroup = None) -> StreamingResponse:
    """Those whom the list shows for the same filters, by name."""
    return await _export(rt, "csv", search, group_id)


@router.get("/export.xlsx", **file_answer("xlsx", "Contacts that an import reads back, as a workbook."))
async def export_xlsx(rt: Rt, search: Search = "", group_id: InGroup = None) -> StreamingResponse:
    """Those whom the list shows for the same filters, by name."""
    return await _export(rt, "xlsx", search, group_id)


async def _export(rt: Rt, kind: TableKind, search: str, group_id: UUID | None) -> StreamingResponse:
    if group_id is not None:
        async with rt.database.reading() as tx:
            await groups.get(tx, group_id)
    return stream_file(kind, "contacts", export_contacts(rt, kind, search=search, group_id=group_id))


@router.get("/{contact_id:contact}")
async def show(contact_id: UUID, rt: Rt) -> ContactShape:
    async with rt.database.reading() as tx:
        return ContactShape.of(await contacts.get(tx, contact_id))


@router.put("/{contact_id:contact}")
async def replace(contact_id: UUID, wish: ContactWish, rt: Rt) -> ContactShape:
    """The whole contact anew; a number that stays keeps its id."""
    return ContactShape.of(await change_contact(rt, contact_id, wish.given()))


@router.patch("/{contact_id:contact}")
async def change(contact_id: UUID, changes: ContactChanges, rt: Rt) -> ContactShape:
    """The fields that are sent; the others stay."""
    return ContactShape.of(await change_contact(rt, contact_id, changes.given()))


@router.post("/{contact_id:contact}/numbers/{number_id}/trust")
async def trust(contact_id: UUID, number_id: UUID, rt: Rt) -> ContactShape:
    """Ring this number again, which the carrier said cannot be rung: runs that start from now on do."""
    return ContactShape.of(await trust_number(rt, contact_id, number_id))


@router.delete("/{contact_id:contact}", status_code=204)
async def remove(contact_id: UUID, rt: Rt) -> None:
    """What was dialled stays in the reports, without name and number."""
    await remove_contact(rt, contact_id)
