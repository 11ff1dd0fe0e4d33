"""`gdial admin-link`: a way in for the first administrator."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from gdial.cli.screen import note, print_json, say
from gdial.cli.target import JsonOption
from gdial.errors import InvalidInput, SetupError

if TYPE_CHECKING:
    from gdial.settings import Settings

FromHere = Annotated[
    str | None,
    typer.Option(
        "--url",
        envvar="GDIAL_URL",
        metavar="URL",
        help="Where the pages are. Unset: PUBLIC_URL, else API_HOST and API_PORT of here.",
    ),
]


def admin_link(url: FromHere = None, as_json: JsonOption = False) -> None:
    """Print a link for the first administrator. It is good for 15 minutes, and once; those made before are void.

    It is made in the database of DATABASE_URL: whoever may type this here may do anything anyway.
    """
    from gdial.settings import get_settings

    settings = get_settings()
    if settings.database_path and not settings.database_path.exists():
        raise SetupError(f"there is no database {settings.database_path} yet; begin with: gdial serve")
    link = asyncio.run(_make(settings, _base(settings, url)))
    if as_json:
        print_json({"link": link, "minutes": 15})
        return
    say(link)
    note("Open it within 15 minutes, in one browser; it works once. Show it to nobody.")


def _base(settings: Settings, url: str | None) -> str:
    from gdial.settings.checks import web_address
    from gdial.settings.places import local_url

    if url:
        try:
            return web_address(url.strip())
        except ValueError as error:
            raise InvalidInput(str(error), where="--url", example="http://127.0.0.1:3003") from None
    if settings.public_url is None and settings.api_port == 0:
        raise InvalidInput(
            "API_PORT is 0, so gdial serve took a free port; tell the address it printed",
            where="--url",
            example="http://127.0.0.1:54321",
        )
    return settings.public_url or local_url(settings)


async def _make(settings: Settings, base: str) -> str:
    from gdial.actions.acting import Actor, ActorKind
    from gdial.actions.admin_link import make_admin_link
    from gdial.programs.opening import opened_records
    from gdial.storage.roles import Role

    shell = Actor(ActorKind.INSTALLATION, "gdial admin-link", Role.ADMINISTRATOR)
    async with opened_records() as records:
        return await make_admin_link(records, base, shell)
