"""How large a body may be; enforced as it arrives, whether its length was announced or not."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gdial.contacts.limits import MAX_UPLOAD_BYTES
from gdial.speech.recording_limits import LARGEST_BYTES
from gdial.web.problems import problem

DEFAULT_BYTES = 1024 * 1024
WEBHOOK_BYTES = 64 * 1024
MULTIPART_FRAME_BYTES = 16 * 1024
"""Headers and boundaries around an uploaded file."""

LIMITS: Mapping[str, int] = {
    "/api/contacts/import": MAX_UPLOAD_BYTES + MULTIPART_FRAME_BYTES,
    "/api/recordings": LARGEST_BYTES + MULTIPART_FRAME_BYTES + DEFAULT_BYTES,
    **dict.fromkeys(("/voice", "/custom-voice", "/dtmf", "/call-status"), WEBHOOK_BYTES),
}


class BodyLimits:
    """Answers 413 without reading on; a body of unknown length is cut off where it passes the limit."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = LIMITS.get(scope["path"], DEFAULT_BYTES)
        announced = dict(scope["headers"]).get(b"content-length", b"")
        if announced.isdigit() and int(announced[:20]) > limit:
            await problem(413, "too-large", too_large(limit))(scope, receive, send)
            return
        arrived = 0

        async def receive_within_limit() -> Message:
            nonlocal arrived
            message = await receive()
            arrived += len(message.get("body", b""))
            if arrived > limit:
                raise HTTPException(413, too_large(limit))
            return message

        await self.app(scope, receive_within_limit, send)


def too_large(limit: int) -> str:
    return f"The body is larger than the {limit:,} bytes that this address takes."
