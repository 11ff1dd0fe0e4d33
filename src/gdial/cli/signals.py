"""Ctrl-C and SIGTERM: the first asks to end, the second ends at once."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable

from gdial.cli.exit_codes import INTERRUPTED

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def stop_on_signals(asked: Callable[[], None] = lambda: None) -> asyncio.Event:
    """An event of the running loop that the first signal sets; `asked` is called then. The second one ends the
    process with code 130: what is open in the database is settled at the next start."""
    stop = asyncio.Event()

    def on_signal() -> None:
        if stop.is_set():
            os._exit(INTERRUPTED)
        stop.set()
        asked()

    for number in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, on_signal)
    return stop
