"""`gdial sim`: the simulated telephone network."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Annotated

import typer

from gdial.cli.screen import print_json, say
from gdial.cli.signals import stop_on_signals

if TYPE_CHECKING:
    from gdial.simulator import SimulatorOptions

USUAL_PORT = 3004


def sim(
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = USUAL_PORT,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    speed: Annotated[float, typer.Option(help="Telephone seconds to a real second.")] = 1.0,
    profile: Annotated[
        Path | None, typer.Option(metavar="FILE", help="JSON that says who answers and how. None: a Swedish night.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed, the same people.")] = 0,
    account: Annotated[str | None, typer.Option(help="The only account SID let in. None: any.")] = None,
    token: Annotated[str | None, typer.Option(help="The only auth token let in. None: any.")] = None,
    caller_id: Annotated[
        list[str] | None, typer.Option(metavar="E164", help="A number allowed as From; repeat it. None: any.")
    ] = None,
    calls_per_second: Annotated[float | None, typer.Option(help="What comes faster waits. None: no limit.")] = None,
    max_concurrent_calls: Annotated[int | None, typer.Option(help="More are refused. None: no limit.")] = None,
    requests_per_second: Annotated[float | None, typer.Option(help="More are refused. None: no limit.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Tell the address as JSON.")] = False,
    end_with_input: Annotated[bool, typer.Option("--end-with-input", hidden=True)] = False,
) -> None:
    """Run a simulated telephone network that speaks Twilio's API and rings nobody."""
    from gdial.simulator import SimulatorOptions

    options = SimulatorOptions(
        host=host,
        port=port,
        speed=speed,
        profile=profile,
        seed=seed,
        account=account,
        token=token,
        caller_ids=tuple(caller_id or ()),
        calls_per_second=calls_per_second,
        max_concurrent_calls=max_concurrent_calls,
        requests_per_second=requests_per_second,
    )
    if end_with_input:
        Thread(target=_end_with_input, daemon=True).start()
    import uvloop

    uvloop.run(_run(options, as_json))


def _end_with_input() -> None:
    """Whoever started us holds the other end: it closes with them, however they end."""
    sys.stdin.buffer.read()
    os._exit(0)


async def _run(options: SimulatorOptions, as_json: bool) -> None:
    from gdial.simulator import serve_simulator

    def tell(url: str) -> None:
        if as_json:
            print_json({"url": url}, in_one_line=True)
        else:
            say(f"Simulated telephone network at {url}. It rings nobody; {url}/ledger shows every call.")
            say(f"For drills of a gdial serve: DRILL_API_BASE={url}. End with Ctrl-C.")

    stop = asyncio.ensure_future(stop_on_signals().wait())
    network = asyncio.ensure_future(serve_simulator(options, ready=tell))
    done, _ = await asyncio.wait({stop, network}, return_when=asyncio.FIRST_COMPLETED)
    if network in done:
        await network
    network.cancel()
    with suppress(asyncio.CancelledError):
        await network
