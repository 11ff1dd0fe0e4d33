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
    from gdial.simulator import Simulator, SimulatorOptions

USUAL_PORT = 3004


Port = Annotated[int, typer.Option(metavar="PORT", help="Port to listen on; 0 takes a free one.")]
Host = Annotated[str, typer.Option(metavar="HOST", help="Address to listen on.")]
Speed = Annotated[float, typer.Option(metavar="X", help="Telephone seconds to a real second.")]
ProfileFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="JSON that says who answers and how. Unset: a Swedish night.")
]
FaultsFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="JSON that says what goes wrong, and how often. Unset: nothing.")
]
ControlPort = Annotated[
    int | None,
    typer.Option(metavar="PORT", help="A second port, open while a planned outage closes the first. Unset: none."),
]
Seed = Annotated[int, typer.Option(metavar="N", help="The same seed, the same people.")]
Account = Annotated[str | None, typer.Option(metavar="SID", help="The only account SID let in. Unset: any.")]
Token = Annotated[str | None, typer.Option(metavar="TOKEN", help="The only auth token let in. Unset: any.")]
CallerIds = Annotated[
    list[str] | None, typer.Option("--caller-id", metavar="E164", help="A number allowed as From; repeat it.")
]
CallsPerSecond = Annotated[float | None, typer.Option(metavar="N", help="What comes faster waits. Unset: no limit.")]
MaxConcurrentCalls = Annotated[int | None, typer.Option(metavar="N", help="More are refused. Unset: no limit.")]
RequestsPerSecond = Annotated[float | None, typer.Option(metavar="N", help="More are refused. Unset: no limit.")]


def sim(
    port: Port = USUAL_PORT,
    host: Host = "127.0.0.1",
    speed: Speed = 1.0,
    profile: ProfileFile = None,
    faults: FaultsFile = None,
    seed: Seed = 0,
    account: Account = None,
    token: Token = None,
    caller_ids: CallerIds = None,
    calls_per_second: CallsPerSecond = None,
    max_concurrent_calls: MaxConcurrentCalls = None,
    requests_per_second: RequestsPerSecond = None,
    control_port: ControlPort = None,
    as_json: Annotated[bool, typer.Option("--json", help="Tell the address as one line of JSON.")] = False,
    end_with_input: Annotated[bool, typer.Option("--end-with-input", hidden=True)] = False,
) -> None:
    """Run a simulated telephone network that speaks Twilio's API and rings nobody, until Ctrl-C."""
    from gdial.simulator import SimulatorOptions

    options = SimulatorOptions(
        host=host,
        port=port,
        speed=speed,
        profile=profile,
        faults=faults,
        control_port=control_port,
        seed=seed,
        account=account,
        token=token,
        caller_ids=tuple(caller_ids or ()),
        calls_per_second=calls_per_second,
        max_concurrent_calls=max_concurrent_calls,
        requests_per_second=requests_per_second,
    )
    _start(options, as_json=as_json, end_with_input=end_with_input)


def _start(options: SimulatorOptions, *, as_json: bool, end_with_input: bool) -> None:
    import uvloop

    if end_with_input:
        Thread(target=_end_with_input, daemon=True).start()
    uvloop.run(_run(options, as_json))


def _end_with_input() -> None:
    """Whoever started us holds the other end: it closes with them, however they end."""
    sys.stdin.buffer.read()
    os._exit(0)


async def _run(options: SimulatorOptions, as_json: bool) -> None:
    from gdial.simulator import serve_simulator

    def tell(simulator: Simulator) -> None:
        url = simulator.base_url
        if as_json:
            print_json({"url": url, "control_url": simulator.control_url}, in_one_line=True)
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
