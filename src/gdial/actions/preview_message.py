"""What one person would hear, in order, before anybody is rung."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from gdial.actions.prepare_speech import make_all, request_for
from gdial.actions.recorded_parts import look_up
from gdial.actions.system_settings import read_values
from gdial.messages.dialogue import FIRST_STEP, Farewell, Spoken, Thank, after_press, say_parts, speak_in
from gdial.messages.model import MessageContent
from gdial.messages.parts import split_parts
from gdial.messages.render import contact_fields
from gdial.messages.translations import Translations, choose_content
from gdial.runtime import Runtime
from gdial.storage import contacts

CHARACTERS_A_SECOND = 14
"""How fast the packaged voice speaks, near enough for an estimate: 12 to 16 in Swedish and English."""
SHORTEST_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class HeardPart:
    """`audio_name` None: not spoken yet, and `seconds` is an estimate; else it is measured. Without a contact a
    personal part is shown with its fields in braces, and is not spoken. Of a `recording`, `text` is what is said."""

    text: str
    language: str
    is_personal: bool
    audio_name: str | None
    seconds: float
    recording: str = ""


@dataclass(frozen=True, slots=True)
class KeyPreview:
    label: str
    reply: HeardPart


@dataclass(frozen=True, slots=True)
class Preview:
    """`is_own_language` False: this person hears a translation. `seconds` is the message said once. `no_answer` is said
    in the end to who presses nothing; None for an announcement, which just ends."""

    language: str
    is_own_language: bool
    parts: tuple[HeardPart, ...]
    keys: Mapping[str, KeyPreview]
    no_answer: HeardPart | None

    @property
    def seconds(self) -> float:
        return round(sum(part.seconds for part in self.parts), 1)


async def preview_message(
    rt: Runtime,
    content: MessageContent,
    translations: Translations,
    contact_id: UUID | None = None,
    language: str | None = None,
) -> Preview:
    """For this contact, or without one for nobody in particular; `language` goes before the contact's own.

    Waits for the audio, but not for long: what is late is there at the next preview. Raises NotFound for the contact.
    """
    fields = None
    default_language = (await read_values(rt)).text("default_language")
    wanted = language
    if contact_id is not None:
        async with rt.database.reading() as tx:
            person = await contacts.get(tx, contact_id)
        fields = contact_fields(person.name, [group.name for group in person.groups])
        wanted = wanted or person.language
    chosen = choose_content(content, translations, wanted or default_language)
    parts = await _render(rt, chosen, fields)
    replies = {key: _reply_to(chosen, key) for key in chosen.responses}
    silence = _said_after_silence(chosen) if chosen.responses else None
    to_speak = [spoken for spoken, is_personal in parts if fields is not None or not is_personal]
    await make_all(rt, [*to_speak, *replies.values(), *([silence] if silence else [])])
    return Preview(
        language=chosen.language,
        is_own_language=chosen is content,
        parts=tuple(_heard(rt, spoken, is_personal=is_personal) for spoken, is_personal in parts),
        keys={key: KeyPreview(chosen.responses[key].label, _heard(rt, replies[key])) for key in chosen.responses},
        no_answer=None if silence is None else _heard(rt, silence),
    )


async def _render(rt: Runtime, content: MessageContent, fields: Mapping[str, str] | None) -> list[tuple[Spoken, bool]]:
    """Each piece, and whether it is personal."""
    said: list[tuple[Spoken, bool]] = []
    for part in split_parts(content.text):
        if fields is None and part.personal:
            said.append((speak_in(content, part.text), True))
        else:
            said += [(spoken, part.personal) for spoken in say_parts(content, [part], fields or {})]
    looked_up = await look_up(rt, [spoken for spoken, _ in said])
    return [(spoken, is_personal) for spoken, (_, is_personal) in zip(looked_up, said, strict=True)]


def _reply_to(content: MessageContent, key: str) -> Spoken:
    after = after_press(content, FIRST_STEP, key)
    assert isinstance(after, Thank)  # noqa: S101 - the key is one of the message's own
    return after.reply


def _said_after_silence(content: MessageContent) -> Spoken:
    step = FIRST_STEP
    while not isinstance(after := after_press(content, step, ""), Farewell):
        assert not isinstance(after, Thank)  # noqa: S101 - silence is no answer
        step = after.step
    return after.said


def _heard(rt: Runtime, spoken: Spoken, *, is_personal: bool = False) -> HeardPart:
    audio = rt.speech.find(spoken.audio_name) if spoken.audio_name else rt.speech.lookup(request_for(spoken))
    seconds = max(SHORTEST_SECONDS, len(spoken.text) / CHARACTERS_A_SECOND) if audio is None else audio.seconds
    name = None if audio is None else audio.name
    return HeardPart(spoken.text, spoken.language, is_personal, name, round(seconds, 1), spoken.recording)
