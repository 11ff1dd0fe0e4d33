"""Fault plans: how they are read, and that the same seed spoils the same things."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdial.errors import InvalidInput
from gdial.simulator import FaultPlan, SimulatorOptions, parse_fault_plan, read_fault_plan, running_simulator
from gdial.simulator.faults.injector import FaultInjector
from gdial.simulator.faults.plan import FAULT_NAMES, Outage
from tests.simulator.stepped_clock import SteppedClock

NUMBERS = [f"+4670{n:07}" for n in range(4000)]
DOCUMENTATION = Path(__file__).parents[2] / "docs/reference/simulator.md"
THREE = [{"does": "error", "share": 0.05}, {"does": "cut", "share": 0.25}, {"does": "hang", "share": 0.7}]


def plan_of(*faults: dict[str, Any], seed: int = 7) -> FaultPlan:
    return parse_fault_plan({"seed": seed, "faults": list(faults)})


def injector_of(*faults: dict[str, Any], seed: int = 7, clock: SteppedClock | None = None) -> FaultInjector:
    return FaultInjector(plan_of(*faults, seed=seed), 0, clock or SteppedClock())


def struck(injector: FaultInjector, to: str, ordinal: int = 1, what: str = "create") -> str:
    strike = injector.choose("answer", what, to, ordinal)
    return strike.fault.name if strike else ""


def test_the_documented_plan_can_be_read_and_every_fault_is_documented(tmp_path: Path) -> None:
    text = DOCUMENTATION.read_text(encoding="utf-8")
    path = tmp_path / "faults.json"
    path.write_text(text.split("## Faults")[1].split("```json")[1].split("```")[0], encoding="utf-8")
    plan = read_fault_plan(path)
    assert len(plan.faults) == 15
    assert [name for name in FAULT_NAMES if f"\n| `{name}` |" not in text] == []


def test_a_strike_is_fixed_by_the_seed() -> None:
    # Written down once: another machine, Python or day must draw the same.
    injector = injector_of({"does": "error", "share": 0.3})
    assert [n for n, number in enumerate(NUMBERS[:20]) if struck(injector, number)] == [
        5,
        6,
        7,
        8,
        11,
        12,
        15,
        17,
        18,
        19,
    ]
    strike = injector.choose("answer", "create", NUMBERS[5], 1)
    assert strike is not None
    assert injector.seconds(strike, (2, 4)) == pytest.approx(3.607660717)


@given(order=st.permutations(NUMBERS[:30]))
def test_the_order_of_calls_spoils_nothing_else(order: list[str]) -> None:
    one, other = injector_of(*THREE), injector_of(*THREE)
    assert {to: struck(one, to) for to in NUMBERS[:30]} == {to: struck(other, to) for to in order}


def test_shares_of_faults_that_exclude_each_other_are_kept() -> None:
    faults = Counter(struck(injector_of(*THREE), number) for number in NUMBERS)
    assert {name: count / len(NUMBERS) for name, count in faults.items()} == {
        "error": pytest.approx(0.05, abs=0.02),
        "cut": pytest.approx(0.25, abs=0.03),
        "hang": pytest.approx(0.7, abs=0.03),
    }


def test_a_create_that_is_tried_again_draws_again() -> None:
    injector = injector_of({"does": "error", "share": 0.5})
    assert {struck(injector, NUMBERS[0], ordinal) for ordinal in range(1, 30)} == {"", "error"}
    other = injector_of({"does": "error", "share": 0.5}, seed=8)
    assert [struck(injector, to) for to in NUMBERS[:40]] != [struck(other, to) for to in NUMBERS[:40]]


async def test_a_window_opens_and_closes(clock: SteppedClock) -> None:
    injector = injector_of({"does": "error", "from_seconds": 10, "for_seconds": 5}, clock=clock)
    seen = []
    for step in (9.5, 1, 4, 1):
        await clock.advance(step)
        seen.append(struck(injector, NUMBERS[0]))
    assert seen == ["", "error", "error", ""]
    injector.replace(injector.plan)
    await clock.advance(10)
    assert struck(injector, NUMBERS[0]) == "error"


def test_a_fault_of_few_numbers_takes_nothing_from_the_others() -> None:
    chief = {"does": "hang", "numbers": ["+46700000001"]}
    injector = injector_of(chief, *THREE)
    plain = injector_of(*THREE)
    assert struck(injector, NUMBERS[1]) == "hang"
    others = [NUMBERS[0], *NUMBERS[2:300]]
    assert [struck(injector, to) for to in others] == [struck(plain, to) for to in others]


def test_a_fault_for_other_requests_spares_creates() -> None:
    injector = injector_of({"does": "error", "requests": ["fetch", "list"]})
    assert [struck(injector, NUMBERS[0], 1, what) for what in ("create", "fetch", "list", "update")] == [
        "",
        "error",
        "error",
        "",
    ]


@pytest.mark.parametrize(
    ("data", "where", "reason"),
    [
        ([], "", "dictionary"),
        ({"fault": []}, "fault", "spelling"),
        ({"faults": [{"does": "explode"}]}, "faults[0].does", "must be one of error, cut, hang"),
        ({"faults": [{"share": 0.5}]}, "faults[0].does", "must be one of"),
        ({"faults": [{"does": "cut"}, {"does": "outage"}]}, "faults[1].for_seconds", "required"),
        ({"faults": [{"does": "error", "share": 1.5}]}, "faults[0].share", "less than or equal to 1"),
        ({"faults": [{"does": "error", "share": 0}]}, "faults[0].share", "greater than 0"),
        ({"faults": [{"does": "error", "status": 404}]}, "faults[0].status", "greater than or equal to 500"),
        ({"faults": [{"does": "slow", "seconds": [5, 1]}]}, "faults[0].seconds", "the shortest first"),
        ({"faults": [{"does": "error", "numbers": ["070"]}]}, "faults[0].numbers[0]", "E.164"),
        ({"faults": [{"does": "callback_lost", "events": ["sung"]}]}, "faults[0].events[0]", "'initiated'"),
        ({"faults": [{"does": "error", "share": 0.6}, {"does": "cut", "share": 0.5}]}, "", "answer faults of create"),
    ],
)
def test_a_bad_plan_is_explained(tmp_path: Path, data: object, where: str, reason: str) -> None:
    path = tmp_path / "faults.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(InvalidInput) as caught:
        read_fault_plan(path)
    assert caught.value.where == ": ".join(part for part in (str(path), where) if part)
    assert reason in caught.value.reason
    assert parse_fault_plan(json.loads(caught.value.example)).faults


def test_shares_may_add_up_to_more_where_windows_do_not_meet() -> None:
    first = {"does": "error", "share": 0.8, "for_seconds": 10}
    second = {"does": "cut", "share": 0.8, "from_seconds": 10}
    assert len(plan_of(first, second).faults) == 2
    with pytest.raises(InvalidInput, match=r"1\.6 at 9 s"):
        plan_of(first, second | {"from_seconds": 9})


async def test_a_file_that_is_no_plan_stops_the_start(tmp_path: Path) -> None:
    path = tmp_path / "faults.json"
    path.write_text('{\n  "seed": 1,\n  "faults": [,]\n}', encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"faults\.json: the fault plan is no JSON: .*line 3"):
        async with running_simulator(SimulatorOptions(faults=path)):
            pass
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_fault_plan(tmp_path / "missing.json")


def test_an_outage_is_told_from_its_window() -> None:
    injector = injector_of({"does": "outage", "for_seconds": 5, "how": "error"})
    assert injector.outage() == Outage(for_seconds=5, how="error")
    assert injector_of({"does": "outage", "from_seconds": 1, "for_seconds": 5}).outage() is None
