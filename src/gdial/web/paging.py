"""Lists leave in pages: `{items, total, limit, offset}`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel

DEFAULT_LIMIT = 100
HIGHEST_LIMIT = 500
HIGHEST_OFFSET = 1_000_000_000

Limit = Annotated[int, Query(ge=1, le=HIGHEST_LIMIT, description="How many at most.")]
Offset = Annotated[int, Query(ge=0, le=HIGHEST_OFFSET, description="How many to pass over.")]

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """`total` counts all there are, on this page and off it."""

    items: Sequence[T]
    total: int
    limit: int
    offset: int
