"""Which running GDial a command speaks to, and with which token."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gdial.cli.exit_codes import NOT_RUNNING
from gdial.errors import InvalidInput, SetupError

if TYPE_CHECKING:
    from gdial.settings import Settings


UrlOption = Annotated[
    str | None,
    typer.Option(
        "--url", envvar="GDIAL_URL", metavar="URL", help="The running GDial. Unset: API_HOST and API_PORT of here."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="As JSON.")]


class NotRunning(SetupError):
    """GDial does not answer, or was never started."""

    exit_code = NOT_RUNNING


@dataclass(frozen=True, slots=True)
class Target:
    """`token_from` says where the token was found, for the one whose token is refused."""

    url: str
    token: str
    token_from: str


def find_target(url: str | None) -> Target:
    """Raises InvalidInput for an address that cannot be one, NotRunning where no token has been made yet."""
    from gdial.settings import get_settings
    from gdial.settings.places import local_url

    settings = get_settings()
    address = _checked(url) if url else _local(settings, local_url(settings))
    token, token_from = _token(settings)
    return Target(address, token, token_from)


def _checked(url: str) -> str:
    from gdial.settings.checks import web_address

    try:
        return web_address(url.strip())
    except ValueError as error:
        raise InvalidInput(str(error), where="--url", example="http://127.0.0.1:3003") from None


def _local(settings: Settings, url: str) -> str:
    if settings.api_port == 0:
        raise InvalidInput(
            "API_PORT is 0, so gdial serve took a free port; tell the address it printed",
            where="--url",
            example="http://127.0.0.1:54321",
        )
    return url


def _token(settings: Settings) -> tuple[str, str]:
    """Never makes one: only the GDial that serves knows which is right."""
    from gdial.settings.places import token_file

    if settings.api_token is not None:
        return settings.api_token.get_secret_value(), "API_TOKEN"
    path = token_file(settings)
    try:
        return path.read_text(encoding="ascii").strip(), str(path)
    except FileNotFoundError:
        raise NotRunning(_never_started(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"the API token in {path} cannot be read ({error})") from None


def _never_started(path: Path) -> str:
    return (
        f"GDial has not been started yet: there is no API token in {path}; start it with: gdial serve "
        "(or set DATA_DIR or API_TOKEN to those of the GDial that runs)"
    )
