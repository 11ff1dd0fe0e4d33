"""Names that people type, looked up in a running GDial; an unknown one is told with those there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from gdial.errors import InvalidInput

if TYPE_CHECKING:
    from gdial.cli.api import Api

MOST_NAMED = 20
SHORTEST_START = 4
LAST = "last"

Item = dict[str, Any]
Shown = Callable[[Item], str]


async def find_groups(api: Api, wanted: Sequence[str], *, where: str = "--group") -> list[Item]:
    """Groups by name, in any case, by id, or by its first characters."""
    groups = await api.every("/api/groups") if wanted else []
    return [_one(groups, name, "group", where, lambda group: f"{group['name']} ({group['size']})") for name in wanted]


async def find_group(api: Api, wanted: str, *, where: str = "GROUP") -> Item:
    return (await find_groups(api, [wanted], where=where))[0]


async def find_message(api: Api, wanted: str, *, where: str = "--message") -> Item:
    """A saved message by name, in any case, by id, or by its first characters."""
    messages = await api.every("/api/messages")
    return _one(messages, wanted, "message", where, lambda message: str(message["name"]))


async def find_endpoint(api: Api, wanted: str, *, where: str = "WEBHOOK") -> Item:
    """A webhook endpoint by its address, by id, or by its first characters."""
    endpoints = await api.every("/api/webhooks")
    return _one(endpoints, wanted, "webhook", where, lambda it: f"{it['url']} ({it['id'][:8]})", name_field="url")


async def find_lexicon_entry(api: Api, wanted: str, *, where: str = "WORD") -> Item:
    """An entry of the lexicon by what is written, in any case, by id, or by its first characters."""
    entries = await api.every("/api/lexicon")
    return _one(entries, wanted, "word", where, lambda it: f"{it['written']} ({it['language']})", name_field="written")


async def find_recording(api: Api, wanted: str, *, where: str = "RECORDING") -> Item:
    """A recording by name, in any case, by id, or by its first characters."""
    recordings = await api.every("/api/recordings")
    return _one(recordings, wanted, "recording", where, lambda recording: str(recording["name"]))


async def find_user(api: Api, wanted: str, *, where: str = "USER") -> Item:
    """A user by name, in any case, by id, or by its first characters."""
    return _one(await api.every("/api/users"), wanted, "user", where, lambda it: f"{it['name']} ({it['role']})")


async def find_token(api: Api, wanted: str, *, where: str = "TOKEN") -> Item:
    """An API token by name, in any case, by id, or by its first characters."""
    return _one(await api.every("/api/tokens"), wanted, "token", where, lambda it: f"{it['name']} ({it['id'][:8]})")


async def find_contacts(api: Api, wanted: Sequence[str], *, where: str = "--contact") -> list[Item]:
    return [await find_contact(api, text, where=where) for text in wanted]


async def find_contact(api: Api, wanted: str, *, where: str = "CONTACT") -> Item:
    """A contact by id, by whole name in any case, by external id, by what only one of them has in name or number, or
    by the first characters of the id."""
    if is_id(wanted):
        return dict(await api.get(f"/api/contacts/{wanted}"))
    name = wanted.strip().casefold()
    if not name:
        raise InvalidInput("say which contact", where=where, example="Karin Öst")
    found = await api.every("/api/contacts", search=wanted.strip())
    exact = [it for it in found if name in (it["name"].casefold(), (it["external_id"] or "").casefold())]
    candidates = exact or found
    if not candidates and _may_begin_id(name):
        candidates = [it for it in await api.every("/api/contacts") if it["id"].startswith(name)]
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        raise InvalidInput(f"there is no contact {wanted!r}; {await _known_contacts(api)}", where=where)
    raise InvalidInput(
        f"{wanted!r} is {len(candidates)} contacts; give the id of one: {_list(candidates, _contact)}", where=where
    )


async def _known_contacts(api: Api) -> str:
    page = await api.get("/api/contacts", limit=MOST_NAMED)
    if not page["items"]:
        return "there is no contact at all yet"
    if page["total"] > MOST_NAMED:
        return "see: gdial contact list --search TEXT"
    return f"there are: {_list(page['items'], lambda contact: str(contact['name']))}"


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


def _may_begin_id(text: str) -> bool:
    return len(text) >= SHORTEST_START and all(sign in "0123456789abcdef-" for sign in text)


def _one(items: Sequence[Item], wanted: str, kind: str, where: str, shown: Shown, *, name_field: str = "name") -> Item:
    name = wanted.strip().casefold()
    found = [item for item in items if name in (item[name_field].casefold(), item["id"])]
    if not found and _may_begin_id(name):
        found = [item for item in items if item["id"].startswith(name)]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(item["id"] for item in found)
        raise InvalidInput(f"{wanted!r} is {len(found)} {kind}s; give the id of one: {ids}", where=where)
    if not items:
        raise InvalidInput(f"there is no {kind} {wanted!r}; there is no {kind} at all yet", where=where)
    raise InvalidInput(f"there is no {kind} {wanted!r}; there are: {_list(items, shown)}", where=where)


def _list(items: Sequence[Item], shown: Shown) -> str:
    more = len(items) - MOST_NAMED
    return ", ".join(_shown(items[:MOST_NAMED], shown)) + (f" and {more} more" if more > 0 else "")


def _shown(items: Iterable[Item], shown: Shown) -> list[str]:
    return [shown(item) for item in items]


def _contact(contact: Item) -> str:
    numbers = ", ".join(number["number"] for number in contact["phone_numbers"][:1])
    return f"{contact['name']} {numbers} ({contact['id']})"
