"""What a running process holds, typed by ports. Put together by `gdial.assembly`, handed to every action."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from gdial.carriers.base import Carrier
from gdial.carriers.breaker import CarrierBreaker
from gdial.dialing.pacing import Pace
from gdial.dialing.states import RunMode
from gdial.errors import Conflict, Worded
from gdial.monitoring.alarms import Alarms
from gdial.queue.base import Queue
from gdial.settings import Settings
from gdial.speech.cache import AudioStore
from gdial.storage.database import Database
from gdial.storage.kept_keys import KeptKeys

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Network:
    """A telephone network to ring over: the carrier, our numbers there, its limiter and breaker, and where it reaches
    GDial.

    `callback_base` begins every address that is handed to this carrier, without a slash at the end; its callbacks are
    signed over that address. Drills on this machine come back on loopback, whatever the public address is.
    """

    carrier: Carrier
    from_numbers: tuple[str, ...]
    pace: Pace
    callback_base: str
    breaker: CarrierBreaker = field(default_factory=CarrierBreaker)


@dataclass(frozen=True, slots=True)
class Bells:
    """Set to wake a loop of this process before its tick; never the only way that work is found."""

    feed: asyncio.Event = field(default_factory=asyncio.Event)
    close_runs: asyncio.Event = field(default_factory=asyncio.Event)


class Records(Protocol):
    """As much of a Runtime as reading and storing takes: no queue, no voice, no telephone network."""

    @property
    def settings(self) -> Settings: ...

    @property
    def database(self) -> Database: ...

    @property
    def clock(self) -> Clock: ...


@dataclass(frozen=True, slots=True)
class Runtime:
    """`secret` is the installation's: tokens and audio names are made with it. `clock` gives UTC with zone.
    `public_url` is where people and the real carrier reach GDial, without a slash at the end. Who was fed before
    `feeds_count_from` lies on another queue than this one; None: nobody does. `unheard`: attempts of
    which a status could not be stored."""

    settings: Settings
    database: Database
    queue: Queue
    speech: AudioStore
    networks: Mapping[RunMode, Network]
    public_url: str
    secret: bytes
    api_token: str
    clock: Clock
    kept_keys: KeptKeys
    bells: Bells = field(default_factory=Bells)
    alarms: Alarms = field(default_factory=Alarms)
    feeds_count_from: datetime | None = None
    unheard: set[UUID] = field(default_factory=set)

    def network(self, mode: RunMode) -> Network:
        """Raises Conflict, saying what to set, when this network is not set up."""
        try:
            return self.networks[mode]
        except KeyError:
            raise Conflict(MISSING_NETWORK[mode]) from None


MISSING_NETWORK = {
    RunMode.REAL: Worded(
        "no carrier is set up, so no real call can be made: set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and "
        'TWILIO_FROM_NUMBER, or start the run as a drill ("mode": "drill")'
    ),
    RunMode.DRILL: Worded(
        "no simulated telephone network is set up for drills: start `gdial sim` and set DRILL_API_BASE"
    ),
}
