"""`gdial run show` and `gdial run list`: how far they have come."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from gdial.cli.run.start import follow_or_leave
from gdial.cli.screen import note, print_json, say, table, warn
from gdial.cli.target import JsonOption, Target, UrlOption, find_target

if TYPE_CHECKING:
    from gdial.cli.api import Api

RunId = Annotated[str, typer.Argument(metavar="ID", help="Its id, the first characters of it, or: last")]


def show(
    run: RunId,
    follow: Annotated[bool, typer.Option("--follow", help="Watch until it is over.")] = False,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """Show a call run: the answers, and where everybody is."""
    raise typer.Exit(asyncio.run(_show(find_target(url), run, follow=follow, as_json=as_json)))


def list_runs(
    limit: Annotated[int, typer.Option(metavar="N", min=1, max=500, help="How many, newest first.")] = 20,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """List call runs, newest first."""
    asyncio.run(_list(find_target(url), limit, as_json=as_json))


async def _show(target: Target, run: str, *, follow: bool, as_json: bool) -> int:
    from gdial.cli.api import open_api
    from gdial.cli.names import find_run

    async with open_api(target) as api:
        run_id = await find_run(api, run)
        if not follow or (await api.get(f"/api/runs/{run_id}"))["ended_at"]:
            await show_now(api, run_id, as_json=as_json)
            return 0
        return await follow_or_leave(api, run_id, as_json=as_json)


async def show_now(api: Api, run_id: str, *, as_json: bool) -> None:
    from gdial.cli.run.status import read_status
    from gdial.cli.run.view import carrier_line, closing_table, headline, ledger_line

    answer = await api.get(f"/api/runs/{run_id}")
    if as_json:
        print_json(answer)
        return
    status = read_status(answer)
    say(headline(status))
    say(closing_table(status))
    if status.is_over:
        await _tell_ledger(api, run_id)
    say(ledger_line(status))
    if line := carrier_line(status):
        note(line)
    if status.paused_because:
        note(f"{status.paused_because}; go on with: gdial run resume {run_id}")


async def _tell_ledger(api: Api, run_id: str) -> None:
    """The calls behind the people, what came after the end, and loudly what does not add up."""
    from gdial.cli.run.ledger_view import calls_line, late_line

    ledger = await api.get(f"/api/runs/{run_id}/ledger")
    say(calls_line(ledger))
    if ledger["amended"]:
        say(late_line(ledger))
    for fault in ledger["faults"]:
        warn(f"the ledger does not balance: {fault}; see docs/howto/audit.md")


async def _list(target: Target, limit: int, *, as_json: bool) -> None:
    from gdial.cli.api import open_api
    from gdial.cli.run.status import read_status

    async with open_api(target) as api:
        page = await api.get("/api/runs", limit=limit)
    if as_json:
        print_json(page)
        return
    statuses = [read_status(run) for run in page["items"]]
    rows = [(it.id, it.name, it.mode, it.state, it.recipients, it.reached, it.not_reached) for it in statuses]
    say(table(("Id", "Name", "Mode", "State", "People", "Reached", "Not reached"), rows))
    if len(rows) < page["total"]:
        note(f"{len(rows)} of {page['total']}; more with --limit")
