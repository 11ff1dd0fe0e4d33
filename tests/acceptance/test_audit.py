"""A run held against the carrier's own list: what each side says after callbacks were lost, doubled and swapped."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import update

from gdial.simulator.clock import ScaledClock
from gdial.simulator.faults.reading import parse_fault_plan
from gdial.simulator.options import SimulatorOptions
from gdial.simulator.people.behaviours import Press
from gdial.storage.tables import call_logs
from tests.support.organisation import ACCOUNT, AUTH_TOKEN, OUR_NUMBER, Organisation, running_organisation

PEOPLE = 80
A_QUARTER_SECONDS = 900
"""After so long a carrier tells what it asked us in a call."""
ANNA, BO = "+46701740605", "+46701740606"
QUICK = {"unknown_first_list_sec": 5, "unknown_second_list_sec": 5, "carrier_timeout_sec": 1, "reconcile_after_sec": 1}
QUIET = {"calls_per_second": 40, "max_concurrent_calls": 80}
ONCE = {"rounds": 1, "ring_timeout_seconds": 10, "wait_between_numbers_seconds": 0}


class Wandering:
    """A clock that can be moved ahead, so that silent calls are asked about."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def crowd(count: int) -> dict[str, list[str]]:
    return {f"Person {place}": [f"+467017{place:05}"] for place in range(count)}


async def audit(organisation: Organisation, run: str) -> Any:
    return await organisation.call_api("GET", f"/api/runs/{run}/audit")


async def ledger(organisation: Organisation, run: str) -> Any:
    return await organisation.call_api("GET", f"/api/runs/{run}/ledger")


def spoil(organisation: Organisation, *faults: dict[str, Any]) -> None:
    organisation.simulator.faults.replace(parse_fault_plan({"seed": 7, "faults": list(faults)}))


async def finish(organisation: Organisation, clock: Wandering, run: str, calls: int) -> Any:
    """Once the network is quiet, time passes, and what was not heard of is asked about."""
    await organisation.calls_placed(calls)
    await organisation.simulator.wait_until_idle()
    clock.ahead += timedelta(minutes=3)
    return await organisation.wait_until(run, "done")


def kinds(result: Any) -> Sequence[str]:
    return sorted(difference["kind"] for difference in result["differences"])


async def test_with_a_third_of_all_callbacks_lost_and_a_fifth_doubled_or_swapped_every_call_agrees(
    tmp_path: Path,
) -> None:
    clock, people = Wandering(), crowd(PEOPLE)
    async with running_organisation(tmp_path, SimulatorOptions(speed=50), clock=clock, **QUIET | QUICK) as organisation:
        spoil(
            organisation,
            {"does": "callback_lost", "share": 0.3},
            {"does": "callback_doubled", "share": 0.1},
            {"does": "callback_swapped", "share": 0.1},
        )
        group = await organisation.import_people(people)
        run = str((await organisation.start_run(group, policy=ONCE))["id"])
        await finish(organisation, clock, run, len(people))
        result = await audit(organisation, run)
        assert result["agrees"], result["differences"]
        assert result["calls_here"] == result["calls_there"] == len(people)
        assert (await ledger(organisation, run))["balances"]
        assert organisation.simulator.faults.injected["callback_lost"] > len(people) / 2, "of four callbacks a call"
        await organisation.assert_nobody_lost_or_rung_twice(run)


async def test_creates_that_fail_after_they_were_taken_ring_nobody_twice_and_leave_nobody_out(tmp_path: Path) -> None:
    clock, people = Wandering(), crowd(PEOPLE)
    async with running_organisation(tmp_path, SimulatorOptions(speed=50), clock=clock, **QUIET | QUICK) as organisation:
        spoil(
            organisation,
            {"does": "error", "share": 0.05},
            {"does": "cut", "share": 0.05},
            {"does": "hang", "share": 0.02, "seconds": 5},
            {"does": "callback_lost", "share": 0.3},
        )
        group = await organisation.import_people(people)
        run = str((await organisation.start_run(group, policy=ONCE))["id"])
        await finish(organisation, clock, run, len(people))
        result = await audit(organisation, run)
        assert result["agrees"], result["differences"]
        assert result["calls_here"] == len(people), "nobody was rung again for one attempt"
        told = await ledger(organisation, run)
        assert told["balances"], told["faults"]
        attempts = told["now"]["attempts"]
        assert attempts["placing"]["unknown"] >= 3
        assert sum(attempts["settled"].values()) == attempts["placing"]["unknown"]
        assert "never_rang" not in attempts["settled"]
        await organisation.assert_nobody_lost_or_rung_twice(run)


async def test_each_difference_is_printed(tmp_path: Path) -> None:
    async with running_organisation(tmp_path) as organisation:
        organisation.simulator.phones.script(ANNA, Press())
        organisation.simulator.phones.script(BO, Press())
        group = await organisation.import_people({"Anna Ek": [ANNA], "Bo Dahl": [BO]})
        run = str((await organisation.start_run(group, policy=ONCE))["id"])
        await organisation.wait_until(run, "done")
        assert (await audit(organisation, run))["agrees"]
        await place_behind_our_back(organisation, ANNA)
        async with organisation.runtime.database.transaction() as tx:
            await tx.execute(update(call_logs).where(call_logs.c.number == BO).values(status="busy"))
        result = await audit(organisation, run)
        assert not result["agrees"]
        assert kinds(result) == ["status", "unknown call"]
        by_kind = {difference["kind"]: difference for difference in result["differences"]}
        assert (by_kind["status"]["name"], by_kind["status"]["ours"], by_kind["status"]["theirs"]) == (
            "Bo Dahl",
            "busy",
            "completed",
        )
        assert (by_kind["unknown call"]["name"], by_kind["unknown call"]["number"]) == ("Anna Ek", ANNA)
        forgotten = {"call_sid": "CA" + "e" * 32, "status": "completed"}
        async with organisation.runtime.database.transaction() as tx:
            await tx.execute(update(call_logs).where(call_logs.c.number == BO).values(**forgotten))
        # What Bo's attempt had is now a call that nobody knows.
        assert kinds(await audit(organisation, run)) == ["missing call", "unknown call", "unknown call"]


async def test_a_list_that_lags_is_no_difference(tmp_path: Path) -> None:
    async with running_organisation(tmp_path) as organisation:
        spoil(organisation, {"does": "list_lag", "seconds": [3600, 3600]})
        organisation.simulator.phones.script(ANNA, Press())
        group = await organisation.import_people({"Anna Ek": [ANNA]})
        run = str((await organisation.start_run(group, policy=ONCE))["id"])
        await organisation.wait_until(run, "done")
        result = await audit(organisation, run)
        assert result["agrees"], result["differences"]
        assert result["not_listed"] == 1


async def place_behind_our_back(organisation: Organisation, number: str) -> None:
    """As somebody with the account's password would."""
    url = f"{organisation.simulator.base_url}/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
    form = {"To": number, "From": OUR_NUMBER, "Twiml": "<Response><Hangup/></Response>"}
    async with (
        aiohttp.ClientSession(auth=aiohttp.BasicAuth(ACCOUNT, AUTH_TOKEN)) as stranger,
        stranger.post(url, data=form) as answer,
    ):
        assert answer.status == 201
    await organisation.simulator.wait_until_idle()


async def test_keys_that_the_network_could_hand_to_nobody_are_found_at_the_carrier(tmp_path: Path) -> None:
    clock = ScaledClock(speed=50)
    async with running_organisation(tmp_path, SimulatorOptions(clock=clock)) as organisation:
        spoil(organisation, {"does": "key_fails", "failure": "error_status", "tries": 5, "numbers": [ANNA]})
        for number in (ANNA, BO):
            organisation.simulator.phones.script(number, Press())
        group = await organisation.import_people({"Anna Ek": [ANNA], "Bo Dahl": [BO]})
        run = str((await organisation.start_run(group, policy=ONCE))["id"])
        await organisation.wait_until(run, "done")
        early = await audit(organisation, run)
        assert (early["agrees"], early["keys_checked"], early["keys_unchecked"]) == (True, 0, 1)
        clock.advance(A_QUARTER_SECONDS)
        result = await audit(organisation, run)
        assert (result["keys_checked"], result["keys_unchecked"]) == (1, 0)
        assert {(it["kind"], it["name"], it["theirs"]) for it in result["differences"]} == {
            ("lost key", "Anna Ek", "key 1, answered 503")
        }
