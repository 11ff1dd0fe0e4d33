"""Names that people type, looked up in a running GDial; an unknown one is told with those there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from gdial.cli.api import Api
from gdial.errors import InvalidInput

MOST_NAMED = 20
SHORTEST_START = 4
LAST = "last"

Item = dict[str, Any]


async def find_groups(api: Api, wanted: Sequence[str], *, where: str = "--group") -> list[Item]:
    """Groups by name, in any case, or by id."""
    groups = await api.every("/api/groups") if wanted else []
    return [_one(groups, name, "group", where, lambda group: f"{group['name']} ({group['size']})") for name in wanted]


async def find_message(api: Api, wanted: str) -> Item:
    """A saved message by name, in any case, or by id."""
    messages = await api.every("/api/messages")
    return _one(messages, wanted, "message", "--message", lambda message: str(message["name"]))


async def find_contacts(api: Api, wanted: Sequence[str]) -> list[Item]:
    """Contacts by id, by whole name in any case, or by what only one of them has in name or number."""
    return [await _find_contact(api, text) for text in wanted]


async def _find_contact(api: Api, wanted: str) -> Item:
    if is_id(wanted):
        return dict(await api.get(f"/api/contacts/{wanted}"))
    found = await api.every("/api/contacts", search=wanted)
    exact = [contact for contact in found if contact["name"].casefold() == wanted.strip().casefold()]
    candidates = exact or found
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        raise InvalidInput(f"there is no contact {wanted!r}; see: gdial contact list", where="--contact")
    raise InvalidInput(
        f"{wanted!r} is {len(candidates)} contacts; give the id of one: {_list(candidates, _contact)}",
        where="--contact",
    )


async def find_run(api: Api, wanted: str) -> str:
    """The id of a run: the whole one, its first characters, or `last` for the newest."""
    if is_id(wanted):
        return wanted
    runs = (await api.get("/api/runs", limit=1))["items"] if wanted == LAST else await api.every("/api/runs")
    if wanted == LAST and not runs:
        raise InvalidInput("there is no run yet; start one with: gdial run start", where="ID")
    found = runs if wanted == LAST else [run for run in runs if run["id"].startswith(wanted.lower())]
    if len(wanted) < SHORTEST_START or not found:
        raise InvalidInput(f"there is no run {wanted!r}; see: gdial run list", where="ID")
    if len(found) > 1:
        raise InvalidInput(f"{wanted!r} begins the ids of {len(found)} runs; give more of it", where="ID")
    return str(found[0]["id"])


def is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _one(items: Sequence[Item], wanted: str, kind: str, where: str, shown: Any) -> Item:
    name = wanted.strip().casefold()
    found = [item for item in items if item["name"].casefold() == name or item["id"] == name]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(item["id"] for item in found)
        raise InvalidInput(f"{len(found)} {kind}s are called {wanted!r}; give the id of one: {ids}", where=where)
    if not items:
        raise InvalidInput(f"there is no {kind} {wanted!r}; there is no {kind} at all yet", where=where)
    raise InvalidInput(f"there is no {kind} {wanted!r}; there are: {_list(items, shown)}", where=where)


def _list(items: Sequence[Item], shown: Any) -> str:
    more = len(items) - MOST_NAMED
    return ", ".join(_shown(items[:MOST_NAMED], shown)) + (f" and {more} more" if more > 0 else "")


def _shown(items: Iterable[Item], shown: Any) -> list[str]:
    return [shown(item) for item in items]


def _contact(contact: Item) -> str:
    numbers = ", ".join(number["number"] for number in contact["phone_numbers"][:1])
    return f"{contact['name']} {numbers} ({contact['id']})"
