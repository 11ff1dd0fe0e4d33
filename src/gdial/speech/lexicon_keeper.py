"""The lexicon as this process knows it: read anew now and then, kept while the place it is in is away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog

from gdial.errors import TemporaryError
from gdial.speech.lexicon import NO_LEXICON, Lexicon, LexiconEntry, LexiconSource

log = structlog.get_logger(__name__)

FRESH_SECONDS = 5.0
"""So long after a change another process may still speak as before."""

PATIENCE_SECONDS = 2.0
"""Somebody may be holding the line; the words of a moment ago do."""


class LexiconKeeper:
    """`clock` gives seconds that only grow. Without a source it stays empty."""

    def __init__(self, source: LexiconSource | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._source = source
        self._clock = clock
        self._edition = ""
        self._looked_at: float | None = None
        self.current: Lexicon = NO_LEXICON

    async def refresh(self, *, at_once: bool = False) -> None:
        """Reads it again when that was not done lately, or `at_once`. Never raises."""
        now = self._clock()
        is_fresh = self._looked_at is not None and now - self._looked_at < FRESH_SECONDS
        if self._source is None or (is_fresh and not at_once):
            return
        # Marked before it is read: others who ask meanwhile go on with what there is.
        self._looked_at = now
        try:
            found = await asyncio.wait_for(self._source.read(self._edition), PATIENCE_SECONDS)
        except (TemporaryError, TimeoutError) as error:
            log.warning("the lexicon cannot be read now; the words known before stay", why=str(error))
            return
        if found is not None:
            self._edition, entries = found
            self.current = Lexicon(LexiconEntry(*entry) for entry in entries)
