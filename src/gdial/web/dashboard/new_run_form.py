"""What somebody filled in to start a run, from the form's fields to a wish and back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from starlette.datastructures import FormData

from gdial.actions.prepare_run import RunWish
from gdial.dialing.brakes import Starter
from gdial.dialing.policy import ReachedWhen
from gdial.dialing.presets import PRESETS, Preset, PresetName
from gdial.dialing.states import RunMode
from gdial.errors import InvalidInput
from gdial.messages.model import ANSWER_KEYS
from gdial.storage.runs import Run
from gdial.web.dashboard.languages import N_

KEY_ROWS = 4
NUMBERS = {
    "rounds": N_("Rounds"),
    "ring_timeout_seconds": N_("Seconds a phone rings"),
    "deadline_minutes": N_("Minutes until nobody more is rung"),
}
"""Fields of the policy that the form has, by the name of the policy."""


@dataclass(frozen=True, slots=True)
class KeyRow:
    key: str = ""
    label: str = ""
    reply: str = ""

    @property
    def is_blank(self) -> bool:
        return not (self.label.strip() or self.reply.strip())


@dataclass(frozen=True, slots=True)
class RunForm:
    """As it was typed. `what` is "message" or "text"; a number left empty is the preset's. `form_key` makes one run of
    one confirmation, however often it is sent."""

    name: str = ""
    group_ids: tuple[str, ...] = ()
    exclude_group_ids: tuple[str, ...] = ()
    contact_ids: tuple[str, ...] = ()
    contact_search: str = ""
    pasted_list: str = ""
    leave_out_bad_lines: str = ""
    not_reached_in: str = ""
    what: str = "text"
    message_id: str = ""
    text: str = ""
    language: str = ""
    key: tuple[str, ...] = ()
    label: tuple[str, ...] = ()
    reply: tuple[str, ...] = ()
    preset: str = PresetName.NORMAL
    reached_when: str = ""
    rounds: str = ""
    ring_timeout_seconds: str = ""
    deadline_minutes: str = ""
    form_key: str = ""

    @property
    def keys(self) -> tuple[KeyRow, ...]:
        """Those that were filled in, and blank ones up to four."""
        rows = [KeyRow(*row) for row in zip(self.key, self.label, self.reply, strict=False)]
        unused = (sign for sign in ANSWER_KEYS[1:] if sign not in self.key)
        return tuple(rows + [KeyRow(next(unused)) for _ in range(KEY_ROWS - len(rows))])

    @property
    def chosen_preset(self) -> Preset:
        """Raises InvalidInput."""
        try:
            return PRESETS[PresetName(self.preset)]
        except ValueError:
            raise InvalidInput(N_("Choose how to ring."), where="preset") from None

    def hidden(self) -> Iterator[tuple[str, str]]:
        """Everything, as fields that nobody sees."""
        for each in fields(self):
            value = getattr(self, each.name)
            yield from ((each.name, one) for one in ([value] if isinstance(value, str) else value))

    def fingerprint(self) -> str:
        """The same for the same wish."""
        return sha256(repr([(name, value) for name, value in self.hidden() if name != "form_key"]).encode()).hexdigest()

    def with_key(self) -> RunForm:
        return replace(self, form_key=f"form-{uuid4()}")

    def wish(self, name: str) -> RunWish:
        """`name` where none was typed. Raises InvalidInput for a field that cannot be used."""
        preset = self.chosen_preset
        self._require_somebody()
        return RunWish(
            name=self.name.strip()[:200] or name,
            contact_ids=[_id(each, "contact_ids") for each in self.contact_ids],
            group_ids=[_id(each, "group_ids") for each in self.group_ids],
            exclude_group_ids=[_id(each, "exclude_group_ids") for each in self.exclude_group_ids],
            pasted_list=self.pasted_list,
            leaves_out_bad_lines=bool(self.leave_out_bad_lines),
            not_reached_in=_id(self.not_reached_in, "not_reached_in") if self.not_reached_in else None,
            policy={**preset.policy, **self._policy()},
            priority=preset.priority,
            mode=preset.mode,
            started_by=Starter.OPERATOR,
            **self.words(),
        )

    def words(self) -> dict[str, Any]:
        """What is to be said, as a wish has it. Raises InvalidInput."""
        if self.what == "message":
            if not self.message_id:
                raise InvalidInput(N_("Choose a message, or write a text."), where="message_id")
            return {"message_id": _id(self.message_id, "message_id")}
        if not self.text.strip():
            raise InvalidInput(N_("Write what is to be said, or choose a message."), where="text")
        return {"text": self.text.strip(), "language": self.language or None, "responses": self.responses()}

    def responses(self) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for row in self.keys:
            if row.is_blank:
                continue
            if row.key in found:
                raise InvalidInput(N_("A key has two meanings."), where=f"responses.{row.key}")
            found[row.key] = {"label": row.label.strip(), "reply": row.reply.strip()}
        return found

    def _policy(self) -> dict[str, Any]:
        given: dict[str, Any] = {}
        for name in NUMBERS:
            typed = getattr(self, name).strip()
            if typed:
                if not typed.isdecimal():
                    raise InvalidInput(N_("This is not a whole number."), where=f"policy.{name}", example="3")
                given[name] = int(typed)
        if self.reached_when:
            given["reached_when"] = self.reached_when
        elif self.what == "text" and not self.responses():
            given["reached_when"] = ReachedWhen.ANSWERED.value
        return given

    def _require_somebody(self) -> None:
        if not (self.group_ids or self.contact_ids or self.pasted_list.strip() or self.not_reached_in):
            raise InvalidInput(N_("Choose whom to ring."), where="group_ids")


def read_form(given: FormData) -> RunForm:
    """Fields that are not of the form are left alone. Raises InvalidInput for ids that no page of ours has sent."""
    values: dict[str, Any] = {}
    for each in fields(RunForm):
        if each.name in given:
            sent = tuple(str(value) for value in given.getlist(each.name))
            values[each.name] = sent if each.type == "tuple[str, ...]" else sent[0]
    for name in ("group_ids", "exclude_group_ids", "contact_ids"):
        values[name] = tuple(str(_id(each, name)) for each in values.get(name, ()) if each)
    form = RunForm(**values)
    for name in ("message_id", "not_reached_in"):
        if getattr(form, name):
            _id(getattr(form, name), name)
    return form


def form_of(run: Run, preset: PresetName) -> RunForm:
    """To ring those whom this run did not reach, with the same words."""
    responses = run.responses.items()
    return RunForm(
        name=run.name,
        not_reached_in=str(run.id),
        text=run.text,
        language=run.language,
        key=tuple(key for key, _ in responses),
        label=tuple(each["label"] for _, each in responses),
        reply=tuple(each.get("reply", "") for _, each in responses),
        preset=PresetName.DRILL if run.mode is RunMode.DRILL else preset,
        reached_when=run.policy.reached_when.value,
        rounds=str(run.policy.rounds),
        ring_timeout_seconds=str(run.policy.ring_timeout_seconds),
        deadline_minutes=str(run.policy.deadline_minutes),
    )


def _id(text: str, where: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InvalidInput(N_("Something in this form is too old; load the page anew."), where=where) from None
