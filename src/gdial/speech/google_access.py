"""The two ways to prove to Google who asks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gdial.errors import SpeechUnavailable

# The audience of a self-signed token is the service itself: https://google.aip.dev/auth/4111
AUDIENCE = "https://texttospeech.googleapis.com/"


class ApiKey:
    """A key of the Google Cloud console, sent in a header so that no address holds it."""

    def __init__(self, key: str) -> None:
        self._key = key

    def headers(self) -> Mapping[str, str]:
        return {"X-Goog-Api-Key": self._key}


class ServiceAccount:
    """A service account's key file. It signs a token for an hour by itself: nothing is fetched."""

    def __init__(self, key_file: Path) -> None:
        self._key_file = key_file
        self._credentials: Any = None

    def headers(self) -> Mapping[str, str]:
        """Raises `SpeechUnavailable` for a file that cannot be used, and without the package `google-auth`."""
        if self._credentials is None:
            self._credentials = self._read()
        headers: dict[str, str] = {}
        self._credentials.before_request(None, "POST", AUDIENCE, headers)
        return headers

    def _read(self) -> Any:
        try:
            from google.auth import jwt
        except ImportError as error:
            raise SpeechUnavailable(
                "a service account needs a package; type: pip install 'gdial[google]' (GOOGLE_TTS_API_KEY needs none)"
            ) from error
        try:
            return jwt.Credentials.from_service_account_file(  # type: ignore[no-untyped-call]
                str(self._key_file), audience=AUDIENCE
            )
        except OSError as error:
            reason = error.strerror or type(error).__name__
        except Exception:
            # Its words may hold a part of the key.
            reason = "is no service account's key"
        raise SpeechUnavailable(f"GOOGLE_APPLICATION_CREDENTIALS {self._key_file}: {reason}")
