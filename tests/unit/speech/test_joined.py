"""Several pieces as one file: every sound in its order, nothing between them, and a header other programs read."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from gdial.speech.base import Audio, SpeechRequest
from gdial.speech.cache import AudioStore
from gdial.speech.espeak import EspeakEngine
from gdial.speech.joined import MOST_JOINED, can_be_joined, join, join_names, split_names
from gdial.speech.mulaw import encode, pack_wav
from gdial.speech.processes import SpeechProcesses
from tests.unit.speech.listening import decode_file

SECRET = b"an installation's own secret"
A, B = "a" * 64, "b" * 64


def write_piece(folder: Path, name: str, file: bytes) -> Audio:
    path = folder / f"{name}.wav"
    path.write_bytes(file)
    return Audio(name, path, len(file) / 8_000, "audio/wav")


def read_all(pieces: list[Audio]) -> bytes:
    joined = join(pieces)
    return b"".join(joined.read(0, joined.length))


@pytest.mark.asyncio(loop_scope="module")
async def test_spoken_pieces_follow_each_other_whole_and_without_a_click(
    tmp_path: Path, processes: SpeechProcesses
) -> None:
    store = AudioStore(tmp_path, SECRET, [EspeakEngine(processes)], processes)
    texts = ("Hej Anna!", "Skolan är stängd i dag.", "Tryck ett.", "Hej Anna!")
    pieces = [await store.prepare(SpeechRequest(text, "sv")) for text in texts]
    heard, codec, rate = decode_file(read_all(pieces))
    apart = [decode_file(piece.path.read_bytes())[0] for piece in pieces]
    assert (codec, rate) == ("pcm_mulaw", 8_000)
    np.testing.assert_array_equal(heard, np.concatenate(apart))
    loudest_step = max(int(np.abs(np.diff(sound.astype(int))).max()) for sound in apart)
    steps_between = [abs(int(before[-1]) - int(after[0])) for before, after in pairwise(apart)]
    assert max(steps_between) < loudest_step / 100


@pytest.mark.parametrize("lengths", [(1, 1), (1, 2), (2, 1, 1), (3, 0, 4), (70_000, 99_999), (1,) * MOST_JOINED])
def test_the_header_tells_the_length_of_all_whatever_is_odd(tmp_path: Path, lengths: tuple[int, ...]) -> None:
    sounds = [np.full(length, 1_000 * (number + 1), np.int16) for number, length in enumerate(lengths)]
    pieces = [write_piece(tmp_path, str(number), pack_wav(sound)) for number, sound in enumerate(sounds)]
    file = read_all(pieces)
    assert file == pack_wav(np.concatenate(sounds))
    assert join(pieces).length == len(file) == 8 + int.from_bytes(file[4:8], "little")
    assert file.endswith(encode(sounds[-1]) + b"\0" * (sum(lengths) % 2))


def test_any_part_of_it_is_what_the_whole_has_there(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    sounds = [rng.integers(-20_000, 20_000, length, np.int16) for length in (31, 8, 1)]
    joined = join([write_piece(tmp_path, str(number), pack_wav(sound)) for number, sound in enumerate(sounds)])
    whole = b"".join(joined.read(0, joined.length))
    for start in range(joined.length):
        for end in range(start, joined.length + 1):
            assert b"".join(joined.read(start, end)) == whole[start:end]


@pytest.mark.parametrize("harm", [lambda file: file[:-4], lambda file: b"OggS" + file[4:], lambda file: file[:20]])
def test_a_piece_that_is_broken_is_not_joined(tmp_path: Path, harm: object) -> None:
    good = pack_wav(np.zeros(100, np.int16))
    pieces = [write_piece(tmp_path, "a", good), write_piece(tmp_path, "b", harm(good))]  # type: ignore[operator]
    with pytest.raises(ValueError, match="WAV"):
        join(pieces)


def test_mp3_is_not_joined(tmp_path: Path) -> None:
    assert can_be_joined(Audio(A, tmp_path, 1.0, "audio/wav"))
    assert not can_be_joined(Audio(A, tmp_path, 1.0, "audio/mpeg"))


def test_an_address_names_up_to_twenty_pieces_in_order() -> None:
    assert split_names(A) == [A]
    assert split_names(join_names([A, B, A])) == [A, B, A]
    assert split_names(join_names([A] * MOST_JOINED)) == [A] * MOST_JOINED


@pytest.mark.parametrize(
    "name",
    [
        "",
        "-",
        f"{A}-",
        f"-{A}",
        f"{A}--{B}",
        f"{A}_{B}",
        f"{A}-{B}\n",
        f"{A}-{B.upper()}",
        f"{A}-{'b' * 63}",
        f"{A}-..",
    ],
)
def test_no_other_text_names_any(name: str) -> None:
    assert split_names(name) == []


def test_more_than_twenty_name_none() -> None:
    assert split_names(join_names([A] * (MOST_JOINED + 1))) == []
