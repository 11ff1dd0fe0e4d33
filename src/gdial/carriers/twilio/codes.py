"""What Twilio's error codes mean to GDial, as data.

Source: the vendor's error dictionary (https://www.twilio.com/docs/api/errors). The same table stands, for people, in
docs/reference/carrier-twilio.md; a test holds the two together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gdial.carriers.base import Refusal

MANY_NUMBERS: Final = 5


@dataclass(frozen=True, slots=True)
class CodeRow:
    """One code: what GDial does about it, what it means, what the operator should do.

    `kind_for_many` replaces `kind` once `MANY_NUMBERS` different numbers in a row got this code.
    """

    code: str
    kind: Refusal
    meaning: str
    advice: str
    kind_for_many: Refusal | None = None


_BAD, _LATER, _ACCOUNT, _CALL = Refusal.BAD_NUMBER, Refusal.LATER, Refusal.ACCOUNT, Refusal.CALL
_REPORT: Final = "Report it as a fault of GDial, with this code."
_GEO: Final = "Allow the country in the Twilio console under Voice geographic permissions."
_CORRECT: Final = "Correct the number on the contact."
_TRIAL: Final = "Upgrade the Twilio account, or verify the number in the Twilio console."

ROWS: Final = (
    CodeRow("13223", _BAD, "the number is not written as a phone number", _CORRECT),
    CodeRow("13224", _BAD, "the number does not exist, or Twilio cannot call it", _CORRECT),
    CodeRow("13226", _BAD, "the number's country code does not exist", _CORRECT),
    CodeRow("21202", _BAD, "the number is a premium or service number", "Give the contact an ordinary number."),
    CodeRow("21211", _BAD, "the number is not a valid phone number", _CORRECT),
    CodeRow("21214", _BAD, "the number cannot be reached", _CORRECT),
    CodeRow("21217", _BAD, "the number does not appear to be valid", _CORRECT),
    CodeRow(
        "21216",
        _BAD,
        "Twilio blocks calls to this number",
        "Ask Twilio's support to lift the block; for numbers in +1 the account needs a Primary Customer Profile.",
        kind_for_many=_ACCOUNT,
    ),
    CodeRow("20429", _LATER, "too many requests at once; this one was not processed", "Lower CALLS_PER_SECOND."),
    CodeRow("10001", _ACCOUNT, "the Twilio account is not active", "Check its balance and status in the console."),
    CodeRow("10002", _ACCOUNT, "a trial account may not do this", "Upgrade the Twilio account."),
    CodeRow(
        "10004",
        _ACCOUNT,
        "the account may not hold more calls at once",
        "Lower MAX_CONCURRENT_CALLS, and have the account's business profile approved (2-3 calls at once without).",
    ),
    CodeRow("10005", _ACCOUNT, "voice calls are switched off for this account", "Ask Twilio's support."),
    CodeRow("13227", _ACCOUNT, "the account may not call this country", _GEO),
    CodeRow("20003", _ACCOUNT, "Twilio rejects the credentials", "Check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN."),
    CodeRow("20005", _ACCOUNT, "the Twilio account is not active", "Check its balance and status in the console."),
    CodeRow("20006", _ACCOUNT, "these credentials may not place calls", "Check the account's permissions."),
    CodeRow("20008", _ACCOUNT, "these are Twilio's test credentials", "Set the live TWILIO_AUTH_TOKEN."),
    CodeRow("20403", _ACCOUNT, "these credentials may not place calls", "Check the account's permissions."),
    CodeRow("20404", _ACCOUNT, "Twilio knows no such account or page", "Check TWILIO_ACCOUNT_SID and TWILIO_API_BASE."),
    CodeRow("21201", _ACCOUNT, "the request named no number to call", _REPORT),
    CodeRow("21203", _ACCOUNT, "the account may not call abroad", _GEO),
    CodeRow("21205", _ACCOUNT, "Twilio cannot use our web address", "Check PUBLIC_URL: https, a public host name."),
    CodeRow("21208", _ACCOUNT, "the ring time-out is not allowed", "Set CALL_TIMEOUT_SEC between 1 and 600."),
    CodeRow("21210", _ACCOUNT, "the caller number is not verified", "Check TWILIO_FROM_NUMBER: buy or verify it."),
    CodeRow("21212", _ACCOUNT, "the caller number is not valid", "Check TWILIO_FROM_NUMBER, e.g. +46812345678."),
    CodeRow("21213", _ACCOUNT, "the caller number is missing", "Set TWILIO_FROM_NUMBER, e.g. +46812345678."),
    CodeRow("21215", _ACCOUNT, "the account may not call this country", _GEO),
    CodeRow("21219", _ACCOUNT, "a trial account calls verified numbers only", _TRIAL),
    CodeRow(
        "22005",
        _ACCOUNT,
        "Twilio held the call in its own queue for a day and then gave it up",
        "Lower CALLS_PER_SECOND to what the account may start.",
    ),
    CodeRow("573002", _ACCOUNT, "a trial account may not use this caller number", "Upgrade the Twilio account."),
    CodeRow("573005", _ACCOUNT, "a trial account calls verified numbers only", _TRIAL),
)
CODES: Final = {row.code: row for row in ROWS}
_ACCOUNT_STATUSES: Final = frozenset({401, 402, 403, 404})


def row_of_unlisted(code: str, status: int) -> CodeRow:
    """What is done about a 4xx that has no row: these statuses are about who asks and where, any other is about this
    call, until number after number is refused so."""
    if status in _ACCOUNT_STATUSES:
        return CodeRow(code, _ACCOUNT, "", "")
    return CodeRow(code, _CALL, "", "", kind_for_many=_ACCOUNT)


class NumbersInARow:
    """Counts different numbers refused with one code, without an accepted call between.

    Per process and not kept over a restart: the alarm comes a few calls later then, nothing worse.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, set[str]] = {}

    def forget(self) -> None:
        """A call was accepted: the account is not the trouble."""
        self._numbers.clear()

    def judge(self, row: CodeRow, number: str) -> Refusal:
        if row.kind_for_many is None:
            return row.kind
        numbers = self._numbers.setdefault(row.code, set())
        if len(numbers) < MANY_NUMBERS:
            numbers.add(number)
        return row.kind_for_many if len(numbers) >= MANY_NUMBERS else row.kind
