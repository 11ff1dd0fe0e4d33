"""`gdial admin-link`, `gdial user`, `gdial token`: who may come in, from the shell."""

from __future__ import annotations

import re

from tests.integration.cli.commands import Place, answers, assert_told_plainly

PASSWORD = "a password of many words"


def test_users_and_tokens_from_the_shell(served: Place) -> None:
    url = f"http://127.0.0.1:{served.environment['API_PORT']}"
    link = served.run("admin-link")
    assert re.fullmatch(rf"{url}/first-administrator\?link=[\w-]{{43}}\n", link.stdout), link.stderr
    assert "once" in link.stderr

    assert_told_plainly(served.run("user", "add", "Vera", typed="kort\n"), 2, "password: is shorter than 12")
    assert_told_plainly(served.run("user", "add", "Vera"), 2, "password: there is none on standard input")
    added = served.run("user", "add", "Vera", "--role", "administrator", typed=f"{PASSWORD}\n")
    assert (added.returncode, added.stdout) == (0, "Added Vera, administrator\n")
    assert_told_plainly(served.run("admin-link"), 1, "there is an administrator already")
    assert_told_plainly(served.run("user", "role", "vera", "viewer"), 1, "this is the last administrator")
    assert served.run("user", "password", "Vera", typed=f"{PASSWORD} 2\n").returncode == 0

    made = served.run("token", "add", "Larm", "--role", "viewer", "--user", "Vera")
    assert re.fullmatch(r"gdial_[\w-]{43}\n", made.stdout), made.stderr
    token = made.stdout.strip()
    assert answers(f"{url}/api/contacts", token) == 200
    assert answers(f"{url}/api/users", token) == 403
    listed = served.run("token", "list").stdout
    assert "Larm" in listed
    assert token not in listed
    assert served.run("token", "remove", "Larm", "--yes").stdout == "Removed Larm\n"
    assert answers(f"{url}/api/contacts", token) == 401
    assert_told_plainly(served.run("user", "remove", "Nils", "--yes"), 2, "there is no user 'Nils'", "Vera")


def test_there_is_no_link_without_an_installation(place: Place) -> None:
    assert_told_plainly(place.run("admin-link"), 1, "begin with: gdial serve")
    assert not (place.folder / "gdial-data").exists()
