"""A person can be taken out: the reports keep what was dialled, without name and number."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from gdial.dialing.model import Attempt, NumberToRing, Recipient
from gdial.dialing.policy import Policy
from gdial.dialing.states import AttemptState, CallStatus, Outcome, Reason, RecipientState, RunMode, RunState
from gdial.errors import Conflict, NotFound
from gdial.storage import attempts, contact_changes, contact_removal, contacts, groups, recipients, run_lists, runs
from gdial.storage.attempts import NewAttempt
from gdial.storage.contacts import Contact, GroupName, PhoneNumber
from gdial.storage.database import Database
from gdial.storage.groups import NewGroup
from gdial.storage.recipients import NewRecipient
from gdial.storage.run_lists import RecipientFilter
from gdial.storage.runs import Run
from tests.support.locks import until_waiting

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
NUMBERS = ("+46701234567", "+46317654321")


class Called:
    """Karin, in one group, and one run in which she was rung once on her second number."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.group = GroupName(uuid4(), "Night shift")
        phones = tuple(PhoneNumber(uuid4(), number, "mobile", place + 1) for place, number in enumerate(NUMBERS))
        self.contact = Contact(uuid4(), None, "Karin Öst", "sv", "", phones, (self.group,), NOW, NOW)
        self.run_id, self.recipient_id, self.attempt_id = uuid4(), uuid4(), uuid4()

    async def store(self, state: RecipientState, attempt_state: AttemptState) -> None:
        outcome, reason = (Outcome.REACHED, Reason.KEY) if state is RecipientState.ENDED else (None, None)
        facts = Recipient(
            numbers=tuple(NumberToRing(phone.number, phone.id) for phone in self.contact.phone_numbers),
            run_state=RunState.RUNNING,
            state=state,
            outcome=outcome,
            reason=reason,
            attempts=1,
        )
        fields = {"name": self.contact.name, "first_name": "Karin", "group": self.group.name}
        async with self.database.transaction() as tx:
            await groups.create(tx, [NewGroup(self.group.id, self.group.name)], NOW)
            await contact_changes.insert(tx, [self.contact])
            await runs.insert(tx, _run(self.run_id))
            recipient = NewRecipient(self.recipient_id, self.contact.id, self.contact.name, fields, facts)
            await recipients.insert_many(tx, self.run_id, [recipient], NOW)
            assert await attempts.insert_if_free(tx, self._attempt(attempt_state))

    async def remove(self) -> None:
        async with self.database.transaction() as tx:
            await contact_removal.remove(tx, self.contact.id)

    def _attempt(self, state: AttemptState) -> NewAttempt:
        said = f"{NUMBERS[1]} did not answer"
        return NewAttempt(
            facts=Attempt(self.attempt_id, 1, state, CallStatus.NO_ANSWER, sid="CA1", error=said),
            recipient_id=self.recipient_id,
            run_id=self.run_id,
            contact_id=self.contact.id,
            phone_number_id=self.contact.phone_numbers[1].id,
            mode=RunMode.REAL,
            number=NUMBERS[1],
            from_number="+46313900600",
            message_id=None,
            custom_message_log_id=None,
            claimed_at=NOW,
            ask_at=NOW,
        )


def _run(run_id: UUID) -> Run:
    return Run(
        id=run_id,
        name="Fire drill",
        description="",
        mode=RunMode.REAL,
        state=RunState.RUNNING,
        priority=1,
        policy=Policy(),
        message_id=None,
        custom_message_log_id=None,
        text="There is a fire.",
        language="en",
        responses={},
        created_at=NOW,
    )


@pytest.fixture
def called(database: Database) -> Called:
    return Called(database)


async def test_the_contact_and_its_place_in_the_group_are_gone(called: Called) -> None:
    await called.store(RecipientState.ENDED, AttemptState.CLOSED)

    await called.remove()

    async with called.database.reading() as tx:
        assert (await groups.get(tx, called.group.id)).size == 0
        assert await contacts.page(tx, 10, 0, search="4567") == ([], 0)
        with pytest.raises(NotFound):
            await contacts.get(tx, called.contact.id)


async def test_the_run_keeps_its_count_without_name_and_number(called: Called) -> None:
    await called.store(RecipientState.ENDED, AttemptState.CLOSED)

    await called.remove()

    async with called.database.reading() as tx:
        assert (await runs.counts(tx, called.run_id)).reached == 1
        [row], _ = await run_lists.page_of_recipients(tx, called.run_id, RecipientFilter(), 10, 0)
        [call], _ = await run_lists.page_of_calls(tx, called.run_id, None, 10, 0)
        recipient = await recipients.get(tx, called.recipient_id)
    assert recipient is not None
    assert (row.contact_id, row.name, recipient.fields) == (None, "", {})
    assert [number.number for number in recipient.facts.numbers] == ["", ""]
    assert (call.contact_id, call.number, call.error, call.status) == (None, "", " did not answer", "no-answer")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_late_word_that_comes_at_that_moment_is_stored_without_a_deadlock(called: Called) -> None:
    await called.store(RecipientState.ENDED, AttemptState.CLOSED)

    async with called.database.transaction() as tx:
        assert await recipients.get(tx, called.recipient_id, lock=True)
        removing = asyncio.create_task(called.remove())
        await until_waiting(called.database, 1)
        stored = await attempts.get(tx, called.attempt_id)
        assert stored is not None
        await attempts.save(tx, stored.facts, replace(stored.facts, digits="1"), None)
    await removing

    async with called.database.reading() as tx:
        stored = await attempts.get(tx, called.attempt_id)
    assert stored is not None
    assert (stored.number, stored.facts.digits) == ("", "1")


async def test_a_late_word_about_the_call_can_still_be_stored(called: Called) -> None:
    await called.store(RecipientState.ENDED, AttemptState.CLOSED)
    await called.remove()

    async with called.database.transaction() as tx:
        recipient = await recipients.get(tx, called.recipient_id, lock=True)
        assert recipient is not None
        marked = recipient.facts.mark_bad(1)
        await recipients.save(tx, recipient, replace(marked, answer="1"), NOW)

    async with called.database.reading() as tx:
        assert (await runs.answers(tx, called.run_id)) == {"1": 1}


@pytest.mark.parametrize(
    ("state", "attempt_state", "told"),
    [
        (RecipientState.CALLING, AttemptState.PLACED, "under way in the run 'Fire drill'"),
        (RecipientState.ENDED, AttemptState.UNKNOWN, "under way in the run 'Fire drill'"),
        (RecipientState.WAITING, AttemptState.CLOSED, "still to be rung in the run 'Fire drill'"),
    ],
)
async def test_a_person_who_rings_or_waits_stays(
    called: Called, state: RecipientState, attempt_state: AttemptState, told: str
) -> None:
    await called.store(state, attempt_state)

    with pytest.raises(Conflict, match=told):
        await called.remove()

    async with called.database.reading() as tx:
        assert (await contacts.get(tx, called.contact.id)) == called.contact


async def test_somebody_who_is_not_there_cannot_be_removed(called: Called) -> None:
    with pytest.raises(NotFound):
        await called.remove()
