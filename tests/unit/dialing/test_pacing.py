"""How fast calls may start, how many lines may be open, how many people may lie on the queue."""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdial.dialing.pacing import (
    CATCH_UP_SECONDS,
    RATE_MARGIN,
    TOLERANCE_SECONDS,
    Rate,
    lines_for,
    urgent_lines,
    window_size,
)

RATES = st.floats(0.1, 500)
NANOSECOND = 1e-9


def starts_of(rate: Rate, asked_at: list[float]) -> list[float]:
    next_at, starts = 0.0, []
    for now in asked_at:
        start, next_at = rate.take(next_at, now)
        starts.append(start)
    return starts


def moments(gaps: list[float]) -> list[float]:
    now, found = 1000.0, []
    for gap in gaps:
        now += gap
        found.append(now)
    return found


@settings(settings.get_profile("dialing"), max_examples=200)
@given(
    st.builds(Rate, RATES, st.sampled_from([0.0, TOLERANCE_SECONDS, CATCH_UP_SECONDS])),
    st.lists(st.floats(0, 3) | st.just(0.0) | st.floats(0, 0.06), min_size=2, max_size=60),
)
def test_in_no_window_do_more_calls_start_than_the_rate_allows(rate: Rate, gaps: list[float]) -> None:
    starts = starts_of(rate, moments(gaps))
    for first in range(len(starts)):
        for last in range(first, len(starts)):
            window = starts[last] - starts[first]
            allowed = (window + rate.tolerance_seconds) * rate.per_second + 1
            assert last - first + 1 <= allowed + NANOSECOND * rate.per_second


@settings(settings.get_profile("dialing"))
@given(RATES, st.lists(st.floats(0, 3), min_size=1, max_size=60))
def test_no_call_starts_before_it_was_asked_for_nor_out_of_turn(per_second: float, gaps: list[float]) -> None:
    asked_at = moments(gaps)
    starts = starts_of(Rate(per_second), asked_at)
    assert all(start >= asked for start, asked in zip(starts, asked_at, strict=True))
    assert all(later >= earlier for earlier, later in pairwise(starts))


@pytest.mark.parametrize("per_second", [0.5, 1, 5, 20, 50])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_now_and_then_a_delay_within_the_tolerance_costs_nothing_in_the_long_run(per_second: float, seed: int) -> None:
    """One worker takes a slot, sleeps until its start, at times wakes up late, starts, and takes again."""
    random = Random(seed)
    rate, now, next_at = Rate(per_second), 0.0, 0.0
    for _ in range(10_000):
        start, next_at = rate.take(next_at, now)
        is_late = random.random() < 0.05
        now = start + (random.uniform(0, TOLERANCE_SECONDS) if is_late else 0)
    assert 10_000 / now >= 0.98 * per_second


@pytest.mark.parametrize("per_second", [0.5, 1, 25, 200])
@pytest.mark.parametrize("takers", [5, 20])
def test_takers_who_queue_up_use_the_whole_pace_however_late_they_wake_up(per_second: float, takers: int) -> None:
    random = Random(takers)
    rate, next_at, last_start = Rate(per_second), 0.0, 0.0
    asking = [0.0] * takers
    for _ in range(5_000):
        last_start, next_at = rate.take(next_at, heappop(asking))
        heappush(asking, last_start + random.uniform(0, (takers - 1) / per_second))
    assert 5_000 / last_start >= 0.98 * per_second


def test_after_a_silence_the_pace_is_taken_up_without_a_burst() -> None:
    rate = Rate(10)
    first, next_at = rate.take(0.0, 1000.0)
    second, next_at = rate.take(next_at, 1000.0)
    third, _ = rate.take(next_at, 1000.0)
    assert first == 1000.0
    assert second - first == pytest.approx(rate.interval - TOLERANCE_SECONDS)
    assert third - second == pytest.approx(rate.interval)


def test_the_interval_is_a_hundredth_longer_than_the_rate_says() -> None:
    assert Rate(1).interval == pytest.approx(1.01)
    assert Rate(25).interval == pytest.approx((1 + RATE_MARGIN) / 25)


@pytest.mark.parametrize(
    ("lines", "kept"), [(1, 0), (2, 1), (9, 1), (10, 1), (19, 1), (20, 2), (99, 9), (100, 10), (1000, 100)]
)
def test_a_tenth_of_the_lines_is_kept_for_urgent_runs(lines: int, kept: int) -> None:
    assert urgent_lines(lines) == kept


@pytest.mark.parametrize(
    ("priority", "lines", "open_at_most"),
    [(1, 10, 9), (7, 10, 9), (8, 10, 10), (10, 10, 10), (1, 1, 1), (10, 1, 1), (1, 2, 1), (8, 2, 2), (1, 100, 90)],
)
def test_only_urgent_runs_use_the_kept_lines(priority: int, lines: int, open_at_most: int) -> None:
    assert lines_for(priority, lines) == open_at_most


@given(st.integers(1, 10_000))
def test_an_ordinary_call_always_has_a_line_and_an_urgent_one_never_fewer(lines: int) -> None:
    assert 1 <= lines_for(1, lines) <= lines_for(8, lines) == lines


@pytest.mark.parametrize(
    ("per_second", "lines_free", "size"),
    [
        (1, 9, 9),
        (1, 500, 10),  # ten seconds of the pace
        (0.5, 9, 5),
        (0.04, 9, 1),
        (25, 90, 90),
        (25, 10, 10),
        (25, 500, 100),
        (200, 1000, 200),  # a second of the pace
        (1, 0, 0),  # every line taken
        (1, -3, 0),  # urgent calls hold more than the lines kept for them
    ],
)
def test_as_many_people_lie_on_the_queue_as_can_be_rung_while_their_feed_is_fresh(
    per_second: float, lines_free: int, size: int
) -> None:
    assert window_size(per_second, lines_free, 30) == size


def test_a_short_lease_makes_a_small_window() -> None:
    assert window_size(10, 500, 1) == 3
    assert window_size(0.1, 500, 1) == 1
