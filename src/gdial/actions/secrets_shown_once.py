"""Secrets that are shown once: of each only a hash is kept, so that who reads the database cannot use it."""

from __future__ import annotations

import hashlib
import hmac
import secrets

API_TOKEN_PREFIX = "gdial_"  # noqa: S105 - lets scanners of source code find one that was left there
RANDOM_BYTES = 32


def new_secret(prefix: str = "") -> str:
    """256 random bits: nothing to guess, so that a fast hash is enough for it."""
    return prefix + secrets.token_urlsafe(RANDOM_BYTES)


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def csrf_of(session_token: str) -> str:
    """What the forms of this session carry: only who has the session's token can tell it."""
    return hmac.new(session_token.encode(), b"csrf", hashlib.sha256).hexdigest()
