"""`gdial webhook`: programs that are told, added and tried from the shell."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.integration.cli.commands import Place, assert_told_plainly, wait_until


@contextmanager
def program(told: list[dict[str, Any]]) -> Iterator[str]:
    """The address of a program that takes what it is told."""

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/told"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_program_is_added_tried_told_and_removed(served: Place) -> None:
    told: list[dict[str, Any]] = []
    with program(told) as address:
        added = served.run("webhook", "add", address, "--event", "run.ended")
        assert added.returncode == 0, added.stderr
        assert "whsec_" in added.stdout
        assert "not shown again" in added.stderr
        assert served.run("webhook", "test", address).stdout == f"{address} answered 204\n"
        assert [it["event"] for it in told] == ["ping"]

        text = ("--text", "Hej!", "--key", "1=Ja", "--drill", "--follow")
        run_id = served.run_json("call", "Karin Öst", *text)["id"]
        wait_until(lambda: len(told) == 2, "nobody was told that the run ended")
        wait_until(
            lambda: served.run_json("webhook", "deliveries", address, "--status", "delivered")["total"] == 1,
            "the delivery is not on record",
        )
        shown = served.run("webhook", "deliveries", address).stdout
        assert run_id in shown
        delivery = shown.split()[-1]
        assert_told_plainly(served.run("webhook", "retry", address, delivery), 1, "this delivery was made already")

        edited = served.run_json("webhook", "edit", address, "--inactive", "--event", "run.started")
        assert (edited["is_active"], edited["events"]) == (False, ["run.started"])
    assert_told_plainly(served.run("webhook", "test", edited["id"][:8]), 1, f"{address} was not told: ")
    assert_told_plainly(served.run("webhook", "test", "https://nowhere"), 2, "there are: ", address)
    assert served.run("webhook", "remove", address, "--yes").stdout == f"Removed {address}\n"


def test_an_address_that_cannot_be_is_told(served: Place) -> None:
    assert_told_plainly(
        served.run("webhook", "add", "https://example.org/x", "--event", "run.over"), 2, "events[0]", "run.ended"
    )
