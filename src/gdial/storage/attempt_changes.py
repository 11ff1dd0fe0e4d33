"""Changing one attempt and its recipient under the recipient's lock, as every callback and every placed call does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from gdial.storage.attempts import LOAD_WITH_RECIPIENT, StoredAttempt, load_locked, read_with_recipient
from gdial.storage.database import Database
from gdial.storage.grouping import Kind
from gdial.storage.recipients import StoredRecipient
from gdial.storage.tables import call_logs
from gdial.storage.tables import recipients as recipient_rows
from gdial.storage.transaction import Transaction

T = TypeVar("T")
Loaded = tuple[StoredRecipient, StoredAttempt]

MANY_IDS = bindparam("attempt_ids", type_=ARRAY(Uuid()))
LOCK_THEIR_RECIPIENTS = (
    select(recipient_rows.c.id)
    .where(recipient_rows.c.id.in_(select(call_logs.c.recipient_id).where(call_logs.c.id == MANY_IDS.any_())))
    .order_by(recipient_rows.c.id)
    .with_for_update()
)
LOAD_MANY = LOAD_WITH_RECIPIENT.where(call_logs.c.id == MANY_IDS.any_())


async def change_attempt(
    database: Database, attempt_id: UUID, work: Callable[[Transaction, Loaded | None], Awaitable[T]]
) -> T:
    """Run this work with the attempt as it stands now (None: there is none) while nobody else changes it.

    As `Database.together`: the work may be run a second time, and changes nothing but through its transaction.
    """
    return await database.together(CHANGING, attempt_id, work)


async def _lock_and_load(tx: Transaction, attempt_ids: Sequence[UUID]) -> Mapping[UUID, Loaded]:
    """The locks are taken in the order of the recipients' ids: groups of several processes never wait in a circle."""
    if len(attempt_ids) == 1:
        loaded = await load_locked(tx, attempt_ids[0])
        return {} if loaded is None else {attempt_ids[0]: loaded}
    ids = {"attempt_ids": list(attempt_ids)}
    await tx.execute(LOCK_THEIR_RECIPIENTS, ids)
    found = [read_with_recipient(row) for row in await tx.execute(LOAD_MANY, ids)]
    return {attempt.facts.id: (recipient, attempt) for recipient, attempt in found}


CHANGING: Kind[Loaded] = Kind(_lock_and_load, identity=lambda loaded: loaded[0].id)
