"""Ask the carrier about attempts of which nothing is heard. Never dials."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import timedelta

import structlog

from gdial.actions.deciding import Decided, decide_and_save, let_out
from gdial.actions.questions import PAUSES_SECONDS, Patience, Questions, Spacing, round_seconds
from gdial.actions.read_call_list import SINGLY, CallList, look_since, read_call_list
from gdial.actions.record_event import record_asked
from gdial.carriers.base import CarrierCall
from gdial.dialing import events
from gdial.dialing.events import AttemptEvent
from gdial.dialing.model import Attempt
from gdial.dialing.states import AttemptState, CallStatus, RunMode
from gdial.errors import CarrierUnavailable
from gdial.monitoring import metrics
from gdial.runtime import Network, Runtime
from gdial.storage import asking, attempts, silent_attempts
from gdial.storage.attempt_changes import Loaded, change_attempt
from gdial.storage.attempts import StoredAttempt
from gdial.storage.database import Transaction

log = structlog.get_logger(__name__)

TAKEN_AT_ONCE = 2_000
ASK_AGAIN_SECONDS = 30
SAVED_AT_ONCE = 50
LISTS_TO_BE_SURE = 2


async def reconcile_calls(rt: Runtime) -> int:
    """One round, by somebody who never asked before."""
    return await Reconciler(rt).look()


class Reconciler:
    """Asks for one process. Remembers how patient it is with a carrier that does not answer."""

    def __init__(self, rt: Runtime) -> None:
        self._rt = rt
        self._spacing = {mode: Spacing(rt.settings.carrier_questions_per_second) for mode in rt.networks}
        self._patience = {mode: Patience() for mode in rt.networks}

    async def look(self) -> int:
        """One round over the attempts that are due to be asked about; how many there were. The lines are counted anew.

        Safe to run in several processes at once: each attempt is asked about by one of them.
        """
        rt = self._rt
        async with rt.database.reading() as tx:
            any_due = await silent_attempts.are_any_due(tx, rt.clock())
            metrics.unknown_calls.set(await attempts.count_unknown(tx))
            for mode, network in rt.networks.items():
                network.pace.recount(await attempts.count_open(tx, mode))
        silent = await self._take() if any_due else []
        await asyncio.gather(*(self._settle(mode, [it for it in silent if it.mode == mode]) for mode in RunMode))
        return len(silent)

    async def _take(self) -> list[StoredAttempt]:
        """Nobody else asks about them for a while; of a process that dies meanwhile they are due again."""
        async with self._rt.database.transaction() as tx:
            now = self._rt.clock()
            return await silent_attempts.take_due(tx, now, TAKEN_AT_ONCE, lambda taken: now + self._round(taken))

    def _round(self, questions: int) -> timedelta:
        settings = self._rt.settings
        per_second = settings.carrier_questions_per_second
        return timedelta(seconds=round_seconds(questions, per_second, settings.carrier_timeout_sec))

    async def _settle(self, mode: RunMode, silent: Sequence[StoredAttempt]) -> None:
        if not silent:
            return None
        rt, network = self._rt, self._rt.networks.get(mode)
        abandoned = [attempt for attempt in silent if attempt.facts.state is AttemptState.CLAIMED]
        await _each(abandoned, lambda attempt: _save(rt, attempt, events.PlacingLost(attempt.facts, WORKER_GONE)))
        asked = [attempt for attempt in silent if attempt.facts.state is not AttemptState.CLAIMED]
        patience = self._patience.get(mode)
        if network is None or patience is None or patience.is_away(rt.clock()):
            return await _put_off(rt, asked, patience)
        round_ = _Round(rt, network, Questions(self._spacing[mode]))
        await round_.settle(asked)
        if round_.questions.answered:  # also before it was too much: the pauses begin anew
            patience.answered()
        if round_.questions.given_up is not None:
            until = patience.failed(rt.clock(), round_.questions.given_up)
            log.warning("the carrier does not answer; asking again", at=until, why=str(round_.questions.given_up))
        elif round_.left and not round_.questions.answered:
            patience.failed(rt.clock(), round_.errors[-1])
        await _put_off(rt, round_.left, patience)
        await _put_off(rt, round_.unchanged, None)
        return None


WORKER_GONE = "the process that placed it ended"


async def recover_after_start(rt: Runtime) -> None:
    """What a process that was killed may have missed: words about calls under way are asked for at once."""
    async with rt.database.transaction() as tx:
        open_calls = await asking.ask_about_all_placed(tx, rt.clock())
    if open_calls:
        log.info("calls were under way when the last process ended; asking the carrier", calls=open_calls)


class _Round:
    """What one network is asked about in one go. `left` could not be asked about,
    `unchanged` go on as they did."""

    def __init__(self, rt: Runtime, network: Network, questions: Questions) -> None:
        self._rt = rt
        self._carrier = network.carrier
        self.questions = questions
        self.left: list[StoredAttempt] = []
        self.unchanged: list[StoredAttempt] = []
        self.errors: list[CarrierUnavailable] = []

    async def settle(self, silent: Sequence[StoredAttempt]) -> None:
        listed = CallList()
        if len(silent) > SINGLY:
            try:
                listed = await read_call_list(self._carrier, silent, self.questions)
            except CarrierUnavailable as error:
                self.left, self.errors = list(silent), [error]
                return
        await _each(silent, lambda attempt: self._settle_one(attempt, listed))

    async def _settle_one(self, attempt: StoredAttempt, listed: CallList) -> None:
        try:
            if attempt.facts.state is AttemptState.UNKNOWN:
                await self._look_for_it(attempt, listed)
            else:
                await self._ask(attempt, listed)
        except CarrierUnavailable as error:
            self.left.append(attempt)
            self.errors.append(error)

    async def _ask(self, attempt: StoredAttempt, listed: CallList) -> None:
        sid = attempt.facts.sid or ""
        call = listed.calls.get(sid) or await self.questions.ask(lambda: self._carrier.ask(sid))
        young_seconds = self._rt.settings.unknown_first_list_sec
        if call is None and self._rt.clock() < attempt.claimed_at + timedelta(seconds=young_seconds):
            # What it has just made it may not show yet, as in its list; taken for over, the person would be rung twice.
            return await _ask_later(self._rt, attempt, young_seconds)
        if call is None:
            log.error("the carrier knows no such call any more", attempt=str(attempt.facts.id), sid=sid)
            lost = events.StatusHeard(attempt.facts, sid, CallStatus.FAILED, error_code="unknown to the carrier")
            return await _save(self._rt, attempt, lost)
        if call.status is attempt.facts.status:
            self.unchanged.append(attempt)
            return None
        await record_asked(self._rt, attempt.facts.id, call)
        return None

    async def _look_for_it(self, attempt: StoredAttempt, listed: CallList) -> None:
        """The create's answer was lost: the carrier's list tells whether the phone rings."""
        rt = self._rt
        if attempt.from_number in listed.whole:
            found = listed.between(attempt.number, attempt.from_number, look_since(attempt))
        else:
            found = await self.questions.ask(
                lambda: self._carrier.list_calls(attempt.number, (attempt.from_number,), look_since(attempt))
            )
        async with rt.database.reading() as tx:
            others = await attempts.sids_of_others(tx, [call.sid for call in found], attempt.facts.id)
        candidates = [call for call in found if call.sid not in others]
        if candidates:
            await self._adopt(attempt, candidates)
        elif attempt.lists_read + 1 < LISTS_TO_BE_SURE:
            await _ask_later(rt, attempt, rt.settings.unknown_second_list_sec, lists_read=attempt.lists_read + 1)
        else:
            log.info("the carrier never had this call", attempt=str(attempt.facts.id))
            await _save(rt, attempt, events.CallNeverWas(attempt.facts))

    async def _adopt(self, attempt: StoredAttempt, candidates: list[CarrierCall]) -> None:
        """The earliest is ours, unless another one has spoken while the list was read."""
        rt = self._rt
        current = await _facts_now(rt, attempt)
        if current.sid is None and not current.is_open:
            return  # It certainly did not ring: what is listed may be the call of the attempt after it.
        ours = current.sid or candidates[0].sid
        doubles = [call.sid for call in candidates if call.sid != ours]
        if doubles:
            rt.alarms.sound(
                "double call",
                "the carrier has more than one call for one attempt; the others are hung up",
                run=str(attempt.run_id),
                attempt=str(attempt.facts.id),
                ours=ours,
                others=doubles,
            )
        # The doubles first: where the carrier is away again, all of this is done anew.
        for sid in doubles:
            await self._carrier.hang_up(sid)
        for call in candidates:
            if call.sid == ours:
                await _save(rt, attempt, events.CallAccepted(attempt.facts, ours, call.status), by_list=True)
                if (await _facts_now(rt, attempt)).sid == ours:
                    await record_asked(rt, attempt.facts.id, call)


async def _facts_now(rt: Runtime, attempt: StoredAttempt) -> Attempt:
    async with rt.database.reading() as tx:
        stored = await attempts.get(tx, attempt.facts.id)
    return attempt.facts if stored is None else stored.facts


async def _each(silent: Iterable[StoredAttempt], settle: Callable[[StoredAttempt], Awaitable[None]]) -> None:
    turns = asyncio.Semaphore(SAVED_AT_ONCE)

    async def in_turn(attempt: StoredAttempt) -> None:
        async with turns:
            await settle(attempt)

    await asyncio.gather(*(in_turn(attempt) for attempt in silent))


async def _save(rt: Runtime, seen: StoredAttempt, event: AttemptEvent, *, by_list: bool = False) -> None:
    """Nothing happens when the attempt has moved on since it was looked at."""

    async def save(tx: Transaction, loaded: Loaded | None) -> Decided | None:
        if loaded is None or loaded[1].facts != seen.facts:
            return None
        recipient, current = loaded
        return await decide_and_save(tx, rt, recipient, event, current, by_list=by_list)

    decided = await change_attempt(rt.database, seen.facts.id, save)
    if decided is not None:
        await let_out(rt, decided)


async def _ask_later(rt: Runtime, attempt: StoredAttempt, wait_seconds: float, lists_read: int | None = None) -> None:
    async with rt.database.transaction() as tx:
        ask_at = rt.clock() + timedelta(seconds=wait_seconds)
        read = attempt.lists_read if lists_read is None else lists_read
        await attempts.ask_later(tx, attempt.facts.id, ask_at, read)


async def _put_off(rt: Runtime, silent: Sequence[StoredAttempt], patience: Patience | None) -> None:
    """`patience`: they could not be asked about; else they go on as they did."""
    if silent:
        async with rt.database.transaction() as tx:
            seconds = ASK_AGAIN_SECONDS if patience is None else PAUSES_SECONDS[0]
            until = (patience.until if patience else None) or rt.clock() + timedelta(seconds=seconds)
            await asking.put_off(tx, [attempt.facts.id for attempt in silent], until)
