"""Call-outs whose rules run over hours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gdial.simulator import NoAnswer, Press, ScaledClock, SimulatorOptions
from tests.support.leaps import leap_to_the_end
from tests.support.organisation import Organisation, running_organisation

ANNA, BO = "+46701740605", "+46701740606"
ROUND_MINUTES = 45
POLICY = {
    "rounds": 3,
    "wait_between_numbers_seconds": 0,
    "wait_between_rounds_seconds": ROUND_MINUTES * 60,
    "ring_timeout_seconds": 25,
}
SLACK_MINUTES = 3.0
"""What ringing, speaking and looking take besides the waits; also on a slow machine."""


@pytest.fixture
def clock() -> ScaledClock:
    return ScaledClock(speed=100)


@pytest.fixture
async def organisation(tmp_path: Path, clock: ScaledClock) -> AsyncIterator[Organisation]:
    async with running_organisation(tmp_path, SimulatorOptions(clock=clock), clock=clock.now) as running:
        yield running


def minutes_between(earlier: str, later: str) -> float:
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds() / 60


async def start(organisation: Organisation, deadline_minutes: int) -> str:
    """Anna answers at the third call, Bo never does."""
    organisation.simulator.phones.script(ANNA, NoAnswer(), NoAnswer(), Press(keys={"1": 1}))
    organisation.simulator.phones.script(BO, *[NoAnswer()] * 3)
    group = await organisation.import_people({"Anna Ek": [ANNA], "Bo Dahl": [BO]})
    run = await organisation.start_run(group, policy={**POLICY, "deadline_minutes": deadline_minutes})
    return str(run["id"])


def rounds_of(calls: list[Any], started_at: str, number: str) -> list[float]:
    """How many minutes after the start each call to a number was made."""
    return sorted(minutes_between(started_at, call["started_at"]) for call in calls if call["number"] == number)


async def test_three_rounds_with_long_waits_take_their_time(organisation: Organisation, clock: ScaledClock) -> None:
    began_at = clock.now()
    run_id = await start(organisation, deadline_minutes=240)
    run = await leap_to_the_end(organisation, run_id, clock)
    assert run["counts"]["reached"] == run["counts"]["not_reached"] == 1
    calls = await organisation.calls(run_id)
    for number in (ANNA, BO):
        waits = rounds_of(calls, run["started_at"], number)
        expected = [0, ROUND_MINUTES, 2 * ROUND_MINUTES]
        assert waits == [pytest.approx(minutes + SLACK_MINUTES / 2, abs=SLACK_MINUTES / 2) for minutes in expected]
        assert waits[2] - waits[0] >= 2 * ROUND_MINUTES
    assert minutes_between(began_at.isoformat(), run["ended_at"]) >= 2 * ROUND_MINUTES
    assert datetime.fromisoformat(run["ended_at"]) > datetime.now(UTC)
    theirs = {row["sid"]: row["created"] for row in organisation.simulator.ledger()["calls"]}
    for call in calls:
        assert abs(minutes_between(call["started_at"], theirs[call["call_sid"]])) < SLACK_MINUTES
    await organisation.assert_nobody_lost_or_rung_twice(run_id)


async def test_nobody_waits_for_a_round_that_the_deadline_forbids(
    organisation: Organisation, clock: ScaledClock
) -> None:
    run_id = await start(organisation, deadline_minutes=80)
    run = await leap_to_the_end(organisation, run_id, clock)
    assert organisation.rung() == {ANNA: 2, BO: 2}
    assert run["counts"]["not_reached"] == 2
    people = await organisation.recipients(run_id)
    assert {one["reason"] for one in people.values()} == {"deadline"}
    assert ROUND_MINUTES <= minutes_between(run["started_at"], run["ended_at"]) < ROUND_MINUTES + SLACK_MINUTES
    await organisation.assert_nobody_lost_or_rung_twice(run_id)
