"""Start a call run: from a wish to rows that are due."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID, uuid4

import structlog
from sqlalchemy.exc import IntegrityError

from gdial.actions.system_settings import load_values
from gdial.actions.tell_endpoints import tell_started
from gdial.dialing.decide import begin
from gdial.dialing.model import NumberToRing, Recipient
from gdial.dialing.policy import Policy, ReachedWhen, read_policy
from gdial.dialing.states import RunMode, RunState
from gdial.errors import InvalidInput, QueueUnavailable
from gdial.messages.model import MessageContent, read_responses
from gdial.messages.render import contact_fields
from gdial.messages.translations import Translations, choose_content, read_translations, translations_to_json
from gdial.queue.jobs import CALL_BATCH, TTS, CallBatchJob, TtsJob, write_job
from gdial.runtime import Runtime
from gdial.storage import contacts, custom_messages, idempotency, messages, recipients, runs
from gdial.storage.contacts import PersonToRing
from gdial.storage.database import Transaction
from gdial.storage.idempotency import KnownKey
from gdial.storage.recipients import NewRecipient
from gdial.storage.runs import Run

log = structlog.get_logger(__name__)

KEY_LIFETIME = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class RunWish:
    """What somebody asks for. Either `message_id`, or `text` with its language, responses and translations.

    `only_first` rings the first so many people of the list, to try a run before all of it is let go; `phone_id`
    rings this number and no other.
    """

    name: str
    description: str = ""
    contact_ids: Sequence[UUID] = ()
    group_ids: Sequence[UUID] = ()
    exclude_group_ids: Sequence[UUID] = ()
    only_first: int | None = None
    phone_id: UUID | None = None
    message_id: UUID | None = None
    text: str | None = None
    language: str | None = None
    responses: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    translations: Mapping[str, object] = field(default_factory=dict)
    policy: Mapping[str, object] = field(default_factory=dict)
    priority: int = 1
    scheduled_at: datetime | None = None
    mode: RunMode = RunMode.REAL

    @property
    def only_contact_id(self) -> UUID | None:
        """The one person it is for, when it names just one."""
        return self.contact_ids[0] if len(self.contact_ids) == 1 and not self.group_ids else None


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """`body_hash` tells a repeated request from another one under the same key."""

    key: str
    body_hash: str


@dataclass(frozen=True, slots=True)
class StartedRun:
    run: Run
    recipients: int


async def start_run(rt: Runtime, wish: RunWish, key: IdempotencyKey | None = None) -> StartedRun:
    """Store the run and everybody in it, in one transaction; then ring the bells.

    The same key within 24 hours gives the run it gave before. Raises InvalidInput (nobody to ring, a text that cannot
    be spoken, a policy out of bounds, a key used for something else), NotFound, Conflict (no telephone network).
    """
    rt.network(wish.mode)
    try:
        async with rt.database.transaction() as tx:
            known = await _find_known(tx, rt, key)
            if known is not None:
                return known
            started = await _store(tx, rt, wish)
            if started.run.state is RunState.RUNNING:
                await tell_started(tx, rt, started.run)
            if key is not None:
                await idempotency.insert(tx, key.key, KnownKey(key.body_hash, started.run.id), rt.clock())
    except IntegrityError:
        # Two clicks at the same moment: the other one's run is there by now.
        async with rt.database.transaction() as tx:
            known = await _find_known(tx, rt, key)
        if known is None:
            raise
        return known
    log.info("run started", run=str(started.run.id), recipients=started.recipients, mode=wish.mode)
    await _ring_the_bells(rt, started.run)
    return started


async def _find_known(tx: Transaction, rt: Runtime, key: IdempotencyKey | None) -> StartedRun | None:
    if key is None:
        return None
    known = await idempotency.find(tx, key.key, rt.clock() - KEY_LIFETIME)
    if known is None:
        return None
    if known.body_hash != key.body_hash:
        raise InvalidInput("was used within 24 hours for another request", where="Idempotency-Key")
    counts = await runs.counts(tx, known.run_id)
    return StartedRun(await runs.get(tx, known.run_id), counts.recipients)


async def _store(tx: Transaction, rt: Runtime, wish: RunWish) -> StartedRun:
    values = await load_values(tx, rt.settings)
    policy = read_policy(wish.policy, values.policy)
    people = await contacts.people_to_ring(
        tx,
        contact_ids=wish.contact_ids,
        group_ids=wish.group_ids,
        exclude_group_ids=wish.exclude_group_ids,
        only_first=wish.only_first,
    )
    if not people:
        raise InvalidInput("there is nobody to ring: the groups and contacts named hold no one", where="group_ids")
    content, translations = await _content(tx, wish, values.text("default_language"))
    if policy.reached_when is ReachedWhen.KEY and not content.responses:
        raise InvalidInput(
            "the message has no keys, so nobody could be reached by one; add responses, "
            'or choose "reached_when": "answered"',
            where="responses",
            example='{"1": {"label": "Coming", "reply": "Thank you"}}',
        )
    run = await _store_run(tx, rt, wish, policy, content, translations)
    if wish.phone_id is not None:
        people = [_with_one_number(person, wish.phone_id) for person in people]
    choose = _language_chooser(content, translations, values.text("default_language"))
    made = [_new_recipient(run, person, choose(person.language)) for person in people]
    await recipients.insert_many(tx, run.id, made, rt.clock())
    return StartedRun(run, len(people))


async def _content(tx: Transaction, wish: RunWish, default_language: str) -> tuple[MessageContent, Translations]:
    if (wish.message_id is None) == (wish.text is None):
        raise InvalidInput("give either message_id or text", where="message_id")
    if wish.message_id is not None:
        if wish.translations:
            raise InvalidInput("a saved message has its own translations", where="translations")
        message = await messages.get(tx, wish.message_id)
        return message.content, message.translations
    content = MessageContent(wish.text or "", wish.language or default_language, read_responses(wish.responses))
    return content, read_translations(wish.translations, content)


async def _store_run(
    tx: Transaction,
    rt: Runtime,
    wish: RunWish,
    policy: Policy,
    content: MessageContent,
    translations: Translations,
) -> Run:
    now = rt.clock()
    starts_later = wish.scheduled_at is not None and wish.scheduled_at > now
    custom_id = None
    if wish.message_id is None:
        custom_id = uuid4()
        await custom_messages.insert(tx, custom_id, content, now, wish.only_contact_id)
    run = Run(
        id=uuid4(),
        name=wish.name,
        description=wish.description,
        mode=wish.mode,
        state=RunState.SCHEDULED if starts_later else RunState.RUNNING,
        priority=wish.priority,
        policy=policy,
        message_id=wish.message_id,
        custom_message_log_id=custom_id,
        text=content.text,
        language=content.language,
        responses={key: {"label": each.label, "reply": each.reply} for key, each in content.responses.items()},
        translations=translations_to_json(translations),
        created_at=now,
        scheduled_at=wish.scheduled_at,
        started_at=None if starts_later else now,
        deadline_at=None if starts_later else now + timedelta(minutes=policy.deadline_minutes),
    )
    await runs.insert(tx, run)
    return run


def _with_one_number(person: PersonToRing, phone_id: UUID) -> PersonToRing:
    chosen = tuple(number for number in person.numbers if number.phone_number_id == phone_id)
    if not chosen:
        raise InvalidInput("is no number of this contact", where="phone_id")
    return replace(person, numbers=chosen)


def _language_chooser(
    content: MessageContent, translations: Translations, default_language: str
) -> Callable[[str | None], str | None]:
    """The language a person hears the run in, None for the run's own; a contact without one has the installation's."""

    @cache
    def choose(language: str | None) -> str | None:
        chosen = choose_content(content, translations, language or default_language)
        return None if chosen is content else chosen.language

    return choose


def _new_recipient(run: Run, person: PersonToRing, language: str | None) -> NewRecipient:
    numbers = tuple(NumberToRing(n.number, n.phone_number_id, n.is_bad) for n in person.numbers)
    facts = begin(Recipient(numbers=numbers, run_state=run.state), run.scheduled_at or run.created_at)
    fields = contact_fields(person.name, person.groups)
    return NewRecipient(uuid4(), person.contact_id, person.name, fields, facts, language)


async def _ring_the_bells(rt: Runtime, run: Run) -> None:
    """All of it may be lost: the scheduler finds the run by itself."""
    rt.bells.feed.set()
    rt.bells.close_runs.set()
    try:
        await rt.queue.publish(TTS, write_job(TtsJob(call_run_id=run.id)), priority=run.priority)
        await rt.queue.publish(CALL_BATCH, write_job(CallBatchJob(call_run_id=run.id)), priority=run.priority)
    except QueueUnavailable as error:
        log.warning("the queue does not hear of the run; the scheduler finds it", run=str(run.id), why=str(error))
