"""Alarms reach a person: in the log, in a metric, and at a webhook that may be slow, refuse or be away."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from gdial.assembly import open_runtime
from gdial.monitoring import metrics
from gdial.monitoring.alarms import Alarms
from gdial.monitoring.logs import configure_logs
from gdial.settings import explicit_settings
from tests.support.ports import free_port
from tests.support.receiver import Receiver, receiver, refusing

SECRET = "hook-key-that-nobody-may-read"
NO_PAUSES = (0.0, 0.0, 0.0)


class Watch:
    """A monotonic clock that stands until it is turned."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    written = io.StringIO()
    configure_logs(log_format="json", stream=written)
    yield written
    configure_logs()


def hook(listening: Receiver) -> str:
    return f"{listening.url}/{SECRET}?key={SECRET}"


def counted(kind: str) -> float:
    return metrics.REGISTRY.get_sample_value("gdial_alarms_total", {"kind": kind}) or 0.0


async def test_an_alarm_is_logged_counted_and_told_with_its_facts_and_without_whole_numbers(log: io.StringIO) -> None:
    before = counted("run paused")
    async with receiver() as listening:
        alarms = Alarms(hook(listening))
        alarms.sound("run paused", "a run is paused", run="r1", why="no credit for +46701740601")
        await alarms.close()

        (heard,) = listening.heard
    assert heard.json["alarm"] == "run paused"
    assert heard.json["text"] == "GDial: a run is paused"
    assert heard.json["facts"] == {"run": "r1", "why": "no credit for +46*******01"}
    assert heard.json["held_back"] == 0
    assert counted("run paused") == before + 1
    assert '"level": "critical"' in log.getvalue()
    assert "a run is paused" in log.getvalue()
    assert SECRET not in log.getvalue()


async def test_a_hook_that_refuses_is_told_again_until_it_takes_it() -> None:
    async with receiver() as listening:
        listening.answers.extend([refusing(500), refusing(302, Location="/elsewhere"), refusing(429)])
        alarms = Alarms(hook(listening), pauses_seconds=NO_PAUSES)
        alarms.sound("dead letter", "a job cannot be done")
        await listening.until(lambda heard: len(heard.heard) == 4)
        await alarms.close()
        assert len({heard.body for heard in listening.heard}) == 1


async def test_a_hook_that_never_takes_it_is_given_up_and_its_address_is_not_logged(log: io.StringIO) -> None:
    async with receiver() as listening:
        listening.always = refusing(500)
        alarms = Alarms(hook(listening), pauses_seconds=NO_PAUSES)
        alarms.sound("dead letter", "a job cannot be done")
        await listening.until(lambda heard: len(heard.heard) == 4)
        await alarms.close()
        assert len(listening.heard) == 4
    assert "could not be told to ALERT_WEBHOOK_URL" in log.getvalue()
    assert "answered 500" in log.getvalue()
    assert SECRET not in log.getvalue()


async def test_nobody_listening_is_no_error_and_its_address_is_not_logged(log: io.StringIO) -> None:
    alarms = Alarms(f"http://127.0.0.1:{free_port()}/{SECRET}", pauses_seconds=NO_PAUSES)
    alarms.sound("no worker", "no call worker is alive")
    await alarms.close()
    assert "ClientConnectorError" in log.getvalue()
    assert SECRET not in log.getvalue()


async def test_the_same_alarm_is_told_once_a_minute_and_says_how_often_it_was_held_back() -> None:
    watch = Watch()
    before = counted("person given up")
    async with receiver() as listening:
        alarms = Alarms(hook(listening), monotonic=watch)
        for _ in range(3):
            alarms.sound("person given up", "somebody was given up", run="r1")
        alarms.sound("person given up", "somebody was given up", run="r2")
        watch.seconds += 59
        alarms.sound("person given up", "somebody was given up", run="r1")
        watch.seconds += 1
        alarms.sound("person given up", "somebody was given up", run="r1")
        await alarms.close()
        told = sorted((heard.json["facts"]["run"], heard.json["held_back"]) for heard in listening.heard)
    assert told == [("r1", 0), ("r1", 3), ("r2", 0)]
    assert counted("person given up") == before + 6


async def test_a_process_tells_the_address_it_is_set_to_before_it_ends(tmp_path: Path) -> None:
    async with receiver() as listening:
        settings = explicit_settings(data_dir=tmp_path / "data", alert_webhook_url=hook(listening))
        async with open_runtime(settings) as rt:
            rt.alarms.sound("no worker", "no call worker is alive")
        assert [heard.json["alarm"] for heard in listening.heard] == ["no worker"]
