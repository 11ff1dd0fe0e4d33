"""Finding the GDial that runs, and saying so when there is none."""

from __future__ import annotations

import pytest

from tests.integration.cli.commands import Place, assert_told_plainly
from tests.support.ports import free_port


def test_before_the_first_start_there_is_no_token(place: Place) -> None:
    assert_told_plainly(place.run("run", "list"), 3, "GDial has not been started yet", "gdial-data/api-token")
    assert not (place.folder / "gdial-data").exists()


def test_a_gdial_that_does_not_run_is_told_with_how_to_start_it(place: Place) -> None:
    port = free_port()
    place.set(api_port=port, api_token="a-token-of-this-test")
    assert_told_plainly(
        place.run("group", "list"), 3, f"GDial is not running at http://127.0.0.1:{port}; start it with: gdial serve"
    )


def test_another_token_is_refused_with_where_it_came_from(served: Place, place: Place) -> None:
    place.set(api_port=served.environment["API_PORT"], api_token="a-token-of-this-test")
    assert_told_plainly(place.run("run", "list"), 1, "does not know the token of API_TOKEN")


def test_something_else_that_answers_is_not_taken_for_gdial(place: Place, phones: str) -> None:
    place.set(api_token="a-token-of-this-test")
    assert_told_plainly(place.run("run", "list", "--url", phones), 3, f"what answers at {phones} is not GDial")


@pytest.mark.parametrize("url", ["gdial.example.org", "ftp://127.0.0.1", "http://gdial.example.org"])
def test_an_address_that_would_give_the_token_away_or_is_none_is_refused(place: Place, url: str) -> None:
    place.set(api_token="a-token-of-this-test")
    assert_told_plainly(place.run("run", "list", "--url", url), 2, "error: --url: must begin with https://")


def test_the_address_may_be_an_environment_variable(served: Place, place: Place) -> None:
    token = (served.folder / "gdial-data/api-token").read_text("utf-8").strip()
    place.set(api_token=token, gdial_url=f"http://127.0.0.1:{served.environment['API_PORT']}")
    assert place.run("run", "list").returncode == 0


def test_a_free_port_must_be_told(place: Place) -> None:
    place.set(api_port=0, api_token="a-token-of-this-test")
    assert_told_plainly(place.run("run", "list"), 2, "API_PORT is 0", "--url")
