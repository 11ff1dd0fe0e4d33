"""Alarms: what a person must look at now goes to the log, to a metric and, where one is set, to a webhook.

Nothing waits for the webhook: it is told in the background, and what cannot be told stays in the log.
"""

from __future__ import annotations

import asyncio
import math
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import aiohttp
import structlog

from gdial.monitoring import metrics
from gdial.monitoring.masking import mask, mask_text
from gdial.monitoring.metrics import AlarmKind

log = structlog.get_logger(__name__)

TOLD_AGAIN_AFTER_SECONDS = 60.0
REMEMBERED_SECONDS = 3600.0
ANSWER_SECONDS = 5.0
PAUSES_SECONDS = (1.0, 5.0, 25.0)
"""Between one try and the next; so there are four tries."""
CLOSING_SECONDS = 5.0
TOLD_AT_ONCE = 20
"""More alarms than this on their way: the webhook is away or slow, and hears of what comes then by `held_back`."""


@dataclass(slots=True)
class _Told:
    """When this alarm was last told, by the monotonic clock, and how often it was raised since."""

    at_seconds: float = -math.inf
    held_back: int = 0


class Alarms:
    """The alarms of one process. Raise them inside its event loop; close it before the loop ends.

    The same alarm (its kind, and its run or engine) is told at most once a minute by each process; the log and
    `gdial_alarms_total` have every one. `url` is a secret and is written nowhere. NOT promised: that the webhook hears
    of every alarm; after four tries it is given up, and what is on its way when the process ends gets five seconds.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        pauses_seconds: Sequence[float] = PAUSES_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._pauses_seconds = pauses_seconds
        self._monotonic = monotonic
        self._told: dict[tuple[AlarmKind, str], _Told] = {}
        self._on_the_way: set[asyncio.Task[None]] = set()

    def sound(self, kind: AlarmKind, what: str, **facts: Any) -> None:
        """Never raises and never waits. `facts` are ids and reasons; numbers and secrets in them are masked."""
        metrics.alarms.labels(kind).inc()
        log.critical(what, alarm=kind, **facts)
        if self._url is None:
            return
        held_back = self._take_turn(kind, _whose(facts))
        if held_back is None:
            return
        self._send(self._url, self._body(kind, what, facts, held_back))

    def _body(self, kind: AlarmKind, what: str, facts: dict[str, Any], held_back: int = 0) -> dict[str, Any]:
        return {
            "alarm": kind,
            "text": mask_text(f"GDial: {what}"),
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "host": socket.gethostname(),
            "held_back": held_back,
            "facts": mask(facts),
        }

    def _send(self, url: str, body: dict[str, Any]) -> None:
        task = asyncio.create_task(self._tell(url, body))
        self._on_the_way.add(task)
        task.add_done_callback(self._on_the_way.discard)

    def sound_over(self, kind: AlarmKind, what: str, **facts: Any) -> None:
        """What was told of is over: a word to whoever was woken, no alarm of its own. The next one is told at once."""
        log.warning(what, alarm_over=kind, **facts)
        self._told.pop((kind, _whose(facts)), None)
        if self._url is not None and len(self._on_the_way) < TOLD_AT_ONCE:
            self._send(self._url, {**self._body(kind, what, facts), "is_over": True})

    async def close(self) -> None:
        """Waits for what is on its way, five seconds at most."""
        if self._on_the_way:
            await asyncio.wait(self._on_the_way, timeout=CLOSING_SECONDS)
        for task in self._on_the_way:
            task.cancel()
        await asyncio.gather(*self._on_the_way, return_exceptions=True)

    def _take_turn(self, kind: AlarmKind, whose: str) -> int | None:
        """How many were held back since it was last told; None while it is too early to tell it again."""
        now = self._monotonic()
        told = self._told.setdefault((kind, whose), _Told())
        if now - told.at_seconds < TOLD_AGAIN_AFTER_SECONDS or len(self._on_the_way) >= TOLD_AT_ONCE:
            told.held_back += 1
            return None
        held_back = told.held_back
        told.at_seconds, told.held_back = now, 0
        self._told = {key: old for key, old in self._told.items() if now - old.at_seconds < REMEMBERED_SECONDS}
        return held_back

    async def _tell(self, url: str, body: dict[str, Any]) -> None:
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session:
            why = await _post(session, url, body)
            for pause_seconds in self._pauses_seconds:
                if not why:
                    return
                await asyncio.sleep(pause_seconds)
                why = await _post(session, url, body)
        if why:
            log.error("the alarm could not be told to ALERT_WEBHOOK_URL", alarm=body["alarm"], why=why)


def _whose(facts: Mapping[str, Any]) -> str:
    return str(facts.get("run") or facts.get("engine") or "")


async def _post(session: aiohttp.ClientSession, url: str, body: dict[str, Any]) -> str:
    """ "" when it was taken, else why not, without the address: libraries put it into their errors."""
    try:
        async with session.post(url, json=body, allow_redirects=False) as answer:
            return "" if answer.ok and answer.status < 300 else f"answered {answer.status}"
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        return type(error).__name__
