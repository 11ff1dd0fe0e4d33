"""Log lines: one form for our own and the libraries', times in UTC, nothing personal and no secret in them."""

from __future__ import annotations

import logging
import sys
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from gdial.monitoring.masking import mask_entry

# What these write at a lower level repeats data of people (SQL with its values, addresses with their queries), or tells
# of every start what its own parts do, or of every try to reach a broker of which the queue tells once.
LOUDEST_LEVELS = {
    "aiormq.connection": logging.CRITICAL,
    **dict.fromkeys(("sqlalchemy", "aiohttp.access", "uvicorn.access"), logging.WARNING),
    **dict.fromkeys(("alembic.runtime.plugins", "alembic.runtime.migration"), logging.WARNING),
}


def configure_logs(
    level: Literal["debug", "info", "warning", "error"] = "info",
    log_format: Literal["auto", "console", "json"] = "auto",
    stream: TextIO | None = None,
) -> None:
    """Send every log line of this process to `stream` (standard error), in lines for people or in JSON.

    `auto` is for people when the stream is a terminal. May be called again; the last call counts. Start uvicorn with
    `log_config=None`, or it sets up loggers of its own. Lines printed past logging are NOT masked.
    """
    stream = stream or sys.stderr
    for_people = log_format == "console" or (log_format == "auto" and stream.isatty())
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_entries(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        # A logger that remembers its first set-up would keep writing to the stream of then.
        cache_logger_on_first_use=False,
    )
    _route_standard_logging(_handler(stream, for_people), number)


def _entries() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]


def _handler(stream: TextIO, for_people: bool) -> logging.Handler:
    renderer: Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    if for_people:
        renderer = structlog.dev.ConsoleRenderer(
            colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_entries(),
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, hide_personal_data, renderer],
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    return handler


def _route_standard_logging(handler: logging.Handler, level: int) -> None:
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    logging.captureWarnings(capture=True)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    for name, loudest in LOUDEST_LEVELS.items():
        logging.getLogger(name).setLevel(max(level, loudest))


def hide_personal_data(logger: WrappedLogger, method_name: str, event_dict: EventDict) -> dict[str, Any]:
    """The last step before a line is written, so that it sees messages, values and tracebacks alike."""
    return {key: mask_entry(key, value) for key, value in event_dict.items()}
