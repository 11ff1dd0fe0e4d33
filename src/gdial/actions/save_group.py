"""Take in one group from a person or a program."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid4

from gdial.contacts.limits import MAX_GROUP_CHARACTERS
from gdial.contacts.rows import clean_text
from gdial.errors import InvalidInput
from gdial.runtime import Runtime
from gdial.storage import groups
from gdial.storage.groups import Group, NewGroup


async def create_group(rt: Runtime, name: str, contact_ids: Sequence[UUID] = ()) -> Group:
    """Raises InvalidInput; Conflict when the name is taken in any case; NotFound for a contact that is not there."""
    group = NewGroup(uuid4(), read_group_name(name))
    async with rt.database.transaction() as tx:
        await groups.create(tx, [group], rt.clock())
        await groups.add_members(tx, group.id, contact_ids)
        return await groups.get(tx, group.id)


async def rename_group(rt: Runtime, group_id: UUID, name: str) -> Group:
    """Raises InvalidInput, NotFound, or Conflict when another group has the name."""
    async with rt.database.transaction() as tx:
        await groups.rename(tx, group_id, read_group_name(name))
        return await groups.get(tx, group_id)


async def remove_group(rt: Runtime, group_id: UUID) -> None:
    """The people in it stay, and runs made with it go on. Raises NotFound."""
    async with rt.database.transaction() as tx:
        await groups.remove(tx, group_id)


async def add_members(rt: Runtime, group_id: UUID, contact_ids: Sequence[UUID]) -> Group:
    """Raises NotFound for the group or one of the contacts; then nobody was added."""
    async with rt.database.transaction() as tx:
        await groups.add_members(tx, group_id, contact_ids)
        return await groups.get(tx, group_id)


async def remove_member(rt: Runtime, group_id: UUID, contact_id: UUID) -> None:
    """Raises NotFound when the contact is not in the group."""
    async with rt.database.transaction() as tx:
        await groups.remove_member(tx, group_id, contact_id)


def read_group_name(text: str) -> str:
    name = clean_text(text)
    if not name:
        raise InvalidInput("must not be empty", where="name", example="Night shift")
    if len(name) > MAX_GROUP_CHARACTERS:
        raise InvalidInput(
            f"is {len(name):,} characters long; at most {MAX_GROUP_CHARACTERS} are allowed", where="name"
        )
    return name
