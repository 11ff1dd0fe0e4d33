"""`publish_message`: one call that puts a message on a queue, for programs that know nothing of asyncio."""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import sys
import threading
from collections.abc import Coroutine, Mapping
from concurrent.futures import Future
from datetime import date, datetime
from typing import Any
from uuid import UUID

import structlog
from pydantic import BaseModel

from gdial.errors import GDialError, InvalidInput
from gdial.queue.rabbitmq import RabbitQueue
from gdial.queue.topology import QueueType
from gdial.settings import get_settings

log = structlog.get_logger(__name__)

ANSWER_SECONDS = 15.0
"""More than connecting, waiting and confirming can take together."""
LONGEST_NAME_BYTES = 255
"""Of a queue, as AMQP has it."""


def publish_message(queue_name: str, message: Mapping[str, Any] | BaseModel, persistent: bool = True) -> bool:
    """Put a message on this queue of the broker that RABBITMQ_URL names; True only when the broker has it.

    False, with a log line, when it did not say so within some seconds, or RABBITMQ_URL is not set; it may have arrived
    all the same, so that publishing again may make two of it. A queue that is not there is made, durable. Blocks; may
    be called from any thread, which share one connection that is kept until the process ends. Raises InvalidInput for
    what cannot be a queue's name or JSON, InvalidSetting for a bad setting.
    """
    body = _write(message)
    if not isinstance(queue_name, str) or not 0 < len(queue_name.encode()) <= LONGEST_NAME_BYTES:
        raise InvalidInput("is no name of a queue", where="queue_name", example="gdial.call.single")
    if not structlog.is_configured():
        # In a program that has not said where logs go, standard output is the program's own.
        structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))
    try:
        _find_publisher().publish(queue_name, body, persistent)
    except (_NoBroker, GDialError, TimeoutError) as error:
        if isinstance(error, InvalidInput):
            raise
        log.warning("message not published", queue=queue_name, why=str(error) or "no answer in time")
        return False
    return True


class _NoBroker(Exception):
    """RABBITMQ_URL is not set."""


class _Publisher:
    """A queue in a thread of its own, which its asyncio loop has to itself."""

    def __init__(self, url: str, queue_type: QueueType | None) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="gdial-publisher", daemon=True).start()
        try:
            self._queue = self._run(RabbitQueue.open(url, queue_type, wait=False)).result(ANSWER_SECONDS)
        except BaseException:
            self._loop.call_soon_threadsafe(self._loop.stop)
            raise

    def publish(self, queue_name: str, body: bytes, persistent: bool) -> None:
        self._run(self._queue.publish(queue_name, body, persistent=persistent)).result(ANSWER_SECONDS)

    def close(self) -> None:
        try:
            self._run(self._queue.close()).result(ANSWER_SECONDS)
        except TimeoutError:
            log.warning("the connection to the broker did not close in time")
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _run(self, work: Coroutine[Any, Any, Any]) -> Future[Any]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)


class _Kept:
    """The publisher of this process, for the broker that its environment names."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.publisher: _Publisher | None = None
        self.named: str | None = None


_kept = _Kept()


def _find_publisher() -> _Publisher:
    named = os.environ.get("RABBITMQ_URL")
    with _kept.lock:
        if _kept.publisher is None or _kept.named != named:
            settings = get_settings()
            if settings.rabbitmq_url is None:
                raise _NoBroker("RABBITMQ_URL is not set; without a broker no other program can hand GDial a job")
            _close()
            _kept.publisher, _kept.named = _Publisher(settings.rabbitmq_url, settings.rabbitmq_queue_type), named
        return _kept.publisher


def _close() -> None:
    if _kept.publisher is not None:
        _kept.publisher.close()
        _kept.publisher = None


def _forget() -> None:
    # A forked child has neither the thread nor, safely, the connection of its parent.
    global _kept
    _kept = _Kept()


atexit.register(_close)
os.register_at_fork(after_in_child=_forget)


def _write(message: Mapping[str, Any] | BaseModel) -> bytes:
    if isinstance(message, BaseModel):
        return message.model_dump_json(exclude_none=True).encode()
    if not isinstance(message, Mapping):
        raise InvalidInput("is neither a mapping nor a pydantic model", where="message", example='{"contact_id": "…"}')
    try:
        return json.dumps(dict(message), ensure_ascii=False, allow_nan=False, default=_plain).encode()
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"cannot be written as JSON: {error}", where="message") from None


def _plain(value: object) -> str:
    match value:
        case UUID():
            return str(value)
        case datetime() if value.tzinfo is None:
            raise TypeError(f"the time {value} has no zone")
        case date():
            return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no form in JSON")
