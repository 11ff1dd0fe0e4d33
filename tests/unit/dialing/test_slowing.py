"""A pace that gives way to a carrier with too much at once, and comes back: arithmetic."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdial.dialing.slowing import (
    DECREASED_AGAIN_AFTER_SECONDS,
    RECOVERY_SECONDS,
    SLOWEST_PER_SECOND,
    SLOWEST_SHARE,
    Slowing,
)


def refused(*moments: float, per_second: float = 10) -> Slowing:
    slowing = Slowing()
    for moment in moments:
        slowing = slowing.after_refusal(moment, per_second)
    return slowing


def test_a_pace_that_was_never_refused_is_whole() -> None:
    assert Slowing().share_at(0) == Slowing().share_at(1e9) == 1


def test_each_refusal_halves_the_pace_and_half_a_minute_mends_half_of_it() -> None:
    slowing = refused(100)
    assert slowing.share_at(100) == 0.5
    assert slowing.share_at(100 + RECOVERY_SECONDS / 4) == 0.75
    assert slowing.share_at(100 + RECOVERY_SECONDS / 2) == 1
    assert refused(100, 115).share_at(115) == pytest.approx(0.75 / 2)


def test_refusals_of_creates_that_were_out_together_count_once() -> None:
    assert refused(*(100 + part / 50 for part in range(49))) == refused(100)


@pytest.mark.parametrize(("per_second", "share"), [(100, SLOWEST_SHARE), (1, SLOWEST_PER_SECOND), (0.05, 1)])
def test_a_storm_leaves_a_pace_at_which_people_on_the_queue_are_still_rung_in_time(
    per_second: float, share: float
) -> None:
    storm = refused(*(100 + second for second in range(50)), per_second=per_second)
    assert storm.share_at(149) == pytest.approx(share, rel=0.01)


@pytest.mark.parametrize("per_second", [0.5, 1, 20])
def test_a_clock_that_jumps_back_slows_nobody_for_long(per_second: float) -> None:
    assert refused(3_600, per_second=per_second).share_at(0) == 1


@given(
    moments=st.lists(st.floats(0, 1_000), max_size=30).map(sorted),
    per_second=st.floats(0.01, 1_000),
    later=st.floats(0, 1_000),
)
def test_a_share_is_never_nothing_never_more_than_all_and_only_grows_between_refusals(
    moments: list[float], per_second: float, later: float
) -> None:
    slowing = Slowing()
    for moment in moments:
        before, slowing = slowing, slowing.after_refusal(moment, per_second)
        assert 0 < slowing.share_at(moment) <= before.share_at(moment)
        assert slowing.share_at(moment) * per_second >= min(per_second, SLOWEST_PER_SECOND) * 0.999
    last = moments[-1] if moments else 0
    assert slowing.share_at(last) <= slowing.share_at(last + later) <= 1
    assert slowing.share_at(last + RECOVERY_SECONDS + DECREASED_AGAIN_AFTER_SECONDS) == 1
