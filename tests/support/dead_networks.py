"""Telephone networks that are set up and over which nobody rings: nothing works but what a runtime stores."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from gdial.carriers.pace import InProcessPace
from gdial.carriers.twilio import TwilioCarrier
from gdial.dialing.states import RunMode
from gdial.runtime import Network, Runtime
from tests.support.carrier_stub import ACCOUNT_SID, AUTH_TOKEN


@asynccontextmanager
async def with_dead_networks(
    runtime: Runtime, modes: tuple[RunMode, ...] = (RunMode.REAL, RunMode.DRILL)
) -> AsyncIterator[Runtime]:
    carrier = TwilioCarrier(ACCOUNT_SID, AUTH_TOKEN, api_base="http://127.0.0.1:9", timeout_seconds=1)
    network = Network(carrier, ("+46313900600",), InProcessPace(1, 10), "https://calls.example.org")
    yield replace(runtime, networks=dict.fromkeys(modes, network))
    await carrier.close()
