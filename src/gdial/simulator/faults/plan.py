"""What can go wrong, as written in a fault plan.

Times are seconds of the calendar, which no speed scales, written as one number or as `[shortest, longest]`, between
which each strike draws. Windows count from the moment the plan was taken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from gdial.simulator.people.behaviours import Seconds
from gdial.simulator.people.profile import read_prefix

Request = Literal["create", "fetch", "list", "update"]
Event = Literal["initiated", "ringing", "answered", "completed", "amd"]
Failure = Literal["no_connection", "no_answer", "answer_lost", "error_status"]
Prefix = Annotated[str, AfterValidator(read_prefix)]
EVERY_REQUEST: tuple[Request, ...] = ("create", "fetch", "list", "update")
EVERY_EVENT: tuple[Event, ...] = ("initiated", "ringing", "answered", "completed", "amd")
MOST_TRIES = 6
ROUNDING = 1e-9


class _Fault(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    group: ClassVar[str]
    """Faults of one group exclude each other: the same thing is struck by one of them at most."""

    share: Annotated[float, Field(gt=0, le=1)] = 1.0
    from_seconds: Annotated[float, Field(ge=0)] = 0.0
    for_seconds: Annotated[float, Field(gt=0)] | None = None
    at_most: Annotated[int, Field(ge=1)] | None = None
    numbers: Annotated[tuple[Prefix, ...], Field(min_length=1)] | None = None

    @property
    def until_seconds(self) -> float:
        """When the window closes; infinity when it never does."""
        return float("inf") if self.for_seconds is None else self.from_seconds + self.for_seconds

    @property
    def strikes_at(self) -> Sequence[str]:
        """The kinds of things that this one can strike."""
        return ("",)

    @property
    def name(self) -> str:
        """How the counts call it."""
        return str(getattr(self, "does", ""))


class _AnswerFault(_Fault):
    group = "answer"
    requests: Annotated[tuple[Request, ...], Field(min_length=1)] = ("create",)

    @property
    def strikes_at(self) -> Sequence[str]:
        return self.requests


class Error(_AnswerFault):
    """Answered with an error of the server; `accepted` tells whether it was done all the same."""

    does: Literal["error"] = "error"
    status: Annotated[int, Field(ge=500, le=599)] = 500
    accepted: bool = True


class Cut(_AnswerFault):
    """The connection is cut instead of an answer."""

    does: Literal["cut"] = "cut"
    accepted: bool = True


class Hang(_AnswerFault):
    """No answer on an open connection, which is cut in the end."""

    does: Literal["hang"] = "hang"
    accepted: bool = True
    seconds: Seconds = (60.0, 60.0)


class TooManyRequests(_AnswerFault):
    """429, code 20429: never processed."""

    does: Literal["too_many_requests"] = "too_many_requests"
    retry_after_seconds: Annotated[int, Field(ge=0, le=86_400)] | None = None


class Refuse(_AnswerFault):
    """Refused with one of the vendor's codes: never processed."""

    does: Literal["refuse"] = "refuse"
    code: Annotated[int, Field(ge=10_000, le=999_999)]
    status: Annotated[int, Field(ge=400, le=499)] | None = None
    """The HTTP status; none is the one that goes with the code."""

    @property
    def name(self) -> str:
        return f"refuse {self.code}"


class BadNumber(_Fault):
    """The number cannot be called: refused at every create to it, because one number is one draw."""

    group = "number"
    does: Literal["bad_number"] = "bad_number"
    code: Literal[13223, 13224, 13226, 21202, 21211, 21214, 21215, 21216, 21217] = 21211

    @property
    def name(self) -> str:
        return f"bad_number {self.code}"


class Slow(_Fault):
    """The answer takes its time, whatever it is."""

    group = "slow"
    does: Literal["slow"] = "slow"
    seconds: Seconds = (1.0, 5.0)
    requests: Annotated[tuple[Request, ...], Field(min_length=1)] = EVERY_REQUEST

    @property
    def strikes_at(self) -> Sequence[str]:
        return self.requests


class _CallbackFault(_Fault):
    group = "callback"
    events: Annotated[tuple[Event, ...], Field(min_length=1)] = EVERY_EVENT

    @property
    def strikes_at(self) -> Sequence[str]:
        return self.events


class CallbackLost(_CallbackFault):
    """Never sent."""

    does: Literal["callback_lost"] = "callback_lost"


class CallbackDoubled(_CallbackFault):
    """Sent, and sent again."""

    does: Literal["callback_doubled"] = "callback_doubled"
    after_seconds: Seconds = (0.0, 2.0)


class CallbackSwapped(_CallbackFault):
    """Sent after the next one; the last of a call has none and is spared."""

    does: Literal["callback_swapped"] = "callback_swapped"


class CallbackLate(_CallbackFault):
    """Sent much later, out of line."""

    does: Literal["callback_late"] = "callback_late"
    seconds: Seconds = (60.0, 300.0)


class CallbackFails(_CallbackFault):
    """The first `tries` to deliver it fail; what comes then, the application's connection overrides say."""

    does: Literal["callback_fails"] = "callback_fails"
    failure: Failure = "no_connection"
    tries: Annotated[int, Field(ge=1, le=MOST_TRIES)] = 1


class ScriptFails(_Fault):
    """The first `tries` to fetch a document without keys fail, of one document a call and never the FallbackUrl."""

    group = "script"
    does: Literal["script_fails"] = "script_fails"
    failure: Failure = "no_connection"
    tries: Annotated[int, Field(ge=1, le=MOST_TRIES)] = 1


class KeyFails(_Fault):
    """The first `tries` to deliver pressed keys fail; with six of them the keys are lost for good."""

    group = "key"
    does: Literal["key_fails"] = "key_fails"
    failure: Failure = "no_connection"
    tries: Annotated[int, Field(ge=1, le=MOST_TRIES)] = 1


class KeyLate(_Fault):
    """Pressed keys are delivered much later, while the caller hears nothing."""

    group = "key"
    does: Literal["key_late"] = "key_late"
    seconds: Seconds = (5.0, 20.0)


class ListLag(_Fault):
    """The call is not in the list of calls for a while after its create."""

    group = "list"
    does: Literal["list_lag"] = "list_lag"
    seconds: Seconds = (1.0, 10.0)


class FetchLag(_Fault):
    """The call cannot be fetched by its SID for a while after its create: 404."""

    group = "fetch"
    does: Literal["fetch_lag"] = "fetch_lag"
    seconds: Seconds = (0.5, 3.0)


class Outage(BaseModel):
    """The API is away for everybody; calls under way go on, and so do their webhooks."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    does: Literal["outage"] = "outage"
    how: Literal["refused", "error", "hang"] = "refused"
    from_seconds: Annotated[float, Field(ge=0)] = 0.0
    for_seconds: Annotated[float, Field(gt=0)]

    @property
    def until_seconds(self) -> float:
        return self.from_seconds + self.for_seconds


StrikingFault = (
    Error
    | Cut
    | Hang
    | TooManyRequests
    | Refuse
    | BadNumber
    | Slow
    | CallbackLost
    | CallbackDoubled
    | CallbackSwapped
    | CallbackLate
    | CallbackFails
    | ScriptFails
    | KeyFails
    | KeyLate
    | ListLag
    | FetchLag
)
Fault = Annotated[StrikingFault | Outage, Field(discriminator="does")]


class FaultPlan(BaseModel):
    """Everything that goes wrong. `seed` none is the network's own."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    description: str = ""
    seed: int | None = None
    faults: tuple[Fault, ...] = ()

    @property
    def outages(self) -> Iterator[Outage]:
        return (fault for fault in self.faults if isinstance(fault, Outage))

    @property
    def strikes(self) -> Iterator[StrikingFault]:
        return (fault for fault in self.faults if not isinstance(fault, Outage))

    @model_validator(mode="after")
    def _check_shares(self) -> Self:
        """Faults that exclude each other must have room beside each other; those of few numbers take theirs first."""
        common = [fault for fault in self.strikes if fault.numbers is None]
        for moment in sorted({fault.from_seconds for fault in common}):
            shares: dict[tuple[str, str], float] = defaultdict(float)
            for fault in common:
                if fault.from_seconds <= moment < fault.until_seconds:
                    for what in fault.strikes_at:
                        shares[fault.group, what] += fault.share
            for (group, what), share in shares.items():
                if share > 1 + ROUNDING:
                    thing = f"{group} faults" + (f" of {what}" if what else "")
                    raise ValueError(f"the shares of {thing} add up to {share:g} at {moment:g} s; at most 1 have room")
        return self


FAULT_NAMES = (
    "error",
    "cut",
    "hang",
    "too_many_requests",
    "refuse",
    "bad_number",
    "slow",
    "callback_lost",
    "callback_doubled",
    "callback_swapped",
    "callback_late",
    "callback_fails",
    "script_fails",
    "key_fails",
    "key_late",
    "list_lag",
    "fetch_lag",
    "outage",
)
