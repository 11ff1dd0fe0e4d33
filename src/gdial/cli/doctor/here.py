"""What is on this machine: folders, token, database, voices."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from gdial.assembly.speaking import open_engine
from gdial.cli.doctor.finding import Finding, absent, fault, fine
from gdial.errors import GDialError, InvalidInput
from gdial.settings import Settings
from gdial.settings.places import token_file
from gdial.speech.base import Engine, SpeechRequest
from gdial.speech.cache import AudioStore
from gdial.speech.gtts import UNOFFICIAL
from gdial.speech.processes import SpeechProcesses
from gdial.storage import installation, migrate, probe
from gdial.storage.database import Database

LEAST_FREE_BYTES = 500_000_000
QUIETEST_DBFS = -45.0
SPOKEN = (("sv", "Prov av rösten."), ("en", "This is a test."))
NO_SECRET = b""


def look_at_folders(settings: Settings) -> Iterator[Finding]:
    database = settings.database_path
    folders = {"data folder": settings.data_dir, "audio folder": settings.audio_dir}
    if database:
        folders["database folder"] = database.parent
    for part, folder in folders.items():
        yield _look_at_folder(part, folder)


def _look_at_folder(part: str, folder: Path) -> Finding:
    if not folder.is_dir():
        return absent(part, f"{folder} is not there yet; gdial serve makes it")
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"doctor")
    except OSError as error:
        return fault(part, f"{folder} cannot be written: {error.strerror}", f"let this user write there: {folder}")
    free = shutil.disk_usage(folder).free
    told = f"{folder}, {free / 1e9:.1f} GB free"
    if free < LEAST_FREE_BYTES:
        return fault(part, told, f"make room: at least {LEAST_FREE_BYTES // 1_000_000} MB")
    return fine(part, told)


def look_at_token(settings: Settings) -> Finding:
    if settings.api_token is not None:
        return fine("API token", "in the setting API_TOKEN")
    path = token_file(settings)
    if not path.exists():
        return absent("API token", "none yet; gdial serve makes one at its first start")
    if path.stat().st_mode & 0o077:
        return fault("API token", f"other users of this machine can read {path}", f"type: chmod 600 {path}")
    return fine("API token", f"{path}, readable for its owner alone")


async def look_at_database(settings: Settings) -> tuple[list[Finding], bytes]:
    """What was found, and the installation's secret; NO_SECRET where there is none to be read."""
    path = settings.database_path
    if path and not path.exists():
        return [absent("database", f"there is no {path} yet; gdial serve makes it")], NO_SECRET
    database = Database(settings.database_url)
    try:
        await probe.ask(database)
        found = [fine("database", f"{settings.database_kind} answers")]
        await migrate.check(database)
        found.append(fine("tables", "up to date"))
        async with database.reading() as tx:
            return found, bytes.fromhex(await installation.get(tx, installation.MINTED_ONCE) or "")
    except GDialError as error:
        mend = "see docs/howto/postgresql.md" if database.is_sqlite is False else "type: gdial db upgrade"
        return [fault("database", str(error), mend)], NO_SECRET
    finally:
        await database.close()


async def look_at_voices(settings: Settings) -> AsyncIterator[Finding]:
    """Each voice of the chain speaks a sentence in Swedish and in English, into a folder that is thrown away."""
    processes = SpeechProcesses()
    try:
        for name in settings.speech_engines:
            found = await _listen(f"voice {name}", open_engine(name, settings, processes), processes)
            yield replace(found, detail=f"{found.detail}; {UNOFFICIAL}") if name == "gtts" else found
    finally:
        await processes.close()


async def _listen(part: str, engine: Engine, processes: SpeechProcesses) -> Finding:
    heard = []
    with tempfile.TemporaryDirectory(prefix="gdial-doctor-") as folder:
        store = AudioStore(Path(folder), b"for this look alone, and no other", [engine], processes)
        try:
            for language, text in SPOKEN:
                began_at = time.monotonic()
                try:
                    audio = await store.prepare(SpeechRequest(text, language))
                except InvalidInput:
                    heard.append(f"{language} left to the next voice")
                    continue
                loudness = _loudness_dbfs(audio.path)
                if loudness < QUIETEST_DBFS:
                    return fault(part, f"{language} at {loudness:.0f} dB is too quiet to hear", "choose another voice")
                took_ms = (time.monotonic() - began_at) * 1000
                heard.append(f"{language} {audio.seconds:.1f} s of sound at {loudness:.0f} dB in {took_ms:.0f} ms")
        except GDialError as error:
            return fault(part, str(error), "set TTS_ENGINE=espeak, or mend this voice")
        finally:
            await store.close()
    return fine(part, "; ".join(heard))


def _loudness_dbfs(path: Path) -> float:
    """Root mean square over the whole piece, 0 dB being the loudest sine there is; of µ-law WAV."""
    samples = _read_mulaw(path)
    power = float(np.mean(samples**2)) if samples.size else 0.0
    return 10 * float(np.log10(max(power * 2, 1e-12)))


def _read_mulaw(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """ITU-T G.711: sign, exponent and mantissa, all bits turned."""
    content = path.read_bytes()
    start = content.index(b"data") + 8
    codes = ~np.frombuffer(content[start:], dtype=np.uint8)
    magnitude = (((codes & 0x0F).astype(np.float64) * 2 + 33) * 2.0 ** ((codes >> 4) & 7)) - 33
    return np.asarray(np.where(codes & 0x80, -magnitude, magnitude) / 8031.0)
