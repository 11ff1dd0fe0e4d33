"""Signatures after Standard Webhooks (https://www.standardwebhooks.com, specification 1.0.0, "Signature scheme").

Signed are id, timestamp and body with dots between; the signature is symmetric, HMAC-SHA256, marked `v1`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

SECRET_PREFIX = "whsec_"  # noqa: S105 - the mark that the specification gives secrets
SECRET_BYTES = 32
"""The specification asks for 24 to 64."""
SHOWN_CHARACTERS = 4


def new_secret() -> str:
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def masked_secret(secret: str) -> str:
    """Enough to tell two secrets apart."""
    return f"{SECRET_PREFIX}…{secret[-SHOWN_CHARACTERS:]}"


def signed_headers(secret: str, delivery_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """`timestamp` is in whole seconds since 1970, of this try: receivers refuse old ones."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    digest = hmac.new(key, b".".join((delivery_id.encode(), str(timestamp).encode(), body)), hashlib.sha256).digest()
    return {
        "webhook-id": delivery_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
