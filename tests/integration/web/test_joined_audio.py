"""A message of several pieces behind one address, as a carrier or a browser fetches it."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest

from gdial.settings import Settings
from gdial.speech.base import Audio, SpeechRequest
from gdial.speech.mulaw import unpack_wav
from gdial.web.joined_response import read_range
from tests.support.runtime import opened_runtime
from tests.support.web import Api, served

TEXTS = ("Hej Anna!", "Skolan är stängd i dag.", "Tryck ett.")


@dataclass
class Spoken:
    api: Api
    pieces: list[Audio]

    @property
    def path(self) -> str:
        return "/tts/audio/" + "-".join(piece.name for piece in self.pieces)

    async def fetch(self, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.api.session.request(method, self.api.url + self.path, headers=named) as answer:
            return answer.status, {name.title(): value for name, value in answer.headers.items()}, await answer.read()


@pytest.fixture
async def spoken(make_settings: Callable[..., Settings]) -> AsyncIterator[Spoken]:
    async with opened_runtime(make_settings()) as rt, served(rt) as api:
        yield Spoken(api, [await rt.speech.prepare(SpeechRequest(text, "sv")) for text in TEXTS])


async def test_it_is_one_file_of_all_the_sound_without_a_login(spoken: Spoken) -> None:
    status, headers, body = await spoken.fetch()
    assert (status, headers["Content-Type"], headers["Accept-Ranges"]) == (200, "audio/wav", "bytes")
    assert int(headers["Content-Length"]) == len(body) == 8 + int.from_bytes(body[4:8], "little")
    sounds = [unpack_wav(piece.path.read_bytes()) for piece in spoken.pieces]
    assert len(unpack_wav(body)) == sum(map(len, sounds))
    assert "immutable" in headers["Cache-Control"]
    assert len(headers["Etag"]) == 66
    assert len(list(spoken.pieces[0].path.parent.iterdir())) == len(TEXTS), "the whole is nowhere kept"


async def test_head_tells_the_same_and_sends_nothing(spoken: Spoken) -> None:
    _, whole, _ = await spoken.fetch()
    status, headers, body = await spoken.fetch("HEAD")
    assert (status, body) == (200, b"")
    assert {**headers, "Date": ""} == {**whole, "Date": ""}


async def test_who_has_it_already_is_told_so(spoken: Spoken) -> None:
    _, whole, _ = await spoken.fetch()
    status, headers, body = await spoken.fetch(If_None_Match=whole["Etag"])
    assert (status, headers["Etag"], body) == (304, whole["Etag"], b"")


@pytest.mark.parametrize("asked", ["0-3", "10-", "-7", "57-60", "0-99999999", " 5 - 5 "])
async def test_a_range_is_that_part_of_it(spoken: Spoken, asked: str) -> None:
    _, _, whole = await spoken.fetch()
    first, _, last = asked.replace(" ", "").partition("-")
    wanted = whole[int(first) : int(last or len(whole)) + 1] if first else whole[-int(last) :]
    status, headers, body = await spoken.fetch(Range=f"bytes={asked}")
    assert (status, body) == (206, wanted)
    start = int(first) if first else len(whole) - int(last)
    assert headers["Content-Range"] == f"bytes {start}-{start + len(wanted) - 1}/{len(whole)}"
    assert headers["Content-Length"] == str(len(wanted))


async def test_a_range_beyond_the_end_is_refused_and_one_of_another_file_gets_the_whole(spoken: Spoken) -> None:
    _, whole, body = await spoken.fetch()
    status, headers, nothing = await spoken.fetch(Range="bytes=99999999-")
    assert (status, headers["Content-Range"], nothing) == (416, f"bytes */{len(body)}", b"")
    for condition in (hashlib.sha256().hexdigest(), 'W/"x"', "Mon, 01 Jan 2024 00:00:00 GMT"):
        assert (await spoken.fetch(Range="bytes=0-3", If_Range=condition))[::2] == (200, body)
    assert (await spoken.fetch(Range="bytes=0-3", If_Range=whole["Etag"]))[::2] == (206, b"RIFF")


@pytest.mark.parametrize("header", ["", "bytes=", "bytes=-", "bytes=5-2", "bytes=0-1,4-5", "items=0-3", "bytes=a-b"])
def test_what_is_no_single_range_asks_for_the_whole(header: str) -> None:
    assert read_range(header, 100) is None
    assert read_range("bytes=" + "9" * 5_000 + "-", 100) is None


async def test_nothing_is_behind_other_names(spoken: Spoken) -> None:
    good = spoken.pieces[0].name
    paths = [f"{good}-{'0' * 64}", f"{good}-", f"-{good}", f"{good}-..", f"{good}-{good[:-1]}", "-".join([good] * 21)]
    for path in paths:
        assert (await spoken.api.get(f"/tts/audio/{path}", headers={})).status == 404, path
    spoken.pieces = spoken.pieces[:1] * 20
    assert (await spoken.fetch())[0] == 200


async def test_a_piece_that_is_no_telephone_sound_joins_nothing(spoken: Spoken) -> None:
    spoken.pieces[1].path.write_bytes(b"OggS" + bytes(1_000))
    assert (await spoken.fetch())[0] == 404
