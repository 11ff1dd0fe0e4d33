"""Audio that one process made is found by another with a folder of its own, and missed by nobody who waits for it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from gdial.actions.prepare_speech import utterances
from gdial.assembly import open_runtime
from gdial.carriers.base import Sound, SpokenByCarrier
from gdial.dialing.states import RunMode
from gdial.errors import DatabaseUnavailable
from gdial.messages.dialogue import Spoken
from gdial.runtime import Runtime
from gdial.settings import Settings
from gdial.speech.base import Engine, SpeechRequest
from gdial.speech.cache import AudioStore
from gdial.speech.espeak import EspeakEngine
from gdial.speech.processes import SpeechProcesses
from gdial.speech.shelf import LARGEST_PIECE_BYTES, OptionalShelf, Shelf
from gdial.storage.audio_pieces import AudioShelf
from gdial.storage.database import Database
from tests.support.dialling import MuteEngine, dialling
from tests.support.runtime import TurnedClock
from tests.support.services import PrivatePostgres

SECRET = b"an installation's own secret"
HELLO, MESSAGE, LATE = [
    SpeechRequest(text, "sv") for text in ("Hej Anna!", "Skolan är stängd i dag.", "Den öppnar i morgon.")
]


class WatchedShelf:
    """The shelf of a database, counted; `is_away` when its database does not answer, `is_silent` when it hangs."""

    def __init__(self, database: Database) -> None:
        self._shelf = AudioShelf(database, TurnedClock())
        self.asked: list[list[str]] = []
        self.is_away = False
        self.is_silent = False

    async def get(self, names: Sequence[str]) -> Mapping[str, tuple[str, bytes]]:
        self.asked.append(list(names))
        await self._reach()
        return await self._shelf.get(names)

    async def put(self, name: str, audio_format: str, data: bytes) -> None:
        await self._reach()
        await self._shelf.put(name, audio_format, data)

    async def _reach(self) -> None:
        if self.is_away:
            raise DatabaseUnavailable("the database does not answer")
        if self.is_silent:
            await asyncio.Event().wait()


class HoarseEngine(MuteEngine):
    """The same voice, where it is broken."""

    name = EspeakEngine(SpeechProcesses()).name


@pytest.fixture
async def processes() -> AsyncIterator[SpeechProcesses]:
    made = SpeechProcesses()
    yield made
    await made.close()


@pytest.fixture
async def shelf(tmp_path: Path, sqlite_template: Path) -> AsyncIterator[WatchedShelf]:
    shutil.copy(sqlite_template, tmp_path / "shared.db")
    database = Database(f"sqlite:///{tmp_path / 'shared.db'}")
    yield WatchedShelf(database)
    await database.close()


def make_store(
    folder: Path, processes: SpeechProcesses, shelf: Shelf | None, engine: Engine | None = None
) -> AudioStore:
    return AudioStore(folder, SECRET, [engine or EspeakEngine(processes)], processes, shelf=shelf)


async def test_what_one_host_made_another_finds_without_a_voice_of_its_own(
    tmp_path: Path, processes: SpeechProcesses, database: Database
) -> None:
    shelf = AudioShelf(database, TurnedClock())
    maker = make_store(tmp_path / "tts", processes, shelf)
    web = make_store(tmp_path / "web", processes, shelf, HoarseEngine())
    made = [await maker.prepare(request) for request in (HELLO, MESSAGE)]

    assert web.lookup(HELLO) is None
    found = await web.find_many([made[0].name, "f" * 64, made[1].name, "no name"])
    assert set(found) == {made[0].name, made[1].name}
    copy = found[made[0].name]
    assert copy.path.is_relative_to(tmp_path / "web")
    assert copy.path.read_bytes() == made[0].path.read_bytes()
    assert copy == replace(made[0], path=copy.path)
    assert web.lookup(HELLO) == copy
    assert (web.made, maker.made) == (0, 2)


async def test_it_is_prepared_from_the_shelf_before_it_is_made_again(
    tmp_path: Path, processes: SpeechProcesses, shelf: WatchedShelf
) -> None:
    made = await make_store(tmp_path / "one", processes, shelf).prepare(HELLO)
    other = make_store(tmp_path / "two", processes, shelf)
    pieces = await asyncio.gather(*(other.prepare(HELLO) for _ in range(5)))
    assert {piece.name for piece in pieces} == {made.name}
    assert (other.made, other.reused) == (0, 5)
    assert shelf.asked == [[made.name]] * 2, "once by each process"


async def test_many_are_asked_for_at_once_and_nobody_is_asked_for_what_is_here(
    tmp_path: Path, processes: SpeechProcesses, shelf: WatchedShelf
) -> None:
    maker = make_store(tmp_path / "tts", processes, shelf)
    names = [(await maker.prepare(request)).name for request in (HELLO, MESSAGE)]
    web = make_store(tmp_path / "web", processes, shelf)
    shelf.asked.clear()
    assert set(await web.find_many([*names, "0" * 64, names[0]])) == set(names)
    assert shelf.asked == [[*names, "0" * 64]]
    assert set(await web.find_many(names)) == set(names)
    assert len(shelf.asked) == 1


async def test_a_shelf_that_is_away_costs_nothing_but_making_it_twice(
    tmp_path: Path, processes: SpeechProcesses, shelf: WatchedShelf
) -> None:
    shelf.is_away = True
    one, other = make_store(tmp_path / "one", processes, shelf), make_store(tmp_path / "two", processes, shelf)
    made = await one.prepare(HELLO)
    assert await other.find_many([made.name]) == {}
    assert (await other.prepare(HELLO)).path.exists()
    assert (one.made, other.made) == (1, 1)


async def test_nobody_waits_long_for_a_shelf_that_is_silent(shelf: WatchedShelf) -> None:
    impatient = OptionalShelf(shelf, patience_seconds=0.01)
    shelf.is_silent = True
    assert await impatient.get(["1" * 64]) == {}
    await impatient.put("1" * 64, "wav", bytes(100))
    shelf.is_silent = False
    assert await shelf.get(["1" * 64]) == {}


async def test_what_is_too_long_for_the_shelf_is_not_laid_there(shelf: WatchedShelf) -> None:
    bounded = OptionalShelf(shelf)
    await bounded.put("1" * 64, "wav", bytes(LARGEST_PIECE_BYTES + 1))
    await bounded.put("2" * 64, "wav", bytes(LARGEST_PIECE_BYTES))
    assert set(await bounded.get(["1" * 64, "2" * 64])) == {"2" * 64}


async def test_what_this_version_cannot_play_is_not_there(
    tmp_path: Path, processes: SpeechProcesses, shelf: WatchedShelf
) -> None:
    await shelf.put("1" * 64, "opus", bytes(1_000))
    await shelf.put("2" * 64, "wav", b"RIFF")
    assert await make_store(tmp_path / "one", processes, shelf).find_many(["1" * 64, "2" * 64]) == {}


@pytest.fixture
async def rt(tmp_path: Path) -> AsyncIterator[Runtime]:
    async with dialling(tmp_path, f"sqlite:///{tmp_path / 'gdial.db'}") as opened:
        yield opened.rt


def said(*requests: SpeechRequest) -> list[Spoken]:
    return [Spoken(request.text, request.language) for request in requests]


async def heard(rt: Runtime, speech: AudioStore, *requests: SpeechRequest) -> list[str]:
    """What a script says: the pieces of each sound, or the carrier's words."""
    uttered = await utterances(replace(rt, speech=speech), said(*requests), RunMode.REAL)
    return [
        each.url.removeprefix("https://calls.example.org/tts/audio/") if isinstance(each, Sound) else each.text
        for each in uttered
        if isinstance(each, Sound | SpokenByCarrier)
    ]


async def test_a_script_plays_what_is_there_as_one_sound_and_says_the_rest(
    tmp_path: Path, processes: SpeechProcesses, shelf: WatchedShelf, rt: Runtime
) -> None:
    maker = make_store(tmp_path / "tts", processes, shelf)
    hello, message = [(await maker.prepare(request)).name for request in (HELLO, MESSAGE)]
    web = make_store(tmp_path / "web", processes, shelf, HoarseEngine())
    shelf.asked.clear()
    assert await heard(rt, web, HELLO, MESSAGE) == [f"{hello}-{message}"]
    assert len(shelf.asked) == 1
    assert await heard(rt, web, HELLO, MESSAGE, HELLO) == [f"{hello}-{message}-{hello}"]
    assert len(shelf.asked) == 1, "it is in the folder now"
    assert await heard(rt, web, HELLO, LATE, MESSAGE) == [hello, LATE.text, message]


async def test_a_script_with_nothing_anywhere_asks_once_and_lets_the_carrier_speak(
    tmp_path: Path, processes: SpeechProcesses, shelf: WatchedShelf, rt: Runtime
) -> None:
    web = make_store(tmp_path / "web", processes, shelf, HoarseEngine())
    assert await heard(rt, web, HELLO, MESSAGE) == [HELLO.text, MESSAGE.text]
    assert len(shelf.asked) == 1
    shelf.is_away = True
    assert await heard(rt, web, HELLO, MESSAGE) == [HELLO.text, MESSAGE.text]


async def test_a_name_without_a_letter_is_left_to_the_carrier_and_the_rest_is_played(
    tmp_path: Path, processes: SpeechProcesses, rt: Runtime
) -> None:
    speech = make_store(tmp_path / "one", processes, None)
    message = speech.name_for(MESSAGE)
    assert await heard(rt, speech, SpeechRequest("-!", "sv"), MESSAGE) == ["-!", message]


async def test_a_long_message_has_as_few_addresses_as_every_proxy_takes(
    tmp_path: Path, processes: SpeechProcesses, rt: Runtime
) -> None:
    speech = make_store(tmp_path / "one", processes, None)
    requests = [SpeechRequest(f"Nummer {number}.", "sv") for number in range(21)]
    names = [speech.name_for(request) for request in requests]
    assert await heard(rt, speech, *requests) == ["-".join(names[:20]), names[20]]
    network = replace(rt.network(RunMode.REAL), callback_base="https://example.org/" + "x" * 1_500)
    far = replace(rt, speech=speech, networks={RunMode.REAL: network})
    urls = [each.url for each in await utterances(far, said(*requests), RunMode.REAL) if isinstance(each, Sound)]
    assert [url.count("-") + 1 for url in urls] == [7, 7, 7]
    assert max(map(len, urls)) <= 2_000


async def test_processes_that_share_a_broker_share_their_audio(
    postgres_server: PrivatePostgres, postgres_template: str, make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    url = postgres_server.create_database(postgres_template)

    def settings_of(host: str) -> Settings:
        # Nobody listens there: what is shared is in the database.
        return make_settings(
            data_dir=tmp_path / host, database_url=url, rabbitmq_url="amqp://127.0.0.1:9/", carrier_timeout_sec=1
        )

    async with open_runtime(settings_of("tts")) as tts, open_runtime(settings_of("web")) as web:
        made = await tts.speech.prepare(HELLO)
        found = (await web.speech.find_many([made.name]))[made.name]
        assert found.path.is_relative_to(tmp_path / "web")
        assert found.path.read_bytes() == made.path.read_bytes()
    postgres_server.drop_database(url)


async def test_a_process_that_is_alone_keeps_its_audio_out_of_the_database(
    make_settings: Callable[..., Settings],
) -> None:
    async with open_runtime(make_settings()) as rt:
        made = await rt.speech.prepare(HELLO)
        assert await AudioShelf(rt.database, rt.clock).get([made.name]) == {}
