"""`publish_message`, as other programs call it: from any thread, True only when the broker has the message."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pika
import pytest
import structlog
from pika.adapters.blocking_connection import BlockingChannel
from structlog.testing import capture_logs

from gdial.errors import InvalidInput
from gdial.queue.jobs import CALL_SINGLE, CallJob, read_job
from gdial.queue.publishing import publish_message
from tests.support.ports import free_port

CONTACT_ID = UUID("7f6c1c5e-6c5f-4f0e-9f39-0d0a4b1f4a10")
NO_ZONE = datetime(2026, 3, 1)  # noqa: DTZ001
OTHER_QUEUE = "ledger.entries"


@pytest.fixture(autouse=True)
def _logs_as_they_were() -> Iterator[None]:
    before = structlog.get_config() if structlog.is_configured() else None
    yield
    structlog.reset_defaults()
    if before is not None:
        structlog.configure(**before)


@pytest.fixture
def channel(rabbitmq_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[BlockingChannel]:
    """Another program's view of the broker that the environment names."""
    monkeypatch.setenv("RABBITMQ_URL", rabbitmq_url)
    with pika.BlockingConnection(pika.URLParameters(rabbitmq_url)) as connection:
        opened = connection.channel()
        opened.queue_delete(OTHER_QUEUE)
        yield opened


def taken(channel: BlockingChannel, queue_name: str) -> tuple[pika.BasicProperties, bytes]:
    _, properties, body = channel.basic_get(queue_name, auto_ack=True)
    assert properties is not None
    assert body is not None
    return properties, body


def test_the_broker_has_what_was_published(channel: BlockingChannel) -> None:
    assert publish_message(CALL_SINGLE, {"contact_id": CONTACT_ID, "custom_message_content": "Hej Åsa"}) is True
    properties, body = taken(channel, CALL_SINGLE)
    assert json.loads(body) == {"contact_id": str(CONTACT_ID), "custom_message_content": "Hej Åsa"}
    assert (properties.delivery_mode, properties.content_type) == (2, "application/json")


def test_a_job_is_published_as_it_is_read(channel: BlockingChannel) -> None:
    job = CallJob(contact_id=CONTACT_ID, created_at=datetime(2026, 3, 1, tzinfo=UTC))
    assert publish_message(CALL_SINGLE, job)
    assert read_job(CallJob, taken(channel, CALL_SINGLE)[1]) == job


def test_any_queue_is_made_durable_and_a_message_need_not_last(channel: BlockingChannel) -> None:
    assert publish_message(OTHER_QUEUE, {"at": datetime(2026, 3, 1, tzinfo=UTC)}, persistent=False)
    channel.queue_declare(OTHER_QUEUE, durable=True)
    properties, body = taken(channel, OTHER_QUEUE)
    assert (properties.delivery_mode, body) == (1, b'{"at": "2026-03-01T00:00:00+00:00"}')


def test_threads_share_one_connection(channel: BlockingChannel) -> None:
    with ThreadPoolExecutor(20) as threads:
        told = list(threads.map(lambda place: publish_message(CALL_SINGLE, {"place": place}), range(200)))
    assert told == [True] * 200
    bodies = [json.loads(taken(channel, CALL_SINGLE)[1])["place"] for _ in range(200)]
    assert sorted(bodies) == list(range(200))


def test_without_a_broker_it_says_no(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RABBITMQ_URL", f"amqp://guest:sesame@127.0.0.1:{free_port()}/")
    with capture_logs() as said:
        assert publish_message(CALL_SINGLE, {"contact_id": CONTACT_ID}) is False
    assert [it["queue"] for it in said if it["event"] == "message not published"] == [CALL_SINGLE]
    assert "sesame" not in str(said)


def test_without_the_setting_it_says_no(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RABBITMQ_URL", raising=False)
    with capture_logs() as said:
        assert publish_message(CALL_SINGLE, {"contact_id": CONTACT_ID}) is False
    assert "RABBITMQ_URL is not set" in said[0]["why"]


@pytest.mark.parametrize("message", [{"text": object()}, {"number": float("nan")}, {"at": NO_ZONE}, [1]])
def test_what_is_no_json_is_told(message: Any) -> None:
    with pytest.raises(InvalidInput, match="message: "):
        publish_message(CALL_SINGLE, message)


@pytest.mark.parametrize("name", ["", "x" * 256])
def test_what_is_no_queue_is_told(name: str) -> None:
    with pytest.raises(InvalidInput, match="queue_name: "):
        publish_message(name, {})


PROGRAM = """
import sys, gdial.queue.publishing as publishing
sys.exit(0 if publishing.publish_message("gdial.tts", {"text_content": "Hej"}) else 1)
"""


def test_a_program_ends_cleanly_after_it(channel: BlockingChannel, rabbitmq_url: str) -> None:
    environment = os.environ | {"RABBITMQ_URL": rabbitmq_url}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout) == (0, "")
    assert "Traceback" not in done.stderr
    assert json.loads(taken(channel, "gdial.tts")[1]) == {"text_content": "Hej"}
