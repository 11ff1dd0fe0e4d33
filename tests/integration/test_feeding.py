"""The feeder on a clock that the test turns: who is put on the queue, in which order, how many, and how often."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from gdial.actions.call_now import call_now
from gdial.actions.feed_queue import feed_queue
from gdial.actions.place_call import place_call
from gdial.dialing.states import CallStatus, Outcome, Reason, RecipientState, RunMode, RunState
from gdial.errors import QueueUnavailable
from gdial.queue import in_process
from gdial.queue.jobs import CALL_SINGLE, DRILL_SINGLE, CallJob, read_job
from gdial.storage import runs
from gdial.storage.recipients import NewRecipient
from tests.support.dialling import Dialling, dialling
from tests.support.stored_runs import NUMBER, facts_of, make_person

LEASE_SECONDS = 30
URGENT = 8


@pytest.fixture
async def office(tmp_path: Path, database_url: str) -> AsyncIterator[Dialling]:
    async with dialling(tmp_path / "gdial", database_url, feed_lease_sec=LEASE_SECONDS) as running:
        yield running


def people(how_many: int) -> list[NewRecipient]:
    return [make_person(f"+4670174{place:04}", name=f"Person {place}") for place in range(how_many)]


async def take_jobs(office: Dialling, queue_name: str = CALL_SINGLE) -> list[UUID]:
    """Whom the doorbells on the queue name; acknowledged and gone."""
    named = [job.recipient_id for job in await take_calls(office, queue_name)]
    assert None not in named
    return [recipient_id for recipient_id in named if recipient_id is not None]


async def take_calls(office: Dialling, queue_name: str = CALL_SINGLE) -> list[CallJob]:
    consumer = await office.rt.queue.consume(queue_name, 10_000)
    jobs = []
    for _ in range(await office.rt.queue.depth(queue_name)):
        delivery = await consumer.take()
        jobs.append(read_job(CallJob, delivery.body))
        await delivery.acknowledge()
    return jobs


async def test_those_who_are_due_are_put_on_the_queue_once(office: Dialling) -> None:
    crowd = people(5)
    await office.store_run(*crowd)
    assert await feed_queue(office.rt) == 5
    assert await feed_queue(office.rt) == 0
    assert await take_jobs(office) == [person.id for person in crowd]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("calls_per_second", "lines", "window", "room_after_a_call"),
    [(50, 100, 90, 0), (50, 1_000, 100, 1), (150, 1_000, 150, 1), (1, 100, 10, 1), (0.1, 100, 1, 1)],
)
async def test_the_window_is_what_can_be_rung_while_it_is_fresh(
    tmp_path: Path, database_url: str, calls_per_second: float, lines: int, window: int, room_after_a_call: int
) -> None:
    async with dialling(
        tmp_path / "gdial", database_url, calls_per_second=calls_per_second, lines=lines, feed_lease_sec=LEASE_SECONDS
    ) as office:
        crowd = people(200)
        await office.store_run(*crowd)
        assert await feed_queue(office.rt) == window
        assert await feed_queue(office.rt) == 0
        assert await office.place(crowd[0])
        assert await feed_queue(office.rt) == room_after_a_call, "who is rung makes room while there are lines"


async def test_the_urgent_are_fed_first_and_drills_to_a_queue_of_their_own(office: Dialling) -> None:
    ordinary, urgent, drilled = people(3)
    await office.store_run(ordinary)
    await office.store_run(urgent, priority=URGENT)
    await office.store_run(drilled, mode=RunMode.DRILL)
    assert await feed_queue(office.rt) == 3
    assert await take_jobs(office) == [urgent.id, ordinary.id]
    assert await take_jobs(office, DRILL_SINGLE) == [drilled.id]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_without_a_free_line_nobody_is_fed_and_the_last_ones_are_for_the_urgent(
    tmp_path: Path, database_url: str
) -> None:
    async with dialling(tmp_path / "gdial", database_url, lines=3) as office:
        crowd = people(6)
        run = await office.store_run(*crowd)
        for person in crowd[:2]:
            assert await office.place(person)
        assert await feed_queue(office.rt) == 0, "the third line is kept"
        assert not await office.place(crowd[2])

        first, second = (make_person(f"+467017499{place:02}") for place in range(2))
        await office.store_run(first, second, priority=URGENT)
        assert await feed_queue(office.rt) == 1
        assert await take_jobs(office) == [first.id]
        assert await office.place(first)
        assert await feed_queue(office.rt) == 0

        call = (await office.calls(run))[0]
        assert call.call_sid is not None
        await office.hear(call.id, call.call_sid, CallStatus.BUSY)
        assert await feed_queue(office.rt) == 1
        assert await take_jobs(office) == [second.id]


async def test_a_worker_that_is_killed_with_a_doorbell_in_hand_only_delays_the_call(office: Dialling) -> None:
    person = make_person()
    await office.store_run(person)
    await feed_queue(office.rt)
    assert await take_jobs(office) == [person.id], "and then the worker is gone"
    office.clock.turn(seconds=LEASE_SECONDS - 1)
    assert await feed_queue(office.rt) == 0
    office.clock.turn(seconds=1)
    assert await feed_queue(office.rt) == 1
    assert await take_jobs(office) == [person.id]
    assert await office.place(person)
    assert (await facts_of(office.rt.database, person.id)).feeds == 0


async def test_who_is_fed_five_times_and_never_rung_goes_on_the_list_that_is_rung_by_hand(office: Dialling) -> None:
    person = make_person()
    await office.store_run(person)
    for _ in range(5):
        assert await feed_queue(office.rt) == 1
        await take_jobs(office)
        office.clock.turn(seconds=LEASE_SECONDS)
    assert await feed_queue(office.rt) == 0
    facts = await facts_of(office.rt.database, person.id)
    assert (facts.outcome, facts.reason) == (Outcome.NOT_REACHED, Reason.INTERNAL)
    assert facts.reason == "failed: internal"
    assert not await office.place(person)
    assert office.rt.bells.close_runs.is_set()


async def test_a_doorbell_that_was_answered_without_a_call_is_no_lapse(office: Dialling) -> None:
    """The run is paused again and again just as the worker comes."""
    person = make_person()
    run = await office.store_run(person)
    for _ in range(8):
        assert await feed_queue(office.rt) == 1
        await set_state(office, run.id, RunState.PAUSED)
        assert not await office.place(person)
        await set_state(office, run.id, RunState.RUNNING)
    assert await feed_queue(office.rt) == 1, "at once, not after the lease"
    assert await office.place(person)


async def test_nobody_is_given_up_because_the_queue_takes_nothing(office: Dialling) -> None:
    person = make_person()
    await office.store_run(person)
    for _ in range(in_process.MOST_MESSAGES):
        await office.rt.queue.publish(CALL_SINGLE, b"{}")
    for _ in range(7):
        with pytest.raises(QueueUnavailable):
            await feed_queue(office.rt)
        office.clock.turn(seconds=LEASE_SECONDS)
    facts = await facts_of(office.rt.database, person.id)
    assert (facts.state, facts.feeds) == (RecipientState.WAITING, 0)
    assert await office.place(person)


async def test_somebody_who_shares_a_number_is_rung_when_it_is_free(office: Dialling) -> None:
    anna, elsa = make_person(NUMBER), make_person(NUMBER)
    run = await office.store_run(anna, elsa)
    await feed_queue(office.rt)
    assert await office.place(anna)
    assert not await office.place(elsa)
    office.clock.turn(seconds=4)
    assert await feed_queue(office.rt) == 0
    office.clock.turn(seconds=1)
    assert await feed_queue(office.rt) == 1
    assert not await office.place(elsa)

    call = await office.only_call(run)
    assert call.call_sid is not None
    await office.hear(call.id, call.call_sid, CallStatus.COMPLETED)
    office.clock.turn(seconds=5)
    assert await feed_queue(office.rt) == 1
    assert await office.place(elsa)
    assert [len(stub.creates) for stub in office.carriers.values()] == [2, 0]


async def test_a_redial_is_fed_when_its_time_comes(office: Dialling) -> None:
    person = make_person(NUMBER, "+46313900601")
    run = await office.store_run(person)
    await feed_queue(office.rt)
    assert await office.place(person)
    call = await office.only_call(run)
    assert call.call_sid is not None
    await office.hear(call.id, call.call_sid, CallStatus.BUSY)
    office.clock.turn(seconds=run.policy.wait_between_numbers_seconds - 1)
    assert await feed_queue(office.rt) == 0
    office.clock.turn(seconds=1)
    assert await feed_queue(office.rt) == 1
    assert await office.place(person)
    assert [call.number for call in await office.calls(run)] == [NUMBER, "+46313900601"]


async def set_state(office: Dialling, run_id: UUID, state: RunState) -> None:
    async with office.rt.database.transaction() as tx:
        await runs.change(tx, run_id, state=state)


async def test_a_doorbell_of_a_later_turn_rings_who_is_due_in_an_earlier_one(office: Dialling) -> None:
    """Their own doorbell found no line, and lies behind this one now."""
    first = make_person("+46701740001", name="First")
    second = make_person("+46701740002", "+46701740003", name="Second", number_index=1)
    third = make_person("+46701740004", name="Third", due_at=office.clock.now + timedelta(seconds=1))
    await office.store_run(second, first, third)
    assert await office.place(second)
    states = [(await facts_of(office.rt.database, person.id)).state for person in (first, second, third)]
    assert states == [RecipientState.CALLING, RecipientState.WAITING, RecipientState.WAITING]
    assert await office.place(second)
    assert (await facts_of(office.rt.database, second.id)).state is RecipientState.CALLING


async def test_whom_an_operator_rings_now_is_overtaken_by_nobody_of_the_run(office: Dialling) -> None:
    first = make_person("+46701740001", name="First")
    second = make_person("+46701740002", "+46701740003", name="Second", number_index=1)
    run = await office.store_run(second, first)
    await call_now(office.rt, run.id, second.id)
    (job,) = await take_calls(office)
    assert job.recipient_id == second.id
    assert await place_call(office.rt, second.id, ahead=bool(job.ahead))
    assert (await facts_of(office.rt.database, second.id)).state is RecipientState.CALLING
    assert (await facts_of(office.rt.database, first.id)).state is RecipientState.WAITING
