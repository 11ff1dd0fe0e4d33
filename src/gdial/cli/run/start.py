"""`gdial run start`: ring them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import typer

from gdial.cli.exit_codes import INTERRUPTED
from gdial.cli.run import options, wish
from gdial.cli.screen import note, print_json, say
from gdial.cli.target import JsonOption, NotRunning, Target, UrlOption, find_target

if TYPE_CHECKING:
    from gdial.cli.api import Api


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was typed, names not yet looked up; `body` is what needs no looking up."""

    groups: list[str]
    excluded: list[str]
    contacts: list[str]
    message: str | None
    name: str | None
    body: dict[str, Any]


def start(
    group: options.Groups = None,
    contact: options.Contacts = None,
    exclude_group: options.ExcludedGroups = None,
    pasted_list: options.PastedList = None,
    leave_out_bad_lines: options.LeaveOutBadLines = False,
    not_reached_in: options.NotReachedIn = None,
    message: options.Message = None,
    text: options.Text = None,
    language: options.Language = None,
    key: options.Keys = None,
    name: options.Name = None,
    first: options.First = None,
    preset: options.Preset = None,
    priority: options.Priority = None,
    drill: options.Drill = None,
    at: options.At = None,
    rounds: options.Rounds = None,
    ring_timeout: options.RingTimeout = None,
    wait_between_numbers: options.WaitBetweenNumbers = None,
    wait_between_rounds: options.WaitBetweenRounds = None,
    reached_when: options.ReachedWhen = None,
    deadline: options.Deadline = None,
    follow: options.Follow = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """Start a call run and follow it. Ctrl-C leaves the run going."""
    others = bool(pasted_list or not_reached_in)
    wish.check_choice(groups=group or [], contacts=contact or [], others=others, message=message, text=text)
    wish.check_text_only(message, key or [], language)
    policy = wish.policy(rounds, ring_timeout, wait_between_numbers, wait_between_rounds, reached_when, deadline)
    body = wish.drop_unset(text=text, language=language, first=first, priority=priority, policy=policy, preset=preset)
    body |= wish.drop_unset(pasted_list=wish.read_list(pasted_list), not_reached_in=not_reached_in)
    body |= wish.drop_unset(leave_out_bad_lines=leave_out_bad_lines or None, mode=_mode(drill))
    body |= wish.drop_unset(responses=wish.read_keys(key or []) or None, scheduled_at=_moment(at) if at else None)
    wanted = Wanted(group or [], exclude_group or [], contact or [], message, name, body)
    follows = follow if follow is not None else not (at or as_json)
    raise typer.Exit(asyncio.run(_start(find_target(url), wanted, follows=follows, as_json=as_json)))


def _mode(drill: bool | None) -> str | None:
    return None if drill is None else ("drill" if drill else "real")


def _moment(text: str) -> str:
    return wish.read_time(text, datetime.now(UTC), _zone()).isoformat()


def _zone() -> ZoneInfo:
    from gdial.settings import get_settings

    return ZoneInfo(get_settings().display_timezone)


async def _start(target: Target, wanted: Wanted, *, follows: bool, as_json: bool) -> int:
    from gdial.cli.api import open_api

    async with open_api(target) as api:
        body = await full_body(api, wanted)
        started = await send(api, body)
        if not as_json:
            say(_told(body["name"], started))
            tell_warnings(started)
        if not follows:
            if as_json:
                print_json(started)
            return 0
        return await follow_or_leave(api, started["id"], as_json=as_json)


async def full_body(api: Api, wanted: Wanted) -> dict[str, Any]:
    """As the REST interface takes it, with the names looked up."""
    from gdial.cli import names

    groups = await names.find_groups(api, wanted.groups)
    excluded = await names.find_groups(api, wanted.excluded, where="--exclude-group")
    contacts = await names.find_contacts(api, wanted.contacts)
    message = await names.find_message(api, wanted.message) if wanted.message is not None else None
    chosen = wish.drop_unset(
        group_ids=[group["id"] for group in groups] or None,
        exclude_group_ids=[group["id"] for group in excluded] or None,
        contact_ids=[contact["id"] for contact in contacts] or None,
        message_id=message["id"] if message else None,
    )
    subject = message["name"] if message else ", ".join(group["name"] for group in groups) or "Call-out"
    return {"name": wanted.name or f"{subject[:150]}, {datetime.now(_zone()):%Y-%m-%d %H:%M}", **wanted.body, **chosen}


async def send(api: Api, body: dict[str, Any], path: str = "/api/runs") -> dict[str, Any]:
    """Start it. Sent again under the same key when the answer was lost, so that it is one run."""
    headers = {"Idempotency-Key": str(uuid4())}
    try:
        return dict(await api.post(path, body, headers=headers))
    except NotRunning:
        await asyncio.sleep(1.0)
        return dict(await api.post(path, body, headers=headers))


def _told(name: str, started: dict[str, Any]) -> str:
    people = started["recipients"]
    verb = "is set for later" if started["state"] == "scheduled" else "has started"
    return f"{name} {verb}: {people} {'person' if people == 1 else 'people'}, run {started['id']}"


def tell_warnings(started: dict[str, Any]) -> None:
    for warning in started.get("warnings", []):
        note(f"Mind: {warning['detail']}")


async def follow_or_leave(api: Api, run_id: str, *, as_json: bool = False) -> int:
    """Watch the run to its end. Ctrl-C leaves it going, and says how to stop it; the exit code."""
    from gdial.cli.run.follow import follow_run, show_end

    try:
        status = await follow_run(api, run_id, quiet=as_json)
    except asyncio.CancelledError:
        note(f"The run goes on. Look again: gdial run show {run_id} --follow. Stop it: gdial run stop {run_id}")
        return INTERRUPTED
    if as_json:
        print_json(await api.get(f"/api/runs/{run_id}"))
        return 0 if status.ledger_balances else 1
    return show_end(status)
