"""What holds for every carrier, tested against real HTTP.

A carrier's own test file subclasses `CarrierPortSuite` and gives a `world` fixture: the carrier under test, with a
server that plays the vendor.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Protocol

import pytest

from gdial.carriers.base import (
    Accepted,
    AskForKey,
    CallRequest,
    Carrier,
    CarrierCall,
    GoTo,
    HangUp,
    Refusal,
    Refused,
    ScriptStep,
    Sound,
    SpokenByCarrier,
    Tell,
    Unknown,
    Wait,
)
from gdial.dialing.states import CallStatus
from gdial.errors import CarrierUnavailable, InvalidInput

TO, OTHER, OURS, OURS_TOO = "+46701740605", "+46701740606", "+46812345678", "+46812345679"
URL = "https://calls.example.org"
TIMEOUT_SECONDS = 0.4


class Trouble(Enum):
    """What the vendor's side can be told to do with the next request."""

    BAD_NUMBER = "refuse the number"
    ACCOUNT = "refuse the account"
    TOO_MANY = "refuse for now, asking for 7 seconds"
    FAIL_AFTER_ACCEPTING = "dial, answer with an internal error"
    CUT_BEFORE_READING = "drop the connection at once"
    CUT_AFTER_ACCEPTING = "dial, then drop the connection"
    CUT_WITHIN_THE_ANSWER = "dial, answer by half"
    SILENCE = "dial, never answer"
    GIBBERISH = "dial, answer with nonsense"
    NO_ID = "dial, say so without an id"
    UNWELL = "answer with an internal error"


UNCERTAIN = [
    Trouble.FAIL_AFTER_ACCEPTING,
    Trouble.CUT_BEFORE_READING,
    Trouble.CUT_AFTER_ACCEPTING,
    Trouble.CUT_WITHIN_THE_ANSWER,
    Trouble.SILENCE,
    Trouble.GIBBERISH,
    Trouble.NO_ID,
]


@dataclass(frozen=True)
class Callback:
    """A callback as the vendor would send it."""

    url: str
    body: bytes
    headers: Mapping[str, str]


class World(Protocol):
    """The carrier under test (time-out `TIMEOUT_SECONDS`) and its vendor."""

    carrier: Carrier
    unknown_sid: str

    def trouble(self, trouble: Trouble) -> None: ...

    def dialled(self) -> list[str]:
        """The numbers the vendor dialled, in order."""
        ...

    async def dialling(self) -> None:
        """Return once the vendor has dialled anything."""
        ...

    def creates(self) -> int:
        """How many creates reached the vendor, dialled or not."""
        ...

    def knows_request(self, sid: str, url: str, keys: str, status: int | None) -> None:
        """The vendor keeps a record of this request to us in a call; `status` None: nobody answered it."""
        ...

    def status_callback(self, sid: str, status: CallStatus, url: str = URL) -> Callback: ...

    def press_callback(self, sid: str, digits: str, url: str = URL) -> Callback: ...

    async def unplug(self) -> None:
        """Nobody listens at the vendor's address any more."""
        ...


def request(to: str = TO, from_number: str = OURS) -> CallRequest:
    return CallRequest(
        to=to,
        from_number=from_number,
        voice_url=f"{URL}/voice?a=7&t=x#rc=2",
        fallback_url=f"{URL}/voice?a=7&again=1",
        status_url=f"{URL}/call-status?a=7",
        ring_timeout_seconds=25,
        time_limit_seconds=600,
    )


async def place(world: World, to: str = TO, from_number: str = OURS) -> str:
    placing = await world.carrier.place(request(to, from_number))
    assert isinstance(placing, Accepted)
    return placing.sid


async def all_since(world: World, since: datetime) -> list[CarrierCall]:
    """From `OURS`, of all pages."""
    async with aclosing(world.carrier.calls_since(OURS, since)) as pages:
        return [call async for page in pages for call in page]


def recently() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=1)


class CarrierPortSuite:
    async def test_a_placed_call_can_be_asked_for(self, world: World) -> None:
        placing = await world.carrier.place(request())
        assert isinstance(placing, Accepted)
        assert not placing.status.is_final
        call = await world.carrier.ask(placing.sid)
        assert call is not None
        assert (call.sid, call.to, call.from_number) == (placing.sid, TO, OURS)
        assert call.created_at is not None
        assert call.created_at.utcoffset() == timedelta(0)
        assert world.dialled() == [TO]

    async def test_each_refusal_says_what_to_do(self, world: World) -> None:
        expected = {
            Trouble.BAD_NUMBER: Refusal.BAD_NUMBER,
            Trouble.ACCOUNT: Refusal.ACCOUNT,
            Trouble.TOO_MANY: Refusal.LATER,
        }
        for trouble, kind in expected.items():
            world.trouble(trouble)
            placing = await world.carrier.place(request())
            assert isinstance(placing, Refused), trouble
            assert placing.kind is kind
            assert placing.reason
            assert placing.retry_after_seconds == (7.0 if trouble is Trouble.TOO_MANY else None)
        assert world.dialled() == []

    @pytest.mark.parametrize("trouble", UNCERTAIN)
    async def test_a_create_that_may_ring_is_unknown_and_never_sent_twice(self, world: World, trouble: Trouble) -> None:
        await place(world, OTHER)  # so that the next create goes over a connection used before
        world.trouble(trouble)
        assert isinstance(await world.carrier.place(request()), Unknown)
        assert world.creates() == 2

    @pytest.mark.parametrize("trouble", [trouble for trouble in UNCERTAIN if trouble is not Trouble.CUT_BEFORE_READING])
    async def test_what_was_unknown_is_found_on_the_list(self, world: World, trouble: Trouble) -> None:
        world.trouble(trouble)
        await world.carrier.place(request())
        calls = await world.carrier.list_calls(TO, [OURS], recently())
        assert [call.to for call in calls] == [TO]

    async def test_silence_ends_with_the_time_out(self, world: World) -> None:
        world.trouble(Trouble.SILENCE)
        loop = asyncio.get_running_loop()
        started = loop.time()
        assert isinstance(await world.carrier.place(request()), Unknown)
        assert TIMEOUT_SECONDS <= loop.time() - started < TIMEOUT_SECONDS + 1

    async def test_a_cancelled_create_stays_cancelled(self, world: World) -> None:
        world.trouble(Trouble.SILENCE)
        task = asyncio.create_task(world.carrier.place(request()))
        await world.dialling()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    async def test_nobody_listening_is_safe_to_repeat(self, world: World) -> None:
        await world.unplug()
        placing = await world.carrier.place(request())
        assert isinstance(placing, Refused)
        assert placing.kind is Refusal.LATER

    async def test_questions_say_that_the_carrier_is_away(self, world: World) -> None:
        sid = await place(world)
        for question in (
            lambda: world.carrier.ask(sid),
            lambda: world.carrier.list_calls(TO, [OURS], recently()),
            lambda: world.carrier.hang_up(sid),
            lambda: world.carrier.requests_of(sid),
            lambda: world.carrier.check_answer(),
        ):
            world.trouble(Trouble.UNWELL)
            with pytest.raises(CarrierUnavailable):
                await question()
        await world.unplug()
        with pytest.raises(CarrierUnavailable):
            await world.carrier.ask(sid)
        with pytest.raises(CarrierUnavailable):
            await world.carrier.check_answer()

    async def test_an_answer_that_refuses_is_an_answer(self, world: World) -> None:
        await world.carrier.check_answer()
        for trouble in (Trouble.ACCOUNT, Trouble.TOO_MANY):
            world.trouble(trouble)
            await world.carrier.check_answer()
        assert world.creates() == 0, "nobody is rung to find out"

    async def test_all_our_calls_from_a_number_are_told_newest_first(self, world: World) -> None:
        first = await place(world, TO, OURS)
        await place(world, TO, OURS_TOO)
        second = await place(world, OTHER, OURS)
        calls = await all_since(world, recently())
        assert [(call.sid, call.to, call.from_number) for call in calls] == [(second, OTHER, OURS), (first, TO, OURS)]

    async def test_what_was_asked_of_us_in_a_call_is_told_with_its_keys_and_answers(self, world: World) -> None:
        sid = await place(world)
        assert await world.carrier.requests_of(sid) is None, "the vendor keeps no record yet"
        expected = [(f"{URL}/voice?a=7", "", 200), (f"{URL}/dtmf?a=7", "1", 502), (f"{URL}/dtmf?a=7", "1", None)]
        for url, keys, status in expected:
            world.knows_request(sid, url, keys, status)
        requests = await world.carrier.requests_of(sid)
        assert requests is not None
        assert [(one.url, one.keys, one.status) for one in requests] == expected
        assert [one.was_received for one in requests] == [True, False, False]

    async def test_a_call_nobody_placed_is_none(self, world: World) -> None:
        assert await world.carrier.ask(world.unknown_sid) is None

    async def test_the_list_holds_our_calls_to_that_number_oldest_first(self, world: World) -> None:
        first = await place(world, TO, OURS)
        await place(world, OTHER, OURS)
        second = await place(world, TO, OURS_TOO)
        third = await place(world, TO, OURS)
        calls = await world.carrier.list_calls(TO, [OURS, OURS_TOO, OURS], recently())
        assert len(calls) == 3
        assert {call.sid for call in calls} == {first, second, third}
        assert [call.sid for call in calls if call.from_number == OURS] == [first, third]
        assert await world.carrier.list_calls(TO, [OURS], datetime.now(UTC) + timedelta(minutes=1)) == []
        assert await world.carrier.list_calls(TO, [], recently()) == []

    async def test_hanging_up_ends_a_call_once_and_again(self, world: World) -> None:
        sid = await place(world)
        await world.carrier.hang_up(sid)
        call = await world.carrier.ask(sid)
        assert call is not None
        assert call.status.is_final
        await world.carrier.hang_up(sid)
        await world.carrier.hang_up(world.unknown_sid)

    def test_only_what_the_carrier_signed_is_believed(self, world: World) -> None:
        told = world.status_callback(world.unknown_sid, CallStatus.RINGING, f"{URL}/call-status?a=7&t=x")
        verify = world.carrier.verify
        assert verify(told.url, told.body, told.headers)
        assert not verify(told.url, told.body + b"&Digits=1", told.headers)
        assert not verify(told.url.replace("a=7", "a=8"), told.body, told.headers)
        assert not verify(told.url, told.body, {})
        assert not verify(told.url, told.body, dict.fromkeys(told.headers, "AAAA"))

    @pytest.mark.parametrize("status", [status for status in CallStatus if status is not CallStatus.QUEUED])
    def test_every_status_is_read_with_one_id_for_all_its_deliveries(self, world: World, status: CallStatus) -> None:
        word = world.carrier.read_status(world.status_callback(world.unknown_sid, status).body)
        again = world.carrier.read_status(world.status_callback(world.unknown_sid, status).body)
        assert (word.sid, word.status) == (world.unknown_sid, status)
        assert word.event_id == again.event_id
        assert word.said_at is not None
        assert word.said_at.utcoffset() == timedelta(0)
        others = [world.status_callback(world.unknown_sid, other).body for other in CallStatus if other is not status]
        assert word.event_id not in {world.carrier.read_status(other).event_id for other in others}

    def test_presses_and_silence_are_read(self, world: World) -> None:
        for digits in ("1", "*", ""):
            word = world.carrier.read_press(world.press_callback(world.unknown_sid, digits).body)
            assert (word.sid, word.digits) == (world.unknown_sid, digits)

    @pytest.mark.parametrize("body", [b"", b"nonsense", b"{}", b"\xff\xfe", b"CallSid=&CallStatus=ringing"])
    def test_bodies_that_name_no_call_are_refused(self, world: World, body: bytes) -> None:
        with pytest.raises(InvalidInput):
            world.carrier.read_status(body)
        with pytest.raises(InvalidInput):
            world.carrier.read_press(body)

    def test_a_script_says_everything_in_order(self, world: World) -> None:
        steps: list[ScriptStep] = [
            Tell([Sound(f"{URL}/audio/1.wav?a=1&b=2"), SpokenByCarrier("Hej <du> & jag", "sv")]),
            Wait(1),
            AskForKey([Sound(f"{URL}/audio/2.wav")], next_url=f"{URL}/dtmf?a=7&s=1"),
            GoTo(f"{URL}/voice?a=7"),
            HangUp(),
        ]
        text = world.carrier.write_script(steps).decode()
        assert "/dtmf" in text
        places = [text.find(part) for part in ("audio/1.wav", "Hej", "audio/2.wav", "/voice")]
        assert places == sorted(places)
        assert min(places) > 0
        assert "<du>" not in text
        assert world.carrier.script_content_type

    async def test_closing_is_final_and_may_be_done_twice(self, world: World) -> None:
        sid = await place(world)
        await world.carrier.close()
        await world.carrier.close()
        placing = await world.carrier.place(request())
        assert isinstance(placing, Refused)
        assert placing.kind is Refusal.LATER
        with pytest.raises(CarrierUnavailable):
            await world.carrier.ask(sid)
        assert world.creates() == 1
