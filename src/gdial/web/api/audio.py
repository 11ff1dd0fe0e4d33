"""Audio by a name nobody can guess; it never changes under its name."""

from __future__ import annotations

import asyncio
import hashlib

from fastapi import Request
from fastapi.responses import FileResponse, Response

from gdial.errors import NotFound
from gdial.runtime import Runtime
from gdial.speech.base import Audio
from gdial.speech.joined import join, split_names
from gdial.web.context import Rt
from gdial.web.joined_response import JoinedResponse
from gdial.web.openapi import api_router

router = api_router("/tts", "speech")

IMMUTABLE = "public, max-age=31536000, immutable"


@router.head("/audio/{name}", response_class=FileResponse, include_in_schema=False)
@router.get("/audio/{name}", response_class=FileResponse, name="audio")
async def audio(request: Request, name: str, rt: Rt) -> Response:
    """One piece, or up to twenty as one (their names with `-` between them), whole or in ranges."""
    pieces = await _find(rt, name)
    # The names of twenty pieces are longer than a header should be.
    tag = f'"{name if len(pieces) == 1 else hashlib.sha256(name.encode()).hexdigest()}"'
    headers = {"Cache-Control": IMMUTABLE, "ETag": tag}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if len(pieces) == 1:
        return FileResponse(pieces[0].path, media_type=pieces[0].content_type, headers=headers)
    try:
        joined = await asyncio.to_thread(join, pieces)
    except (ValueError, OSError):
        raise NotFound("audio", name[:64]) from None
    return JoinedResponse(joined, media_type=pieces[0].content_type, headers=headers)


async def _find(rt: Runtime, name: str) -> list[Audio]:
    names = split_names(name)
    found = await rt.speech.find_many(names)
    if not names or len(found) < len(set(names)):
        raise NotFound("audio", name[:64])
    return [found[each] for each in names]
