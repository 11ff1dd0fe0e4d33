"""Ring one recipient: pace slot, claim, create, and what came of it."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import structlog

from gdial.actions import prepare_speech
from gdial.actions.brakes import why_not_now
from gdial.actions.deciding import CLAIM_MARGIN_SECONDS, Decided, decide_and_save, let_out
from gdial.actions.persist import until_stored
from gdial.actions.run_content import content_for
from gdial.actions.webhook_links import status_link, voice_link
from gdial.carriers.base import Accepted, CallRequest, Placing, Refusal, Refused, Unknown
from gdial.dialing import events
from gdial.dialing.decide import decide, may_be_dialled
from gdial.dialing.events import AttemptEvent
from gdial.dialing.model import Attempt, NumberToRing
from gdial.dialing.pacing import URGENT_PRIORITY, Slot
from gdial.dialing.states import RunState
from gdial.dialing.steps import Dial
from gdial.errors import DatabaseUnavailable
from gdial.monitoring import metrics
from gdial.runtime import Network, Runtime
from gdial.storage import attempts, feeding, recipients, runs
from gdial.storage.attempt_changes import Loaded, change_attempt
from gdial.storage.attempts import NewAttempt, StoredAttempt
from gdial.storage.database import Transaction
from gdial.storage.pace import use_line
from gdial.storage.recipients import StoredRecipient
from gdial.storage.runs import Run

log = structlog.get_logger(__name__)


HELD_UP = Refused(Refusal.LATER, "", "this process was held up for so long that the claim may have been given up")
"""The reconciler may by now have found that there is no such call: one that is created after that rings twice."""
STOPPED_MEANWHILE = Refused(Refusal.LATER, "", "the run was paused or stopped before the call went out")
CARRIER_AWAY = Refused(Refusal.LATER, "", "the carrier did not answer the calls before this one; nothing was sent")
CARRIER_AWAY_WAIT_SECONDS = 2.0
"""So long a doorbell is held while the carrier is away: less than the feed lasts, however many lie behind it."""
LONG_DEPARTURE_SECONDS = 0.1
"""Whoever waited longer than this looks again whether the run still rings."""


@dataclass(frozen=True, slots=True)
class Doorbell:
    """For whom it rang; one that goes `ahead` is for nobody else of the run."""

    recipient: StoredRecipient
    ahead: bool


@dataclass(frozen=True, slots=True)
class Start:
    """A slot, and for whom at least its line is: the lines kept for urgent calls are for nobody else."""

    slot: Slot
    least_priority: int


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to ring: committed, and nobody else has it."""

    attempt_id: UUID
    recipient: StoredRecipient
    run: Run
    number: str
    from_number: str
    made_at: float


async def place_call(rt: Runtime, recipient_id: UUID, *, ahead: bool = False) -> bool:
    """Ring this person, or somebody due by then who is more urgent or, unless this one goes `ahead` of the run, in an
    earlier turn; whether the carrier was asked to.

    A doorbell that comes twice or too late rings nobody. Raises DatabaseUnavailable; the person then stays due, or,
    after the claim, is settled by the reconciler.
    """
    async with rt.database.reading() as tx:
        recipient = await recipients.get(tx, recipient_id)
    if recipient is None:
        return False
    if not may_be_dialled(recipient.facts, rt.clock()):
        await _return_feed(rt, recipient_id)
        return False
    run = recipient.run
    network = rt.networks.get(run.mode)
    if network is None:
        log.error("no telephone network for this run", run=str(run.id), mode=run.mode)
        return False
    await prepare_speech.for_recipient(rt, recipient)
    breaker_pass = await network.breaker.enter(CARRIER_AWAY_WAIT_SECONDS)
    if breaker_pass is None:
        await _return_feed(rt, recipient_id)
        return False
    try:
        return await _ring(rt, network, Doorbell(recipient, ahead), breaker_pass)
    finally:
        network.breaker.leave()


async def _ring(rt: Runtime, network: Network, doorbell: Doorbell, breaker_pass: int) -> bool:
    start = await _take_start(rt, network, doorbell.recipient.run)
    if start is not None and not network.breaker.may_go(breaker_pass):
        await network.pace.give_back(start.slot)
        start = None
    if start is None:
        await _return_feed(rt, doorbell.recipient.id)
        return False
    claim = await _claim_in_slot(rt, network, doorbell, start)
    if claim is None:
        return False
    return await _dial(rt, network, claim, breaker_pass)


async def _take_start(rt: Runtime, network: Network, run: Run) -> Start | None:
    """With every ordinary line busy, an ordinary doorbell rings somebody urgent who is due: the urgent one's own
    doorbell may lie behind it."""
    slot = await network.pace.take_slot(run.priority)
    if slot is not None:
        return Start(slot, run.priority)
    if run.priority >= URGENT_PRIORITY:
        return None
    async with rt.database.reading() as tx:
        urgent_id = await feeding.most_urgent(tx, run.mode, URGENT_PRIORITY - 1, rt.clock())
    slot = await network.pace.take_slot(URGENT_PRIORITY) if urgent_id is not None else None
    return None if slot is None else Start(slot, URGENT_PRIORITY)


async def _claim_in_slot(rt: Runtime, network: Network, doorbell: Doorbell, start: Start) -> Claim | None:
    try:
        claim = await _claim(rt, network, doorbell, start)
    except BaseException:
        await network.pace.give_back(start.slot)
        raise
    if claim is None:
        await network.pace.give_back(start.slot)
        rt.bells.close_runs.set()
    return claim


async def _claim(rt: Runtime, network: Network, doorbell: Doorbell, start: Start) -> Claim | None:
    async with rt.database.transaction() as tx:
        recipient = await _whom_to_ring(tx, rt, doorbell, start)
        claim = None if recipient is None else await _claim_person(tx, rt, network, recipient)
    if recipient is None or recipient.id != doorbell.recipient.id:
        # In a transaction of its own: who holds one person and waits for another may wait in a circle.
        with suppress(DatabaseUnavailable):  # the feed lapses by itself
            await _return_feed(rt, doorbell.recipient.id)
        rt.bells.feed.set()
    return claim


async def _whom_to_ring(tx: Transaction, rt: Runtime, doorbell: Doorbell, start: Start) -> StoredRecipient | None:
    """Locked. The line of the slot is used up here, so that it is never held and open at once; None when it lapsed."""
    if start.slot.lease_id is not None and not await use_line(tx, start.slot.lease_id):
        return None
    wanted, now = doorbell.recipient, rt.clock()
    above = max(wanted.run.priority, start.least_priority - 1)
    first_id = await feeding.most_urgent(tx, wanted.run.mode, above, now)
    if first_id is None and wanted.run.priority < start.least_priority:
        return None
    if first_id is None and wanted.facts.turn > 0 and not doorbell.ahead:
        # Whose own doorbell found no line may have been overtaken by this one.
        first_id = await feeding.in_an_earlier_turn(tx, wanted.run.id, wanted.facts.turn, now)
    return await recipients.get(tx, first_id or wanted.id, lock=True)


async def _claim_person(tx: Transaction, rt: Runtime, network: Network, recipient: StoredRecipient) -> Claim | None:
    turn = events.TurnCame(uuid4())
    decision = decide(recipient.facts, turn, recipient.run.policy, rt.clock())
    dial = next((step for step in decision.steps if isinstance(step, Dial)), None)
    hindrance = None if dial is None else await why_not_now(tx, rt, recipient.run, dial.number)
    if hindrance is not None:
        await decide_and_save(tx, rt, recipient, hindrance)
        return None
    if dial is None:
        await recipients.save(tx, recipient, decision.recipient, rt.clock())
        await _return_feed_in(tx, rt, recipient.id)
        return None
    return await _claim_number(tx, rt, network, recipient, turn, dial.number)


async def _claim_number(
    tx: Transaction,
    rt: Runtime,
    network: Network,
    recipient: StoredRecipient,
    turn: events.TurnCame,
    number: NumberToRing,
) -> Claim | None:
    """The unique indexes decide whether the number and the person are free."""
    now = rt.clock()
    run = recipient.run
    from_number = network.from_numbers[recipient.id.int % len(network.from_numbers)]
    new = NewAttempt(
        facts=Attempt(id=turn.attempt_id, number_index=recipient.facts.number_index),
        recipient_id=recipient.id,
        run_id=run.id,
        contact_id=recipient.contact_id,
        phone_number_id=number.phone_number_id,
        mode=run.mode,
        number=number.number,
        from_number=from_number,
        message_id=run.message_id,
        custom_message_log_id=run.custom_message_log_id,
        claimed_at=now,
        ask_at=now + timedelta(seconds=rt.settings.carrier_timeout_sec + CLAIM_MARGIN_SECONDS),
    )
    if not await attempts.insert_if_free(tx, new):
        await decide_and_save(tx, rt, recipient, events.NumberWasInUse())
        return None
    await decide_and_save(tx, rt, recipient, turn)
    return Claim(turn.attempt_id, recipient, run, number.number, from_number, time.monotonic())


async def _dial(rt: Runtime, network: Network, claim: Claim, breaker_pass: int) -> bool:
    """Whether the carrier was asked."""
    language = content_for(claim.recipient).language
    request = CallRequest(
        to=claim.number,
        from_number=claim.from_number,
        voice_url=voice_link(rt, claim.run, claim.attempt_id, language),
        fallback_url=voice_link(rt, claim.run, claim.attempt_id, language, spoken_by_carrier=True),
        status_url=status_link(rt, claim.run.mode, claim.attempt_id),
        ring_timeout_seconds=claim.run.policy.ring_timeout_seconds,
        time_limit_seconds=rt.settings.call_time_limit_sec,
    )
    given_up = await _give_up_reason(rt, network, claim, breaker_pass)
    placing = given_up or await _create(network, claim, request)
    if not isinstance(placing, Accepted):
        log.warning("call not placed", attempt=str(claim.attempt_id), number=claim.number, result=str(placing))
    await until_stored(lambda: record_placing(rt, claim.attempt_id, placing))
    return given_up is None


async def _create(network: Network, claim: Claim, request: CallRequest) -> Placing:
    placing = await network.carrier.place(request)
    network.breaker.note_create(placing)
    metrics.calls_placed.labels(claim.run.mode, type(placing).__name__.lower()).inc()
    if isinstance(placing, Refused) and placing.asks_to_slow_down:
        await _slow_down(network, claim)
    return placing


async def _slow_down(network: Network, claim: Claim) -> None:
    try:
        per_second = await network.pace.slow_down()
        log.warning("the carrier has too much at once; the pace is slowed", mode=claim.run.mode, per_second=per_second)
    except DatabaseUnavailable as error:
        log.warning("the pace cannot be slowed", mode=claim.run.mode, why=str(error))


async def _give_up_reason(rt: Runtime, network: Network, claim: Claim, breaker_pass: int) -> Refused | None:
    """What has come between the claim and the create, if anything: then nothing was sent, and that is certain."""
    try:
        waited = await network.pace.depart()
        if waited > LONG_DEPARTURE_SECONDS:
            async with rt.database.reading() as tx:
                run = await runs.get(tx, claim.run.id)
            if run.state is not RunState.RUNNING:
                return STOPPED_MEANWHILE
    except DatabaseUnavailable as error:
        return Refused(Refusal.LATER, "", f"the call did not go out: {error}")
    if not network.breaker.may_go(breaker_pass):
        return CARRIER_AWAY
    return HELD_UP if time.monotonic() - claim.made_at > CLAIM_MARGIN_SECONDS else None


async def record_placing(rt: Runtime, attempt_id: UUID, placing: Placing) -> None:
    """Store what the carrier answered to the create. Repeating it changes nothing."""

    async def record(tx: Transaction, loaded: Loaded | None) -> Decided | None:
        if loaded is None:
            return None
        recipient, attempt = loaded
        return await decide_and_save(tx, rt, recipient, _event_of(placing, attempt), attempt)

    decided = await change_attempt(rt.database, attempt_id, record)
    if decided is not None:
        await let_out(rt, decided)


def _event_of(placing: Placing, attempt: StoredAttempt) -> AttemptEvent:
    match placing:
        case Accepted(sid, status):
            return events.CallAccepted(attempt.facts, sid, status)
        case Refused(Refusal.BAD_NUMBER, code, reason):
            return events.NumberRefused(attempt.facts, code, reason)
        case Refused(Refusal.LATER, code, reason, retry_after):
            return events.CallPutOff(attempt.facts, code, reason, retry_after)
        case Refused(Refusal.CALL, code, reason):
            return events.CallRefused(attempt.facts, code, reason)
        case Refused(_, code, reason):
            return events.AccountRefused(attempt.facts, code, reason)
        case Unknown(reason):
            return events.PlacingLost(attempt.facts, reason)


async def _return_feed(rt: Runtime, recipient_id: UUID) -> None:
    async with rt.database.transaction() as tx:
        await _return_feed_in(tx, rt, recipient_id)


async def _return_feed_in(tx: Transaction, rt: Runtime, recipient_id: UUID) -> None:
    recipient = await recipients.get(tx, recipient_id, lock=True)
    if recipient is not None:
        await decide_and_save(tx, rt, recipient, events.FeedReturned())
