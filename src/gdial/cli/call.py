"""`gdial call`: one person rung by hand, which is a run of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gdial.cli.asking import Item, ask
from gdial.cli.contact import ContactArgument
from gdial.cli.names import find_contact, find_message
from gdial.cli.run import options, wish
from gdial.cli.run.start import follow_or_leave, send, tell_warnings
from gdial.cli.screen import print_json, say
from gdial.cli.target import JsonOption, UrlOption
from gdial.errors import InvalidInput

if TYPE_CHECKING:
    from gdial.cli.api import Api

PhoneOption = Annotated[
    str | None,
    typer.Option(metavar="NUMBER", help="Ring this number only: the number, its label, or its place, such as 2."),
]


def call(
    contact: ContactArgument,
    message: options.Message = None,
    text: options.Text = None,
    language: options.Language = None,
    key: options.Keys = None,
    phone: PhoneOption = None,
    name: options.Name = None,
    priority: options.Priority = None,
    drill: options.Drill = None,
    rounds: options.Rounds = None,
    ring_timeout: options.RingTimeout = None,
    reached_when: options.ReachedWhen = None,
    follow: Annotated[bool, typer.Option("--follow", help="Watch until it is over.")] = False,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """Ring one contact now. It is a run of one: gdial run show, stop and report know it."""
    wish.check_one_content(message, text)
    wish.check_text_only(message, key or [], language)
    body = wish.drop_unset(
        text=text,
        language=language,
        responses=wish.read_keys(key or []) or None,
        name=name,
        priority=priority,
        mode=None if drill is None else ("drill" if drill else "real"),
        policy=wish.policy(rounds, ring_timeout, None, None, reached_when, None),
    )
    raise typer.Exit(ask(url, lambda api: _call(api, contact, message, phone, body, follow, as_json)))


async def _call(
    api: Api, contact: str, message: str | None, phone: str | None, body: dict[str, Any], follow: bool, as_json: bool
) -> int:
    person = await find_contact(api, contact)
    body = body | {"contact_id": person["id"]}
    if phone is not None:
        body["phone_id"] = _number(person, phone)["id"]
    if message is not None:
        body["message_id"] = (await find_message(api, message))["id"]
    started = await send(api, body, "/api/calls")
    if not as_json:
        say(f"Ringing {person['name']}, run {started['id']}")
        tell_warnings(started)
    if follow:
        return await follow_or_leave(api, started["id"], as_json=as_json)
    if as_json:
        print_json(started)
    return 0


def _number(person: Item, wanted: str) -> Item:
    """One of the person's numbers: by id, number in any spelling, place, or a label only one of them has."""
    numbers = person["phone_numbers"]
    text = wanted.strip().casefold()
    found = [it for index, it in enumerate(numbers, start=1) if text in (it["id"], it["number"], str(index))]
    found = found or [it for it in numbers if it["label"] == text] or _spelt(numbers, wanted)
    if len(found) == 1:
        return dict(found[0])
    there = ", ".join(f"{index} {it['label']} {it['number']}" for index, it in enumerate(numbers, start=1))
    what = f"{person['name']} has {len(found)} numbers {wanted!r}" if found else f"{person['name']} has no {wanted!r}"
    raise InvalidInput(f"{what}; there are: {there}", where="--phone", example="2")


def _spelt(numbers: list[Item], wanted: str) -> list[Item]:
    from gdial.contacts.numbers import parse_phone_number
    from gdial.errors import InvalidPhoneNumber
    from gdial.settings import get_settings

    try:
        number = parse_phone_number(wanted, get_settings().default_region)
    except InvalidPhoneNumber:
        return []
    return [it for it in numbers if it["number"] == number]
