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

    version: Literal[1] = Field(default=1, description="Of this contract.")
    job_id: UUID = Field(default_factory=uuid4, description="Names the job for ever: it is done once.")
    created_at: AwareDatetime = Field(
        default_factory=lambda: datetime.now(UTC), description="With its zone.", examples=["2026-03-01T04:00:00Z"]
    )


class CallJob(Job):
    """One person to ring. With `recipient_id` a doorbell for somebody who is due; without it a stranger's wish."""

    contact_id: UUID | None = Field(default=None, description="Whom to ring.")
    recipient_id: UUID | None = Field(default=None, description="GDial's own doorbells name it; leave it out.")
    ahead: bool | None = Field(default=None, description="With it: before everybody else of the run; leave it out.")
    phone_id: UUID | None = Field(default=None, description="Only this number; unset: all of them, in their order.")
    message_id: UUID | None = Field(default=None, description="What is said: a message,")
    custom_message_id: UUID | None = Field(default=None, description="or a custom message,")
    custom_message_content: LongText | None = Field(default=None, description="or this text.")
    dtmf_responses: dict[str, dict[str, str]] | None = Field(
        default=None,
        description="Beside a text: what each key means.",
        examples=[{"1": {"label": "Coming", "reply": "Thank you"}}],
    )
    call_run_id: UUID | None = Field(default=None, description="The run to join; unset: a run of one.")
    priority: int = Field(default=1, ge=1, le=10, description="1 is ordinary; 8 and above are urgent.")


class CallBatchJob(Job):
    """A run to take apart."""

    contacts: list[UUID] | None = Field(default=None, description="Whom to ring,")
    group_id: UUID | None = Field(default=None, description="and the group whose members to ring.")
    message_id: UUID | None = Field(default=None, description="What is said.")
    call_run_id: UUID | None = Field(default=None, description="The run to join or, where there is none, to make.")
    call_run_name: ShortText | None = Field(default=None, description="Of a new run.")
    call_run_description: LongText | None = Field(default=None, description="Of a new run.")


class TtsJob(Job):
    """A text to speak before it is needed. `call_run_id`: all that this run says to everybody.

    With nothing but a `job_id` it names a text that was asked for over the REST interface.
    """

    message_id: UUID | None = Field(default=None, description="All of a message.")
    custom_message_id: UUID | None = Field(default=None, description="A custom message.")
    call_run_id: UUID | None = Field(default=None, description="All that this run says to everybody.")
    text_content: LongText | None = Field(default=None, description="A text.")
    language: str | None = Field(
        default=None, max_length=20, description="Of the text; unset: the installation's.", examples=["sv"]
    )
    recipient_ids: list[UUID] | None = Field(
        default=None, max_length=100, description="GDial's own jobs name whose parts of the run to speak; leave it out."
    )
    base_url: str | None = Field(default=None, max_length=500, description="Accepted, and changes nothing.")


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
