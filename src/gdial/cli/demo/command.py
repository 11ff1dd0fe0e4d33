"""`gdial demo`: everything by itself, from the list to the report."""

from __future__ import annotations

import asyncio
import shlex
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gdial.cli.demo.folder import USUAL_PLACE, make_demo_folder
from gdial.cli.demo.scenario import SPEED, demo_settings, simulator_options
from gdial.cli.exit_codes import INTERRUPTED
from gdial.cli.screen import say
from gdial.errors import InvalidInput, SetupError

if TYPE_CHECKING:
    from gdial.cli.demo.play import Played
    from gdial.cli.serving import Serving

LONGEST_SECONDS = 420.0


def demo(
    speed: Annotated[float, typer.Option(metavar="X", help="Telephone seconds to a real second.")] = SPEED,
    keep_serving: Annotated[
        bool | None,
        typer.Option("--serve/--no-serve", help="Serve on when it is over. Unset: yes, in a terminal."),
    ] = None,
    folder: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Where each demo makes a folder of its own; the last three are kept.")
    ] = USUAL_PLACE,
) -> None:
    """Show a whole call-out on a simulated telephone network. No phone rings, and nothing else is needed."""
    if speed <= 0:
        raise InvalidInput(f"{speed:g} is not above zero", where="--speed", example="20")
    data = make_demo_folder(folder, datetime.now())  # noqa: DTZ005 - a name for people here
    serves_on = keep_serving if keep_serving is not None else is_watched()
    from gdial.cli.demo.play import LOG
    from gdial.monitoring.logs import configure_logs

    with (data / LOG).open("w", encoding="utf-8") as log:
        configure_logs("info", "json", log)
        import uvloop

        raise typer.Exit(uvloop.run(_demo(data, simulator_options(speed), serves_on=serves_on)))


def is_watched() -> bool:
    """Whether there is somebody who can press Ctrl-C."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


async def _demo(data: Path, simulator: Sequence[str], *, serves_on: bool) -> int:
    from gdial.cli.serving import serve_all
    from gdial.cli.signals import stop_on_signals

    stop = stop_on_signals()
    started: asyncio.Future[Serving] = asyncio.get_running_loop().create_future()
    say("A call-out on a simulated telephone network; no phone rings. Getting ready …")
    serving = asyncio.create_task(
        serve_all(demo_settings(data), started=started.set_result, stop=stop, simulator=simulator)
    )
    playing = asyncio.create_task(_play(started, data))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({serving, playing, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not playing.done():
            return INTERRUPTED
        played = playing.result()
        if serves_on:
            _tell_how_to_go_on(started.result(), played)
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return played.exit_code
    finally:
        stop.set()
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
        await serving


async def _play(started: asyncio.Future[Serving], data: Path) -> Played:
    from gdial.cli.api import open_api
    from gdial.cli.demo.play import LOG, play
    from gdial.cli.target import Target
    from gdial.settings.places import token_file

    serving = await started
    say(f"GDial serves {serving.url}; the telephone network is {serving.settings.drill_api_base}")
    target = Target(serving.url, serving.api_token, str(token_file(serving.settings)))
    try:
        async with asyncio.timeout(LONGEST_SECONDS), open_api(target) as api:
            return await play(api, serving.settings)
    except TimeoutError:
        raise SetupError(
            f"the demo was not over after {LONGEST_SECONDS:g} s; what happened is in {data / LOG}"
        ) from None


def _tell_how_to_go_on(serving: Serving, played: Played) -> None:
    settings = serving.settings
    say(f"\nGDial serves on at {serving.url} until Ctrl-C. In another terminal, in this folder:")
    say(f"  export DATA_DIR={shlex.quote(str(settings.data_dir))} API_PORT={settings.api_port}")
    say("  gdial run start --drill --group Nattskiftet --text 'Hej {first_name}, tryck 1.' --key '1=Kommer:Tack!'")
    say(f"  gdial run show {played.run_id[:8]}")
    say("Your own people: gdial serve, then gdial import FILE. All commands: gdial --help, and docs/reference/cli.md")
