"""The port to a place where processes without a common folder find each other's pieces."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Protocol

import structlog

from gdial.errors import TemporaryError

log = structlog.get_logger(__name__)

LARGEST_PIECE_BYTES = 5 * 1024 * 1024
"""Eleven minutes of µ-law, far more than a part of a message."""

PATIENCE_SECONDS = 2.0
"""Somebody may be holding the line; the carrier's voice can speak instead."""


class Shelf(Protocol):
    """Pieces under their names, which never change. Both raise a `TemporaryError` while the place is away."""

    async def get(self, names: Sequence[str]) -> Mapping[str, tuple[str, bytes]]:
        """Format (`wav`, `mp3`) and bytes of those that are there."""
        ...

    async def put(self, name: str, audio_format: str, data: bytes) -> None:
        """The first of two writers wins."""
        ...


class OptionalShelf:
    """A shelf that is away, slow, or not there at all is an empty one. Nothing here raises."""

    def __init__(self, shelf: Shelf | None, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self._shelf = shelf
        self._patience_seconds = patience_seconds

    async def get(self, names: Sequence[str]) -> Mapping[str, tuple[str, bytes]]:
        if self._shelf is None or not names:
            return {}
        try:
            return await asyncio.wait_for(self._shelf.get(names), self._patience_seconds)
        except (TemporaryError, TimeoutError) as error:
            log.warning("other processes' audio cannot be had now", why=str(error), pieces=len(names))
            return {}

    async def put(self, name: str, audio_format: str, data: bytes) -> None:
        """What it does not take, another process makes for itself."""
        if self._shelf is None:
            return
        if len(data) > LARGEST_PIECE_BYTES:
            log.warning("audio too long for other processes", bytes=len(data), at_most=LARGEST_PIECE_BYTES)
            return
        try:
            await asyncio.wait_for(self._shelf.put(name, audio_format, data), self._patience_seconds)
        except (TemporaryError, TimeoutError) as error:
            log.warning("audio cannot be handed to other processes now", why=str(error))
