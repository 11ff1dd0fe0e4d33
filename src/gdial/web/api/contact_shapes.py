"""Contacts and groups as JSON."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from gdial.actions.save_contact import GivenContact, GivenNumber
from gdial.actions.take_in_list import ImportReport
from gdial.storage.contact_doubles import DoubleReason, SuspectedDouble
from gdial.storage.contacts import Contact
from gdial.storage.groups import Group

MOST_NAMED = 100_000

ShortText = Annotated[str, StringConstraints(max_length=1_000)]
LongText = Annotated[str, StringConstraints(max_length=10_000)]


class NumberWish(BaseModel):
    """A number as people write it; without a country code it is in DEFAULT_REGION."""

    model_config = ConfigDict(extra="forbid")

    number: ShortText = Field(examples=["070-123 45 67"])
    label: ShortText = Field(default="other", description="mobile, home, work or other", examples=["mobile"])
    priority: int | None = Field(default=None, ge=1, le=1_000, description="1 is rung first; else the list's order.")

    def given(self) -> GivenNumber:
        return GivenNumber(self.number, self.label, self.priority)


class ContactChanges(BaseModel):
    """Fields that are left out stay as they are. `phone_numbers` and `group_ids` replace what was there."""

    model_config = ConfigDict(extra="forbid")

    name: ShortText = Field(default="", examples=["Karin Öst"])
    phone_numbers: list[NumberWish] = Field(default_factory=list, max_length=100)
    external_id: ShortText | None = Field(default=None, description="What another system knows this person by.")
    language: ShortText | None = Field(default=None, examples=["sv"])
    notes: LongText = ""
    group_ids: list[UUID] = Field(default_factory=list, max_length=1_000)

    def given(self) -> GivenContact:
        """Only what was sent."""
        sent = GivenContact()
        for name in self.model_fields_set:
            sent[name] = getattr(self, name)  # type: ignore[literal-required]
        if "phone_numbers" in sent:
            sent["phone_numbers"] = [number.given() for number in self.phone_numbers]
        return sent


class ContactWish(ContactChanges):
    """A whole contact."""

    name: ShortText = Field(examples=["Karin Öst"])
    phone_numbers: list[NumberWish] = Field(min_length=1, max_length=100)

    def given(self) -> GivenContact:
        """Every field: one that was not sent is empty."""
        return GivenContact(
            name=self.name,
            phone_numbers=[number.given() for number in self.phone_numbers],
            external_id=self.external_id,
            language=self.language,
            notes=self.notes,
            group_ids=self.group_ids,
        )


class NumberShape(BaseModel):
    """E.164; `bad_since`: when the carrier said that it cannot be rung, with its code in `bad_code`. No run
    rings it until it is changed, given anew, or trusted again."""

    id: UUID
    number: str
    label: str
    priority: int
    bad_since: AwareDatetime | None
    bad_code: str


class GroupNameShape(BaseModel):
    id: UUID
    name: str


class ContactShape(BaseModel):
    id: UUID
    external_id: str | None
    name: str
    language: str | None
    notes: str
    phone_numbers: list[NumberShape]
    groups: list[GroupNameShape]
    created_at: AwareDatetime
    updated_at: AwareDatetime

    @classmethod
    def of(cls, contact: Contact) -> ContactShape:
        return cls.model_validate(contact, from_attributes=True)


class MergeWish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    keep_id: UUID
    merge_ids: list[UUID] = Field(min_length=1, max_length=100, description="They go; what they have is kept.")
    external_id: ShortText | None = Field(default=None, description="Which to keep, when they have different ones.")


class DoubleShape(BaseModel):
    """Contacts who may be the same person, oldest first. `shared` is what they have in common."""

    reason: DoubleReason
    shared: str
    contacts: list[ContactShape]

    @classmethod
    def of(cls, double: SuspectedDouble) -> DoubleShape:
        return cls.model_validate(double, from_attributes=True)


class GroupWish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: ShortText = Field(examples=["Night shift"])
    contact_ids: list[UUID] = Field(default_factory=list, max_length=MOST_NAMED)


class GroupRenaming(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: ShortText = Field(examples=["Night shift"])


class MembersWish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    contact_ids: list[UUID] = Field(min_length=1, max_length=MOST_NAMED)


class GroupShape(BaseModel):
    """`size` is the number of members."""

    id: UUID
    name: str
    size: int

    @classmethod
    def of(cls, group: Group) -> GroupShape:
        return cls.model_validate(group, from_attributes=True)


class RowErrorShape(BaseModel):
    """A row or a cell that was left out: where it stands, what it holds, and why."""

    line: int
    column: str
    value: str
    reason: str


class ImportShape(BaseModel):
    """What an import did, or would do. `errors` are rows and cells that were left out, by line."""

    created: int
    updated: int
    unchanged: int
    errors: list[RowErrorShape]
    errors_left_out: int = Field(description="Errors beyond those listed.")
    notes: list[str] = Field(description="Sentences for the person who imports.")
    status: Literal["imported", "dry run"]

    @classmethod
    def of(cls, report: ImportReport, *, dry_run: bool) -> ImportShape:
        return cls(
            created=report.created,
            updated=report.updated,
            unchanged=report.unchanged,
            errors=[error.to_json() for error in report.errors],
            errors_left_out=report.errors_left_out,
            notes=list(report.notes),
            status="dry run" if dry_run else "imported",
        )
