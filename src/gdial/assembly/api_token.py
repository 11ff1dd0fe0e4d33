"""The token of the REST interface."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from gdial.errors import SetupError
from gdial.settings import Settings
from gdial.settings.places import token_file


def api_token(settings: Settings) -> str:
    """API_TOKEN, or the one in DATA_DIR that is made at the first start, readable for the owner alone."""
    if settings.api_token is not None:
        return settings.api_token.get_secret_value()
    path = token_file(settings)
    return _read_token(path) or _make_token(path)


def _read_token(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii").strip() or None
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(
            f"the API token in {path} cannot be read ({error}); remove the file to have one made"
        ) from None


def _make_token(path: Path) -> str:
    """Written aside and linked into place: of two processes that start at once, both read the same token."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(32) + "\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii").strip()
