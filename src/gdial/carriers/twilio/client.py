"""Twilio as a carrier: the requests GDial makes, and the port's other duties put together.

Vendor's contract: https://www.twilio.com/docs/voice/api/call-resource (version 2010-04-01). There is no idempotency
key, so nothing here ever sends a create twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote, urlencode

from gdial.carriers.base import (
    CallRequest,
    CarrierCall,
    InboundWord,
    Placing,
    PressWord,
    ScriptStep,
    StatusWord,
    WebhookRequest,
)
from gdial.carriers.twilio import callbacks, signature, twiml
from gdial.carriers.twilio.account import Account
from gdial.carriers.twilio.answers import (
    describe,
    has_code,
    is_call_sid,
    read_call,
    read_object,
    read_placing,
    read_request,
    unavailable,
)
from gdial.carriers.twilio.codes import NumbersInARow
from gdial.carriers.twilio.connection import Answer, Connection, NoAnswer
from gdial.errors import CarrierBusy, CarrierUnavailable, InvalidInput, InvalidSetting, SetupError

_EVENTS: Final = ("initiated", "ringing", "answered", "completed")
_PAGE_SIZE: Final = 1000
_MAX_PAGES: Final = 100
_MOST_PAGES: Final = 5_000
_PAGE_PAUSES_SECONDS: Final = (0.5, 1.0, 2.0)
_LONGEST_PAUSE_SECONDS: Final = 10.0
_NOT_IN_PROGRESS: Final = "21220"


class TwilioCarrier:
    """One Twilio account. Make and use it inside one running event loop; `close` it in the same.

    Nothing it returns, raises or logs holds the auth token.
    """

    def __init__(self, account_sid: str, auth_token: str, *, api_base: str, timeout_seconds: float) -> None:
        """`timeout_seconds` bounds each request as a whole, connecting included.

        Raises `InvalidSetting` for values no Twilio account can have.
        """
        account = Account(account_sid, auth_token, api_base)
        if not timeout_seconds > 0:
            raise InvalidSetting("must be more than 0 seconds", where="CARRIER_TIMEOUT_SEC", example="10")
        self._connection = Connection(account, timeout_seconds)
        self._signing_key = auth_token.encode()
        self._account = account.path
        self._numbers = NumbersInARow()

    @property
    def name(self) -> str:
        return "twilio"

    @property
    def script_content_type(self) -> str:
        return twiml.CONTENT_TYPE

    async def place(self, request: CallRequest) -> Placing:
        outcome = await self._connection.send("POST", f"{self._account}/Calls.json", _create_form(request))
        return read_placing(outcome, request.to, self._numbers)

    async def ask(self, sid: str) -> CarrierCall | None:
        answer = await self._send("GET", self._call_path(sid))
        document = read_object(answer.body)
        if document is None or answer.status not in (200, 404):
            raise unavailable(answer)
        return read_call(document) if answer.status == 200 else None

    async def list_calls(self, to: str, from_numbers: Sequence[str], created_since: datetime) -> list[CarrierCall]:
        """Calls to this number from any of ours, created at or after `created_since`, oldest first, all pages.

        Twilio's dates are whole seconds, so `created_since` is rounded down to one; a call without a date is kept.
        What Twilio accepted a moment ago may not be listed yet. Raises `CarrierUnavailable` rather than return a
        list that may be incomplete.
        """
        if created_since.tzinfo is None:
            raise InvalidInput("needs a time zone", where="created_since", example="2026-11-23T04:00:00+00:00")
        since = created_since.astimezone(UTC).replace(microsecond=0)
        found: list[CarrierCall] = []
        for from_number in dict.fromkeys(from_numbers):
            found += await self._list_calls(to, from_number, since)
        # A call created while the pages are read pushes others onto the next page, where they come again.
        oldest_first = list({call.sid: call for call in reversed(found)}.values())
        return sorted(oldest_first, key=lambda call: (call.created_at is None, call.created_at or since))

    async def _list_calls(self, to: str, from_number: str, since: datetime) -> list[CarrierCall]:
        found: list[CarrierCall] = []
        async with aclosing(self._pages("Calls.json", "calls", {"To": to, "From": from_number})) as pages:
            async for rows in pages:
                calls = [read_call(row) for row in rows]
                recent = [call for call in calls if call.created_at is None or call.created_at >= since]
                found += recent
                if calls and not recent:
                    break  # newest come first
        return found

    async def calls_since(self, from_number: str, created_since: datetime) -> AsyncGenerator[Sequence[CarrierCall]]:
        """No filter by time: `StartTime` is empty until a call is dialled, and would hide those that were not.

        A page that cannot be had is asked for again, three times with growing pauses.
        """
        since = created_since.astimezone(UTC).replace(microsecond=0)
        query = {"From": from_number}
        async with aclosing(self._pages("Calls.json", "calls", query, _MOST_PAGES, _PAGE_PAUSES_SECONDS)) as pages:
            async for rows in pages:
                calls = [read_call(row) for row in rows]
                yield calls
                if calls and all(call.created_at is not None and call.created_at < since for call in calls):
                    return

    async def requests_of(self, sid: str) -> list[WebhookRequest] | None:
        """Twilio's Events of a call, there from 15 minutes after its end for 30 days
        (https://www.twilio.com/docs/voice/api/call-event-resource)."""
        self._call_path(sid)
        page = f"Calls/{sid}/Events.json"
        first = await self._send("GET", f"{self._account}/{page}?{urlencode({'PageSize': _PAGE_SIZE})}")
        if first.status == 404:
            return None
        found: list[WebhookRequest] = []
        async with aclosing(self._pages(page, "events", {}, first=first)) as pages:
            async for rows in pages:
                found += [read_request(row) for row in rows]
        return found

    async def hang_up(self, sid: str) -> None:
        answer = await self._send("POST", self._call_path(sid), urlencode({"Status": "completed"}).encode())
        gone = answer.status == 404 and read_object(answer.body) is not None
        if answer.status != 200 and not gone and not has_code(answer, _NOT_IN_PROGRESS):
            raise CarrierUnavailable(describe(answer))

    async def check_answer(self) -> None:
        """A GET of the account."""
        answer = await self._send("GET", f"{self._account}.json")
        if answer.status >= 500:
            raise CarrierUnavailable(describe(answer))

    async def check_account(self) -> str:
        """The account's name and status, for `gdial doctor`.

        Raises `SetupError` when Twilio rejects the credentials or the account cannot call, `CarrierUnavailable` when
        it does not answer.
        """
        answer = await self._send("GET", f"{self._account}.json")
        if answer.status in (401, 403, 404):
            raise SetupError(
                f"Twilio does not accept these credentials (HTTP status {answer.status}): "
                "compare TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN with the Twilio console"
            )
        account = self._document(answer)
        shown = f"{account.get('friendly_name') or 'account'} ({account.get('status') or 'status unknown'})"
        if account.get("status") in ("suspended", "closed"):
            raise SetupError(f"the Twilio account {shown} cannot call: see the Twilio console")
        return shown

    async def from_numbers(self) -> list[str]:
        """The numbers the account owns that can make calls, E.164; verified caller ids are not among them."""
        numbers: list[str] = []
        async for rows in self._pages("IncomingPhoneNumbers.json", "incoming_phone_numbers", {}):
            numbers += [str(row["phone_number"]) for row in rows if row.get("phone_number") and _can_call(row)]
        return numbers

    def verify(self, url: str, body: bytes, headers: Mapping[str, str]) -> bool:
        return signature.is_signed(self._signing_key, url, body, headers)

    def read_status(self, body: bytes) -> StatusWord:
        return callbacks.read_status(body)

    def read_press(self, body: bytes) -> PressWord:
        return callbacks.read_press(body)

    def read_inbound(self, body: bytes) -> InboundWord:
        return callbacks.read_inbound(body)

    def write_script(self, steps: Sequence[ScriptStep]) -> bytes:
        return twiml.write(steps)

    async def close(self) -> None:
        """Close the connections. Calls placed after this are `Refused` with `LATER`, questions `CarrierUnavailable`."""
        await self._connection.close()

    def _call_path(self, sid: str) -> str:
        if not is_call_sid(sid):
            raise InvalidInput("this is not the id of a Twilio call", where="sid", example="CA" + "0" * 31 + "1")
        return f"{self._account}/Calls/{sid}.json"

    async def _send(self, method: str, path: str, form: bytes | None = None) -> Answer:
        answer = await self._connection.send(method, path, form)
        if isinstance(answer, NoAnswer):
            raise CarrierUnavailable(answer.reason)
        return answer

    def _document(self, answer: Answer) -> dict[str, Any]:
        document = read_object(answer.body)
        if answer.status != 200 or document is None:
            raise unavailable(answer)
        return document

    async def _pages(
        self,
        page: str,
        key: str,
        query: Mapping[str, str],
        most_pages: int = _MAX_PAGES,
        pauses_seconds: Sequence[float] = (),
        first: Answer | None = None,
    ) -> AsyncGenerator[list[dict[str, Any]]]:
        path = f"{self._account}/{page}?"
        following = path + urlencode({**query, "PageSize": _PAGE_SIZE})
        for _ in range(most_pages):
            document = self._document(first) if first else await self._page(following, pauses_seconds)
            first = None
            rows = document.get(key)
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise CarrierUnavailable(f"Twilio's list came without its {key}")
            yield rows
            next_page = document.get("next_page_uri")
            if not next_page:
                return
            # Only ever onwards in the same list: the request carries our credentials.
            if not isinstance(next_page, str) or not next_page.startswith(path):
                raise CarrierUnavailable("Twilio's list continues at an address outside this account")
            following = path + quote(next_page.removeprefix(path), safe="=&%+-._~:,;@/?!$'()*")
        raise CarrierUnavailable(f"Twilio's list has more than {most_pages} pages")

    async def _page(self, path: str, pauses_seconds: Sequence[float]) -> dict[str, Any]:
        for pause_seconds in pauses_seconds:
            try:
                return self._document(await self._send("GET", path))
            except CarrierUnavailable as error:
                asked_for = error.retry_after_seconds if isinstance(error, CarrierBusy) else None
                await asyncio.sleep(min(max(pause_seconds, asked_for or 0), _LONGEST_PAUSE_SECONDS))
        return self._document(await self._send("GET", path))


def _create_form(request: CallRequest) -> bytes:
    fields = [
        ("To", request.to),
        ("From", request.from_number),
        ("Url", request.voice_url),
        ("Method", "POST"),
        ("FallbackUrl", request.fallback_url),
        ("FallbackMethod", "POST"),
        ("StatusCallback", request.status_url),
        ("StatusCallbackMethod", "POST"),
        *(("StatusCallbackEvent", event) for event in _EVENTS),
        ("Timeout", request.ring_timeout_seconds),
        ("TimeLimit", request.time_limit_seconds),
    ]
    return urlencode(fields).encode()


def _can_call(row: Mapping[str, Any]) -> bool:
    capabilities = row.get("capabilities")
    return not isinstance(capabilities, dict) or capabilities.get("voice") is not False
