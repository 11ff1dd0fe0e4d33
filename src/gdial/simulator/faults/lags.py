"""Calls that the API does not show yet."""

from __future__ import annotations

from datetime import datetime, timedelta

from gdial.simulator.calls.record import Call
from gdial.simulator.faults.injector import FaultInjector
from gdial.simulator.faults.plan import FetchLag, ListLag


def hide_for_a_while(call: Call, faults: FaultInjector) -> None:
    """Decide at its create how long a call is missing in the list, and by its SID."""
    call.listed_from = _shown_from("list", call, faults)
    call.fetched_from = _shown_from("fetch", call, faults)


def _shown_from(group: str, call: Call, faults: FaultInjector) -> datetime | None:
    strike = faults.choose(group, "", call.to, call.ordinal)
    if strike is None or not isinstance(strike.fault, ListLag | FetchLag):
        return None
    seconds = faults.seconds(strike, strike.fault.seconds)
    faults.record(strike, call.to, f"hidden for {seconds:.2f} s", call)
    return call.created + timedelta(seconds=seconds)
