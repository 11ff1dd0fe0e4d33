"""Twilio's error codes: each row, and what is done about a code nobody listed."""

from __future__ import annotations

import traceback
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from gdial.carriers.base import Accepted, Refusal, Refused
from gdial.carriers.twilio import TwilioCarrier
from gdial.carriers.twilio.codes import MANY_NUMBERS, ROWS
from gdial.errors import GDialError
from tests.support import carrier_stub as stubs
from tests.support.carrier_stub import AUTH_TOKEN, CarrierStub, carrier_stub
from tests.unit.carriers.test_twilio_place import REQUEST, make_carrier

BAD_NUMBER = ["21211", "21214", "21217", "13224"]
ACCOUNT = ["20003", "21210", "21212", "21215", "10004", "22005"]


@pytest.fixture
async def stub() -> AsyncIterator[CarrierStub]:
    async with carrier_stub() as stub:
        yield stub


@pytest.fixture
async def carrier(stub: CarrierStub) -> AsyncIterator[TwilioCarrier]:
    carrier = make_carrier(stub.base)
    yield carrier
    await carrier.close()


@pytest.mark.parametrize(
    ("code", "kind"),
    [(code, Refusal.BAD_NUMBER) for code in BAD_NUMBER]
    + [(code, Refusal.ACCOUNT) for code in ACCOUNT]
    + [("20429", Refusal.LATER), ("21216", Refusal.BAD_NUMBER)],
)
async def test_documented_codes_are_sorted_as_documented(
    stub: CarrierStub, carrier: TwilioCarrier, code: str, kind: Refusal
) -> None:
    stub.mishaps.append(stubs.refuse(400, int(code), "as the vendor says"))
    placing = await carrier.place(REQUEST)
    assert isinstance(placing, Refused)
    assert (placing.kind, placing.code) == (kind, code)


async def test_every_row_is_used_and_says_what_to_do(stub: CarrierStub, carrier: TwilioCarrier) -> None:
    for row in ROWS:
        stub.mishaps.append(stubs.refuse(400, int(row.code)))
        placing = await carrier.place(REQUEST)
        assert isinstance(placing, Refused)
        assert placing.kind is row.kind
        assert row.meaning in placing.reason
        assert row.advice in placing.reason


def test_no_code_stands_twice() -> None:
    assert len({row.code for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, 21999, Refusal.CALL),
        (422, None, Refusal.CALL),
        (401, None, Refusal.ACCOUNT),
        (402, 99999, Refusal.ACCOUNT),
        (403, None, Refusal.ACCOUNT),
        (404, 99999, Refusal.ACCOUNT),
    ],
)
async def test_an_unlisted_refusal_is_about_this_call_unless_its_status_names_the_account(
    stub: CarrierStub, carrier: TwilioCarrier, status: int, code: int | None, kind: Refusal
) -> None:
    stub.mishaps.append(stubs.refuse(status, code, "The Frobnicator of +46 70 174 06 05 is bent"))
    placing = await carrier.place(REQUEST)
    assert isinstance(placing, Refused)
    assert placing.kind is kind
    assert placing.code == (str(code) if code else "")
    assert "Frobnicator of (number) is bent" in placing.reason


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [(429, 10004, Refusal.ACCOUNT), (429, 99999, Refusal.LATER), (503, 20429, Refusal.LATER)],
)
async def test_the_code_says_more_than_the_status(
    stub: CarrierStub, carrier: TwilioCarrier, status: int, code: int, kind: Refusal
) -> None:
    stub.mishaps.append(stubs.refuse(status, code))
    placing = await carrier.place(REQUEST)
    assert isinstance(placing, Refused)
    assert (placing.kind, placing.code) == (kind, str(code))


async def test_a_refusal_without_json_is_still_a_refusal(stub: CarrierStub, carrier: TwilioCarrier) -> None:
    stub.mishaps.append(stubs.answer(403, b"<html>Proxy says no</html>"))
    placing = await carrier.place(REQUEST)
    assert placing == Refused(Refusal.ACCOUNT, "", "Twilio answered with HTTP status 403")


async def place_blocked(stub: CarrierStub, carrier: TwilioCarrier, to: str, code: int = 21216) -> Refusal:
    stub.mishaps.append(stubs.refuse(400, code))
    placing = await carrier.place(replace(REQUEST, to=to))
    assert isinstance(placing, Refused)
    return placing.kind


async def test_number_after_number_blocked_is_the_account(stub: CarrierStub, carrier: TwilioCarrier) -> None:
    numbers = [f"+4670174060{digit}" for digit in range(MANY_NUMBERS + 1)]
    kinds = [await place_blocked(stub, carrier, to) for to in numbers]
    assert kinds == [Refusal.BAD_NUMBER] * (MANY_NUMBERS - 1) + [Refusal.ACCOUNT] * 2


async def test_number_after_number_refused_for_an_unlisted_reason_is_the_account(
    stub: CarrierStub, carrier: TwilioCarrier
) -> None:
    numbers = [f"+4670174060{digit}" for digit in range(MANY_NUMBERS)]
    kinds = [await place_blocked(stub, carrier, to, 21999) for to in numbers]
    assert kinds == [Refusal.CALL] * (MANY_NUMBERS - 1) + [Refusal.ACCOUNT]


async def test_the_same_number_or_one_between_accepted_is_not(stub: CarrierStub, carrier: TwilioCarrier) -> None:
    for _ in range(MANY_NUMBERS + 1):
        assert await place_blocked(stub, carrier, "+46701740600") is Refusal.BAD_NUMBER
    for digit in range(MANY_NUMBERS * 2):
        assert await place_blocked(stub, carrier, f"+4670174060{digit}") is Refusal.BAD_NUMBER
        assert isinstance(await carrier.place(REQUEST), Accepted)


@pytest.mark.parametrize("status", [302, 401, 404, 429, 500])
async def test_no_text_we_give_out_holds_the_token(stub: CarrierStub, carrier: TwilioCarrier, status: int) -> None:
    """Not even when the other side echoes our own header."""

    async def echo(stub: CarrierStub, request: web.Request) -> web.StreamResponse:
        await stub.note(request)
        return stubs.error(status, None, f"{request.headers['Authorization']} {AUTH_TOKEN}")

    stub.mishaps.extend([echo] * 5)
    texts = [repr(await carrier.place(REQUEST))]
    sid = "CA" + "0" * 32
    for question in (carrier.hang_up(sid), carrier.ask(sid), carrier.check_account(), carrier.from_numbers()):
        try:
            await question
        except GDialError as error:
            texts.append("".join(traceback.format_exception(error)))
    credentials = stub.received[0].headers["Authorization"].removeprefix("Basic ")
    assert len(texts) >= 3
    for text in [*texts, repr(carrier), repr(vars(carrier)["_connection"])]:
        assert AUTH_TOKEN not in text
        assert credentials not in text


def table() -> str:
    lines = ["| code | what GDial does | meaning | advice |", "|---|---|---|---|"]
    for row in ROWS:
        kind = row.kind.replace("_", " ")
        if row.kind_for_many:
            kind += f"; for number after number: {row.kind_for_many}"
        lines.append(f"| {row.code} | {kind} | {row.meaning} | {row.advice} |")
    return "\n".join(lines)


def test_the_page_shows_the_table() -> None:
    page = (Path(__file__).parents[3] / "docs/reference/carrier-twilio.md").read_text(encoding="utf-8")
    shown = page.partition("<!-- codes:")[2].partition("-->\n")[2].partition("<!-- end of codes -->")[0]
    assert shown.strip() == table()
