"""A call as the vendor's API shows it: 26 fields, text or null, dates in RFC 2822.

Source: the vendor's OpenAPI document, schema api.v2010.account.call.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from gdial.simulator.calls.record import Call
from gdial.simulator.outgoing.fields import API_VERSION, DIRECTION

SUBRESOURCES = {
    "notifications": "Notifications",
    "recordings": "Recordings",
    "payments": "Payments",
    "events": "Events",
    "siprec": "Siprec",
    "streams": "Streams",
    "transcriptions": "Transcriptions",
    "user_defined_message_subscriptions": "UserDefinedMessageSubscriptions",
    "user_defined_messages": "UserDefinedMessages",
}


def write_call(call: Call) -> dict[str, Any]:
    """The call's resource; `end_time` and `duration` are empty for a call that nobody answered, as documented."""
    path = f"/{API_VERSION}/Accounts/{call.account}/Calls/{call.sid}"
    is_completed = call.status == "completed"
    return {
        "sid": call.sid,
        "date_created": rfc2822(call.created),
        "date_updated": rfc2822(call.updated),
        "parent_call_sid": None,
        "account_sid": call.account,
        "to": call.to,
        "to_formatted": format_number(call.to),
        "from": call.from_,
        "from_formatted": format_number(call.from_),
        "phone_number_sid": phone_number_sid(call.from_),
        "status": call.status,
        "start_time": rfc2822(call.started),
        "end_time": rfc2822(call.ended) if is_completed else None,
        "duration": str(call.duration_seconds) if is_completed else None,
        "price": None,
        "price_unit": "USD",
        "direction": DIRECTION,
        "answered_by": call.answered_by,
        "api_version": API_VERSION,
        "forwarded_from": None,
        "group_sid": None,
        "caller_name": None,
        "queue_time": str(call.queue_ms),
        "trunk_sid": None,
        "uri": f"{path}.json",
        "subresource_uris": {name: f"{path}/{resource}.json" for name, resource in SUBRESOURCES.items()},
    }


def rfc2822(moment: datetime | None) -> str | None:
    """`Tue, 31 Aug 2010 20:36:28 +0000`, in whole seconds; null stays null."""
    return None if moment is None else format_datetime(moment)


def format_number(number: str) -> str:
    """North American numbers as `(415) 867-5309`, all others in E.164."""
    if number.startswith("+1") and len(number) == 12:
        return f"({number[2:5]}) {number[5:8]}-{number[8:]}"
    return number


def phone_number_sid(number: str) -> str:
    """A SID that stays the same for a number."""
    return "PN" + hashlib.sha256(number.encode()).hexdigest()[:32]
