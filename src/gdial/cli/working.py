"""One worker in one process: its runtime, its heartbeat, its door for figures, and its orderly end."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack

import structlog

from gdial.actions.reconcile_calls import recover_after_start
from gdial.assembly import open_runtime, utc_now
from gdial.assembly.api_token import api_token
from gdial.assembly.queues import check_together
from gdial.cli.ending import end, first_of
from gdial.errors import SetupError, TemporaryError
from gdial.runtime import Clock, Runtime
from gdial.settings import Settings
from gdial.web.server import listen_from, serve_on
from gdial.web.worker_door import WorkerState, create_worker_door
from gdial.workers.bells import listen_for_bells, relay_bells
from gdial.workers.call import run_call_worker
from gdial.workers.heartbeat import Identity, metrics_address, run_heartbeat
from gdial.workers.patience import patiently
from gdial.workers.scheduler import run_scheduler
from gdial.workers.tidying import keep_folder_tidy
from gdial.workers.tts import run_tts_worker

log = structlog.get_logger(__name__)

NO_NETWORK = (
    "a call worker needs the telephone network that it rings over; set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, "
    "TWILIO_FROM_NUMBER and PUBLIC_URL as for gdial serve, or DRILL_API_BASE=http://127.0.0.1:3004 for drills alone"
)
NO_ADDRESS = (
    "PUBLIC_URL is not set and API_PORT is 0, so a worker cannot say where the carrier finds gdial serve; "
    "set PUBLIC_URL=https://gdial.example.org, or the API_PORT that gdial serve has"
)


async def work(kind: str, settings: Settings, stop: asyncio.Event, *, clock: Clock = utc_now) -> None:
    """Run until `stop`, then finish what is in hand, for SHUTDOWN_GRACE_SEC at most.

    A broker or a database that is away is waited for, at the start and later. Raises SetupError for what only a
    person can mend: settings that do not go together, missing migrations, a queue that exists with other arguments.
    """
    check_together(settings)
    if kind == "call":
        _check_networks(settings)
    state = WorkerState(shows_queues=kind == "scheduler")
    stop_door = asyncio.Event()
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(listen_from(settings.api_host, settings.metrics_port))
        port: int = listener.getsockname()[1]
        if settings.metrics_port not in (0, port):
            log.info("METRICS_PORT is taken; figures are on another port", taken=settings.metrics_port, port=port)
        door = asyncio.create_task(_open_door(listener, settings, state, stop_door))
        stack.push_async_callback(end, door, stop_door, 0.0)
        rt = await _open_runtime(stack, settings, state, stop, clock)
        if rt is not None:
            await _work(kind, rt, metrics_address(settings.api_host, port), stop)


def _check_networks(settings: Settings) -> None:
    if not settings.carrier_configured and settings.drill_api_base is None:
        raise SetupError(NO_NETWORK)
    if settings.public_url is None and settings.api_port == 0:
        raise SetupError(NO_ADDRESS)


async def _open_door(listener: socket.socket, settings: Settings, state: WorkerState, stop: asyncio.Event) -> None:
    names = {settings.api_host, *settings.allowed_hosts, socket.gethostname()}
    await serve_on(listener, create_worker_door(state, names=names, token=api_token(settings)), stop=stop)


async def _open_runtime(
    stack: AsyncExitStack, settings: Settings, state: WorkerState, stop: asyncio.Event, clock: Clock
) -> Runtime | None:
    def tell(error: TemporaryError) -> None:
        state.waits_for = str(error)

    state.runtime = await patiently(lambda: stack.enter_async_context(open_runtime(settings, clock=clock)), stop, tell)
    return state.runtime


async def _work(kind: str, rt: Runtime, address: str, stop: asyncio.Event) -> None:
    """The helpers go on until the last job is done, so that the process counts as alive until then."""
    stop_helpers = asyncio.Event()
    helpers = asyncio.gather(
        run_heartbeat(rt, Identity(kind, address), stop_helpers),
        (listen_for_bells if kind == "scheduler" else relay_bells)(rt, stop_helpers),
        keep_folder_tidy(rt, stop_helpers),
    )
    worker = asyncio.create_task(_until(WORK[kind], rt, stop))
    log.info("worker started", kind=kind, metrics=address)
    try:
        await first_of(worker, stop)
    finally:
        try:
            await end(worker, stop, asyncio.get_running_loop().time() + rt.settings.shutdown_grace_sec)
        finally:
            stop_helpers.set()
            await helpers


async def _until(run: Callable[[Runtime, asyncio.Event], Awaitable[None]], rt: Runtime, stop: asyncio.Event) -> None:
    await patiently(lambda: run(rt, stop), stop)


async def _call(rt: Runtime, stop: asyncio.Event) -> None:
    await run_call_worker(rt, rt.settings.call_prefetch, stop)


async def _tts(rt: Runtime, stop: asyncio.Event) -> None:
    await run_tts_worker(rt, rt.settings.tts_prefetch, stop)


async def _schedule(rt: Runtime, stop: asyncio.Event) -> None:
    await recover_after_start(rt)
    await run_scheduler(rt, stop, rings_here=False)


WORK: Mapping[str, Callable[[Runtime, asyncio.Event], Awaitable[None]]] = {
    "call": _call,
    "tts": _tts,
    "scheduler": _schedule,
}
