"""Twilio behaves as every carrier does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from gdial.carriers.base import Carrier
from gdial.carriers.twilio import TwilioCarrier
from gdial.dialing.states import CallStatus
from tests.ports.carrier_port import TIMEOUT_SECONDS, URL, Callback, CarrierPortSuite, Trouble
from tests.support import carrier_stub as stubs

_Validator: Any = RequestValidator

_TROUBLES: dict[Trouble, stubs.Mishap] = {
    Trouble.BAD_NUMBER: stubs.refuse(400, 21211, "The phone number is not valid"),
    Trouble.ACCOUNT: stubs.refuse(401, 20003, "Authenticate"),
    Trouble.TOO_MANY: stubs.refuse(429, 20429, "Too many requests", {"Retry-After": "7"}),
    Trouble.FAIL_AFTER_ACCEPTING: stubs.fail_after_accepting(500),
    Trouble.CUT_BEFORE_READING: stubs.cut_before_reading,
    Trouble.CUT_AFTER_ACCEPTING: stubs.cut_after_accepting,
    Trouble.CUT_WITHIN_THE_ANSWER: stubs.cut_within_the_answer,
    Trouble.SILENCE: stubs.say_nothing_after_accepting,
    Trouble.GIBBERISH: stubs.answer(201, b"<html>fine</html>", accept=True),
    Trouble.NO_ID: stubs.answer(201, b'{"status": "queued"}', accept=True),
    Trouble.UNWELL: stubs.refuse(500, 20500, "Internal error"),
}


class TwilioWorld:
    unknown_sid = "CA" + "f" * 32

    def __init__(self, stub: stubs.CarrierStub, stack: AsyncExitStack) -> None:
        self._stub = stub
        self._stack = stack
        self.carrier: Carrier = TwilioCarrier(
            stubs.ACCOUNT_SID, stubs.AUTH_TOKEN, api_base=stub.base, timeout_seconds=TIMEOUT_SECONDS
        )

    def trouble(self, trouble: Trouble) -> None:
        self._stub.mishaps.append(_TROUBLES[trouble])

    def dialled(self) -> list[str]:
        return [call.to for call in self._stub.calls]

    async def dialling(self) -> None:
        await self._stub.accepted.wait()

    def creates(self) -> int:
        return len(self._stub.creates)

    def knows_request(self, sid: str, url: str, keys: str, status: int | None) -> None:
        answer = None if status is None else {"response_code": status, "content_type": "text/xml"}
        request = {"url": url, "method": "POST", "parameters": {"digits": keys} if keys else {}}
        self._stub.requests.setdefault(sid, []).append({"request": request, "response": answer})

    def status_callback(self, sid: str, status: CallStatus, url: str = URL) -> Callback:
        fields = {"CallStatus": status.value, "Timestamp": "Mon, 23 Nov 2026 04:00:01 +0000", "SequenceNumber": "0"}
        return self._callback(sid, fields, url)

    def press_callback(self, sid: str, digits: str, url: str = URL) -> Callback:
        return self._callback(sid, {"CallStatus": "in-progress", "Digits": digits}, url)

    def _callback(self, sid: str, fields: dict[str, str], url: str) -> Callback:
        form = {"CallSid": sid, "AccountSid": stubs.ACCOUNT_SID, "From": "+46812345678", **fields}
        signed = _Validator(stubs.AUTH_TOKEN).compute_signature(url, form)
        return Callback(url, urlencode(form).encode(), {"X-Twilio-Signature": signed})

    async def unplug(self) -> None:
        await self._stack.aclose()


class TestTwilio(CarrierPortSuite):
    @pytest.fixture
    async def world(self) -> AsyncIterator[TwilioWorld]:
        async with AsyncExitStack() as stack:
            world = TwilioWorld(await stack.enter_async_context(stubs.carrier_stub()), stack)
            yield world
            await world.carrier.close()
