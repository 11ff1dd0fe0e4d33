"""Many calls of which nothing was heard, known to GDial and to a carrier stub alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from gdial.dialing.states import AttemptState, CallStatus, RecipientState
from gdial.storage import attempts
from gdial.storage.runs import Run
from tests.support.dialling import Dialling
from tests.support.stored_runs import OURS, make_attempt, make_person

STATUSES = ("completed", "no-answer", "busy", "failed")


async def store_silent_calls(office: Dialling, count: int, *, unknown_every: int = 0) -> Run:
    """A run with one open call for each person, over at the carrier, and due to be asked about now. Every so many of
    them is unknown: the carrier has it, and its id never came back."""
    numbers = [f"+46701{place:06}" for place in range(count)]
    people = [make_person(number, name=f"Person {place}") for place, number in enumerate(numbers)]
    wishes = []
    now = office.clock.now
    for place, (person, number) in enumerate(zip(people, numbers, strict=True)):
        call = office.carrier.add_call(number, OURS, now - timedelta(minutes=2), STATUSES[place % len(STATUSES)])
        is_unknown = bool(unknown_every) and place % unknown_every == 0
        facts: dict[str, Any] = {"state": AttemptState.UNKNOWN}
        if not is_unknown:
            facts = {"state": AttemptState.PLACED, "sid": call.sid, "status": CallStatus.RINGING}
        wishes.append((person, number, facts))
    calling = [
        replace(person, facts=replace(person.facts, state=RecipientState.CALLING, due_at=None, attempts=1))
        for person in people
    ]
    run = await office.store_run(*calling)
    async with office.rt.database.transaction() as tx:
        for person, number, facts in wishes:
            new = make_attempt(run, person, number, **facts)
            claimed = replace(new, claimed_at=now - timedelta(minutes=2), ask_at=now)
            assert await attempts.insert_if_free(tx, claimed)
    return run
