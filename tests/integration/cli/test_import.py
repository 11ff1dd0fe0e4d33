"""`gdial import`."""

from __future__ import annotations

from tests.integration.cli.commands import Place, assert_told_plainly

HEAD = "Namn;Mobil;Grupp\n"


def test_it_tells_what_it_did_and_every_bad_row(served: Place) -> None:
    rows = "Ada Brand;070-1740620;Brand\nBo Brand;O70-1740621;Brand\n;070-1740622;Brand\n"
    (served.folder / "mixed.csv").write_text(HEAD + rows, "utf-8")
    done = served.run("import", "mixed.csv")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Created 1, updated 0, unchanged 0" in done.stdout
    assert "2 bad cells:" in done.stdout
    lines = [line.split(maxsplit=2) for line in done.stdout.splitlines() if "left out" in line]
    assert [line[:2] for line in lines] == [["3", "Mobil"], ["4", "Namn"]]
    assert "O70-1740621" in done.stdout
    assert "is it a zero?" in done.stdout
    assert "Created 0, updated 0, unchanged 1" in served.run("import", "mixed.csv").stdout


def test_a_dry_run_stores_nothing(served: Place) -> None:
    (served.folder / "dry.csv").write_text(HEAD + "Nobody Yet;070-1740630;Torr\n", "utf-8")
    done = served.run("import", "dry.csv", "--dry-run")
    assert done.returncode == 0
    assert "Nothing stored (dry run). It would be: created 1" in done.stdout
    assert served.run_json("contact", "list", "--search", "Nobody Yet")["total"] == 0


def test_the_first_bad_rows_are_shown_and_all_when_asked(served: Place) -> None:
    rows = "".join(f"Person {number};0;Fel\n" for number in range(30))
    (served.folder / "bad.csv").write_text(HEAD + rows, "utf-8")
    done = served.run("import", "bad.csv")
    assert done.returncode == 1
    assert done.stdout.count("the row is left out") == 20
    assert "The first 20 of 30" in done.stderr
    everything = served.run("import", "bad.csv", "--all")
    assert (everything.returncode, everything.stdout.count("the row is left out")) == (1, 30)


def test_a_file_that_is_no_list_is_told_plainly(served: Place) -> None:
    (served.folder / "no-list.csv").write_text("Colour;Size\nred;3\n", "utf-8")
    assert_told_plainly(served.run("import", "no-list.csv"), 2, "Colour, Size", "example: Name;Mobile;Group")


def test_a_file_that_is_not_there_is_told(served: Place) -> None:
    assert_told_plainly(served.run("import", "nowhere.csv"), 2, "nowhere.csv: there is no such file")
    assert_told_plainly(served.run("import", "."), 2, "is not a file")


def test_as_json_it_is_what_the_rest_interface_answers(served: Place) -> None:
    (served.folder / "one.csv").write_text(HEAD + "Json Person;070-1740640;J\n", "utf-8")
    told = served.run_json("import", "one.csv")
    assert (told["created"], told["errors"]) == (1, [])
