"""`gdial run forecast`: what a run would take, before it is started."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

from gdial.cli.run import options, wish
from gdial.cli.run.start import Wanted, full_body
from gdial.cli.screen import note, print_json, say
from gdial.cli.target import JsonOption, Target, UrlOption, find_target

MOST_LINES_TOLD = 20


def forecast(
    group: options.Groups = None,
    contact: options.Contacts = None,
    exclude_group: options.ExcludedGroups = None,
    pasted_list: options.PastedList = None,
    not_reached_in: options.NotReachedIn = None,
    message: options.Message = None,
    text: options.Text = None,
    language: options.Language = None,
    key: options.Keys = None,
    first: options.First = None,
    preset: options.Preset = None,
    priority: options.Priority = None,
    rounds: options.Rounds = None,
    ring_timeout: options.RingTimeout = None,
    wait_between_numbers: options.WaitBetweenNumbers = None,
    wait_between_rounds: options.WaitBetweenRounds = None,
    reached_when: options.ReachedWhen = None,
    deadline: options.Deadline = None,
    as_json: JsonOption = False,
    url: UrlOption = None,
) -> None:
    """Tell people, time, calls and cost of a run with these options. Nobody is rung."""
    others = bool(pasted_list or not_reached_in)
    wish.check_choice(groups=group or [], contacts=contact or [], others=others, message=message, text=text)
    wish.check_text_only(message, key or [], language)
    policy = wish.policy(rounds, ring_timeout, wait_between_numbers, wait_between_rounds, reached_when, deadline)
    body = wish.drop_unset(text=text, language=language, first=first, priority=priority, policy=policy, preset=preset)
    body |= wish.drop_unset(pasted_list=wish.read_list(pasted_list), not_reached_in=not_reached_in)
    body |= wish.drop_unset(responses=wish.read_keys(key or []) or None)
    wanted = Wanted(group or [], exclude_group or [], contact or [], message, None, body)
    asyncio.run(_tell(find_target(url), wanted, as_json=as_json))


async def _tell(target: Target, wanted: Wanted, *, as_json: bool) -> None:
    from gdial.cli.api import open_api

    async with open_api(target) as api:
        told = await api.post("/api/runs/forecast", await full_body(api, wanted))
    if as_json:
        print_json(told)
        return
    for line in lines_of(told):
        say(line)
    for error in told["list_errors"][:MOST_LINES_TOLD]:
        note(f"Line {error['line']}: {error['reason']}")


def lines_of(told: Mapping[str, Any]) -> Iterator[str]:
    """The forecast in sentences."""
    crowd = told["crowd"]
    yield f"{crowd['people']} people, {crowd['numbers']} numbers to ring"
    if crowd["people"] > crowd["can_be_rung"]:
        yield (
            f"cannot be rung: {crowd['without_number']} without a number, "
            f"{crowd['with_bad_numbers_only']} with bad numbers only"
        )
    if crowd["shared_numbers"]:
        yield f"shared by several people: {crowd['shared_numbers']} numbers"
    late = "" if told["all_tried_in_time"] else "; the deadline comes first, so not everybody can be rung"
    yield f"everybody is rung once within {lasting(told['tried_once_seconds'])}{late}"
    cut = " (the deadline)" if told["is_cut_short"] else ""
    yield f"at worst it is over after {lasting(told['longest_seconds'])}{cut}"
    yield f"calls: about {told['calls_expected']}, at most {told['calls_at_most']}"
    cost = told["cost"]
    if cost:
        yield f"cost: about {cost['expected']:.2f} {cost['currency']}, at most {cost['at_most']:.2f}"


def lasting(seconds: float) -> str:
    if seconds < 90:
        return f"{round(seconds)} s"
    return f"{round(seconds / 60)} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
