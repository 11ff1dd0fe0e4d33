"""Runs, people and calls put straight into a database, for tests of what is stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from gdial.dialing.model import Attempt, NumberToRing, Recipient
from gdial.dialing.policy import Policy
from gdial.dialing.states import Outcome, Reason, RecipientState, RunMode, RunState
from gdial.storage import attempts, contact_changes, recipients, runs
from gdial.storage.attempts import NewAttempt
from gdial.storage.contacts import Contact, PhoneNumber
from gdial.storage.database import Database, Transaction
from gdial.storage.recipients import NewRecipient, StoredRecipient
from gdial.storage.runs import Run
from tests.support.runtime import FIRST_MOMENT as NOW

NUMBER = "+46701740605"
OURS = "+46313900600"


def make_run(**values: Any) -> Run:
    """A real run that is under way, unless told otherwise."""
    defaults: dict[str, Any] = {
        "id": uuid4(),
        "name": "Brand",
        "description": "",
        "mode": RunMode.REAL,
        "state": RunState.RUNNING,
        "priority": 1,
        "policy": Policy(),
        "message_id": None,
        "custom_message_log_id": None,
        "text": "Hej {first_name}! Tryck 1.",
        "language": "sv",
        "responses": {"1": {"label": "Kommer", "reply": "Tack."}},
        "created_at": NOW,
        "started_at": NOW,
        "deadline_at": NOW + timedelta(hours=1),
    }
    return Run(**defaults | values)


def make_person(
    *numbers: str, name: str = "Anna Ek", contact_id: UUID | None = None, due_at: datetime | None = NOW, **facts: Any
) -> NewRecipient:
    """Somebody who waits for the first of these numbers to be rung, unless told otherwise."""
    to_ring = tuple(NumberToRing(number, uuid4()) for number in numbers or (NUMBER,))
    state = Recipient(numbers=to_ring, run_state=RunState.RUNNING, due_at=due_at)
    return NewRecipient(uuid4(), contact_id, name, {"first_name": name.split()[0]}, replace(state, **facts))


def ended(person: NewRecipient, outcome: Outcome, answer: str | None = None, **facts: Any) -> NewRecipient:
    reasons = {Outcome.REACHED: Reason.KEY, Outcome.NOT_REACHED: Reason.NO_ANSWER, Outcome.STOPPED: Reason.STOPPED}
    over = replace(
        person.facts,
        state=RecipientState.ENDED,
        outcome=outcome,
        reason=reasons[outcome],
        answer=answer,
        due_at=None,
        **facts,
    )
    return replace(person, facts=over)


async def store_run(database: Database, *people: NewRecipient, **values: Any) -> Run:
    run = make_run(**values)
    async with database.transaction() as tx:
        await runs.insert(tx, run)
        await recipients.insert_many(tx, run.id, people, NOW)
    return run


async def store_contact(database: Database, name: str, *numbers: str) -> UUID:
    """The id of a new contact."""
    phones = tuple(PhoneNumber(uuid4(), number, "", place + 1) for place, number in enumerate(numbers))
    contact = Contact(uuid4(), None, name, "sv", "", phones, (), NOW, NOW)
    async with database.transaction() as tx:
        await contact_changes.insert(tx, [contact])
    return contact.id


def make_attempt(run: Run, person: NewRecipient, number: str = NUMBER, **facts: Any) -> NewAttempt:
    """Claimed just now, unless told otherwise."""
    return NewAttempt(
        facts=Attempt(id=uuid4(), number_index=0, **facts),
        recipient_id=person.id,
        run_id=run.id,
        contact_id=person.contact_id,
        phone_number_id=None,
        mode=run.mode,
        number=number,
        from_number=OURS,
        message_id=None,
        custom_message_log_id=None,
        claimed_at=NOW,
        ask_at=NOW + timedelta(seconds=15),
    )


async def claim(database: Database, new: NewAttempt) -> bool:
    """Whether the number and the person were free."""
    async with database.transaction() as tx:
        return await attempts.insert_if_free(tx, new)


async def load(tx: Transaction, recipient_id: UUID, *, lock: bool = False) -> StoredRecipient:
    found = await recipients.get(tx, recipient_id, lock=lock)
    assert found is not None
    return found


async def facts_of(database: Database, recipient_id: UUID) -> Recipient:
    async with database.reading() as tx:
        return (await load(tx, recipient_id)).facts
