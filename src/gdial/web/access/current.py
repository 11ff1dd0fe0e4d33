"""Who asks, as a route is given it.

    @router.post("/runs/{run_id}/stop")
    async def stop(run_id: UUID, rt: Rt, actor: Annotated[Actor, Depends(needs(Role.OPERATOR))]) -> Response: ...

Each page says by `needs` which role it takes; the routes of the REST interface stand in `gdial.web.access.rules`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import Depends, HTTPException, Request
from starlette.types import Scope

from gdial.actions.acting import Actor, ActorKind
from gdial.dialing.brakes import Starter
from gdial.errors import Worded
from gdial.storage.roles import Role

__all__ = [
    "Actor",
    "ActorKind",
    "Administrator",
    "Operator",
    "Role",
    "Viewer",
    "actor_of",
    "needs",
    "starter_of",
    "too_small",
]

ACTOR: Final = "gdial.actor"
"""Where the doors leave in a request's scope who they let in."""

Needs = Callable[[Request], Actor]


def actor_of(request: Request) -> Actor:
    """Raises HTTPException 401 at an open door, where nobody is known."""
    actor = found_actor(request.scope)
    if actor is None:
        raise HTTPException(401, Worded("Nobody is logged in here."))
    return actor


def found_actor(scope: Scope) -> Actor | None:
    actor: Actor | None = scope.get(ACTOR)
    return actor


def needs(role: Role) -> Needs:
    """A dependency that gives the Actor, and refuses with 403 whoever has a smaller role."""

    def checked(request: Request) -> Actor:
        actor = actor_of(request)
        if not actor.role.covers(role):
            raise HTTPException(403, too_small(actor, role))
        return actor

    checked.needed_role = role  # type: ignore[attr-defined]
    return checked


def too_small(actor: Actor, needed: Role) -> str:
    return Worded("{name} is {role} here; this takes {needed}.", name=actor.name, role=actor.role, needed=needed)


def starter_of(actor: Actor, operator: str | None, program: Starter) -> Starter:
    """Whose wish a run is: a person's, by a session, a token of his own or with the header `GDial-Operator`; else a
    program's."""
    return Starter.OPERATOR if operator or actor.is_person else program


Viewer = Annotated[Actor, Depends(needs(Role.VIEWER))]
Operator = Annotated[Actor, Depends(needs(Role.OPERATOR))]
Administrator = Annotated[Actor, Depends(needs(Role.ADMINISTRATOR))]
