"""Files that leave as they are made."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from fastapi.responses import StreamingResponse

from gdial.contacts.tables import MEDIA_TYPES, TableKind


def stream_file(kind: TableKind, name: str, pieces: AsyncIterator[bytes]) -> StreamingResponse:
    headers = {"Content-Disposition": f'attachment; filename="gdial-{name}.{kind}"'}
    return StreamingResponse(pieces, media_type=MEDIA_TYPES[kind], headers=headers)


def file_answer(kind: TableKind, description: str) -> dict[str, Any]:
    """What a route tells of itself that answers with such a file."""
    media_type = MEDIA_TYPES[kind].partition(";")[0]
    schema = {"type": "string"} if kind == "csv" else {"type": "string", "format": "binary"}
    content = {media_type: {"schema": schema}}
    return {
        "response_class": StreamingResponse,
        "responses": {200: {"description": description, "content": content}},
    }
