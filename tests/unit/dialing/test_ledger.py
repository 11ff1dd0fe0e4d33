"""A ledger that balances says nothing; one that does not says what is wrong, in sentences."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gdial.dialing.ledger import (
    Amendment,
    AttemptFigures,
    Ledger,
    PeopleFigures,
    find_faults,
    find_silent_changes,
)

PEOPLE = PeopleFigures(
    recipients=6,
    reached=3,
    not_reached=2,
    stopped=1,
    attempts=8,
    reasons={"reached": {"key": 3}, "not_reached": {"no answer": 2}, "stopped": {"stopped by the operator": 1}},
)
ATTEMPTS = AttemptFigures(
    attempts=8, placing={"accepted": 5, "put_off": 1, "unknown": 2}, settled={"list": 1, "never_rang": 1}
)
BALANCED = Ledger(PEOPLE, ATTEMPTS)
LATE_KEY = Amendment("not_reached", "no answer", "reached", "key")


def test_a_ledger_that_balances_has_no_faults() -> None:
    assert find_faults(BALANCED, is_over=True) == []


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (replace(BALANCED, people=replace(PEOPLE, recipients=7)), "7 recipients, but 6 ended"),
        (replace(BALANCED, people=replace(PEOPLE, attempts=9)), "9 times by their own records, but there are 8"),
        (replace(BALANCED, attempts=replace(ATTEMPTS, placing={"accepted": 5, "unknown": 2})), "8 attempts, but 7"),
        (replace(BALANCED, attempts=replace(ATTEMPTS, settled={"list": 1})), "2 unknown attempts, but 1 settled"),
        (replace(BALANCED, people=replace(PEOPLE, keys_without_call=1)), "by a key that no call of theirs bears"),
        (replace(BALANCED, people=replace(PEOPLE, waiting=1, reached=2)), "1 people still wait"),
        (replace(BALANCED, attempts=replace(ATTEMPTS, open=1)), "1 attempts are still open"),
    ],
)
def test_each_thing_that_does_not_add_up_is_said(broken: Ledger, said: str) -> None:
    faults = find_faults(broken, is_over=True)
    assert any(said in fault for fault in faults), faults


def test_of_a_run_that_goes_on_only_what_must_hold_at_every_moment_is_asked() -> None:
    ringing = Ledger(replace(PEOPLE, waiting=1, reached=2), replace(ATTEMPTS, open=1))
    assert find_faults(ringing, is_over=False) == []


def test_an_improvement_that_was_noted_is_no_fault_and_one_that_was_not_is() -> None:
    reasons = {**PEOPLE.reasons, "reached": {"key": 4}, "not_reached": {"no answer": 1}}
    now = replace(PEOPLE, reached=4, not_reached=1, reasons=reasons)
    assert find_silent_changes(PEOPLE, [LATE_KEY], now) == []
    faults = find_silent_changes(PEOPLE, [], now)
    assert "reached, key: 3 by the ledger and its amendments, 4 now" in faults


def test_nobody_who_was_reached_may_be_lost_again() -> None:
    reasons = {**PEOPLE.reasons, "reached": {"key": 2}, "not_reached": {"no answer": 3}}
    now = replace(PEOPLE, reached=2, not_reached=3, reasons=reasons)
    backwards = Amendment("reached", "key", "not_reached", "no answer")
    assert "1 people who were reached are not reached any more" in find_silent_changes(PEOPLE, [backwards], now)


def test_people_who_came_or_went_after_the_end_are_told() -> None:
    assert "6 recipients at the end, 5 now" in find_silent_changes(PEOPLE, [], replace(PEOPLE, recipients=5))
