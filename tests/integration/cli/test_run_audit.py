"""`gdial run audit` and the ledger in `gdial run show`, as they are typed."""

from __future__ import annotations

import json
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from tests.integration.cli.commands import Place
from tests.integration.cli.test_run import DRILL, QUICK

STRANGER = "<Response><Hangup/></Response>"


def test_a_run_agrees_with_the_network_until_somebody_else_rings_its_people(served: Place, phones: str) -> None:
    started = served.run(*DRILL, *QUICK, "--group", "Ledning", "--name", "Revision")
    assert started.returncode == 0, started.stderr
    shown = served.run("run", "show", "last")
    assert "attempts 1: 1 accepted" in shown.stdout
    assert "the ledger balances" in shown.stdout
    agreed = served.run("run", "audit", "last")
    assert (agreed.returncode, agreed.stdout.splitlines()[-1]) == (0, "nothing differs")
    assert "1 pages of the carrier's list read" in agreed.stderr
    network = served.run_json("run", "audit", "last")
    assert (network["agrees"], network["calls_here"], network["calls_there"]) == (True, 1, 1)
    ring_as_a_stranger(served, phones, "+46701740691")
    differs = served.run("run", "audit", "last")
    assert differs.returncode == 1
    assert "unknown call" in differs.stdout
    assert "Elsa Ek" in differs.stdout
    assert "1 differences; what each means: docs/howto/audit.md" in differs.stdout


def ring_as_a_stranger(served: Place, phones: str, number: str) -> None:
    """From the number that the drills ring from, past GDial."""
    with urlopen(f"{phones}/ledger") as answer:  # noqa: S310
        ledger = json.load(answer)
    ours = next(row for row in reversed(ledger["calls"]) if row["to"] == number)
    form = urlencode({"To": number, "From": ours["from"], "Twiml": STRANGER}).encode()
    url = f"{phones}/2010-04-01/Accounts/{ours['account']}/Calls.json"
    request = Request(url, data=form, headers={"Authorization": "Basic eDp4"})  # noqa: S310
    with urlopen(request) as answer:  # noqa: S310
        assert answer.status == 201
