"""Every error GDial raises on purpose.

    GDialError
    ├── PermanentError              repeating it cannot help
    │   ├── InvalidInput            a person or a program handed in something wrong; tells what, where, and a right one
    │   │   ├── InvalidSetting      a setting; stops the start
    │   │   │   └── InvalidSettings several at once
    │   │   ├── InvalidPhoneNumber  a number nobody can ring
    │   │   ├── NobodyToRing        the groups and contacts named hold no one
    │   │   └── InvalidContactList  a contact list that cannot be read at all
    │   ├── NotFound                no record with that id
    │   ├── Conflict                the request was right, but not in the state things are in
    │   └── SetupError              something around GDial is missing or closed; tells the command to type
    └── TemporaryError              the same request may succeed later; the redial and the retry read this
        ├── DatabaseUnavailable
        ├── QueueUnavailable
        ├── CarrierUnavailable      the carrier did not answer a question (never raised for a create, see carriers.base)
        │   └── CarrierBusy         it answered that too much is asked at once
        ├── SpeechUnavailable       this voice gave no audio; the next one in the chain is asked
        ├── TooManyRuns             programs have started as many runs within the hour as they may
        └── ImportBroken            the process that takes in a long list ended too early

Permanent and temporary are told apart because that decides the redial.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self


class Worded(str):
    """A sentence that knows what it is made of: a text like any other, whose `template` with its `values` filled in
    (as `str.format` does) it is. Whoever shows it in another language translates the template; a value that is such
    a sentence itself is translated too. Without values the template is the text."""

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, /, **values: object) -> Self:
        made = super().__new__(cls, template.format(**values) if values else template)
        made.template, made.values = template, values
        return made

    def __deepcopy__(self, _memo: object) -> Self:
        return self

    @classmethod
    def listed(cls, parts: Sequence[str], separator: str) -> Self:
        """Several of them as one."""
        names = [f"part{number}" for number in range(len(parts))]
        return cls(separator.join(f"{{{name}}}" for name in names), **dict(zip(names, parts, strict=True)))


class GDialError(Exception):
    """Root of the tree. `str(error)` is fit to be shown to the person who caused it."""


class PermanentError(GDialError):
    """Repeating the same thing cannot help."""


class InvalidInput(PermanentError):
    """Input that cannot be used.

    `reason` says what is wrong, `where` names the field, setting or place ("" when there is only one),
    `example` shows a right one ("" when the reason says it).
    """

    def __init__(self, reason: str, *, where: str = "", example: str = "") -> None:
        self.reason = reason
        self.where = where
        self.example = example
        text = f"{where}: {reason}" if where else reason
        super().__init__(f"{text} (example: {example})" if example else text)


class InvalidSetting(InvalidInput):
    """A setting with a bad value; `where` is the environment variable's name. The value of a secret is never told."""


class InvalidSettings(InvalidSetting):
    """Several bad settings at once, so that nobody mends one a start; `problems` are the single ones."""

    def __init__(self, problems: Sequence[InvalidSetting]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in problems))


class InvalidPhoneNumber(InvalidInput):
    """A phone number that cannot be rung."""


class NobodyToRing(InvalidInput):
    """The groups and contacts named hold no one."""


class InvalidContactList(InvalidInput):
    """A contact list that cannot be read at all; errors of single rows are reported, not raised."""


class NotFound(PermanentError):
    """No record of this kind has this id; `hint` may tell which there are."""

    def __init__(self, kind: str, record_id: object, *, hint: str = "") -> None:
        self.kind = kind
        self.record_id = str(record_id)
        super().__init__(f"there is no {kind} with id {record_id}" + (f"; {hint}" if hint else ""))


class Conflict(PermanentError):
    """A right request at the wrong moment, such as resuming a run that is done."""


class SetupError(PermanentError):
    """Something around GDial is missing, too old or closed; the text says the command to type."""


class TemporaryError(GDialError):
    """The same request may succeed later."""


class DatabaseUnavailable(TemporaryError):
    """The database did not answer, or is locked."""


class QueueUnavailable(TemporaryError):
    """The queue took no job."""


class CarrierUnavailable(TemporaryError):
    """The carrier did not answer a question."""


class CarrierBusy(CarrierUnavailable):
    """The carrier answered that too much is asked at once; `retry_after_seconds` when it said how long to wait."""

    def __init__(self, text: str, retry_after_seconds: float | None = None) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(text)


class SpeechUnavailable(TemporaryError):
    """A voice gave no audio."""


class TooManyRuns(TemporaryError):
    """As many runs as may be were started within the hour; the next has room in `retry_after_seconds`."""

    def __init__(self, text: str, *, retry_after_seconds: int) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(text)


class ImportBroken(TemporaryError):
    """The process that takes in a long list ended too early."""
