"""`gdial serve` from its settings: database, telephone networks and the web door; without a broker the workers too."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from gdial.cli.simulator_child import simulator_child
from gdial.settings import Settings
from gdial.settings.places import local_url
from gdial.storage.alone import serving_alone_on
from gdial.web.server import listen
from gdial.workers.patience import patiently


@dataclass(frozen=True, slots=True)
class Serving:
    """What a started GDial tells of itself. `settings` have the port and the drills' address that are in use."""

    url: str
    settings: Settings
    api_token: str


async def serve_all(
    settings: Settings,
    *,
    started: Callable[[Serving], None],
    stop: asyncio.Event,
    simulator: Sequence[str] | None = (),
) -> None:
    """Run until `stop`, then finish what is in hand, for SHUTDOWN_GRACE_SEC at most.

    A database that is away is waited for: after a power cut all machines start at once. Until it is there, nothing
    listens, so that a carrier asks again. `simulator` are options of `gdial sim` for a network of our own where
    DRILL_API_BASE is not set; None starts none. Raises SetupError when something needed is missing or taken.
    """
    async with AsyncExitStack() as stack:
        if settings.rabbitmq_url is None:
            await patiently(lambda: stack.enter_async_context(serving_alone_on(settings.database_url)), stop)
        changes: dict[str, object] = {"api_port": _find_port(settings)}
        loading = asyncio.create_task(asyncio.to_thread(_load))
        if simulator is not None and settings.drill_api_base is None:
            changes["drill_api_base"] = await stack.enter_async_context(simulator_child(simulator))
        await loading
        await _open_and_run(settings.model_copy(update=changes), started, stop)


def _find_port(settings: Settings) -> int:
    """Looked for before anything is opened: the addresses that carriers call back on depend on it."""
    with listen(settings.api_host, settings.api_port) as listener:
        port: int = listener.getsockname()[1]
    return port


def _load() -> None:
    """The large modules take as long as the telephone network takes to start: they are loaded meanwhile."""
    import gdial.assembly
    import gdial.cli.process  # noqa: F401


async def _open_and_run(settings: Settings, started: Callable[[Serving], None], stop: asyncio.Event) -> None:
    from gdial.assembly import open_runtime
    from gdial.cli.process import run_process
    from gdial.workers.embedded import refuse_beside_workers

    async with AsyncExitStack() as stack:
        rt = await patiently(lambda: stack.enter_async_context(open_runtime(settings)), stop)
        if rt is not None:
            if settings.rabbitmq_url is None:
                await refuse_beside_workers(rt)
            await run_process(rt, lambda: started(Serving(local_url(settings), settings, rt.api_token)), stop)
