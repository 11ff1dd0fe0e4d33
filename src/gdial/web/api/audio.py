"""Audio by a name nobody can guess; it never changes under its name."""

from __future__ import annotations

import re

from fastapi import Request
from fastapi.responses import FileResponse, Response

from gdial.errors import NotFound
from gdial.web.context import Rt
from gdial.web.openapi import api_router

router = api_router("/tts", "speech")

IMMUTABLE = "public, max-age=31536000, immutable"
NAME = re.compile(r"[0-9a-f]{64}")


@router.head("/audio/{name}", response_class=FileResponse, include_in_schema=False)
@router.get("/audio/{name}", response_class=FileResponse, name="audio")
async def audio(request: Request, name: str, rt: Rt) -> Response:
    """One piece, whole or in ranges."""
    found = rt.speech.find(name) if NAME.fullmatch(name) else None
    if found is None:
        raise NotFound("audio", name[:64])
    headers = {"Cache-Control": IMMUTABLE, "ETag": f'"{name}"'}
    if f'"{name}"' in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return FileResponse(found.path, media_type=found.content_type, headers=headers)
