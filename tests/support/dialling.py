"""GDial without its loops: tests feed, ring, tell and ask by hand, on a clock they turn, over a carrier they steer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from gdial.actions.place_call import place_call
from gdial.actions.reconcile_calls import reconcile_calls
from gdial.actions.record_event import CallInHand, CallNamed, record_press, record_status, status_word
from gdial.carriers.pace import InProcessPace
from gdial.carriers.twilio import TwilioCarrier
from gdial.dialing.states import CallStatus, RunMode
from gdial.errors import SpeechUnavailable
from gdial.runtime import Network, Runtime
from gdial.settings import explicit_settings
from gdial.speech.base import Pcm, SpeechRequest
from gdial.speech.cache import AudioStore
from gdial.speech.processes import SpeechProcesses
from gdial.storage import run_lists
from gdial.storage.recipients import NewRecipient
from gdial.storage.run_lists import CallRow
from gdial.storage.runs import Run
from tests.support.carrier_stub import ACCOUNT_SID, AUTH_TOKEN, CarrierStub, carrier_stub
from tests.support.runtime import TurnedClock, opened_runtime
from tests.support.stored_runs import OURS, store_run

TIMEOUT_SECONDS = 1.0


class MuteEngine:
    """A voice that is broken: calls go on without it."""

    name = "mute"

    async def speak(self, request: SpeechRequest) -> Pcm:
        raise SpeechUnavailable("this voice is mute")

    async def close(self) -> None:
        pass


@dataclass(frozen=True)
class Dialling:
    """`carriers` play the real carrier and the simulated network of drills."""

    rt: Runtime
    clock: TurnedClock
    carriers: dict[RunMode, CarrierStub]

    @property
    def carrier(self) -> CarrierStub:
        return self.carriers[RunMode.REAL]

    async def store_run(self, *people: NewRecipient, **values: Any) -> Run:
        return await store_run(self.rt.database, *people, **values)

    async def place(self, person: NewRecipient) -> bool:
        """The doorbell of this person rings."""
        return await place_call(self.rt, person.id)

    async def hear(self, attempt_id: UUID, sid: str, status: CallStatus) -> CallInHand | None:
        """The carrier tells how the call goes."""
        return await record_status(self.rt, CallNamed(attempt_id, sid), status_word(sid, status))

    async def press(self, attempt_id: UUID, sid: str, digits: str, step: int = 0) -> CallInHand | None:
        return await record_press(self.rt, CallNamed(attempt_id, sid), step, digits)

    async def calls(self, run: Run) -> list[CallRow]:
        """In the order in which they were claimed."""
        async with self.rt.database.reading() as tx:
            return (await run_lists.page_of_calls(tx, run.id, None, 500, 0))[0]

    async def only_call(self, run: Run) -> CallRow:
        (call,) = await self.calls(run)
        return call

    async def reconcile_after(self, seconds: float) -> int:
        """Let so much time pass, and ask about what is silent by then; how many calls that were."""
        self.clock.turn(seconds=seconds)
        return await reconcile_calls(self.rt)


@asynccontextmanager
async def dialling(
    folder: Path, database_url: str, *, calls_per_second: float = 1_000, lines: int = 100, **settings: Any
) -> AsyncIterator[Dialling]:
    """On a database that has its tables already."""
    chosen = explicit_settings(data_dir=folder, database_url=database_url, **settings)
    clock = TurnedClock()
    async with (
        carrier_stub() as real,
        carrier_stub() as drill,
        opened_runtime(chosen, clock) as opened,
    ):
        carriers = {RunMode.REAL: real, RunMode.DRILL: drill}
        networks = {
            mode: Network(
                TwilioCarrier(ACCOUNT_SID, AUTH_TOKEN, api_base=stub.base, timeout_seconds=TIMEOUT_SECONDS),
                (OURS,),
                InProcessPace(calls_per_second, lines),
                "https://calls.example.org",
            )
            for mode, stub in carriers.items()
        }
        mute = AudioStore(folder / "audio", opened.secret, [MuteEngine()], SpeechProcesses())
        yield Dialling(replace(opened, networks=networks, speech=mute), clock, carriers)
        for network in networks.values():
            await network.carrier.close()
        await mute.close()
