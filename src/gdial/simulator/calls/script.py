"""Follows the application's TwiML on an answered call."""

from __future__ import annotations

import asyncio

from gdial.simulator.calls.gathering import gather_keys
from gdial.simulator.calls.line import Line
from gdial.simulator.calls.record import Call, Notification
from gdial.simulator.calls.request import Target
from gdial.simulator.calls.sound import Sound, resolve_url
from gdial.simulator.calls.source import Mail, Source
from gdial.simulator.clock import Clock
from gdial.simulator.outgoing.courier import BAD_URL, TOO_MANY_REDIRECTS, DeliveryError
from gdial.simulator.tasks import stop_tasks
from gdial.simulator.twiml.reading import SCHEMA_WARNING, TwimlError, read_answer, read_twiml
from gdial.simulator.twiml.verbs import Document, Gather, Hangup, Redirect, Say

MOST_DOCUMENTS = 200
APPLICATION_ERROR = Say("We are sorry, an application error has occurred. Goodbye.")


class Script:
    """The instructions of one call, document by document, until one of them ends it."""

    def __init__(self, call: Call, line: Line, sound: Sound, mail: Mail, clock: Clock, fallback: Target | None) -> None:
        self._call = call
        self._line = line
        self._sound = sound
        self._mail = mail
        self._clock = clock
        self._fallback = fallback
        self._next: Source | None = None
        self._turn: asyncio.Task[None] | None = None

    def redirect(self, source: Source, fallback: Target | None = None) -> None:
        """Drop what is being followed and follow this instead."""
        self._next = source
        self._fallback = fallback or self._fallback
        if self._turn is not None:
            self._turn.cancel()

    async def run(self, first: Source) -> None:
        """Follow from the first document to the end; when this returns, the call is to be hung up."""
        self._next = self._next or first
        while self._next is not None:
            source, self._next = self._next, None
            turn = self._turn = asyncio.create_task(self._follow(source))
            try:
                await asyncio.wait({turn})
            finally:
                await stop_tasks(turn)
            if not turn.cancelled():
                turn.result()

    async def _follow(self, first: Source) -> None:
        source: Source | None = first
        for _ in range(MOST_DOCUMENTS):
            if source is None:
                return
            source = await self._take_turn(source)
        self._note(TOO_MANY_REDIRECTS, f"ended after {MOST_DOCUMENTS} documents in one call", first.url)

    async def _take_turn(self, source: Source) -> Source | None:
        try:
            return await self._perform(await self._fetch(source), source)
        except (DeliveryError, TwimlError) as error:
            return await self._recover(source, error)

    async def _fetch(self, source: Source) -> Document:
        if source.target is None:
            document = read_twiml(source.twiml.encode())
        else:
            answer = await self._mail.ask(source, source.target)
            document = read_answer(answer.content_type, answer.body, answer.url)
            for complaint in answer.complaints:
                self._note(BAD_URL, complaint, source.url)
        for complaint in document.complaints:
            self._note(SCHEMA_WARNING, complaint, source.url)
        return document

    async def _perform(self, document: Document, source: Source) -> Source | None:
        """Carry out the verbs; answers where to go on, none when the call is to end."""
        for verb in document.verbs:
            match verb:
                case Hangup():
                    return None
                case Redirect():
                    return Source(Target(resolve_url(source.url, verb.url), verb.method))
                case Gather():
                    following = await self._gather(verb, source)
                    if following is not None:
                        return following
                case _:
                    await self._sound.play(verb, source.url)
        return None

    async def _gather(self, gather: Gather, source: Source) -> Source | None:
        gathered = await gather_keys(gather, source.url, self._line, self._sound, self._clock)
        if not gathered.digits and not gather.action_on_empty_result:
            return None
        extra = {"Digits": gathered.digits, "FinishedOnKey": gathered.finished_on_key, "msg": "Gather End"}
        return Source(Target(resolve_url(source.url, gather.action), gather.method), "", extra, gathered.presses)

    async def _recover(self, source: Source, error: DeliveryError | TwimlError) -> Source | None:
        url = getattr(error, "url", "") or source.url
        self._note(error.code, str(error), url)
        if self._fallback is None or source.target == self._fallback:
            await self._sound.play(APPLICATION_ERROR, "")
            return None
        return Source(self._fallback, extra={"ErrorCode": str(error.code), "ErrorUrl": url})

    def _note(self, code: int, message: str, url: str) -> None:
        self._call.notifications.append(Notification(code, message, url, self._clock.now()))
