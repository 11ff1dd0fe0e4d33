"""The account and its numbers, as far as a program asks for them when it checks its set-up."""

from __future__ import annotations

from datetime import UTC, datetime

from aiohttp import web

from gdial.simulator.options import SimulatorOptions
from gdial.simulator.outgoing.fields import API_VERSION
from gdial.simulator.people.profile import E164
from gdial.simulator.rest.authentication import authenticate
from gdial.simulator.rest.call_resource import format_number, phone_number_sid, rfc2822

EPOCH = rfc2822(datetime(2026, 1, 1, tzinfo=UTC))


class AccountsResource:
    """The handlers of `/2010-04-01/Accounts/{account}` and its `IncomingPhoneNumbers`."""

    def __init__(self, options: SimulatorOptions) -> None:
        self._options = options

    async def fetch(self, request: web.Request) -> web.Response:
        credentials = authenticate(request, self._options)
        path = f"/{API_VERSION}/Accounts/{credentials.account}"
        account = {
            "sid": credentials.account,
            "owner_account_sid": credentials.account,
            "friendly_name": "GDial simulated telephone network",
            "auth_token": credentials.token,
            "status": "active",
            "type": "Full",
            "date_created": EPOCH,
            "date_updated": EPOCH,
            "uri": f"{path}.json",
            "subresource_uris": {
                "calls": f"{path}/Calls.json",
                "incoming_phone_numbers": f"{path}/IncomingPhoneNumbers.json",
            },
        }
        return web.json_response(account)

    async def list_numbers(self, request: web.Request) -> web.Response:
        """The account's numbers, on one page: those of the `caller_ids` option, or without it the one asked for.

        Without that option every number may call, so every number is the account's.
        """
        credentials = authenticate(request, self._options)
        wanted = request.query.get("PhoneNumber", "")
        owned = self._options.caller_ids or (wanted,) * bool(E164.fullmatch(wanted))
        numbers = [number for number in owned if not wanted or number == wanted]
        uri = f"{request.path}?PageSize=1000&Page=0"
        body = {
            "incoming_phone_numbers": [_write_number(credentials.account, number) for number in numbers],
            "first_page_uri": uri,
            "next_page_uri": None,
            "previous_page_uri": None,
            "uri": uri,
            "page": 0,
            "page_size": 1000,
            "start": 0,
            "end": max(0, len(numbers) - 1),
        }
        return web.json_response(body)


def _write_number(account: str, number: str) -> dict[str, object]:
    sid = phone_number_sid(number)
    return {
        "sid": sid,
        "account_sid": account,
        "phone_number": number,
        "friendly_name": format_number(number),
        "capabilities": {"voice": True, "sms": False, "mms": False, "fax": False},
        "api_version": API_VERSION,
        "status": "in-use",
        "origin": "twilio",
        "beta": False,
        "address_requirements": "none",
        "date_created": EPOCH,
        "date_updated": EPOCH,
        "voice_url": None,
        "voice_method": "POST",
        "uri": f"/{API_VERSION}/Accounts/{account}/IncomingPhoneNumbers/{sid}.json",
    }
