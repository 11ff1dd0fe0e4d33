"""Reading Twilio's callbacks; outside data becomes a typed value here and nowhere further in.

Fields: https://www.twilio.com/docs/voice/api/call-resource#statuscallback. Unknown fields are ignored, Twilio adds
some without notice. The signature is checked apart, before (`signature`).
"""

from __future__ import annotations

import re
from typing import Final

from gdial.carriers.base import InboundWord, PressWord, StatusWord
from gdial.carriers.twilio.answers import explain, is_call_sid, read_time
from gdial.carriers.twilio.codes import CODES
from gdial.carriers.twilio.signature import split_form
from gdial.dialing.states import CallStatus
from gdial.errors import InvalidInput

_LONGEST_DIGITS: Final = 32
_LONGEST_WORD: Final = 32
_E164: Final = re.compile(r"\+[1-9][0-9]{4,14}")
_NOT_A_KEY: Final = re.compile(r"[^0-9*#]")
_STATUSES: Final = {status.value: status for status in CallStatus}


def read_status(body: bytes) -> StatusWord:
    """`event_id` is made of CallSid and CallStatus and nothing else: the vendor's own key for deliveries of one word.

    `error_code` is Twilio's ErrorCode; without one, the network's answer when it was a refusal (`SIP 486`).
    """
    fields = _read_fields(body)
    sid = _read_sid(fields)
    status = _STATUSES.get(fields.get("CallStatus", ""))
    if status is None:
        raise InvalidInput("not a status GDial knows", where="CallStatus", example=", ".join(_STATUSES))
    error_code = _read_error(fields)
    row = CODES.get(error_code) if status is CallStatus.FAILED else None
    return StatusWord(
        sid=sid,
        status=status,
        event_id=f"{sid}:{status}",
        said_at=read_time(fields.get("Timestamp")),
        answered_by=fields.get("AnsweredBy", "")[:_LONGEST_WORD] or None,
        error_code=error_code,
        refusal=row.kind if row else None,
        error=explain(error_code) if row else "",
    )


def read_press(body: bytes) -> PressWord:
    """A `#` that closed other keys is dropped; alone it is the key that was pressed (a prompt has no closing key)."""
    fields = _read_fields(body)
    keys = _NOT_A_KEY.sub("", fields.get("Digits", ""))[:_LONGEST_DIGITS]
    return PressWord(sid=_read_sid(fields), digits=keys.rstrip("#") or keys[:1])


def read_inbound(body: bytes) -> InboundWord:
    """Twilio's request for an incoming call (https://www.twilio.com/docs/voice/twiml#request-parameters). Whoever
    withholds the number comes as a word (`anonymous`), or as a number that belongs to nobody."""
    fields = _read_fields(body)
    caller = fields.get("From", "").strip()
    return InboundWord(
        sid=_read_sid(fields),
        from_number=caller if _E164.fullmatch(caller) else "",
        is_inbound=fields.get("Direction") == "inbound",
    )


def _read_fields(body: bytes) -> dict[str, str]:
    """First value of each field; bytes that are no UTF-8 become U+FFFD."""
    fields: dict[str, str] = {}
    for name, value in split_form(body):
        fields.setdefault(name.decode("utf-8", "replace"), value.decode("utf-8", "replace"))
    return fields


def _read_sid(fields: dict[str, str]) -> str:
    sid = fields.get("CallSid", "")
    if not is_call_sid(sid):
        raise InvalidInput("missing, or not the id of a Twilio call", where="CallSid", example="CA" + "0" * 31 + "1")
    return sid


def _read_error(fields: dict[str, str]) -> str:
    code = fields.get("ErrorCode", "")
    if code.isascii() and code.isdigit() and int(code[:10]) > 0:
        return code[:10]
    sip = fields.get("SipResponseCode", "")
    return f"SIP {sip}" if re.fullmatch(r"[3-6][0-9][0-9]", sip) else ""
