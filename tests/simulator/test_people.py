"""Who answers: profiles, their errors, and that the same seed tells the same story."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdial.errors import InvalidInput
from gdial.simulator import (
    Busy,
    Listen,
    NoAnswer,
    Press,
    SimulatorOptions,
    default_profile,
    parse_profile,
    read_profile,
    running_simulator,
)
from gdial.simulator.people.plans import draw_plan
from gdial.simulator.phones import Phones

NUMBERS = [f"+4670{n:07}" for n in range(4000)]


def test_a_story_is_fixed_by_the_seed() -> None:
    # Written down once: another machine, Python or day must draw the same.
    plan = draw_plan(default_profile(), 1, "+46701234563", 0)
    assert (plan.person, plan.does, plan.presses[0].keys) == ("presses 2", "press", "2")
    assert plan.phone_acts_after_seconds == pytest.approx(14.496110706)
    assert plan.presses[0].after_seconds == pytest.approx(2.327661870)


@given(order=st.permutations(NUMBERS[:30]), seed=st.integers(0, 1000))
def test_the_order_of_calls_changes_nobody(order: list[str], seed: int) -> None:
    phones, other = Phones(default_profile(), seed), Phones(default_profile(), seed)
    plans = {number: [phones.plan_call(number), phones.plan_call(number)] for number in NUMBERS[:30]}
    first = {number: other.plan_call(number) for number in order}
    second = {number: other.plan_call(number) for number in reversed(order)}
    assert plans == {number: [first[number], second[number]] for number in NUMBERS[:30]}


def test_another_seed_tells_another_story() -> None:
    profile = default_profile()
    assert any(draw_plan(profile, 1, number, 0) != draw_plan(profile, 2, number, 0) for number in NUMBERS[:5])


def test_the_built_in_night_has_its_mixture() -> None:
    profile = default_profile()
    people = Counter(draw_plan(profile, 7, number, 0).person for number in NUMBERS)
    share = {name: 100 * count / len(NUMBERS) for name, count in people.items()}
    weights = {person.name: person.weight for person in profile.people}
    assert sum(weights.values()) == 100
    assert share == {name: pytest.approx(weight, abs=3) for name, weight in weights.items()}


def test_a_person_stays_the_same_from_call_to_call() -> None:
    profile = default_profile()
    sleepers = [n for n in NUMBERS if draw_plan(profile, 7, n, 0).person == "sleeps through the first call"]
    assert {draw_plan(profile, 7, n, 0).does for n in sleepers} == {"no_answer"}
    assert {draw_plan(profile, 7, n, calls).does for n in sleepers for calls in (1, 2, 9)} == {"press"}


def test_times_and_keys_are_drawn_within_their_bounds() -> None:
    data = {
        "people": [
            {
                "calls": [
                    {
                        "does": "press",
                        "answers_after_seconds": [3, 5],
                        "keys": {"1": 3, "2": 1},
                        "presses_after_seconds": 4,
                        "wrong_keys": {"9": 1},
                        "answers_again": 0,
                        "hangs_up_after_seconds": [60, 70],
                    }
                ]
            }
        ]
    }
    plans = [draw_plan(parse_profile(data), 3, number, 0) for number in NUMBERS]
    assert all(3 <= (plan.phone_acts_after_seconds or 0) <= 5 for plan in plans)
    assert all(60 <= (plan.hangs_up_after_seconds or 0) <= 70 for plan in plans)
    assert {tuple(press.after_seconds for press in plan.presses) for plan in plans} == {(4.0, 4.0)}
    keys = Counter("".join(press.keys for press in plan.presses) for plan in plans)
    assert keys.keys() == {"91", "92"}
    assert keys["91"] / keys["92"] == pytest.approx(3, rel=0.2)


def test_exact_numbers_and_the_longest_prefix_come_first() -> None:
    profile = parse_profile(
        {
            "people": [{"calls": [{"does": "listen"}]}],
            "prefixes": {
                "+46": [{"calls": [{"does": "busy"}]}],
                "+4670": [{"calls": [{"does": "no_answer"}]}],
            },
            "numbers": {"+46701234567": {"calls": [{"does": "reject"}]}},
        }
    )
    assert [
        draw_plan(profile, 0, n, 0).does for n in ("+46701234567", "+46701234568", "+4681234567", "+4712345678")
    ] == [
        "reject",
        "no_answer",
        "busy",
        "listen",
    ]


def test_a_script_comes_before_the_profile_and_then_ends() -> None:
    phones = Phones(parse_profile({"people": [{"calls": [{"does": "listen"}]}]}), 0)
    phones.script("+46701234567", Busy(), NoAnswer())
    assert [phones.plan_call("+46701234567").does for _ in range(3)] == ["busy", "no_answer", "listen"]


def test_the_documented_profile_can_be_used() -> None:
    page = Path(__file__).parents[2] / "docs/reference/simulator.md"
    [example] = [text for text in page.read_text(encoding="utf-8").split("```") if '"prefixes"' in text]
    profile = parse_profile(json.loads(example.removeprefix("json")))
    assert draw_plan(profile, 0, "+46701234567", 0).person == "the chief"


def person(**behaviour: Any) -> dict[str, Any]:
    return {"people": [{"calls": [{"does": "listen"}]}, {"calls": [{"does": "press"} | behaviour]}]}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "people: Field required"),
        ({"people": []}, "people: "),
        ({"people": [{"weight": 1}]}, "people[0].calls: Field required"),
        ({"people": [{"calls": []}]}, "people[0].calls: "),
        ({"people": [{"weight": 0, "calls": [{"does": "busy"}]}]}, "people[0].weight: "),
        ({"people": [{"calls": [{"does": "dance"}]}]}, "people[0].calls[0].does: must be one of press, listen"),
        ({"people": [{"calls": [{}]}]}, "people[0].calls[0].does: must be one of press, listen"),
        (person(keys={"x": 1}), "people[1].calls[0].keys: 'x' cannot be pressed"),
        (person(keys={"1": 0}), "people[1].calls[0].keys: needs a key"),
        (person(keys={}), "people[1].calls[0].keys: needs a key"),
        (person(answers_after_seconds=[5, 3]), "people[1].calls[0].answers_after_seconds: must lie between"),
        (person(answers_after_seconds="soon"), "people[1].calls[0].answers_after_seconds: must be a number of seconds"),
        (person(answers_after=[3, 5]), "people[1].calls[0].answers_after: is no field here"),
        (person(answers_again=-1), "people[1].calls[0].answers_again: "),
        ({"people": [{"calls": [{"does": "bad_number", "code": 1}]}]}, "people[0].calls[0].code: "),
        (person() | {"numbers": {"0701": {"calls": [{"does": "busy"}]}}}, "numbers.0701: '0701' is no phone number"),
        (person() | {"prefixes": {"46": [{"calls": [{"does": "busy"}]}]}}, "prefixes.46: '46' is no beginning"),
        (person() | {"prefixes": {"+46": []}}, "prefixes.+46: "),
        ([], ": Input should be"),
    ],
)
def test_a_bad_profile_names_the_field(tmp_path: Path, data: Any, message: str) -> None:
    path = tmp_path / "night.json"
    path.write_text(json.dumps(data))
    with pytest.raises(InvalidInput) as refused:
        read_profile(path)
    assert message in str(refused.value)
    assert str(refused.value).startswith(str(path))
    assert "example: " in str(refused.value)


async def test_a_bad_profile_stops_the_start(tmp_path: Path) -> None:
    for path, reason in ((tmp_path / "none.json", "cannot be read"), (tmp_path / "bad.json", "line 2 column 1")):
        (tmp_path / "bad.json").write_text('{"people":\n')
        with pytest.raises(InvalidInput, match=reason):
            async with running_simulator(SimulatorOptions(profile=path)):
                pass


def test_behaviours_can_be_made_in_a_test_too() -> None:
    assert Press(keys={"1": 1}, answers_after_seconds=2).answers_after_seconds == (2.0, 2.0)
    with pytest.raises(ValueError, match="the shortest first"):
        Listen(answers_after_seconds=(9, 1))
