"""Settings in, a running Runtime out: the one list of vendors."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from gdial.carriers.base import Carrier
from gdial.carriers.pace import InProcessPace
from gdial.carriers.twilio import TwilioCarrier
from gdial.dialing.states import RunMode
from gdial.errors import SetupError
from gdial.queue.in_process import InProcessQueue
from gdial.runtime import Clock, Network, Runtime
from gdial.settings import Settings
from gdial.settings.checks import is_loopback
from gdial.settings.places import local_url, token_file
from gdial.speech.base import Engine
from gdial.speech.cache import AudioStore
from gdial.speech.espeak import EspeakEngine
from gdial.speech.processes import SpeechProcesses
from gdial.storage import attempts, installation
from gdial.storage.database import Database
from gdial.storage.migrate import check, upgrade

DRILL_ACCOUNT = "AC" + "d" * 32
DRILL_NUMBER = "+46313900600"
"""From the series that the Swedish numbering plan keeps for fiction (PTS): it rings nobody anywhere."""

ENGINES: dict[str, Callable[[Settings, SpeechProcesses], Engine]] = {
    "espeak": lambda _settings, processes: EspeakEngine(processes),
}


def utc_now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def open_runtime(settings: Settings, *, clock: Clock = utc_now) -> AsyncIterator[Runtime]:
    """Everything one process needs, closed when the block ends.

    An SQLite database is migrated here; on PostgreSQL a missing migration is a SetupError with the command to type.
    """
    async with AsyncExitStack() as stack:
        database = Database(settings.database_url)
        stack.push_async_callback(database.close)
        await (upgrade(database) if database.is_sqlite else check(database))
        async with database.transaction() as tx:
            secret = await installation.get_or_create_secret(tx)
        voices = SpeechProcesses()
        stack.push_async_callback(voices.close)
        speech = _open_speech(settings, secret, voices)
        stack.push_async_callback(speech.close)
        networks = await _open_networks(settings, database, secret)
        for network in networks.values():
            stack.push_async_callback(network.carrier.close)
        queue = InProcessQueue()
        stack.push_async_callback(queue.close)
        yield Runtime(
            settings=settings,
            database=database,
            queue=queue,
            speech=speech,
            networks=networks,
            public_url=public_url(settings),
            secret=secret,
            api_token=api_token(settings),
            clock=clock,
        )


def public_url(settings: Settings) -> str:
    """Where carriers reach GDial; without PUBLIC_URL this machine itself, which only a local carrier can."""
    return settings.public_url or local_url(settings)


def callback_base(settings: Settings, mode: RunMode) -> str:
    """A simulated network on this machine comes back to this machine: it cannot always reach the public address,
    and a drill is no business of the proxy there."""
    local = mode is RunMode.DRILL and is_loopback(urlsplit(settings.drill_api_base or "").hostname)
    return local_url(settings) if local else public_url(settings)


def api_token(settings: Settings) -> str:
    """API_TOKEN, or the one in DATA_DIR that is made at the first start, readable for the owner alone."""
    if settings.api_token is not None:
        return settings.api_token.get_secret_value()
    path = token_file(settings)
    return _read_token(path) or _make_token(path)


def _read_token(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii").strip() or None
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(
            f"the API token in {path} cannot be read ({error}); remove the file to have one made"
        ) from None


def _make_token(path: Path) -> str:
    """Written aside and linked into place: of two processes that start at once, both read the same token."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(32) + "\n")
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii").strip()


def _open_speech(settings: Settings, secret: bytes, processes: SpeechProcesses) -> AudioStore:
    engines = [ENGINES[name](settings, processes) for name in settings.speech_engines if name in ENGINES]
    missing = [name for name in settings.speech_engines if name not in ENGINES]
    if missing:
        raise SetupError(f"TTS engine {missing[0]} is not there; this version speaks with: {', '.join(ENGINES)}")
    return AudioStore(settings.audio_dir, secret, engines, processes)


async def _open_networks(settings: Settings, database: Database, secret: bytes) -> dict[RunMode, Network]:
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
    async with database.reading() as tx:
        open_lines = await attempts.count_open(tx, mode)
    pace = InProcessPace(settings.calls_per_second, settings.max_concurrent_calls, open_lines=open_lines)
    return Network(carrier, from_numbers, pace, callback_base(settings, mode))
