"""The queues as a contract that programs can read: JSON Schemas of the jobs, and an AsyncAPI 3 document."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from gdial.queue.dead_letters import AT_HEADER, QUEUE_HEADER, REASON_HEADER
from gdial.queue.jobs import (
    CALL_BATCH,
    CALL_SINGLE,
    DEAD,
    DRILL_SINGLE,
    LARGEST_JOB_BYTES,
    TTS,
    CallBatchJob,
    CallJob,
    Job,
    TtsJob,
)

JSON_SCHEMA = "https://json-schema.org/draft/2020-12/schema"
DESCRIPTION = f"""What programs may put on GDial's queues, and what GDial lays on its own. Every queue is durable and
has no other argument; messages are persistent JSON of at most {LARGEST_JOB_BYTES} bytes; an unknown field is an error.
A job may be delivered twice and is done once for each `job_id`. What cannot be done lies in `{DEAD}`, as it came, with
the reason in its headers."""

CONTACT_ID = "7f6c1c5e-6c5f-4f0e-9f39-0d0a4b1f4a10"
MESSAGE_ID = "1b6a7a52-0f9f-4d39-8b8e-5ad8c8a0a0c2"
JOB_ID = "c0a8012e-6d0e-4a44-93a5-6f3f5f0c7d11"

EXAMPLES: dict[type[Job], dict[str, Any]] = {
    CallJob: {
        "job_id": JOB_ID,
        "created_at": "2026-03-01T04:00:00Z",
        "contact_id": CONTACT_ID,
        "custom_message_content": "The pump house is flooded. Press 1 if you can come.",
        "dtmf_responses": {"1": {"label": "Coming", "reply": "Thank you"}},
        "priority": 9,
    },
    CallBatchJob: {
        "job_id": JOB_ID,
        "contacts": [CONTACT_ID],
        "message_id": MESSAGE_ID,
        "call_run_name": "Flood at the pump house",
    },
    TtsJob: {"job_id": JOB_ID, "text_content": "The pump house is flooded.", "language": "en"},
}


@dataclass(frozen=True, slots=True)
class Channel:
    """A queue, what it is for, and what lies on it; `job` is None for the dead one."""

    key: str
    queue_name: str
    summary: str
    job: type[Job] | None


CHANNELS = (
    Channel("callSingle", CALL_SINGLE, "One person to ring.", CallJob),
    Channel("callSingleDrill", DRILL_SINGLE, "One person to ring over the simulated network, as a drill.", CallJob),
    Channel("callBatch", CALL_BATCH, "Many people to ring, as one run.", CallBatchJob),
    Channel("tts", TTS, "A text to speak before it is needed.", TtsJob),
    Channel("dead", DEAD, "What could not be understood or done, as it came.", None),
)


def job_schema(job: type[Job]) -> dict[str, Any]:
    """The JSON Schema of a job's body."""
    schema = job.model_json_schema()
    return {"$schema": JSON_SCHEMA, **schema, "examples": [EXAMPLES[job]]}


def schema_pages(folder: str) -> dict[str, Callable[[], str]]:
    """Path and text of a file for each job."""
    return {f"{folder}/{job.__name__}.json": partial(_schema_page, job) for job in EXAMPLES}


def _schema_page(job: type[Job]) -> str:
    return _page(job_schema(job))


def asyncapi_page() -> str:
    return _page(asyncapi())


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI 3.0 document, from GDial's side: it receives jobs, and sends dead letters."""
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "GDial queues", "version": "1.0.0", "description": DESCRIPTION},
        "defaultContentType": "application/json",
        "servers": {
            "rabbitmq": {
                "host": "localhost:5672",
                "protocol": "amqp",
                "protocolVersion": "0.9.1",
                "description": "The broker that RABBITMQ_URL names: RabbitMQ 3.10 or later.",
            }
        },
        "channels": {channel.key: _channel(channel) for channel in CHANNELS},
        "operations": {_verb(channel) + _capital(channel.key): _operation(channel) for channel in CHANNELS},
        "components": {
            "messages": {job.__name__: _message(job) for job in EXAMPLES} | {"DeadLetter": _dead_letter()},
            "schemas": {job.__name__: job.model_json_schema() for job in EXAMPLES},
        },
    }


def _channel(channel: Channel) -> dict[str, Any]:
    message = _name(channel)
    queue = {"name": channel.queue_name, "durable": True, "exclusive": False, "autoDelete": False, "vhost": "/"}
    return {
        "address": channel.queue_name,
        "summary": channel.summary,
        "messages": {message: {"$ref": f"#/components/messages/{message}"}},
        "bindings": {"amqp": {"is": "queue", "queue": queue, "bindingVersion": "0.3.0"}},
    }


def _operation(channel: Channel) -> dict[str, Any]:
    return {
        "action": "receive" if channel.job else "send",
        "channel": {"$ref": f"#/channels/{channel.key}"},
        "summary": channel.summary,
        "messages": [{"$ref": f"#/channels/{channel.key}/messages/{_name(channel)}"}],
        "bindings": {"amqp": {"deliveryMode": 2, "mandatory": True, "bindingVersion": "0.3.0"}},
    }


def _message(job: type[Job]) -> dict[str, Any]:
    return {
        "name": job.__name__,
        "summary": (job.__doc__ or "").strip(),
        "contentType": "application/json",
        "payload": {"$ref": f"#/components/schemas/{job.__name__}"},
        "examples": [{"payload": EXAMPLES[job]}],
    }


def _dead_letter() -> dict[str, Any]:
    headers = {
        QUEUE_HEADER: {"type": "string", "description": "Where it came from."},
        REASON_HEADER: {"type": "string", "description": "Why it could not be done."},
        AT_HEADER: {"type": "string", "format": "date-time", "description": "When it was laid aside."},
    }
    return {
        "name": "DeadLetter",
        "summary": "A message as it came, whatever it is, with the reason beside it.",
        "headers": {"type": "object", "properties": headers, "required": list(headers)},
        "payload": {"description": "Any bytes."},
    }


def _name(channel: Channel) -> str:
    return channel.job.__name__ if channel.job else "DeadLetter"


def _verb(channel: Channel) -> str:
    return "receive" if channel.job else "send"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _page(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
