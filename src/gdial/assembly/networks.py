"""The telephone networks that the settings name, each with its limiter and the addresses it comes back on."""

from __future__ import annotations

import hashlib
import hmac
from urllib.parse import urlsplit

from gdial.carriers.base import Carrier
from gdial.carriers.pace import InProcessPace
from gdial.carriers.shared_pace import SharedPace
from gdial.carriers.twilio import TwilioCarrier
from gdial.dialing.pacing import Pace
from gdial.dialing.states import RunMode
from gdial.runtime import Network
from gdial.settings import Settings
from gdial.settings.checks import is_loopback
from gdial.settings.places import local_url
from gdial.storage import attempts
from gdial.storage.database import Database
from gdial.storage.pace import PaceGates

DRILL_ACCOUNT = "AC" + "d" * 32
DRILL_NUMBER = "+46313900600"
"""From the series that the Swedish numbering plan keeps for fiction (PTS): it rings nobody anywhere."""


def public_url(settings: Settings) -> str:
    """Where carriers reach GDial; without PUBLIC_URL this machine itself, which only a local carrier can."""
    return settings.public_url or local_url(settings)


def callback_base(settings: Settings, mode: RunMode) -> str:
    """A simulated network on this machine comes back to this machine: it cannot always reach the public address,
    and a drill is no business of the proxy there."""
    local = mode is RunMode.DRILL and is_loopback(urlsplit(settings.drill_api_base or "").hostname)
    return local_url(settings) if local else public_url(settings)


async def open_networks(settings: Settings, database: Database, secret: bytes) -> dict[RunMode, Network]:
    """Real and drill, as far as they are set up."""
    networks = {}
    if settings.twilio_account_sid and settings.twilio_auth_token:
        carrier = TwilioCarrier(
            settings.twilio_account_sid,
            settings.twilio_auth_token.get_secret_value(),
            api_base=settings.twilio_api_base,
            timeout_seconds=settings.carrier_timeout_sec,
        )
        networks[RunMode.REAL] = await _network(settings, database, RunMode.REAL, carrier, settings.from_numbers)
    if settings.drill_api_base:
        token = hmac.new(secret, b"drill", hashlib.sha256).hexdigest()[:32]
        drill = TwilioCarrier(
            DRILL_ACCOUNT, token, api_base=settings.drill_api_base, timeout_seconds=settings.carrier_timeout_sec
        )
        from_numbers = settings.from_numbers or (DRILL_NUMBER,)
        networks[RunMode.DRILL] = await _network(settings, database, RunMode.DRILL, drill, from_numbers)
    return networks


async def _network(
    settings: Settings, database: Database, mode: RunMode, carrier: Carrier, from_numbers: tuple[str, ...]
) -> Network:
    return Network(carrier, from_numbers, await open_pace(settings, database, mode), callback_base(settings, mode))


async def open_pace(settings: Settings, database: Database, mode: RunMode) -> Pace:
    """The limiter of this network, new: shared with the other processes where there is a broker."""
    if settings.rabbitmq_url is not None:
        return SharedPace(PaceGates(database), mode, settings.calls_per_second, settings.max_concurrent_calls)
    async with database.reading() as tx:
        open_lines = await attempts.count_open(tx, mode)
    return InProcessPace(settings.calls_per_second, settings.max_concurrent_calls, open_lines=open_lines)
