"""Other programs are told of a call-out while it goes on, and no call waits for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import aiohttp
import pytest

from gdial.simulator.options import SimulatorOptions
from gdial.simulator.people.profile import Profile
from tests.support.organisation import Organisation, running_organisation
from tests.support.receiver import receiver

PRESSES_ONE = {"does": "press", "keys": {"1": 1}, "answers_after_seconds": 2, "presses_after_seconds": 2}
PEOPLE = {"Anna Ek": ["+46701740601"], "Bo Al": ["+46701740602"], "Cia Vik": ["+46701740603"]}


def night(*, silent: str = "+46701740603") -> SimulatorOptions:
    """Everybody presses 1 but one, who never answers."""
    profile = Profile.model_validate(
        {"people": [{"calls": [PRESSES_ONE]}], "numbers": {silent: {"calls": [{"does": "no_answer"}]}}}
    )
    return SimulatorOptions(speed=50, profile=profile)


async def endpoint(organisation: Organisation, url: str, **more: Any) -> Any:
    return await organisation.call_api("POST", "/api/webhooks", 201, json={"url": url, **more})


async def test_a_program_hears_of_start_answers_and_end(tmp_path: Path) -> None:
    async with (
        receiver() as heard,
        running_organisation(tmp_path, night(), webhook_allow_private=True) as organisation,
    ):
        made = await endpoint(organisation, heard.url)
        run = await organisation.start_run(await organisation.import_people(PEOPLE))
        await heard.until(lambda it: "run.ended" in it.events)
        assert heard.events == ["run.started", "run.answered", "run.answered", "run.ended"]
        assert all(request.is_signed_with(made["secret"]) for request in heard.heard)
        bodies = [request.json for request in heard.heard]
        assert {body["run"]["id"] for body in bodies} == {run["id"]}
        assert bodies[0]["run"]["counts"]["recipients"] == 3
        answers = {body["recipient"]["name"]: body["recipient"] for body in bodies[1:3]}
        assert answers.keys() == {"Anna Ek", "Bo Al"}
        anna = answers["Anna Ek"]
        assert (anna["number"], anna["answer"], anna["label"], anna["outcome"]) == (
            "+46701740601", "1", "Kommer", "reached",
        )  # fmt: skip
        ended = bodies[3]["run"]
        assert (ended["state"], ended["answers"], ended["counts"]["not_reached"]) == ("done", {"1": 2}, 1)
        assert bodies[0]["recipient"] is None
        page = await organisation.call_api("GET", f"/api/webhooks/{made['id']}/deliveries")
        assert {item["tries"] for item in page["items"]} == {1}
        await organisation.assert_nobody_lost_or_rung_twice(run["id"])


async def test_without_an_active_endpoint_nothing_is_written(tmp_path: Path) -> None:
    async with (
        receiver() as heard,
        running_organisation(tmp_path, night(), webhook_allow_private=True) as organisation,
    ):
        made = await endpoint(organisation, heard.url, is_active=False)
        run = await organisation.start_run(await organisation.import_people(PEOPLE))
        await organisation.wait_until(run["id"], "done")
        page = await organisation.call_api("GET", f"/api/webhooks/{made['id']}/deliveries")
        assert (page["total"], heard.events) == (0, [])


@pytest.mark.parametrize("stalls", [True, False])
async def test_a_receiver_that_stalls_or_is_dead_delays_no_call(tmp_path: Path, stalls: bool) -> None:
    async with (
        receiver() as heard,
        running_organisation(tmp_path, night(), webhook_allow_private=True) as organisation,
    ):
        heard.stalls = stalls
        url = heard.url if stalls else "http://127.0.0.1:9/nobody"
        made = await endpoint(organisation, url)
        run = await organisation.start_run(await organisation.import_people(PEOPLE))
        done = await organisation.wait_until(run["id"], "done")
        assert done["counts"]["reached"] == 2
        page = await organisation.call_api("GET", f"/api/webhooks/{made['id']}/deliveries?status=waiting")
        assert page["total"] == 4
        assert sum(item["tries"] > 0 for item in page["items"]) <= 1
        await organisation.assert_nobody_lost_or_rung_twice(run["id"])


async def test_an_answer_that_is_not_stored_is_not_told(tmp_path: Path) -> None:
    """A webhook of the carrier that is refused leaves nothing to be told."""
    async with (
        receiver() as heard,
        running_organisation(tmp_path, night(), webhook_allow_private=True) as organisation,
        aiohttp.ClientSession() as stranger,
    ):
        await endpoint(organisation, heard.url, events=["run.answered"])
        run = await organisation.start_run(await organisation.import_people({"Cia Vik": ["+46701740603"]}))
        await organisation.calls_placed(1)
        (call,) = await organisation.calls(run["id"])
        forged = f"{organisation.base_url}/dtmf?attempt_id={call['id']}&token=guess&step=0"
        async with stranger.post(forged, data={"CallSid": call["call_sid"] or "CA0", "Digits": "1"}) as answer:
            assert answer.status == 403
        await organisation.wait_until(run["id"], "done")
        assert heard.events == []
