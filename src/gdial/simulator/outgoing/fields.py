"""The form fields that go with every request about a call.

Source: https://www.twilio.com/docs/voice/twiml#request-parameters; the place fields are sent even when they are empty.
"""

from __future__ import annotations

from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache

import phonenumbers

from gdial.simulator.calls.record import Call

API_VERSION = "2010-04-01"
DIRECTION = "outbound-api"


def call_fields(call: Call, call_status: str) -> dict[str, str]:
    """The standard fields of a call that is in this state."""
    fields = {
        "CallSid": call.sid,
        "AccountSid": call.account,
        "CallStatus": call_status,
        "From": call.from_,
        "To": call.to,
        "Direction": DIRECTION,
        "ApiVersion": API_VERSION,
    }
    for names, number in ((("To", "Called"), call.to), (("From", "Caller"), call.from_)):
        country = country_of(number)
        for name in names:
            fields[name] = number
            fields |= {f"{name}Country": country, f"{name}State": "", f"{name}City": "", f"{name}Zip": ""}
    if call.answered_by is not None:
        fields["AnsweredBy"] = call.answered_by
    return fields


def progress_fields(call: Call, call_status: str, sequence_number: int, at: datetime) -> dict[str, str]:
    """The fields of a status callback."""
    fields = call_fields(call, call_status) | {
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(sequence_number),
        "Timestamp": format_datetime(at),
    }
    if call.is_over:
        seconds = call.duration_seconds or 0
        fields |= {"CallDuration": str(seconds), "Duration": str(-(-seconds // 60))}
    if call.is_over and call.sip_code is not None:
        fields["SipResponseCode"] = str(call.sip_code)
    return fields


@lru_cache(maxsize=10_000)
def country_of(number: str) -> str:
    """The two-letter country of a number in E.164, empty when it is not known."""
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(number)) or ""
    except phonenumbers.NumberParseException:
        return ""
