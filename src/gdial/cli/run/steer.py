"""`gdial run stop`, `pause` and `resume`: in force for the next call that would start."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer

from gdial.cli.run.show import RunId
from gdial.cli.run.status import read_status
from gdial.cli.screen import print_json, say
from gdial.cli.target import JsonOption, Target, UrlOption, find_target


def stop(
    run: RunId,
    hang_up: Annotated[bool, typer.Option("--hang-up", help="End the calls under way, too.")] = False,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """Ring nobody more. Calls under way end by themselves, and a key pressed in one still counts."""
    answer = asyncio.run(_tell(find_target(url), run, "stop", {"hang_up": hang_up}))
    _show(answer, as_json)


def pause(run: RunId, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """Ring nobody for now. Calls under way go on."""
    _show(asyncio.run(_tell(find_target(url), run, "pause")), as_json)


def resume(run: RunId, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """Go on with a paused run."""
    _show(asyncio.run(_tell(find_target(url), run, "resume")), as_json)


async def _tell(target: Target, run: str, command: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    from gdial.cli.api import open_api
    from gdial.cli.names import find_run

    async with open_api(target) as api:
        return dict(await api.post(f"/api/runs/{await find_run(api, run)}/{command}", body))


def _show(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(answer)
        return
    status = read_status(answer)
    say(
        f"{status.name} is {status.state}: reached {status.reached}, not reached {status.not_reached}, "
        f"stopped {status.stopped}, waiting {status.waiting}, calls under way {status.calling}"
    )
