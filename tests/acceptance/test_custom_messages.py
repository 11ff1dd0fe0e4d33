"""A text written for one occasion is kept as it was said, and with whom it was for."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from gdial.simulator.people.behaviours import Press
from tests.support.organisation import OUR_NUMBER, RESPONSES, TEXT, running_organisation

ANNA, BO = "+46701740605", "+46701740606"


async def test_a_manual_call_keeps_its_text_for_the_person(tmp_path: Path) -> None:
    async with running_organisation(tmp_path) as organisation:
        organisation.simulator.phones.script(ANNA, Press(keys={"2": 1.0}))
        group = await organisation.import_people({"Anna Ek": [ANNA], "Bo Dahl": [BO]})
        people = await organisation.call_api("GET", "/api/contacts")
        anna = next(person["id"] for person in people["items"] if person["name"] == "Anna Ek")
        said = {"text": TEXT, "language": "sv", "responses": RESPONSES}

        call = await organisation.call_api("POST", "/api/calls", 202, json={"contact_id": anna, **said})
        run = await organisation.wait_until(call["id"], "done")
        later = {"name": "Senare", "group_id": group, "scheduled_at": "2099-01-01T00:00Z", **said}
        await organisation.call_api("POST", "/api/runs", 202, json=later)

        assert run["answers"] == {"2": 1}
        of_anna = await organisation.call_api("GET", f"/api/custom-messages?contact_id={anna}")
        (kept,) = of_anna["items"]
        assert kept == {
            "id": run["custom_message_log_id"],
            "contact_id": anna,
            "message_content": TEXT,
            "message_type": "call",
            "dtmf_responses": RESPONSES,
            "language": "sv",
            "created_at": run["created_at"],
        }
        assert await organisation.call_api("GET", f"/api/custom-messages/{kept['id']}") == kept
        everything = await organisation.call_api("GET", "/api/custom-messages")
        assert [each["contact_id"] for each in everything["items"]] == [None, anna]
        await organisation.call_api("GET", f"/api/custom-messages/{uuid4()}", 404)
        (row,) = organisation.simulator.ledger()["calls"]
        assert (row["to"], row["from"]) == (ANNA, OUR_NUMBER)
