"""What an operator sets once holds for the call-outs that come after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.organisation import running_organisation

NUMBER = "+46701740605"


async def test_runs_have_what_is_set_where_they_do_not_say(tmp_path: Path) -> None:
    async with running_organisation(tmp_path, call_timeout_sec=31) as organisation:
        group = await organisation.import_people({"Anna Ek": [NUMBER]})
        later: dict[str, Any] = {"scheduled_at": "2099-01-01T00:00:00Z"}
        before = await organisation.start_run(group, policy={}, **later)
        for name, value in (("rounds", 7), ("deadline_minutes", 30), ("reached_when", "answered")):
            await organisation.call_api("PUT", f"/api/settings/{name}", json={"value": value})
        after = await organisation.start_run(group, policy={"rounds": 2}, **later)

        assert (await organisation.show(before["id"]))["policy"] == {
            "ring_timeout_seconds": 31,
            "rounds": 3,
            "wait_between_numbers_seconds": 5,
            "wait_between_rounds_seconds": 120,
            "reached_when": "key",
            "deadline_minutes": 60,
        }
        policy = (await organisation.show(after["id"]))["policy"]
        assert (policy["rounds"], policy["deadline_minutes"], policy["reached_when"]) == (2, 30, "answered")
        assert policy["ring_timeout_seconds"] == 31
