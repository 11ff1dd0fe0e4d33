"""What is typed after `gdial run start`, understood or refused."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from gdial.cli.run.status import Speed
from gdial.cli.run.view import clock_text
from gdial.cli.run.wish import read_keys, read_time
from gdial.errors import InvalidInput

STOCKHOLM = ZoneInfo("Europe/Stockholm")
NOW = datetime(2026, 3, 1, 20, 15, tzinfo=UTC)
"""21:15 in Stockholm."""


def test_keys_have_a_meaning_and_perhaps_a_reply() -> None:
    assert read_keys(["1=Kommer:Tack, vi ses: klockan 22.", " 2 = Kan inte ", "#=Vet inte:"]) == {
        "1": {"label": "Kommer", "reply": "Tack, vi ses: klockan 22."},
        "2": {"label": "Kan inte", "reply": ""},
        "#": {"label": "Vet inte", "reply": ""},
    }


@pytest.mark.parametrize("text", ["Kommer", "1", "1=", "1=:Tack", "12=Kommer", "x=Kommer", "=Kommer", ""])
def test_a_key_that_cannot_be_read_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"--key: .*example: 1=Coming"):
        read_keys([text])


def test_a_key_given_twice_is_refused() -> None:
    with pytest.raises(InvalidInput, match="key 1 is given twice"):
        read_keys(["1=Kommer", "1=Kan inte"])


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("22:00", "2026-03-01T22:00:00+01:00"),
        ("4.05", "2026-03-02T04:05:00+01:00"),
        ("21:15", "2026-03-02T21:15:00+01:00"),
        ("2026-03-29T04:00", "2026-03-29T04:00:00+02:00"),
        ("2026-03-02T04:00+00:00", "2026-03-02T04:00:00+00:00"),
        ("2026-03-02 04:00", "2026-03-02T04:00:00+01:00"),
    ],
)
def test_a_time_is_the_next_one_here(text: str, moment: str) -> None:
    assert read_time(text, NOW, STOCKHOLM).isoformat() == moment


@pytest.mark.parametrize("text", ["tomorrow", "25:00", "4", "2026-03-01T20:00", "2026-02-30T04:00", ""])
def test_a_time_that_is_none_or_has_passed_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="--at: "):
        read_time(text, NOW, STOCKHOLM)


def test_the_speed_is_that_of_the_last_minute() -> None:
    speed = Speed()
    speed.add(0, 0)
    assert (speed.people_per_minute, speed.seconds_left(10)) == (0, None)
    speed.add(30, 60)
    assert (speed.people_per_minute, speed.seconds_left(60)) == (120, 30)
    for second in range(60, 121, 10):
        speed.add(second, 60)
    assert (speed.people_per_minute, speed.seconds_left(5)) == (0, None)


@pytest.mark.parametrize(("seconds", "text"), [(-1, "0:00"), (7.4, "0:07"), (750, "12:30"), (3723, "1:02:03")])
def test_a_time_is_told_as_on_a_clock(seconds: float, text: str) -> None:
    assert clock_text(seconds) == text
