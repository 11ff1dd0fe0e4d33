"""A policy as it is handed in: what is not given is the default, what is wrong is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdial.dialing.policy import BOUNDS, Policy, ReachedWhen, read_policy
from gdial.errors import InvalidInput


def test_the_default_is_the_documented_one() -> None:
    assert Policy().to_json() == {
        "ring_timeout_seconds": 25,
        "rounds": 3,
        "wait_between_numbers_seconds": 5,
        "wait_between_rounds_seconds": 120,
        "reached_when": "key",
        "deadline_minutes": 60,
    }


def test_what_is_given_is_put_over_the_default() -> None:
    default = Policy(rounds=7, deadline_minutes=90)
    policy = read_policy({"rounds": 1, "reached_when": "answered"}, default)
    assert policy == Policy(rounds=1, deadline_minutes=90, reached_when=ReachedWhen.ANSWERED)
    assert read_policy({}, default) == default


@given(st.fixed_dictionaries({name: st.integers(low, high) for name, (low, high) in BOUNDS.items()}))
def test_every_policy_within_bounds_can_be_stored_and_read_back(given_values: dict[str, int]) -> None:
    policy = read_policy(given_values, Policy())
    assert read_policy(policy.to_json(), Policy()) == policy
    assert {name: getattr(policy, name) for name in BOUNDS} == given_values


@pytest.mark.parametrize("name", sorted(BOUNDS))
@pytest.mark.parametrize("side", ["below", "above"])
def test_a_value_out_of_bounds_names_the_field_the_bounds_and_a_right_one(name: str, side: str) -> None:
    low, high = BOUNDS[name]
    value = low - 1 if side == "below" else high + 1
    with pytest.raises(InvalidInput) as caught:
        read_policy({name: value}, Policy())
    assert caught.value.where == f"policy.{name}"
    assert caught.value.reason == f"{value} is not a whole number from {low} to {high}"
    assert caught.value.example == str(getattr(Policy(), name))
    read_policy({name: low}, Policy())
    read_policy({name: high}, Policy())


@pytest.mark.parametrize("value", [True, 2.0, 2.5, "2", None, [], float("nan")])
def test_a_value_that_is_no_whole_number_names_the_field(value: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_policy({"rounds": value}, Policy())
    assert str(caught.value) == f"policy.rounds: {value!r} is not a whole number from 1 to 20 (example: 3)"


@pytest.mark.parametrize("value", ["Key", "voicemail", "", None, True, 1])
def test_what_counts_as_reached_is_one_of_two_words(value: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_policy({"reached_when": value}, Policy())
    assert str(caught.value) == f"policy.reached_when: {value!r} is not one of key, answered (example: key)"


def test_an_unknown_field_is_named_with_the_ones_there_are() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_policy({"rounds": 2, "ring_timeout": 25}, Policy())
    assert caught.value.where == "policy.ring_timeout"
    for name in Policy().to_json():
        assert name in caught.value.reason
