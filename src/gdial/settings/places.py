"""Where an installation is found: its address on this machine, and the file with its token."""

from __future__ import annotations

from pathlib import Path

from gdial.settings.fields import Settings

LOCAL_HOSTS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read, not listened on
"""Listening on every address, GDial is reached on the machine's own."""


def local_url(settings: Settings) -> str:
    """Where programs on this machine reach GDial. `api_port` must not be 0 any more."""
    host = LOCAL_HOSTS.get(settings.api_host, settings.api_host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.api_port}"


def token_file(settings: Settings) -> Path:
    """The API token that is made at the first start where API_TOKEN is not set."""
    return settings.data_dir / "api-token"


def kept_keys_folder(settings: Settings) -> Path:
    """Keys that were pressed while the database was away."""
    return settings.data_dir / "kept-keys"
