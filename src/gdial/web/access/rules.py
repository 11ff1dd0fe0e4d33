"""Who may do what: the role that each route of the REST interface takes, and what the log calls a change by it.

Pages say by `needs` which role they take, and their deed by `deeds`. A route that says nothing is for administrators
alone, and a test fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute

from gdial.actions.deeds import Deed
from gdial.storage.roles import Role

OPENAPI: Final = "/api/openapi.json"
VIEWER, OPERATOR, ADMINISTRATOR = Role.VIEWER, Role.OPERATOR, Role.ADMINISTRATOR


@dataclass(frozen=True, slots=True)
class Rule:
    """`deed` is what the log calls it where the action itself writes nothing; None: it changes nothing that is kept."""

    role: Role
    deed: Deed | None = None


def _reading(*paths: str, role: Role = VIEWER) -> dict[tuple[str, str], Rule]:
    return {("GET", path): Rule(role) for path in paths}


def _changing(role: Role, changes: Mapping[str, Deed | None]) -> dict[tuple[str, str], Rule]:
    """`"POST /api/contacts"` and what it is called."""
    found = {}
    for line, deed in changes.items():
        method, _, path = line.partition(" ")
        found[method, path] = Rule(role, deed)
    return found


RULES: Final[Mapping[tuple[str, str], Rule]] = {
    **_reading(
        OPENAPI,
        "/api/contacts",
        "/api/contacts/doubles",
        "/api/contacts/{contact_id}",
        "/api/groups",
        "/api/groups/{group_id}",
        "/api/groups/{group_id}/members",
        "/api/messages",
        "/api/messages/{message_id}",
        "/api/messages/{message_id}/preview",
        "/api/messages/preview",
        "/api/custom-messages",
        "/api/custom-messages/{custom_message_id}",
        "/api/runs",
        "/api/runs/forecast",
        "/api/runs/{run_id}",
        "/api/runs/{run_id}/recipients",
        "/api/runs/{run_id}/calls",
        "/api/runs/{run_id}/ledger",
        "/api/runs/{run_id}/manual",
        "/api/runs/{run_id}/report.csv",
        "/api/runs/{run_id}/report.xlsx",
        "/api/settings",
        "/api/settings/changes",
        "/api/settings/{name}",
        "/api/lexicon",
        "/api/lexicon/{entry_id}",
        "/api/recordings",
        "/api/recordings/{recording_id}",
        "/api/recordings/{recording_id}/audio",
        "/tts/jobs/{job_id}",
        "/api/queues",
        "/api/workers",
        "/api/workers/targets",
        "/health/ready",
        "/metrics",
    ),
    # Questions to the carrier, which are paced; and everybody's numbers in one file.
    **_reading(
        "/api/runs/{run_id}/audit",
        "/api/runs/{run_id}/manual.csv",
        "/api/contacts/export.csv",
        "/api/contacts/export.xlsx",
        role=OPERATOR,
    ),
    # Jobs and addresses of other programs, with what they hold.
    **_reading(
        "/api/queues/dead",
        "/api/webhooks",
        "/api/webhooks/{endpoint_id}",
        "/api/webhooks/{endpoint_id}/deliveries",
        "/api/users",
        "/api/users/{user_id}",
        "/api/tokens",
        "/api/tokens/{token_id}",
        "/api/log",
        "/api/log.csv",
        role=ADMINISTRATOR,
    ),
    **_changing(
        OPERATOR,
        {
            "POST /api/contacts": Deed.CONTACT_ADDED,
            "POST /api/contacts/import": Deed.CONTACTS_IMPORTED,
            "POST /api/contacts/merge": Deed.CONTACTS_MERGED,
            "PUT /api/contacts/{contact_id}": Deed.CONTACT_CHANGED,
            "PATCH /api/contacts/{contact_id}": Deed.CONTACT_CHANGED,
            "DELETE /api/contacts/{contact_id}": Deed.CONTACT_REMOVED,
            "POST /api/contacts/{contact_id}/numbers/{number_id}/trust": Deed.CONTACT_CHANGED,
            "POST /api/groups": Deed.GROUP_ADDED,
            "PUT /api/groups/{group_id}": Deed.GROUP_CHANGED,
            "PATCH /api/groups/{group_id}": Deed.GROUP_CHANGED,
            "DELETE /api/groups/{group_id}": Deed.GROUP_REMOVED,
            "POST /api/groups/{group_id}/members": Deed.GROUP_CHANGED,
            "DELETE /api/groups/{group_id}/members/{contact_id}": Deed.GROUP_CHANGED,
            "POST /api/messages": Deed.MESSAGE_ADDED,
            "POST /api/messages/preview": None,
            # These only say that `preview` and `forecast` take nothing else.
            "PUT /api/messages/preview": None,
            "PATCH /api/messages/preview": None,
            "DELETE /api/messages/preview": None,
            "PUT /api/messages/{message_id}": Deed.MESSAGE_CHANGED,
            "PATCH /api/messages/{message_id}": Deed.MESSAGE_CHANGED,
            "DELETE /api/messages/{message_id}": Deed.MESSAGE_REMOVED,
            "POST /api/runs": Deed.RUN_STARTED,
            "POST /api/runs/forecast": None,
            "PUT /api/runs/forecast": None,
            "PATCH /api/runs/forecast": None,
            "DELETE /api/runs/forecast": None,
            "POST /api/runs/{run_id}/again": Deed.RUN_STARTED,
            "POST /api/runs/{run_id}/recipients/{recipient_id}/care/{deed}": Deed.RECIPIENT_CHANGED,
            "POST /api/runs/{run_id}/stop": Deed.RUN_STOPPED,
            "POST /api/runs/{run_id}/pause": Deed.RUN_PAUSED,
            "POST /api/runs/{run_id}/resume": Deed.RUN_RESUMED,
            "POST /api/calls": Deed.CALL_STARTED,
            "POST /tts/jobs": None,
            "POST /api/lexicon": Deed.LEXICON_CHANGED,
            "PATCH /api/lexicon/{entry_id}": Deed.LEXICON_CHANGED,
            "DELETE /api/lexicon/{entry_id}": Deed.LEXICON_CHANGED,
            "POST /api/recordings": Deed.RECORDING_ADDED,
            "DELETE /api/recordings/{recording_id}": Deed.RECORDING_REMOVED,
        },
    ),
    **_changing(
        ADMINISTRATOR,
        {
            "POST /api/webhooks": Deed.WEBHOOK_ADDED,
            "PATCH /api/webhooks/{endpoint_id}": Deed.WEBHOOK_CHANGED,
            "DELETE /api/webhooks/{endpoint_id}": Deed.WEBHOOK_REMOVED,
            "POST /api/webhooks/{endpoint_id}/test": Deed.WEBHOOK_TRIED,
            "POST /api/webhooks/{endpoint_id}/deliveries/{delivery_id}/retry": Deed.WEBHOOK_TRIED,
            "PUT /api/settings/{name}": Deed.SETTING_CHANGED,
            "DELETE /api/settings/{name}": Deed.SETTING_CHANGED,
            "POST /api/queues/replay": Deed.QUEUE_CHANGED,
            "DELETE /api/queues/dead": Deed.QUEUE_CHANGED,
            "POST /api/queues/dead/{letter_id}/replay": Deed.QUEUE_CHANGED,
            "DELETE /api/queues/dead/{letter_id}": Deed.QUEUE_CHANGED,
            "POST /api/users": Deed.USER_ADDED,
            "PATCH /api/users/{user_id}": Deed.USER_CHANGED,
            "PUT /api/users/{user_id}/password": Deed.PASSWORD_CHANGED,
            "DELETE /api/users/{user_id}": Deed.USER_REMOVED,
            "POST /api/tokens": Deed.TOKEN_MADE,
            "DELETE /api/tokens/{token_id}": Deed.TOKEN_REMOVED,
        },
    ),
}

UNDECLARED: Final = Rule(ADMINISTRATOR, Deed.OTHER)

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def deeds(deed: Deed | None) -> Callable[[Endpoint], Endpoint]:
    """What the log calls this change by a page, where the action itself writes nothing. None: nothing is kept of it."""

    def mark(endpoint: Endpoint) -> Endpoint:
        endpoint.deed = deed  # type: ignore[attr-defined]
        return endpoint

    return mark


@dataclass(frozen=True, slots=True)
class GuardedRoute:
    """`rule` is None where the route declares none."""

    method: str
    path: str
    pattern: re.Pattern[str] = field(repr=False)
    rule: Rule | None


class Guard:
    """The rules of these routes, in the order in which they are looked through."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self.routes = tuple(_guarded_routes(routes))

    def find(self, method: str, path: str) -> Rule | None:
        """None: nothing is there, whoever asks."""
        for route in self.routes:
            if route.method == method and route.pattern.match(path):
                return route.rule or UNDECLARED
        return None

    def declared(self, method: str, path: str) -> Rule | None:
        """By the route's own template."""
        return next((route.rule for route in self.routes if (route.method, route.path) == (method, path)), None)


def _guarded_routes(routes: Sequence[BaseRoute]) -> Iterator[GuardedRoute]:
    for route in iter_route_contexts(routes):
        for method in sorted(route.methods or ()):
            path = str(route.path_format)
            yield GuardedRoute(method, path, route.path_regex, _rule_of(route, method, path))
    # The application's own.
    yield GuardedRoute("GET", OPENAPI, re.compile(re.escape(OPENAPI) + "$"), RULES["GET", OPENAPI])


def _rule_of(route: Any, method: str, path: str) -> Rule | None:
    declared = RULES.get(("GET" if method == "HEAD" else method, path))
    if declared is not None:
        return declared
    dependant = getattr(route, "dependant", None)
    role = _needed_role(dependant) if dependant is not None else None
    if role is None:
        return None
    is_reading = method in ("GET", "HEAD")
    return Rule(role, None if is_reading else getattr(route.endpoint, "deed", Deed.OTHER))


def _needed_role(dependant: Dependant) -> Role | None:
    """The largest that any dependency of the route asks for."""
    own: Role | None = getattr(dependant.call, "needed_role", None)
    inner = [_needed_role(each) for each in dependant.dependencies]
    asked = [role for role in (own, *inner) if role is not None]
    return max(asked, key=list(Role).index, default=None)
