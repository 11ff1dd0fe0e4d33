"""Have what single people hear spoken before they are rung: in the order of dialling, a minute of the pace ahead, each
distinct piece once. What gets lost on the way is spoken when its call needs it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Sequence
from itertools import groupby
from uuid import UUID

from gdial.actions.prepare_speech import make, not_there, said_to_one
from gdial.actions.run_content import content_in
from gdial.dialing.states import RunMode, RunState
from gdial.errors import QueueUnavailable
from gdial.messages.dialogue import Spoken
from gdial.messages.model import MessageContent
from gdial.queue.jobs import TTS, TtsJob, write_job
from gdial.runtime import Runtime
from gdial.storage import runs, speech_leads
from gdial.storage.batches import in_batches, let_others_work
from gdial.storage.runs import Run
from gdial.storage.speech_leads import Lead, PersonAhead

AHEAD_SECONDS = 60
PEOPLE_AT_ONCE = 500
PEOPLE_IN_A_JOB = 10
"""So few that a piece that is needed now waits for little else."""
PIECES_AT_ONCE = 2
"""Of one job: the voice is never idle, and a call that needs a piece now waits for few others."""
DRILL_PRIORITY = 0
MOST_JOBS_WAITING = 40
"""No more are asked for while so many wait: those of a run that is more urgent, and starts now, come after them."""


class LookAhead:
    """One for each scheduler. Several may look at the same time: each piece of a run is asked for once."""

    def __init__(self, rt: Runtime) -> None:
        self._rt = rt
        self._walks: dict[UUID, _Walk] = {}

    async def look(self) -> None:
        """Ask for what is due to be spoken in the runs that ring now. Raises TemporaryError."""
        if not self._rt.queue.is_connected:
            return
        ringing: set[UUID] = set()
        for mode in (each for each in RunMode if each in self._rt.networks):
            async with self._rt.database.reading() as tx:
                running = await runs.running(tx, mode)
            ringing.update(run_id for run_id, _ in running)
            await self._look_at(running, max(1, math.ceil(self._rt.networks[mode].pace.per_second * AHEAD_SECONDS)))
        self._walks = {run_id: walk for run_id, walk in self._walks.items() if run_id in ringing}

    async def _look_at(self, running: Sequence[tuple[UUID, int]], ahead: int) -> None:
        """The less urgent are rung, and so spoken for, when nobody more urgent is left."""
        for _, equals in groupby(running, key=lambda entry: entry[1]):
            if not all([await self._walk(run_id, ahead) for run_id, _ in equals]):
                return

    async def _walk(self, run_id: UUID, ahead: int) -> bool:
        """Whether everybody in this run has been spoken for."""
        while True:
            async with self._rt.database.reading() as tx:
                lead = await speech_leads.look(tx, run_id)
                walk = self._walks.get(run_id) or _Walk(await runs.get(tx, run_id))
            self._walks[run_id] = walk
            if lead.next_position is None:
                await self._begin(walk.run)
            if not walk.is_personal or lead.front is None or (lead.next_position or 0) > lead.last:
                return True
            if (lead.next_position or 0) >= lead.front + ahead or await self._many_wait():
                return False
            await self._catch_up(walk, lead.next_position or 0)
            if not await self._ask_for_some(walk, lead, lead.front + ahead):
                return False
            await let_others_work()

    async def _many_wait(self) -> bool:
        return await self._rt.queue.depth(TTS) >= MOST_JOBS_WAITING

    async def _begin(self, run: Run) -> None:
        """A scheduled run was told to nobody; of any other, what it says to everybody was asked for as it started."""
        async with self._rt.database.transaction() as tx:
            is_first = await speech_leads.begin(tx, run.id)
        if is_first and run.scheduled_at is not None:
            await self._rt.queue.publish(TTS, write_job(TtsJob(call_run_id=run.id)), priority=_priority(run))

    async def _catch_up(self, walk: _Walk, position: int) -> None:
        """Know what others, or this process before it was started again, have asked for up to this place."""
        walk.go_back(position)
        while walk.position < position:
            end = min(position, walk.position + PEOPLE_AT_ONCE)
            async with self._rt.database.reading() as tx:
                people = await speech_leads.people(tx, walk.run.id, walk.position, end)
            walk.go_on(people, end)
            await let_others_work()

    async def _ask_for_some(self, walk: _Walk, lead: Lead, end: int) -> bool:
        """False while another scheduler is at it."""
        run = walk.run
        async with self._rt.database.transaction() as tx:
            if await speech_leads.take(tx, run.id) != walk.position:
                return False
            first = max(walk.position, lead.front or 0)
            end = min(end, first + PEOPLE_AT_ONCE, lead.last + 1)
            people = await speech_leads.people(tx, run.id, first, end)
            await speech_leads.move(tx, run.id, max(end, walk.position))
        await self._publish(run, walk.go_on(people, max(end, walk.position)))
        return True

    async def _publish(self, run: Run, people: Sequence[PersonAhead]) -> None:
        for some in in_batches(people, PEOPLE_IN_A_JOB):
            job = TtsJob(call_run_id=run.id, recipient_ids=[person.id for person in some])
            try:
                await self._rt.queue.publish(TTS, write_job(job), priority=_priority(run))
            except QueueUnavailable:
                async with self._rt.database.transaction() as tx:
                    await speech_leads.set_back(tx, run.id, some[0].position)
                raise


def _priority(run: Run) -> int:
    """No drill is spoken for before a real run, where the queue knows of priorities."""
    return run.priority if run.mode is RunMode.REAL else DRILL_PRIORITY


class _Walk:
    """Through the people of one run, up to `position`, and what is said to them alone."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.position = 0
        self._contents: dict[str | None, MessageContent] = {}
        # Hashes, since there may be 100,000 of them.
        self._known: set[int] = set()

    @property
    def is_personal(self) -> bool:
        """Whether anybody hears something that others do not, in any language."""
        return any(self._content(language).names_people for language in (None, *self.run.translations))

    def go_back(self, position: int) -> None:
        """To the beginning, when what lay behind this place was not spoken after all."""
        if self.position > position:
            self.position = 0
            self._known.clear()

    def go_on(self, people: Iterable[PersonAhead], position: int) -> list[PersonAhead]:
        """Those of the next people who wait, and of whose pieces one is new."""
        self.position = position
        return [person for person in people if self._hears_something_new(person) and person.waits]

    def _hears_something_new(self, person: PersonAhead) -> bool:
        pieces = {hash(spoken) for spoken in said_to_one(self._content(person.language), person.fields)}
        is_new = not pieces <= self._known
        self._known |= pieces
        return is_new

    def _content(self, language: str | None) -> MessageContent:
        if language not in self._contents:
            self._contents[language] = content_in(self.run, language)
        return self._contents[language]


async def speak_for_people(rt: Runtime, run_id: UUID, recipient_ids: Sequence[UUID]) -> None:
    """Speak what these people of a run hear alone; waits until all is done. Raises NotFound.

    Nothing while the run does not ring; one that is paused asks again when it goes on.
    """
    async with rt.database.reading() as tx:
        run = await runs.get(tx, run_id)
        people = await speech_leads.named(tx, run_id, recipient_ids)
    if run.state is RunState.PAUSED and people:
        async with rt.database.transaction() as tx:
            await speech_leads.set_back(tx, run_id, min(person.position for person in people))
    if run.state is RunState.RUNNING:
        await _speak(
            rt, [piece for each in people for piece in said_to_one(content_in(run, each.language), each.fields)]
        )


async def _speak(rt: Runtime, said: Iterable[Spoken]) -> None:
    await rt.speech.lexicon.refresh()
    for some in in_batches(await not_there(rt, said), PIECES_AT_ONCE):
        await asyncio.gather(*(make(rt, spoken) for spoken in some))
