"""The demo's steps, each through the REST interface as any program would take them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gdial.cli.api import Api
from gdial.cli.demo.scenario import CONTACTS, MESSAGE, run_wish
from gdial.cli.import_contacts import show_import, upload_list
from gdial.cli.run.follow import Rhythm, follow_run, show_end
from gdial.cli.run.start import send
from gdial.cli.screen import say
from gdial.settings import Settings

RHYTHM = Rhythm(look_seconds=0.25, line_seconds=2.0)
REPORT = "report.csv"
LOG = "gdial.log"


@dataclass(frozen=True, slots=True)
class Played:
    """`exit_code` is not 0 when the ledger does not balance."""

    run_id: str
    exit_code: int


async def play(api: Api, settings: Settings) -> Played:
    """Import, message, run, report. Raises as the REST interface refuses."""
    folder = settings.data_dir
    await _import(api, folder)
    message = await _save_message(api)
    groups = await api.every("/api/groups")
    _step("Call run", f"everybody in {', '.join(group['name'] for group in groups)}")
    started = await send(api, run_wish(message["id"], [group["id"] for group in groups]))
    run_id = str(started["id"])
    status = await follow_run(api, run_id, RHYTHM)
    exit_code = show_end(status)
    await api.download(f"/api/runs/{run_id}/report.csv", folder / REPORT)
    calls = (await api.get(f"/api/runs/{run_id}/calls", limit=1))["total"]
    say(f"{calls} calls were placed.")
    _tell_where(settings)
    return Played(run_id, exit_code)


async def _import(api: Api, folder: Path) -> None:
    contacts = folder / CONTACTS.name
    shutil.copyfile(CONTACTS, contacts)
    _step("Contact list", f"{contacts.name}, with some mistakes in it as lists have")
    show_import(await upload_list(api, contacts))


async def _save_message(api: Api) -> dict[str, Any]:
    message = dict(await api.post("/api/messages", MESSAGE))
    _step("Message", f"{message['text']}")
    return message


def _step(name: str, text: str) -> None:
    say(f"\n{name}: {text}")


def _tell_where(settings: Settings) -> None:
    audio = sum(1 for path in settings.audio_dir.rglob("*") if path.is_file())
    say(f"\nReport:    {settings.data_dir / REPORT}")
    say(f"Audio:     {settings.audio_dir} ({audio} files)")
    say(f"Database:  {settings.database_path}")
    say(f"Log:       {settings.data_dir / LOG}")
