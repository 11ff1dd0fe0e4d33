"""Groups: named lists of contacts. Two names that differ only in case are one name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, Dialect, Row, Select, bindparam, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from gdial.errors import Conflict, NotFound
from gdial.storage.batches import in_batches, one_of
from gdial.storage.database import Transaction
from gdial.storage.driver_rows import DriverRows, driver_rows
from gdial.storage.tables import contacts, group_members, groups


@dataclass(frozen=True, slots=True)
class Group:
    """`size` is the number of members."""

    id: UUID
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class NewGroup:
    id: UUID
    name: str


async def create(tx: Transaction, new_groups: Sequence[NewGroup], now: datetime) -> None:
    """Raises Conflict when a name is taken."""
    taken = await ids_by_key(tx)
    for group in new_groups:
        _require_free_name(taken, group.name, group.id)
        taken[name_key(group.name)] = group.id
    rows = [{"id": group.id, "name": group.name, "created_at": now} for group in new_groups]
    with _name_taken_meanwhile():
        if rows:
            await tx.execute(groups.insert(), rows)


async def rename(tx: Transaction, group_id: UUID, name: str) -> None:
    """Raises NotFound, or Conflict when another group has the name."""
    await get(tx, group_id)
    _require_free_name(await ids_by_key(tx), name, group_id)
    with _name_taken_meanwhile():
        await tx.execute(update(groups).where(groups.c.id == group_id).values(name=name))


async def get(tx: Transaction, group_id: UUID) -> Group:
    """Raises NotFound."""
    row = (await tx.execute(_with_size().where(groups.c.id == group_id))).one_or_none()
    if row is None:
        raise NotFound("group", group_id)
    return _read(row)


async def page(tx: Transaction, limit: int, offset: int, search: str = "") -> tuple[list[Group], int]:
    """By name, and how many there are in all. `search` is a part of the name, in any case."""
    known = sorted((await ids_by_key(tx)).items())
    found = [group_id for key, group_id in known if name_key(search) in key]
    shown = found[offset : offset + limit]
    read = {row.id: _read(row) for row in await tx.execute(_with_size().where(groups.c.id.in_(shown)))}
    return [read[group_id] for group_id in shown if group_id in read], len(found)


async def remove(tx: Transaction, group_id: UUID) -> None:
    """The group, not the people in it. Runs that were started with it go on. Raises NotFound."""
    if (await tx.execute(delete(groups).where(groups.c.id == group_id))).rowcount == 0:
        raise NotFound("group", group_id)


async def add_members(tx: Transaction, group_id: UUID, contact_ids: Iterable[UUID]) -> None:
    """Those who are in it already stay. Raises NotFound for a group or a contact that is not there."""
    wanted = list(dict.fromkeys(contact_ids))
    await get(tx, group_id)
    for batch in in_batches(wanted):
        found = set((await tx.execute(select(contacts.c.id).where(one_of(tx, contacts.c.id, batch)))).scalars())
        for contact_id in batch:
            if contact_id not in found:
                raise NotFound("contact", contact_id)
    await add_memberships(tx, [(group_id, contact_id) for contact_id in wanted])


async def remove_member(tx: Transaction, group_id: UUID, contact_id: UUID) -> None:
    """Raises NotFound when there is no such group, or the contact is not in it."""
    await get(tx, group_id)
    gone = await tx.execute(delete(group_members).where(_is_member(group_id, contact_id)))
    if gone.rowcount == 0:
        raise NotFound("contact in this group", contact_id)


async def add_memberships(tx: Transaction, pairs: Sequence[tuple[UUID, UUID]]) -> None:
    """(group id, contact id) pairs, all of them there; known pairs stay as they are."""
    await tx.insert_rows(membership_rows(tx.dialect, pairs))


def membership_rows(dialect: Dialect, pairs: Sequence[tuple[UUID, UUID]]) -> DriverRows:
    """See `add_memberships`; made without a transaction."""
    insert = sqlite.insert if dialect.name == "sqlite" else postgresql.insert
    return driver_rows(dialect, insert(group_members).on_conflict_do_nothing(), pairs)


async def remove_memberships(tx: Transaction, pairs: Sequence[tuple[UUID, UUID]]) -> None:
    """(group id, contact id) pairs; those that are not there change nothing."""
    rows = [{"of_group": group_id, "of_contact": contact_id} for group_id, contact_id in pairs]
    if rows:
        this_pair = _is_member(bindparam("of_group"), bindparam("of_contact"))
        await tx.execute(delete(group_members).where(this_pair), rows)


async def ids_by_key(tx: Transaction) -> dict[str, UUID]:
    """Every group's id by `name_key`."""
    return {name_key(row.name): row.id for row in await tx.execute(select(groups.c.id, groups.c.name))}


async def names(tx: Transaction, group_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The names of those of these groups that are there."""
    found: dict[UUID, str] = {}
    for batch in in_batches(group_ids):
        query = select(groups.c.id, groups.c.name).where(one_of(tx, groups.c.id, batch))
        found |= {row.id: row.name for row in await tx.execute(query)}
    return found


async def require(tx: Transaction, group_ids: Sequence[UUID]) -> None:
    """Raises NotFound for the first id that is no group."""
    found = await names(tx, group_ids)
    for group_id in group_ids:
        if group_id not in found:
            raise NotFound("group", group_id)


def name_key(name: str) -> str:
    """What makes two group names the same one: neither case nor spacing counts."""
    return " ".join(name.split()).casefold()


def _require_free_name(taken: Mapping[str, UUID], name: str, group_id: UUID) -> None:
    taken_by = taken.get(name_key(name), group_id)
    if taken_by != group_id:
        raise Conflict(f"there is a group named {name!r} already, with id {taken_by}")


@contextmanager
def _name_taken_meanwhile() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        raise Conflict("a group of this name was made at this moment by somebody else") from error


def _with_size() -> Select[Any]:
    size = select(func.count()).where(group_members.c.group_id == groups.c.id).scalar_subquery()
    return select(groups.c.id, groups.c.name, size.label("size"))


def _is_member(group_id: UUID | BindParameter[UUID], contact_id: UUID | BindParameter[UUID]) -> ColumnElement[bool]:
    return (group_members.c.group_id == group_id) & (group_members.c.contact_id == contact_id)


def _read(row: Row[Any]) -> Group:
    return Group(row.id, row.name, row.size)
