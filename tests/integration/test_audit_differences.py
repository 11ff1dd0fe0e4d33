"""What counts as a difference between one attempt and one call, and what does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from gdial.actions.audit_differences import Kind, calls_at_once, compare_call
from gdial.carriers.base import CarrierCall
from gdial.dialing.states import AttemptState, CallStatus
from gdial.storage.audited_calls import AuditedCall
from tests.support.runtime import FIRST_MOMENT as NOW
from tests.support.stored_runs import NUMBER, OURS

SID = "CA" + "a" * 32
OURS_OVER = AuditedCall(
    id=uuid4(),
    name="Anna Ek",
    number=NUMBER,
    from_number=OURS,
    sid=SID,
    state=AttemptState.CLOSED,
    status=CallStatus.COMPLETED,
    claimed_at=NOW,
    answered_at=NOW + timedelta(seconds=8),
    ended_at=NOW + timedelta(seconds=28),
    digits="1",
)
THEIRS_OVER = CarrierCall(
    SID, NUMBER, OURS, CallStatus.COMPLETED, NOW, NOW, NOW + timedelta(seconds=28), duration_seconds=20
)


@pytest.mark.parametrize(
    ("ours", "theirs", "kind"),
    [
        (OURS_OVER, None, Kind.MISSING_CALL),
        (replace(OURS_OVER, status=CallStatus.BUSY), THEIRS_OVER, Kind.STATUS),
        (replace(OURS_OVER, state=AttemptState.PLACED, status=CallStatus.RINGING), THEIRS_OVER, Kind.OPEN_HERE),
        (OURS_OVER, replace(THEIRS_OVER, status=CallStatus.IN_PROGRESS), Kind.OPEN_THERE),
        (OURS_OVER, replace(THEIRS_OVER, duration_seconds=5), Kind.DURATION),
    ],
)
def test_each_difference_has_its_name(ours: AuditedCall, theirs: CarrierCall | None, kind: Kind) -> None:
    (found,) = compare_call(ours, theirs)
    assert (found.kind, found.name, found.call_id, found.sid) == (kind, "Anna Ek", ours.id, SID)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (OURS_OVER, THEIRS_OVER),
        # A few seconds lie between the fetch of the script and what the carrier counts.
        (OURS_OVER, replace(THEIRS_OVER, duration_seconds=25)),
        # Learned by asking, after the end: nobody here knows when it was answered.
        (replace(OURS_OVER, answered_at=OURS_OVER.ended_at), replace(THEIRS_OVER, duration_seconds=2)),
        # A network whose time runs faster than ours.
        (OURS_OVER, replace(THEIRS_OVER, duration_seconds=600)),
    ],
)
def test_what_is_no_difference(ours: AuditedCall, theirs: CarrierCall) -> None:
    assert list(compare_call(ours, theirs)) == []


def test_a_call_that_began_before_the_last_one_had_ended_rang_twice_at_once() -> None:
    later = replace(THEIRS_OVER, sid="CA" + "b" * 32, created_at=NOW + timedelta(seconds=27))
    (found,) = calls_at_once([later, THEIRS_OVER], {NUMBER: "Anna Ek"})
    assert (found.kind, found.name, found.sid) == (Kind.TWO_AT_ONCE, "Anna Ek", later.sid)
    after_it = replace(later, created_at=NOW + timedelta(seconds=28))
    assert list(calls_at_once([THEIRS_OVER, after_it], {NUMBER: "Anna Ek"})) == []
