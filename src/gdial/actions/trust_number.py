"""Ring a number again that the carrier said cannot be rung."""

from __future__ import annotations

from uuid import UUID

import structlog

from gdial.errors import NotFound
from gdial.runtime import Records
from gdial.storage import contacts, phone_numbers
from gdial.storage.contacts import Contact

log = structlog.get_logger(__name__)


async def trust_number(rt: Records, contact_id: UUID, number_id: UUID) -> Contact:
    """The mark goes from this number, whoever has it; runs that start from now on ring it. One without a mark stays as
    it is. Raises NotFound for a contact that is not there, or does not have this number."""
    async with rt.database.transaction() as tx:
        contact = await contacts.get(tx, contact_id, lock=True)
        number = next((it for it in contact.phone_numbers if it.id == number_id), None)
        if number is None:
            raise NotFound("number of this contact", number_id)
        forgotten = await phone_numbers.trust_again(tx, number.number)
        if forgotten:
            log.info("a number may be rung again", contact=str(contact_id), code=number.bad_code, marks=forgotten)
        return await contacts.get(tx, contact_id)
