"""`/api/recordings`: what people spoke themselves, for messages to play."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Form, Request, Response, UploadFile
from fastapi.responses import FileResponse
from pydantic import AwareDatetime, BaseModel, Field

from gdial.actions.save_recording import (
    NAME_EXAMPLE,
    TEXT_EXAMPLE,
    GivenRecording,
    add_recording,
    remove_recording,
)
from gdial.errors import InvalidInput, NotFound
from gdial.messages.render import RECORDING
from gdial.storage import recordings
from gdial.storage.recordings import Recording
from gdial.web.context import Rt
from gdial.web.openapi import api_router
from gdial.web.paging import DEFAULT_LIMIT, Limit, Offset, Page

router = api_router("/api/recordings", "speech")

Name = Annotated[str, Form(max_length=1_000, examples=[NAME_EXAMPLE], description="How messages name it.")]
Said = Annotated[
    str,
    Form(
        max_length=50_000,
        examples=[TEXT_EXAMPLE],
        description="What is said in it. A voice speaks it where its sound cannot be had.",
    ),
]
Language = Annotated[str, Form(max_length=100, description="Unset: the installation's.", examples=["sv"])]


class RecordingShape(BaseModel):
    """`in_text` is what to write in a message where it is to be played; `made_from` the kind of file it came as."""

    id: UUID
    name: str
    text: str
    language: str
    seconds: float
    in_text: str = Field(examples=["{recording:welcome}"])
    audio_url: str = Field(examples=["/tts/audio/5f0c…"])
    made_from: str = Field(examples=["MP3 mp3float"])
    created_at: AwareDatetime

    @classmethod
    def of(cls, recording: Recording) -> RecordingShape:
        return cls(
            id=recording.id,
            name=recording.name,
            text=recording.text,
            language=recording.language,
            seconds=recording.seconds,
            in_text=f"{{{RECORDING}{recording.name}}}",
            audio_url=f"/tts/audio/{recording.audio_name}",
            made_from=recording.made_from,
            created_at=recording.created_at,
        )


@router.get("")
async def list_recordings(rt: Rt, limit: Limit = DEFAULT_LIMIT, offset: Offset = 0) -> Page[RecordingShape]:
    """By name."""
    async with rt.database.reading() as tx:
        found, total = await recordings.page(tx, limit, offset)
    return Page(items=[RecordingShape.of(recording) for recording in found], total=total, limit=limit, offset=offset)


@router.post("", status_code=201)
async def add(
    file: UploadFile, request: Request, rt: Rt, response: Response, name: Name, text: Said, language: Language = ""
) -> RecordingShape:
    """Take in a WAV, MP3, M4A or OGG file of at most five minutes. It is kept as a telephone plays it, as loud as all
    else that is heard, and never changes."""
    if len((await request.form()).getlist("file")) > 1:
        raise InvalidInput("there are several files; send one at a time", where="file")
    recording = await add_recording(rt, GivenRecording(name, text, language), file.file)
    response.headers["location"] = f"/api/recordings/{recording.id}"
    return RecordingShape.of(recording)


@router.get("/{recording_id}")
async def show(recording_id: UUID, rt: Rt) -> RecordingShape:
    async with rt.database.reading() as tx:
        return RecordingShape.of(await recordings.get(tx, recording_id))


@router.get(
    "/{recording_id}/audio",
    response_class=FileResponse,
    responses={
        200: {"description": "The sound.", "content": {"audio/wav": {"schema": {"type": "string", "format": "binary"}}}}
    },
)
async def listen(recording_id: UUID, rt: Rt) -> FileResponse:
    """As a telephone plays it: a µ-law WAV file at 8 kHz."""
    async with rt.database.reading() as tx:
        recording = await recordings.get(tx, recording_id)
    audio = (await rt.speech.find_many([recording.audio_name])).get(recording.audio_name)
    if audio is None:
        raise NotFound("sound of the recording", recording_id, hint="the database could not be asked; try again")
    return FileResponse(audio.path, media_type=audio.content_type)


@router.delete("/{recording_id}", status_code=204)
async def remove(recording_id: UUID, rt: Rt) -> None:
    """Not while a message or a run plays it."""
    await remove_recording(rt, recording_id)
