"""Watch a run until it is over. Leaving does nothing to it."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from rich.live import Live

from gdial.cli.api import Api, ApiRefusal
from gdial.cli.exit_codes import FAILED, OK
from gdial.cli.run.status import RunStatus, Speed, read_status
from gdial.cli.run.view import closing_table, headline, ledger_line, live_view, plain_line
from gdial.cli.screen import complain, console, note, say
from gdial.cli.target import NotRunning

AWAY_SECONDS = 60.0
"""So long may GDial be away, as at a restart, before following gives up."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often the run is looked at, and how often a line is written where there is no terminal."""

    look_seconds: float = 0.5
    line_seconds: float = 5.0


async def follow_run(api: Api, run_id: str, rhythm: Rhythm = Rhythm(), *, quiet: bool = False) -> RunStatus:
    """The run as it ended; nothing is shown on the way when `quiet`. Raises NotRunning when GDial stays away."""
    if quiet:
        return await _watch(api, run_id, rhythm, Speed(), lambda status: None)
    if sys.stdout.isatty():
        return await _follow_live(api, run_id, rhythm)
    return await _follow_in_lines(api, run_id, rhythm)


def show_end(status: RunStatus) -> int:
    """The closing table and the ledger; the exit code."""
    say(headline(status))
    say(closing_table(status))
    say(ledger_line(status))
    if status.is_over and not status.ledger_balances:
        complain(f"the ledger of run {status.id} does not balance: somebody has no outcome or two")
        return FAILED
    return OK


async def _follow_live(api: Api, run_id: str, rhythm: Rhythm) -> RunStatus:
    speed = Speed()
    with Live(console=console(), refresh_per_second=8, transient=True) as live:

        def show(status: RunStatus) -> None:
            live.update(live_view(status, speed, datetime.now(UTC)))

        return await _watch(api, run_id, rhythm, speed, show)


async def _follow_in_lines(api: Api, run_id: str, rhythm: Rhythm) -> RunStatus:
    speed = Speed()
    last_at = float("-inf")
    last_state = ""

    def show(status: RunStatus) -> None:
        nonlocal last_at, last_state
        now = time.monotonic()
        if now - last_at >= rhythm.line_seconds or status.is_over or status.state != last_state:
            last_at, last_state = now, status.state
            say(plain_line(status, speed, datetime.now(UTC)))

    return await _watch(api, run_id, rhythm, speed, show)


async def _watch(api: Api, run_id: str, rhythm: Rhythm, speed: Speed, show: Callable[[RunStatus], None]) -> RunStatus:
    while True:
        status = read_status(await _patiently(lambda: api.get(f"/api/runs/{run_id}")))
        speed.add(time.monotonic(), status.ended)
        show(status)
        if status.is_over:
            return status
        await asyncio.sleep(rhythm.look_seconds)


async def _patiently(ask: Callable[[], Awaitable[dict[str, object]]]) -> dict[str, object]:
    """The run goes on while GDial is started anew, so following does too."""
    give_up_at = time.monotonic() + AWAY_SECONDS
    told = False
    while True:
        try:
            return await ask()
        except (NotRunning, ApiRefusal) as error:
            temporary = isinstance(error, NotRunning) or error.status >= 500
            if not temporary or time.monotonic() > give_up_at:
                raise
            if not told:
                note(f"{error}. Still trying; the run is kept.")
                told = True
        await asyncio.sleep(1.0)
