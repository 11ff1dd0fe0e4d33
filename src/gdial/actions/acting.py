"""Who acts: a user at the pages, a program or person with a token, or the installation's own token."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from gdial.storage.roles import Role


class ActorKind(StrEnum):
    USER = "user"  # logged in, in a session
    TOKEN = "token"  # noqa: S105 - with an API token
    INSTALLATION = "installation"  # with API_TOKEN, as the command line


@dataclass(frozen=True, slots=True)
class Actor:
    """`user_id` is that of the user, also of the one whose own a token is; `name` is what the log shows.

    `language` is the user's, "sv" or "en"; None: the one of the browser or the installation. `csrf` is what every form
    of this session carries; "" without a session. `address` is masked. `noted`: what the log has of this request.
    """

    kind: ActorKind
    name: str
    role: Role
    user_id: UUID | None = None
    token_id: UUID | None = None
    language: str | None = None
    csrf: str = ""
    address: str = ""
    session_hash: str = ""
    noted: list[str] = field(default_factory=list, compare=False, repr=False)

    @property
    def is_person(self) -> bool:
        """Whether a person asks by himself: no brake on programs holds back what he starts."""
        return self.user_id is not None


def installation_actor(address: str = "") -> Actor:
    return Actor(ActorKind.INSTALLATION, "API_TOKEN", Role.ADMINISTRATOR, address=address)


_acting: ContextVar[Actor | None] = ContextVar("acting", default=None)


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """What is done within the block is done by this actor."""
    token = _acting.set(actor)
    try:
        yield
    finally:
        _acting.reset(token)


def acting() -> Actor | None:
    """None in a worker, a scheduler or at a carrier's door: GDial itself does it."""
    return _acting.get()
