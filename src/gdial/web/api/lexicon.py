"""`/api/lexicon`: how the organisation wants its words said."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from gdial.actions.save_lexicon import (
    SPOKEN_EXAMPLE,
    WRITTEN_EXAMPLE,
    GivenEntry,
    change_entry,
    create_entry,
    remove_entry,
)
from gdial.messages.model import normalise_language
from gdial.storage import lexicon
from gdial.storage.lexicon import StoredEntry
from gdial.web.context import Rt
from gdial.web.openapi import api_router
from gdial.web.paging import DEFAULT_LIMIT, Limit, Offset, Page

router = api_router("/api/lexicon", "speech")

Word = Annotated[str, StringConstraints(max_length=1_000)]
Language = Annotated[str, StringConstraints(max_length=100)]
InLanguage = Annotated[str | None, Query(max_length=100, description="Only entries of exactly this language.")]
Search = Annotated[str, Query(max_length=200, description="Part of what is written.")]


class EntryChanges(BaseModel):
    """Fields that are left out stay as they are."""

    model_config = ConfigDict(extra="forbid")

    language: Language = Field(default="", examples=["sv"])
    written: Word = Field(default="", examples=[WRITTEN_EXAMPLE])
    spoken: Word = Field(default="", examples=[SPOKEN_EXAMPLE])

    def given(self) -> GivenEntry:
        """Only what was sent."""
        sent = GivenEntry()
        for name in self.model_fields_set:
            sent[name] = getattr(self, name)  # type: ignore[literal-required]
        return sent


class EntryWish(EntryChanges):
    """A whole entry. Without `language` it is in the installation's."""

    written: Word = Field(examples=[WRITTEN_EXAMPLE])
    spoken: Word = Field(examples=[SPOKEN_EXAMPLE])


class EntryShape(BaseModel):
    id: UUID
    language: str
    written: str
    spoken: str
    created_at: AwareDatetime
    updated_at: AwareDatetime

    @classmethod
    def of(cls, entry: StoredEntry) -> EntryShape:
        return cls(**{name: getattr(entry, name) for name in cls.model_fields})


@router.get("")
async def list_entries(
    rt: Rt, language: InLanguage = None, search: Search = "", limit: Limit = DEFAULT_LIMIT, offset: Offset = 0
) -> Page[EntryShape]:
    """By what is written."""
    tag = normalise_language(language) if language is not None else None
    async with rt.database.reading() as tx:
        found, total = await lexicon.page(tx, limit, offset, language=tag, search=search)
    return Page(items=[EntryShape.of(entry) for entry in found], total=total, limit=limit, offset=offset)


@router.post("", status_code=201)
async def create(wish: EntryWish, rt: Rt, response: Response) -> EntryShape:
    """What is spoken from now on says it so; what was spoken before with this word is spoken anew."""
    entry = await create_entry(rt, wish.given())
    response.headers["location"] = f"/api/lexicon/{entry.id}"
    return EntryShape.of(entry)


@router.get("/{entry_id}")
async def show(entry_id: UUID, rt: Rt) -> EntryShape:
    async with rt.database.reading() as tx:
        return EntryShape.of(await lexicon.get(tx, entry_id))


@router.patch("/{entry_id}")
async def change(entry_id: UUID, changes: EntryChanges, rt: Rt) -> EntryShape:
    """The fields that are sent; the others stay."""
    return EntryShape.of(await change_entry(rt, entry_id, changes.given()))


@router.delete("/{entry_id}", status_code=204)
async def remove(entry_id: UUID, rt: Rt) -> None:
    """The word is read as any other again."""
    await remove_entry(rt, entry_id)
