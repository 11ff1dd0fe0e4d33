"""The store of finished pieces."""

from __future__ import annotations

import asyncio
import resource
import stat
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from gdial.errors import InvalidInput, SetupError, SpeechUnavailable
from gdial.speech.base import Engine, Pcm, SpeechRequest
from gdial.speech.cache import AudioStore
from gdial.speech.espeak import EspeakEngine
from gdial.speech.processes import SpeechProcesses
from tests.unit.speech.listening import decode_file, lufs

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRET = b"an installation's own secret"
HELLO = SpeechRequest("Hej på dig, tryck ett.", "sv")
HOUR_SECONDS = 3_600


class CountingEngine:
    """The real voice, counted."""

    name = "espeak"

    def __init__(self, processes: SpeechProcesses, name: str = "espeak") -> None:
        self.name = name
        self.spoken: list[SpeechRequest] = []
        self.speaking = 0
        self.most_at_once = 0
        self._engine = EspeakEngine(processes)

    async def speak(self, request: SpeechRequest) -> Pcm:
        self.spoken.append(request)
        self.speaking += 1
        self.most_at_once = max(self.most_at_once, self.speaking)
        try:
            return await self._engine.speak(request)
        finally:
            self.speaking -= 1

    async def close(self) -> None:
        await self._engine.close()


class BrokenEngine:
    """A voice that never speaks."""

    def __init__(self, error: Exception) -> None:
        self.name = "broken"
        self._error = error
        self.closed = False

    async def speak(self, request: SpeechRequest) -> Pcm:
        raise self._error

    async def close(self) -> None:
        self.closed = True


class SilentEngine:
    name = "silent"

    async def speak(self, request: SpeechRequest) -> Pcm:
        return Pcm(bytes(44_100), 22_050)

    async def close(self) -> None:
        pass


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def make_store(
    folder: Path, processes: SpeechProcesses, engines: Sequence[Engine] = (), clock: Clock | None = None
) -> AudioStore:
    return AudioStore(folder, SECRET, engines or [EspeakEngine(processes)], processes, clock=clock or Clock())


def files_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_a_piece_is_made_once_and_found_again(tmp_path: Path, processes: SpeechProcesses) -> None:
    engine = CountingEngine(processes)
    store = make_store(tmp_path / "audio", processes, [engine])
    assert store.lookup(HELLO) is None
    made = await store.prepare(HELLO)
    assert made.name == store.name_for(HELLO)
    assert made.content_type == "audio/wav"
    samples, codec, _ = decode_file(made.path.read_bytes())
    assert codec == "pcm_mulaw"
    assert made.seconds == pytest.approx(len(samples) / 8_000)
    assert lufs(samples) == pytest.approx(-19, abs=0.5)
    assert await store.prepare(HELLO) == store.lookup(HELLO) == store.find(made.name) == made
    assert len(engine.spoken) == 1
    assert (store.made, store.reused, store.failed, dict(store.made_by)) == (1, 1, 0, {"espeak": 1})


async def test_fifty_who_ask_at_once_get_one_piece(tmp_path: Path, processes: SpeechProcesses) -> None:
    engine = CountingEngine(processes)
    store = make_store(tmp_path, processes, [engine])
    pieces = await asyncio.gather(*(store.prepare(HELLO) for _ in range(50)))
    assert len(set(pieces)) == 1
    assert len(engine.spoken) == 1
    assert (store.made, store.reused) == (1, 49)


async def test_a_large_batch_does_not_hold_all_its_sound_at_once(tmp_path: Path, processes: SpeechProcesses) -> None:
    engine = CountingEngine(processes)
    store = make_store(tmp_path, processes, [engine])
    await asyncio.gather(*(store.prepare(replace(HELLO, text=f"Nummer {number}")) for number in range(40)))
    assert store.made == 40
    assert 1 < engine.most_at_once <= 8


async def test_it_is_there_after_a_restart(tmp_path: Path, processes: SpeechProcesses) -> None:
    made = await make_store(tmp_path, processes).prepare(HELLO)
    again = make_store(tmp_path, processes, [BrokenEngine(SpeechUnavailable("must not be asked"))])
    assert again.find(made.name) == made


async def test_two_programs_in_one_folder_never_change_a_file(tmp_path: Path, processes: SpeechProcesses) -> None:
    one, other = make_store(tmp_path, processes), make_store(tmp_path, processes)
    made, made_too = await asyncio.gather(one.prepare(HELLO), other.prepare(HELLO))
    assert made == made_too
    assert files_in(tmp_path) == [made.path.name]


async def test_a_name_depends_on_all_that_is_heard_and_nothing_else(tmp_path: Path, processes: SpeechProcesses) -> None:
    store = make_store(tmp_path, processes)
    heard = [
        HELLO,
        replace(HELLO, text="Hej på dig, tryck två."),
        replace(HELLO, language="en"),
        replace(HELLO, voice="sv+f3"),
        replace(HELLO, speed=1.1),
        replace(HELLO, pitch=1.0),
    ]
    names = {store.name_for(request) for request in heard} | {store.name_for(HELLO, "mp3")}
    assert len(names) == 7
    assert store.name_for(replace(HELLO, text=" Hej  på dig,\ntryck ett.\x00", pitch=-0.0, speed=1)) in names
    other = AudioStore(tmp_path, b"another installation's secret", [EspeakEngine(processes)], processes)
    assert other.name_for(HELLO) not in names
    other_voice = make_store(tmp_path, processes, [CountingEngine(processes, "piper")])
    assert other_voice.name_for(HELLO) not in names


async def test_the_name_stays_whichever_engine_speaks(tmp_path: Path, processes: SpeechProcesses) -> None:
    working, broken = CountingEngine(processes), BrokenEngine(SpeechUnavailable("no sound card"))
    store = make_store(tmp_path, processes, [broken, working])
    request = replace(HELLO, voice="broken's own voice")
    name = store.name_for(request)
    made = await store.prepare(request)
    assert made.name == name
    assert dict(store.made_by) == {"espeak": 1}
    assert working.spoken == [HELLO], "another engine's voice is no voice of this one"


@pytest.mark.parametrize(
    "first", [BrokenEngine(RuntimeError("a fault")), BrokenEngine(InvalidInput("only Finnish")), SilentEngine()]
)
async def test_an_engine_that_fails_in_any_way_is_followed_by_the_next(
    tmp_path: Path, processes: SpeechProcesses, first: Engine
) -> None:
    store = make_store(tmp_path, processes, [first, EspeakEngine(processes)])
    assert (await store.prepare(HELLO)).seconds > 1
    assert store.failed == 0


async def test_when_every_engine_fails_it_says_why_and_the_next_try_is_new(
    tmp_path: Path, processes: SpeechProcesses
) -> None:
    failing = BrokenEngine(SpeechUnavailable("no licence"))
    store = make_store(tmp_path, processes, [failing, SilentEngine()])
    for failed in (1, 2):
        with pytest.raises(SpeechUnavailable, match=r"broken: no licence; silent: .*silence"):
            await store.prepare(HELLO)
        assert store.failed == failed
    assert files_in(tmp_path) == []
    await store.close()
    assert failing.closed


async def test_a_request_that_can_never_be_spoken_is_refused(tmp_path: Path, processes: SpeechProcesses) -> None:
    store = make_store(tmp_path, processes)
    with pytest.raises(InvalidInput, match="no letter or digit"):
        await store.prepare(replace(HELLO, text="!"))
    with pytest.raises(InvalidInput, match="no voice speaks"):
        await store.prepare(replace(HELLO, language="xx"))
    with pytest.raises(InvalidInput, match='no voice "kerstin"'):
        await make_store(tmp_path, processes, [EspeakEngine(processes), CountingEngine(processes)]).prepare(
            replace(HELLO, voice="kerstin")
        )


@pytest.mark.parametrize(
    "name",
    ["", ".", "../secret", "../" + "a" * 61, "a" * 63, "A" * 64, "a" * 64 + "\n", "a" * 64 + ".wav", "\x00" * 64],
)
async def test_only_names_of_pieces_are_looked_for(tmp_path: Path, processes: SpeechProcesses, name: str) -> None:
    (tmp_path / "secret.wav").write_bytes(bytes(100))
    store = make_store(tmp_path / "audio", processes)
    (tmp_path / "audio" / ("a" * 64 + ".wav.wav")).write_bytes(bytes(100))
    assert store.find(name) is None


async def test_who_gives_up_does_not_stop_the_making(tmp_path: Path, processes: SpeechProcesses) -> None:
    store = make_store(tmp_path, processes)
    impatient = asyncio.create_task(store.prepare(HELLO))
    await asyncio.sleep(0)
    patient = asyncio.create_task(store.prepare(HELLO))
    await asyncio.sleep(0)
    impatient.cancel()
    assert (await patient).seconds > 1
    assert store.made == 1


async def test_mp3_is_another_piece(tmp_path: Path, processes: SpeechProcesses) -> None:
    store = make_store(tmp_path, processes)
    wav, mp3 = await store.prepare(HELLO), await store.prepare(HELLO, "mp3")
    assert mp3.content_type == "audio/mpeg"
    assert mp3.seconds == pytest.approx(wav.seconds, abs=0.3)
    assert store.find(mp3.name) == mp3 != wav


async def test_the_folder_is_made_for_its_owner_alone(tmp_path: Path, processes: SpeechProcesses) -> None:
    make_store(tmp_path / "new" / "audio", processes)
    assert stat.S_IMODE((tmp_path / "new" / "audio").stat().st_mode) == 0o700


async def test_a_folder_deleted_while_running_is_made_again(tmp_path: Path, processes: SpeechProcesses) -> None:
    store = make_store(tmp_path / "audio", processes)
    (tmp_path / "audio").rmdir()
    assert (await store.prepare(HELLO)).path.exists()


async def test_a_file_where_the_folder_should_be_stops_the_start(tmp_path: Path, processes: SpeechProcesses) -> None:
    (tmp_path / "audio").write_text("hello")
    for folder in (tmp_path / "audio", tmp_path / "audio" / "deeper"):
        with pytest.raises(SetupError, match="a file is in its way"):
            make_store(folder, processes)


async def test_a_short_secret_or_no_engine_stops_the_start(tmp_path: Path, processes: SpeechProcesses) -> None:
    with pytest.raises(SetupError, match="16 bytes"):
        AudioStore(tmp_path, b"short", [EspeakEngine(processes)], processes)
    with pytest.raises(SetupError, match="TTS_ENGINE"):
        AudioStore(tmp_path, SECRET, [], processes)


@pytest.mark.skipif(sys.platform != "linux", reason="limits the size of files as Linux does")
async def test_a_full_disk_leaves_no_half_file(tmp_path: Path, processes: SpeechProcesses) -> None:
    store = make_store(tmp_path, processes)
    await processes.run("espeak.voices", {})
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, most))
    try:
        with pytest.raises(SpeechUnavailable, match="cannot be written"):
            await store.prepare(HELLO)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    assert files_in(tmp_path) == []
    assert (await store.prepare(HELLO)).path.exists()


async def test_a_file_that_lost_its_bytes_is_made_again(tmp_path: Path, processes: SpeechProcesses) -> None:
    store = make_store(tmp_path, processes)
    made = await store.prepare(HELLO)
    made.path.write_bytes(b"")
    assert store.lookup(HELLO) is None
    assert (await store.prepare(HELLO)).path.stat().st_size > 1_000


async def test_trimming_deletes_what_was_used_longest_ago(tmp_path: Path, processes: SpeechProcesses) -> None:
    clock = Clock()
    store = make_store(tmp_path, processes, clock=clock)
    requests = [replace(HELLO, text=f"Nummer {number}") for number in range(4)]
    pieces = []
    for request in requests:
        pieces.append(await store.prepare(request))
        clock.now += HOUR_SECONDS
    assert store.lookup(requests[0]), "used again, which the two after it were not"
    clock.now += 2 * HOUR_SECONDS
    stranger = tmp_path / "notes.txt"
    stranger.write_text("not GDial's")
    sizes = [piece.path.stat().st_size for piece in pieces]
    assert await store.trim(sizes[0] + sizes[3]) == 2
    assert [store.find(piece.name) is not None for piece in pieces] == [True, False, False, True]
    assert stranger.exists()
    assert await store.trim(10**9) == 0


async def test_trimming_never_deletes_what_was_used_within_the_hour(tmp_path: Path, processes: SpeechProcesses) -> None:
    clock = Clock()
    store = make_store(tmp_path, processes, clock=clock)
    made = await store.prepare(HELLO)
    clock.now += 50 * HOUR_SECONDS
    assert store.find(made.name)
    clock.now += HOUR_SECONDS - 1
    assert await store.trim(0) == 0
    clock.now += HOUR_SECONDS
    assert await store.trim(0) == 1
    assert store.find(made.name) is None


async def test_trimming_takes_away_what_a_killed_program_left_half_written(
    tmp_path: Path, processes: SpeechProcesses
) -> None:
    clock = Clock()
    store = make_store(tmp_path, processes, clock=clock)
    left = tmp_path / f".{'a' * 64}.x1y2.part"
    left.write_bytes(b"half")
    clock.now = left.stat().st_mtime
    await store.trim(10**9)
    assert left.exists(), "somebody may be writing it"
    clock.now += 2 * HOUR_SECONDS
    await store.trim(10**9)
    assert not left.exists()


async def test_closing_ends_what_is_being_made_and_tells_those_who_wait(
    tmp_path: Path, processes: SpeechProcesses
) -> None:
    store = make_store(tmp_path, processes)
    waiting = asyncio.create_task(store.prepare(HELLO))
    await asyncio.sleep(0)
    await store.close()
    with pytest.raises(SpeechUnavailable, match="closed"):
        await waiting
    assert files_in(tmp_path) == []
