"""A call-out as an operator sees it, over a whole telephone network."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gdial.simulator.people.behaviours import BadNumber, Busy, HangUp, Listen, NoAnswer, Press, Voicemail
from tests.support.organisation import ON_EVERY_SETUP, QUICK_POLICY, Organisation, running_organisation

ANNA, ANNA_HOME = "+46701740605", "+46313900601"
BO, CIA, DAG = "+46701740606", "+46701740607", "+46701740608"


@pytest.fixture
async def organisation(tmp_path: Path, database_settings: dict[str, Any]) -> AsyncIterator[Organisation]:
    async with running_organisation(tmp_path, **database_settings) as running:
        yield running


def presses(key: str) -> Press:
    return Press(keys={key: 1.0})


@ON_EVERY_SETUP
async def test_everybody_answers_with_the_key_they_press(organisation: Organisation) -> None:
    phones = organisation.simulator.phones
    phones.script(ANNA, presses("1"))
    phones.script(BO, presses("2"))
    group = await organisation.import_people({"Anna Ek": [ANNA], "Bo Dahl": [BO]})
    started = await organisation.start_run(group)
    assert started["recipients"] == 2
    run = await organisation.wait_until(started["id"], "done")
    assert run["answers"] == {"1": 1, "2": 1}
    people = await organisation.recipients(run["id"])
    assert (people["Anna Ek"]["outcome"], people["Anna Ek"]["answer"]) == ("reached", "1")
    assert people["Bo Dahl"]["reason"] == "key"
    await organisation.assert_nobody_lost_or_rung_twice(run["id"])


async def test_the_person_hears_their_own_name_the_message_and_the_thanks(organisation: Organisation) -> None:
    organisation.simulator.phones.script(ANNA, Press(keys={"1": 1.0}, hears_all=True))
    group = await organisation.import_people({"Anna Ek": [ANNA]})
    run = await organisation.start_run(group)
    await organisation.wait_until(run["id"], "done")
    (call,) = organisation.simulator.ledger()["calls"]
    heard = call["heard"]
    assert [piece["kind"] for piece in heard] == ["play", "play"]
    message, thanks = heard
    folder = organisation.runtime.settings.audio_dir
    names = message["url"].rpartition("/")[2].split("-")
    greeting, rest = ((folder / f"{name}.wav").stat().st_size / 8_000 for name in names)
    assert 0.5 < greeting < 3 < rest < 20
    assert message["seconds"] == pytest.approx(greeting + rest, abs=0.02), "one after the other, to the end"
    assert thanks["seconds"] < 3


async def test_the_next_number_is_rung_when_the_first_is_busy(organisation: Organisation) -> None:
    phones = organisation.simulator.phones
    phones.script(ANNA, Busy(), Busy())
    phones.script(ANNA_HOME, presses("1"))
    group = await organisation.import_people({"Anna Ek": [ANNA, ANNA_HOME]})
    run = await organisation.start_run(group)
    await organisation.wait_until(run["id"], "done")
    assert organisation.rung() == {ANNA: 1, ANNA_HOME: 1}
    calls = await organisation.calls(run["id"])
    assert [(call["number"], call["status"]) for call in calls] == [(ANNA, "busy"), (ANNA_HOME, "completed")]
    await organisation.assert_nobody_lost_or_rung_twice(run["id"])


async def test_first_numbers_of_all_come_before_second_numbers_of_any(tmp_path: Path) -> None:
    people = {f"Person {i}": [f"+467017406{i:02}", f"+463139006{i:02}"] for i in range(10, 30)}
    async with running_organisation(tmp_path, calls_per_second=40, max_concurrent_calls=4) as organisation:
        for first, second in people.values():
            organisation.simulator.phones.script(first, Busy())
            organisation.simulator.phones.script(second, presses("1"))
        group = await organisation.import_people(people)
        run = await organisation.start_run(group)
        await organisation.wait_until(run["id"], "done")
        order = [call["number"] for call in await organisation.calls(run["id"])]
    firsts = [place for place, number in enumerate(order) if number.startswith("+4670")]
    seconds = [place for place, number in enumerate(order) if number.startswith("+4631")]
    assert len(firsts) == len(seconds) == 20
    assert max(firsts) < min(seconds)


@ON_EVERY_SETUP
async def test_nobody_picks_up_so_the_person_is_rung_again_later_and_then_given_up(organisation: Organisation) -> None:
    phones = organisation.simulator.phones
    phones.script(ANNA, NoAnswer(), presses("1"))
    phones.script(BO, NoAnswer(), NoAnswer(), NoAnswer())
    group = await organisation.import_people({"Anna Ek": [ANNA], "Bo Dahl": [BO]})
    run = await organisation.start_run(group)
    await organisation.wait_until(run["id"], "done")
    people = await organisation.recipients(run["id"])
    assert (people["Anna Ek"]["outcome"], people["Anna Ek"]["attempts"]) == ("reached", 2)
    assert (people["Bo Dahl"]["outcome"], people["Bo Dahl"]["reason"]) == ("not_reached", "no answer")
    assert organisation.rung() == {ANNA: 2, BO: 2}
    await organisation.assert_nobody_lost_or_rung_twice(run["id"])


async def test_a_mailbox_is_not_a_person(organisation: Organisation) -> None:
    organisation.simulator.phones.script(
        ANNA, Voicemail(after_seconds=5.0, leaves_after_seconds=20.0), Voicemail(after_seconds=5.0)
    )
    group = await organisation.import_people({"Anna Ek": [ANNA]})
    run = await organisation.start_run(group, policy=QUICK_POLICY | {"rounds": 1})
    await organisation.wait_until(run["id"], "done")
    people = await organisation.recipients(run["id"])
    assert (people["Anna Ek"]["outcome"], people["Anna Ek"]["reason"]) == ("not_reached", "no key")


async def test_an_answered_call_is_enough_where_the_policy_says_so(organisation: Organisation) -> None:
    organisation.simulator.phones.script(ANNA, Listen(hangs_up_after_seconds=2.0))
    group = await organisation.import_people({"Anna Ek": [ANNA]})
    run = await organisation.start_run(
        group, policy={"reached_when": "answered"}, responses={}, text="Skolan är stängd."
    )
    shown = await organisation.wait_until(run["id"], "done")
    assert shown["policy"]["reached_when"] == "answered"
    assert (await organisation.recipients(run["id"]))["Anna Ek"]["outcome"] == "reached"


async def test_wrong_keys_repeat_the_prompt_and_the_right_one_counts(organisation: Organisation) -> None:
    organisation.simulator.phones.script(ANNA, Press(keys={"1": 1.0}, wrong_keys={"7": 1.0}))
    group = await organisation.import_people({"Anna Ek": [ANNA]})
    run = await organisation.start_run(group)
    await organisation.wait_until(run["id"], "done")
    person = (await organisation.recipients(run["id"]))["Anna Ek"]
    assert (person["outcome"], person["answer"]) == ("reached", "1")
    assert organisation.simulator.ledger()["calls"][0]["digits"] == "71"


async def test_a_bad_number_is_left_and_the_next_one_rung_at_once(organisation: Organisation) -> None:
    organisation.simulator.phones.script(ANNA, BadNumber())
    organisation.simulator.phones.script(ANNA_HOME, HangUp(), presses("1"))
    group = await organisation.import_people({"Anna Ek": [ANNA, ANNA_HOME]})
    run = await organisation.start_run(group)
    await organisation.wait_until(run["id"], "done")
    assert (await organisation.recipients(run["id"]))["Anna Ek"]["outcome"] == "reached"
    assert [call["number"] for call in await organisation.calls(run["id"])] == [ANNA, ANNA_HOME, ANNA_HOME]
    again = await organisation.start_run(group, name="Igen")
    await organisation.wait_until(again["id"], "done")
    numbers = {call["number"] for call in await organisation.calls(again["id"])}
    assert numbers == {ANNA_HOME}, "a number that the carrier called bad is not tried again"


async def test_one_number_shared_by_two_people_rings_one_call_at_a_time(organisation: Organisation) -> None:
    organisation.simulator.phones.script(ANNA, presses("1"), presses("2"))
    group = await organisation.import_people({"Anna Ek": [ANNA], "Elsa Ek": [ANNA]})
    run = await organisation.start_run(group)
    await organisation.wait_until(run["id"], "done")
    assert {p["outcome"] for p in (await organisation.recipients(run["id"])).values()} == {"reached"}
    await organisation.assert_nobody_lost_or_rung_twice(run["id"])


async def test_the_report_says_who_answered_what(organisation: Organisation) -> None:
    organisation.simulator.phones.script(ANNA, presses("1"))
    group = await organisation.import_people({"Anna Ek": [ANNA]})
    run = await organisation.start_run(group)
    await organisation.wait_until(run["id"], "done")
    url = f"{organisation.base_url}/api/runs/{run['id']}/report.csv"
    async with organisation.session.get(url) as answer:
        heading, row = (await answer.text(encoding="utf-8-sig")).splitlines()
    assert heading.startswith("name,groups,outcome,reason,answer,answer_label,number_reached,attempts")
    assert row.startswith(f"Anna Ek,Alla,reached,key,1,Kommer,{ANNA},1,")
