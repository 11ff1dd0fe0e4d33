"""The language in which a user is shown the pages."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from gdial.runtime import Records
from gdial.storage import users


async def choose_language(rt: Records, user_id: UUID, language: str) -> None:
    """`language` is "sv" or "en". Raises NotFound."""
    async with rt.database.transaction() as tx:
        user = await users.get(tx, user_id, lock=True)
        await users.save(tx, replace(user, language=language, updated_at=rt.clock()))
