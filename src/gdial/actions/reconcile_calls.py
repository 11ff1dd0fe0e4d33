"""Ask the carrier about attempts of which nothing is heard. Never dials."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog

from gdial.actions.deciding import decide_and_save, let_out
from gdial.actions.record_event import record_asked
from gdial.carriers.base import Carrier, CarrierCall
from gdial.dialing import events
from gdial.dialing.events import AttemptEvent
from gdial.dialing.model import Attempt
from gdial.dialing.states import AttemptState, CallStatus
from gdial.errors import CarrierUnavailable
from gdial.monitoring import metrics
from gdial.runtime import Network, Runtime
from gdial.storage import attempts
from gdial.storage.attempts import StoredAttempt

log = structlog.get_logger(__name__)

AT_ONCE = 20
ASK_AGAIN_SECONDS = 30
CARRIER_AWAY_SECONDS = 10
CREATED_BEFORE_CLAIM_SECONDS = 60
"""The carrier's times are whole seconds, and its clock is not ours. A call that is missed is made twice; one too many
is told apart by its SID."""
LISTS_TO_BE_SURE = 2


async def reconcile_calls(rt: Runtime) -> int:
    """One round over the attempts that are due to be asked about; how many there were. The lines are counted anew.

    Safe to run in several processes at once: each attempt is asked about by one of them.
    """
    async with rt.database.reading() as tx:
        silent = await attempts.due_to_ask(tx, rt.clock(), AT_ONCE)
        metrics.unknown_calls.set(await attempts.count_unknown(tx))
        for mode, network in rt.networks.items():
            network.pace.recount(await attempts.count_open(tx, mode))
    if silent:
        silent = await _take(rt)
    await asyncio.gather(*(_settle(rt, attempt) for attempt in silent))
    return len(silent)


async def _take(rt: Runtime) -> list[StoredAttempt]:
    """Nobody else asks about them for a while; of a process that dies meanwhile they are due again."""
    async with rt.database.transaction() as tx:
        now = rt.clock()
        until = now + timedelta(seconds=ASK_AGAIN_SECONDS)
        return await attempts.take_due_to_ask(tx, now, AT_ONCE, until)


async def recover_after_start(rt: Runtime) -> None:
    """What a process that was killed may have missed: words about calls under way are asked for at once."""
    async with rt.database.transaction() as tx:
        open_calls = await attempts.ask_about_all_placed(tx, rt.clock())
    if open_calls:
        log.info("calls were under way when the last process ended; asking the carrier", calls=open_calls)


async def _settle(rt: Runtime, attempt: StoredAttempt) -> None:
    network = rt.networks.get(attempt.mode)
    if attempt.facts.state is AttemptState.CLAIMED:
        return await _save(rt, attempt, events.PlacingLost(attempt.facts, "the process that placed it ended"))
    if network is None:
        return await _ask_later(rt, attempt, ASK_AGAIN_SECONDS)
    try:
        if attempt.facts.state is AttemptState.UNKNOWN:
            await _look_for_it(rt, network, attempt)
        else:
            await _ask(rt, network.carrier, attempt)
    except CarrierUnavailable as error:
        log.warning("the carrier does not answer; asking again", attempt=str(attempt.facts.id), why=str(error))
        await _ask_later(rt, attempt, CARRIER_AWAY_SECONDS)
    return None


async def _ask(rt: Runtime, carrier: Carrier, attempt: StoredAttempt) -> None:
    sid = attempt.facts.sid or ""
    call = await carrier.ask(sid)
    if call is None:
        log.error("the carrier knows no such call any more", attempt=str(attempt.facts.id), sid=sid)
        lost = events.StatusHeard(attempt.facts, sid, CallStatus.FAILED, error_code="unknown to the carrier")
        return await _save(rt, attempt, lost)
    await _ask_later(rt, attempt, ASK_AGAIN_SECONDS)
    await record_asked(rt, attempt.facts.id, call)
    return None


async def _look_for_it(rt: Runtime, network: Network, attempt: StoredAttempt) -> None:
    """The create's answer was lost: the carrier's list tells whether the phone rings."""
    since = attempt.claimed_at - timedelta(seconds=CREATED_BEFORE_CLAIM_SECONDS)
    listed = await network.carrier.list_calls(attempt.number, (attempt.from_number,), since)
    async with rt.database.reading() as tx:
        others = await attempts.sids_of_others(tx, [call.sid for call in listed], attempt.facts.id)
    candidates = [call for call in listed if call.sid not in others]
    if candidates:
        await _adopt(rt, network.carrier, attempt, candidates)
    elif attempt.lists_read + 1 < LISTS_TO_BE_SURE:
        await _ask_later(rt, attempt, rt.settings.unknown_second_list_sec, lists_read=attempt.lists_read + 1)
    else:
        log.info("the carrier never had this call", attempt=str(attempt.facts.id))
        await _save(rt, attempt, events.CallNeverWas(attempt.facts))


async def _adopt(rt: Runtime, carrier: Carrier, attempt: StoredAttempt, candidates: list[CarrierCall]) -> None:
    """The earliest is ours, unless another one has spoken while the list was read."""
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
        await carrier.hang_up(sid)
    for call in candidates:
        if call.sid == ours:
            await _save(rt, attempt, events.CallAccepted(attempt.facts, ours, call.status))
            if (await _facts_now(rt, attempt)).sid == ours:
                await record_asked(rt, attempt.facts.id, call)


async def _facts_now(rt: Runtime, attempt: StoredAttempt) -> Attempt:
    async with rt.database.reading() as tx:
        stored = await attempts.get(tx, attempt.facts.id)
    return attempt.facts if stored is None else stored.facts


async def _save(rt: Runtime, seen: StoredAttempt, event: AttemptEvent) -> None:
    """Nothing happens when the attempt has moved on since it was looked at."""
    async with rt.database.transaction() as tx:
        loaded = await attempts.load_locked(tx, seen.facts.id)
        if loaded is None or loaded[1].facts != seen.facts:
            return
        recipient, current = loaded
        decided = await decide_and_save(tx, rt, recipient, event, current)
    await let_out(rt, decided)


async def _ask_later(rt: Runtime, attempt: StoredAttempt, wait_seconds: float, lists_read: int | None = None) -> None:
    async with rt.database.transaction() as tx:
        ask_at = rt.clock() + timedelta(seconds=wait_seconds)
        read = attempt.lists_read if lists_read is None else lists_read
        await attempts.ask_later(tx, attempt.facts.id, ask_at, read)
