"""`gdial export`: contacts into a file that an import reads back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

import typer

from gdial.cli.asking import ask
from gdial.cli.contact import SearchOption
from gdial.cli.names import find_group
from gdial.cli.out_files import ForceOption, check_out_file, kind_of
from gdial.cli.screen import say
from gdial.cli.target import UrlOption

if TYPE_CHECKING:
    from gdial.cli.api import Api

FILE = "FILE"


def export_contacts(
    file: Annotated[Path, typer.Argument(metavar=FILE, help="CSV or XLSX.", show_default=False)],
    group: Annotated[str | None, typer.Option(metavar="GROUP", help="Only members of this group.")] = None,
    search: SearchOption = None,
    force: ForceOption = False,
    url: UrlOption = None,
) -> None:
    """Save contacts in a file that `gdial import` reads back."""
    kind = kind_of(file, FILE)
    check_out_file(file, FILE, force=force)

    async def work(api: Api) -> int:
        wanted = {"search": search or ""}
        if group is not None:
            wanted["group_id"] = (await find_group(api, group, where="--group"))["id"]
        return await api.download(f"/api/contacts/export.{kind}?{urlencode(wanted)}", file)

    size = ask(url, work)
    say(f"Contacts saved: {file} ({size:,} bytes)")
