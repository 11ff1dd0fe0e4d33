"""Typed jobs, as any program may publish them. JSON; ids and short values only; a job may arrive twice."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal, TypeVar
from uuid import UUID, uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from gdial.errors import InvalidInput

CALL_BATCH = "gdial.call.batch"
CALL_SINGLE = "gdial.call.single"
DRILL_SINGLE = "gdial.call.single.drill"
TTS = "gdial.tts"
DEAD = "gdial.dead"
QUEUES = (CALL_BATCH, CALL_SINGLE, DRILL_SINGLE, TTS, DEAD)

LARGEST_JOB_BYTES = 1_048_576

ShortText = Annotated[str, StringConstraints(max_length=200)]
LongText = Annotated[str, StringConstraints(max_length=5_000)]


class Job(BaseModel):
    """`version` is that of the contract; `job_id` names the job for ever; `created_at` has a zone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    job_id: UUID = Field(default_factory=uuid4)
    created_at: AwareDatetime = Field(default_factory=lambda: datetime.now(UTC))


class CallJob(Job):
    """One person to ring. With `recipient_id` a doorbell for somebody who is due; without it a stranger's wish."""

    contact_id: UUID | None = None
    recipient_id: UUID | None = None
    phone_id: UUID | None = None
    message_id: UUID | None = None
    custom_message_id: UUID | None = None
    custom_message_content: LongText | None = None
    dtmf_responses: dict[str, dict[str, str]] | None = None
    call_run_id: UUID | None = None
    priority: int = Field(default=1, ge=1, le=10)


class CallBatchJob(Job):
    """A run to take apart."""

    contacts: list[UUID] | None = None
    group_id: UUID | None = None
    message_id: UUID | None = None
    call_run_id: UUID | None = None
    call_run_name: ShortText | None = None
    call_run_description: LongText | None = None


class TtsJob(Job):
    """A text to speak before it is needed. `call_run_id`: all that this run says to everybody."""

    message_id: UUID | None = None
    custom_message_id: UUID | None = None
    call_run_id: UUID | None = None
    text_content: LongText | None = None
    language: str | None = Field(default=None, max_length=20)
    base_url: str | None = Field(default=None, max_length=500)


J = TypeVar("J", bound=Job)


def write_job(job: Job) -> bytes:
    return job.model_dump_json(exclude_none=True).encode()


def read_job(kind: type[J], body: bytes) -> J:
    """The job in this message. Raises InvalidInput naming the field that is wrong."""
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise InvalidInput(first["msg"], where=f"{kind.__name__}.{where}") from None
