"""What reaches the log stream, from our own loggers and from the libraries'."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import structlog

from gdial.monitoring.logs import configure_logs


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


@pytest.fixture
def stream() -> StringIO:
    stream = StringIO()
    configure_logs("info", "json", stream)
    return stream


def lines(stream: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_says_when_in_utc_where_and_how_serious(stream: StringIO) -> None:
    structlog.get_logger("gdial.actions.place_call").info("call placed", attempt_id="a1", ring_seconds=25)
    (line,) = lines(stream)
    assert line["event"] == "call placed"
    assert line["level"] == "info"
    assert line["logger"] == "gdial.actions.place_call"
    assert (line["attempt_id"], line["ring_seconds"]) == ("a1", 25)
    assert datetime.fromisoformat(line["timestamp"]).utcoffset() == timedelta(0)


def test_lines_of_libraries_look_the_same(stream: StringIO) -> None:
    logging.getLogger("alembic.runtime").info("upgrading %s to %s", "0001", "0002")
    logging.getLogger("uvicorn.error").warning("slow start", extra={"color_message": "\x1b[31mslow\x1b[0m"})
    upgrade, start = lines(stream)
    assert upgrade["event"] == "upgrading 0001 to 0002"
    assert upgrade["timestamp"]
    assert start == {"event": "slow start", "level": "warning", "logger": "uvicorn.error"} | {
        "timestamp": start["timestamp"]
    }


def test_a_less_serious_line_is_left_out(stream: StringIO) -> None:
    configure_logs("warning", "json", stream)
    structlog.get_logger("gdial").info("quiet")
    logging.getLogger("aiohttp.client").info("quiet too")
    structlog.get_logger("gdial").warning("heard")
    assert [line["event"] for line in lines(stream)] == ["heard"]


@pytest.mark.parametrize("name", ["uvicorn.access", "aiohttp.access", "sqlalchemy.engine.Engine"])
def test_libraries_that_repeat_what_people_sent_stay_silent_even_at_debug(name: str) -> None:
    stream = StringIO()
    configure_logs("debug", "json", stream)
    logging.getLogger(name).info("GET /dtmf?Digits=1")
    assert stream.getvalue() == ""


def test_people_on_a_terminal_get_text_and_a_pipe_gets_json() -> None:
    terminal, pipe = Terminal(), StringIO()
    configure_logs("info", "auto", terminal)
    structlog.get_logger("gdial").info("hello", run="r1")
    configure_logs("info", "auto", pipe)
    structlog.get_logger("gdial").info("hello", run="r1")
    assert "hello" in terminal.getvalue()
    assert not terminal.getvalue().lstrip().startswith("{")
    assert lines(pipe)[0]["run"] == "r1"
    assert terminal.getvalue().count("\n") == 1, "the second set-up must not write to the first stream"


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_a_traceback_is_told_without_number_and_secret(log_format: Any) -> None:
    stream = StringIO()
    configure_logs("info", log_format, stream)
    try:
        raise RuntimeError("carrier refused +46701234567 with token=s3cretvalue")
    except RuntimeError:
        structlog.get_logger("gdial").exception("call failed")
        logging.getLogger("asyncio").exception("task died")
    text = stream.getvalue()
    assert text.count("RuntimeError: carrier refused +46*******67") == 2
    assert "701234567" not in text
    assert "s3cretvalue" not in text


def test_context_is_on_every_line_of_its_task(stream: StringIO) -> None:
    with structlog.contextvars.bound_contextvars(run_id="r7"):
        structlog.get_logger("gdial").info("one")
        logging.getLogger("aiohttp.client").warning("two")
    structlog.get_logger("gdial").info("three")
    assert [line.get("run_id") for line in lines(stream)] == ["r7", "r7", None]


def test_python_warnings_become_lines() -> None:
    stream = StringIO()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        configure_logs("info", "json", stream)
        warnings.warn("old way of +46701234567", UserWarning, stacklevel=1)
        logging.captureWarnings(capture=False)
    assert "old way of +46*******67" in lines(stream)[0]["event"]
