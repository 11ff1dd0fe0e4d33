"""`gdial run audit`: a run held against the carrier's own list."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

from gdial.cli.exit_codes import FAILED, OK
from gdial.cli.run.show import RunId
from gdial.cli.screen import note, print_json, say, table
from gdial.cli.target import JsonOption, Target, UrlOption, find_target
from gdial.errors import CarrierUnavailable

if TYPE_CHECKING:
    from gdial.cli.api import Api

STAGES = {
    "list": "pages of the carrier's list read",
    "calls": "calls asked about one by one",
    "keys": "calls without a key looked into",
}
HEADINGS = ("Difference", "Name", "Number", "Here", "At the carrier", "When", "Call")
SHOWN = ("kind", "name", "number", "ours", "theirs", "at", "sid")


def audit(run: RunId, as_json: JsonOption = False, url: UrlOption = None) -> None:
    """Hold a run against the carrier's own list, call by call. Exit code 0 only when nothing differs."""
    raise typer.Exit(asyncio.run(_audit(find_target(url), run, as_json=as_json)))


async def _audit(target: Target, run: str, *, as_json: bool) -> int:
    from gdial.cli.api import open_api
    from gdial.cli.names import find_run

    async with open_api(target) as api:
        result = await _follow(api, await find_run(api, run))
    if as_json:
        print_json(result)
    else:
        _tell(result)
    return OK if result["agrees"] else FAILED


async def _follow(api: Api, run_id: str) -> Mapping[str, Any]:
    """Raises CarrierUnavailable, with what GDial says of it."""
    async for line in api.lines(f"/api/runs/{run_id}/audit", follow=True):
        match line:
            case {"progress": {"stage": stage, "done": done, "total": total}}:
                note(f"{done} of {total} {STAGES[stage]}" if total else f"{done} {STAGES[stage]}")
            case {"result": dict(result)}:
                return result
            case {"error": str(error)}:
                raise CarrierUnavailable(f"the audit could not be finished: {error}")
    raise CarrierUnavailable("the audit ended without a result; see the log of GDial")


def _tell(result: Mapping[str, Any]) -> None:
    rows = [[it[name] or "" for name in SHOWN] for it in result["differences"]]
    if rows:
        say(table(HEADINGS, rows))
    here = f"{result['calls_here']} attempts here, {result['without_call']} of them never became a call"
    say(f"{here}; {result['calls_there']} calls at the carrier; {result['questions']} questions")
    say("nothing differs" if result["agrees"] else f"{len(rows)} differences; what each means: docs/howto/audit.md")
    _tell_limits(result)


def _tell_limits(result: Mapping[str, Any]) -> None:
    """What could not be looked at is no difference, and no agreement either."""
    if result["not_listed"]:
        note(f"{result['not_listed']} calls were not on the carrier's list and were found by asking: it lags")
    if result["keys_unchecked"]:
        note(
            f"of {result['keys_unchecked']} answered calls without a key the carrier keeps no record of its requests: "
            "whether a key was lost in them cannot be told (Twilio: from 15 minutes after a call for 30 days)"
        )
    if result["numbers_cleared"]:
        note("the numbers of this run were cleared: calls that GDial does not know cannot be told any more")
    if result["state"] in ("running", "paused"):
        note("the run goes on: words about its calls may be on their way")
