"""`/tts/jobs`: a text in, audio out, as soon as a tts worker has spoken it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from gdial.actions.order_speech import SpeechWish, order_speech
from gdial.speech.formats import AudioFormat
from gdial.speech.text import PITCHES, SPEEDS
from gdial.storage import speech_jobs
from gdial.storage.speech_jobs import JobState, SpeechJob
from gdial.web.context import Rt
from gdial.web.openapi import api_router

router = api_router("/tts/jobs", "speech")

Named = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class SpeechOrder(BaseModel):
    """What is left out is the installation's, or the engine's own."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(
        examples=["Skolan är stängd i dag."], description="At most 5,000 characters. Markup is not obeyed."
    )
    language: Annotated[str, StringConstraints(max_length=100)] | None = Field(default=None, examples=["sv"])
    engine: Named | None = Field(default=None, examples=["espeak"], description="This one alone; one of those set up.")
    voice: Named | None = Field(default=None, examples=["sv+f3"], description="One of the engine's own.")
    speed: float = Field(default=1.0, ge=SPEEDS[0], le=SPEEDS[1])
    pitch: float = Field(default=0.0, ge=PITCHES[0], le=PITCHES[1], description="In semitones.")
    format: AudioFormat = "wav"

    def wish(self) -> SpeechWish:
        return SpeechWish(**self.model_dump())


class SpeechTicket(BaseModel):
    """Ask for the job under its id."""

    job_id: UUID
    status: JobState


class SpeechJobShape(SpeechTicket):
    """`audio_url`, `seconds` and `format` are there when it is done: the format is WAV where MP3 cannot be made here.
    `engine` is the one that spoke; empty also where the same audio was there before. `error` says why it failed."""

    language: str
    audio_url: str | None = Field(examples=["/tts/audio/5f0c…"])
    seconds: float | None
    format: AudioFormat | None
    engine: str | None
    error: str | None
    created_at: AwareDatetime
    ended_at: AwareDatetime | None

    @classmethod
    def of(cls, job: SpeechJob) -> SpeechJobShape:
        return cls.model_validate(
            {
                "job_id": job.id,
                "status": job.state,
                "language": job.language,
                "audio_url": f"/tts/audio/{job.audio_name}" if job.audio_name else None,
                "seconds": job.seconds,
                "format": job.made_format,
                "engine": job.made_by,
                "error": job.error or None,
                "created_at": job.created_at,
                "ended_at": job.ended_at,
            }
        )


@router.post("", status_code=202)
async def order(wanted: SpeechOrder, rt: Rt, response: Response) -> SpeechTicket:
    """Have a text spoken. An unknown language, engine or voice is told at once, with those there are."""
    job = await order_speech(rt, wanted.wish())
    response.headers["location"] = f"/tts/jobs/{job.id}"
    return SpeechTicket(job_id=job.id, status=job.state)


@router.get("/{job_id}")
async def show(job_id: UUID, rt: Rt) -> SpeechJobShape:
    """What came of it; it is known for as long as personal data is kept."""
    async with rt.database.reading() as tx:
        return SpeechJobShape.of(await speech_jobs.get(tx, job_id))
