"""Everything about a run that can be made ready before it is stored.

For a hundred thousand people this takes seconds, and on SQLite nobody else may write while a transaction does:
storing what is ready takes a fraction of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID, uuid4

from sqlalchemy import Dialect

from gdial.actions.people_of_run import people_of
from gdial.actions.recorded_parts import check_recordings
from gdial.actions.run_content import kept_words, saved_words
from gdial.actions.system_settings import load_values
from gdial.contacts.model import ListedContact
from gdial.dialing.brakes import Starter
from gdial.dialing.decide import begin
from gdial.dialing.model import NumberToRing, Recipient
from gdial.dialing.policy import Policy, ReachedWhen, read_policy
from gdial.dialing.states import RunMode, RunState
from gdial.errors import InvalidInput
from gdial.messages.drills import as_drill
from gdial.messages.model import MessageContent, read_responses
from gdial.messages.render import contact_fields
from gdial.messages.translations import Translations, choose_content, read_translations, translations_to_json
from gdial.runtime import Records
from gdial.storage import recipients
from gdial.storage.batches import let_others_work
from gdial.storage.contacts import PersonToRing
from gdial.storage.database import Transaction
from gdial.storage.driver_rows import DriverRows
from gdial.storage.recipients import NewRecipient
from gdial.storage.runs import Run

PEOPLE_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class RunWish:
    """What somebody asks for. `message_id`, or `custom_message_id` of a text that is kept already, or `text` with its
    language, responses and translations: one of the three.

    `pasted_list` holds names and numbers as somebody pasted them, `listed` what was read in it; lines that cannot be
    used refuse the run unless it `leaves_out_bad_lines`. `not_reached_in` is a run: whoever ended in it without being
    reached. `only_first` rings the first so many people of the list, to try a run before all of it is let go;
    `phone_id` rings this number and no other. `run_id` is the id that the run shall have (None: a new one).
    `may_announce`: words without keys reach a person by being answered, whatever the policy says; else they are refused
    where a key is asked for.
    """

    name: str
    description: str = ""
    contact_ids: Sequence[UUID] = ()
    group_ids: Sequence[UUID] = ()
    exclude_group_ids: Sequence[UUID] = ()
    pasted_list: str = ""
    listed: Sequence[ListedContact] = ()
    leaves_out_bad_lines: bool = False
    not_reached_in: UUID | None = None
    only_first: int | None = None
    phone_id: UUID | None = None
    message_id: UUID | None = None
    custom_message_id: UUID | None = None
    text: str | None = None
    language: str | None = None
    responses: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    translations: Mapping[str, object] = field(default_factory=dict)
    policy: Mapping[str, object] = field(default_factory=dict)
    priority: int = 1
    scheduled_at: datetime | None = None
    mode: RunMode = RunMode.REAL
    run_id: UUID | None = None
    may_announce: bool = False
    started_by: Starter = Starter.JOB

    @property
    def only_contact_id(self) -> UUID | None:
        """The one person it is for, when it names just one."""
        others = self.group_ids or self.listed or self.not_reached_in
        return self.contact_ids[0] if len(self.contact_ids) == 1 and not others else None


@dataclass(frozen=True, slots=True)
class PreparedRun:
    """A run as it will be stored, with the text written for it (None: what it says is kept already) and the rows of
    its `recipients`, so many."""

    run: Run
    new_text: MessageContent | None
    only_contact_id: UUID | None
    recipients: int
    rows: Sequence[DriverRows]


async def prepare_run(tx: Transaction, rt: Records, wish: RunWish) -> PreparedRun:
    """Reads and decides, writes nothing. Raises InvalidInput, NotFound, see `start_run`."""
    values = await load_values(tx, rt.settings)
    policy = read_policy(wish.policy, values.policy)
    people = await people_of(tx, wish)
    content, translations = await content_of(tx, wish, values.text("default_language"))
    if wish.mode is RunMode.DRILL:
        for said in (content, *translations.values()):
            as_drill(said)
    policy = fit_to_keys(policy, content, wish)
    run = _new_run(wish, policy, content, translations, rt.clock())
    choose = language_chooser(content, translations, values.text("default_language"))
    rows = await recipient_rows(tx.dialect, run, people, choose, run.created_at)
    return PreparedRun(run, content if wish.text is not None else None, wish.only_contact_id, len(people), rows)


async def recipient_rows(
    dialect: Dialect,
    run: Run,
    people: Sequence[PersonToRing],
    choose: Callable[[str | None], str | None],
    now: datetime,
    first_position: int = 0,
) -> list[DriverRows]:
    """Rows for these people, ready to be stored; each is due at `now`, or when the run starts."""
    rows = []
    # In the order of the rows: an index grows several times faster at its end than all over.
    ids = sorted((uuid4() for _ in people), key=lambda recipient_id: recipient_id.int)
    for start in range(0, len(people), PEOPLE_AT_ONCE):
        portion = zip(ids[start : start + PEOPLE_AT_ONCE], people[start : start + PEOPLE_AT_ONCE], strict=True)
        made = [_new_recipient(recipient_id, run, it, choose(it.language), now) for recipient_id, it in portion]
        rows.append(recipients.new_rows(dialect, run.id, made, now, first_position=first_position + start))
        await let_others_work()
    return rows


def fit_to_keys(policy: Policy, content: MessageContent, wish: RunWish) -> Policy:
    """Raises InvalidInput where nobody could be reached."""
    if policy.reached_when is ReachedWhen.KEY and not content.responses:
        if wish.may_announce:
            return replace(policy, reached_when=ReachedWhen.ANSWERED)
        raise InvalidInput(
            "the message has no keys, so nobody could be reached by one; add responses, "
            'or choose "reached_when": "answered"',
            where="responses",
            example='{"1": {"label": "Coming", "reply": "Thank you"}}',
        )
    return policy


async def content_of(tx: Transaction, wish: RunWish, default_language: str) -> tuple[MessageContent, Translations]:
    """What the wish says. Raises InvalidInput, NotFound."""
    if [wish.message_id, wish.custom_message_id, wish.text].count(None) != 2:
        raise InvalidInput("give either message_id or text", where="message_id")
    if wish.custom_message_id is not None:
        return await kept_words(tx, wish.custom_message_id), {}
    if wish.message_id is not None:
        if wish.translations:
            raise InvalidInput("a saved message has its own translations", where="translations")
        return await saved_words(tx, wish.message_id)
    content = MessageContent(wish.text or "", wish.language or default_language, read_responses(wish.responses))
    translations = read_translations(wish.translations, content)
    await check_recordings(tx, content, translations)
    return content, translations


def _new_run(wish: RunWish, policy: Policy, content: MessageContent, translations: Translations, now: datetime) -> Run:
    starts_later = wish.scheduled_at is not None and wish.scheduled_at > now
    return Run(
        id=wish.run_id or uuid4(),
        name=wish.name,
        description=wish.description,
        mode=wish.mode,
        started_by=wish.started_by,
        state=RunState.SCHEDULED if starts_later else RunState.RUNNING,
        priority=wish.priority,
        policy=policy,
        message_id=wish.message_id,
        custom_message_log_id=uuid4() if wish.text is not None else wish.custom_message_id,
        text=content.text,
        language=content.language,
        responses={key: {"label": each.label, "reply": each.reply} for key, each in content.responses.items()},
        translations=translations_to_json(translations),
        created_at=now,
        scheduled_at=wish.scheduled_at,
        started_at=None if starts_later else now,
        deadline_at=None if starts_later else now + timedelta(minutes=policy.deadline_minutes),
    )


def language_chooser(
    content: MessageContent, translations: Translations, default_language: str
) -> Callable[[str | None], str | None]:
    """The language a person hears the run in, None for the run's own; a contact without one has the installation's."""

    @cache
    def choose(language: str | None) -> str | None:
        chosen = choose_content(content, translations, language or default_language)
        return None if chosen is content else chosen.language

    return choose


def _new_recipient(
    recipient_id: UUID, run: Run, person: PersonToRing, language: str | None, now: datetime
) -> NewRecipient:
    numbers = tuple(NumberToRing(n.number, n.phone_number_id, n.is_bad) for n in person.numbers)
    due_at = run.scheduled_at if run.scheduled_at is not None and run.started_at is None else now
    facts = begin(Recipient(numbers=numbers, run_state=run.state), due_at)
    fields = contact_fields(person.name, person.groups)
    return NewRecipient(recipient_id, person.contact_id, person.name, fields, facts, language)
