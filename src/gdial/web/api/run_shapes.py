"""Runs, recipients and calls as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from gdial.actions.prepare_run import RunWish
from gdial.actions.show_run import RunView
from gdial.actions.start_run import StartedRun
from gdial.contacts.pasted import MAX_PASTED_CHARACTERS
from gdial.dialing.brakes import Starter
from gdial.dialing.presets import PRESETS, PresetName
from gdial.dialing.states import CallStatus, Outcome, Reason, RecipientState, RunMode, RunState
from gdial.messages.translations import TRANSLATIONS_EXAMPLE, TranslationJson
from gdial.storage.brakes import Overlap
from gdial.storage.run_lists import CallRow, RecipientRow
from gdial.web.moments import SentMoment

MOST_NAMED = 100_000

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(max_length=50_000)]
PastedList = Annotated[
    str,
    Field(
        max_length=MAX_PASTED_CHARACTERS,
        description="Names and numbers, one person a line. Who is no contact is known to this run alone.",
        examples=["Karin Öst, 070-123 45 67"],
    ),
]
Responses = dict[str, dict[str, str]]
Translations = Annotated[
    dict[str, Any], Field(description=f"The text in other languages, with the same keys: {TRANSLATIONS_EXAMPLE}")
]


class ContentWish(BaseModel):
    """What is to be said: a saved message, or a text for this occasion."""

    model_config = ConfigDict(extra="forbid")

    message_id: UUID | None = None
    text: Text | None = None
    language: Annotated[str, StringConstraints(min_length=2, max_length=20)] | None = None
    responses: Responses | None = None
    translations: Translations | None = None
    policy: dict[str, Any] = Field(default_factory=dict)
    priority: int = Field(default=1, ge=1, le=10, description="1 is ordinary, 8 to 10 urgent; higher goes first.")
    mode: RunMode = RunMode.REAL


class NewRun(ContentWish):
    name: Name
    description: Annotated[str, StringConstraints(max_length=2_000)] = ""
    group_id: UUID | None = None
    group_ids: list[UUID] = Field(default_factory=list, max_length=1_000)
    contact_ids: list[UUID] = Field(default_factory=list, max_length=MOST_NAMED)
    exclude_group_ids: list[UUID] = Field(default_factory=list, max_length=1_000)
    pasted_list: PastedList = ""
    leave_out_bad_lines: bool = Field(default=False, description="Of the pasted list; else such lines refuse the run.")
    not_reached_in: UUID | None = Field(default=None, description="A run: ring those whom it did not reach.")
    preset: PresetName | None = Field(default=None, description="Policy, priority and mode, where they are not given.")
    first: int | None = Field(default=None, ge=1, le=MOST_NAMED, description="Ring only the first so many people.")
    scheduled_at: SentMoment | None = None

    def wish(self, started_by: Starter) -> RunWish:
        preset = PRESETS[self.preset or PresetName.NORMAL]
        return RunWish(
            name=self.name,
            description=self.description,
            contact_ids=self.contact_ids,
            group_ids=[*([self.group_id] if self.group_id else []), *self.group_ids],
            exclude_group_ids=self.exclude_group_ids,
            pasted_list=self.pasted_list,
            leaves_out_bad_lines=self.leave_out_bad_lines,
            not_reached_in=self.not_reached_in,
            only_first=self.first,
            message_id=self.message_id,
            text=self.text,
            language=self.language,
            responses=self.responses or {},
            translations=self.translations or {},
            policy={**preset.policy, **self.policy},
            priority=self.priority if "priority" in self.model_fields_set else preset.priority,
            scheduled_at=self.scheduled_at,
            mode=self.mode if "mode" in self.model_fields_set else preset.mode,
            started_by=started_by,
        )


class NewCall(ContentWish):
    """A manual call: a run of one."""

    contact_id: UUID
    phone_id: UUID | None = Field(default=None, description="Ring this number of the contact only.")
    name: Name | None = None

    def wish(self, started_by: Starter) -> RunWish:
        return RunWish(
            name=self.name or "Manual call",
            contact_ids=[self.contact_id],
            phone_id=self.phone_id,
            message_id=self.message_id,
            text=self.text,
            language=self.language,
            responses=self.responses or {},
            translations=self.translations or {},
            policy=self.policy,
            priority=self.priority,
            mode=self.mode,
            started_by=started_by,
        )


class WarningShape(BaseModel):
    """Something to look at; the run goes on all the same. `people` of this run are rung by the run `run_id` too."""

    kind: Literal["same people"]
    detail: str
    run_id: UUID
    people: int

    @classmethod
    def of(cls, overlap: Overlap) -> WarningShape:
        who = "1 person of this run is" if overlap.people == 1 else f"{overlap.people} people of this run are"
        detail = f'{who} being rung by the run "{overlap.name}" too, which is {overlap.state} ({overlap.run_id})'
        return cls(kind="same people", detail=detail, run_id=overlap.run_id, people=overlap.people)


class StartedShape(BaseModel):
    id: UUID
    state: RunState
    recipients: int
    warnings: list[WarningShape]

    @classmethod
    def of(cls, started: StartedRun, overlaps: Sequence[Overlap]) -> StartedShape:
        warnings = [WarningShape.of(overlap) for overlap in overlaps]
        return cls(id=started.run.id, state=started.run.state, recipients=started.recipients, warnings=warnings)


class CountsShape(BaseModel):
    recipients: int
    waiting: int
    calling: int
    reached: int
    not_reached: int
    stopped: int


class RunShape(BaseModel):
    id: UUID
    name: str
    description: str
    mode: RunMode
    state: RunState
    priority: int
    started_by: Starter
    policy: Mapping[str, Any]
    message_id: UUID | None
    custom_message_log_id: UUID | None
    text: str
    language: str
    responses: Responses
    translations: dict[str, TranslationJson]
    counts: CountsShape
    answers: dict[str, int]
    ledger_balances: bool
    paused_because: str
    waits_for_carrier_since: AwareDatetime | None = Field(
        description="The carrier does not answer, since then; who is left waits, and is rung when it does."
    )
    created_at: AwareDatetime
    scheduled_at: AwareDatetime | None
    started_at: AwareDatetime | None
    deadline_at: AwareDatetime | None
    ended_at: AwareDatetime | None

    @classmethod
    def of(cls, view: RunView) -> RunShape:
        run = view.run
        named = {name: getattr(run, name) for name in cls.model_fields if hasattr(run, name)}
        named["policy"] = run.policy.to_json()
        named["counts"] = CountsShape(**{name: getattr(view.counts, name) for name in CountsShape.model_fields})
        return cls(
            **named,
            answers=view.answers,
            waits_for_carrier_since=view.waits_for_carrier_since,
            ledger_balances=view.ledger_balances,
        )


class RecipientShape(BaseModel):
    """`next_at`: when the person is rung next; null when nobody will."""

    id: UUID
    contact_id: UUID | None
    name: str
    numbers: list[str]
    state: RecipientState
    outcome: Outcome | None
    reason: Reason | None
    answer: str | None
    attempts: int
    next_at: AwareDatetime | None
    ended_at: AwareDatetime | None

    @classmethod
    def of(cls, row: RecipientRow) -> RecipientShape:
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class CallShape(BaseModel):
    """One attempt; `status` is in the carrier's words, null until it has said one."""

    id: UUID
    recipient_id: UUID
    contact_id: UUID | None
    phone_number_id: UUID | None
    number: str
    call_sid: str | None
    state: str
    status: CallStatus | None
    answered: bool
    digits: str | None
    message_id: UUID | None
    custom_message_log_id: UUID | None
    call_run_id: UUID
    started_at: AwareDatetime
    answered_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    error: str

    @classmethod
    def of(cls, row: CallRow) -> CallShape:
        return cls(**{name: getattr(row, name) for name in cls.model_fields})
