"""`gdial contact` and `gdial group`: people who are added, changed, put together and removed by name."""

from __future__ import annotations

from tests.integration.cli.commands import Place, assert_told_plainly


def test_a_contact_is_added_changed_and_removed(served: Place) -> None:
    added = served.run_json(
        "contact", "add", "Vera Vakt", "--number", "mobile=070-174 06 92", "--number", "08-4650 0401",
        "--language", "en", "--group", "alla", "--notes", "Har nyckel", "--external-id", "V-17",
    )  # fmt: skip
    assert [(it["number"], it["label"]) for it in added["phone_numbers"]] == [
        ("+46701740692", "mobile"),
        ("+46846500401", "other"),
    ]
    assert [group["name"] for group in added["groups"]] == ["Alla"]

    edited = served.run_json(
        "contact", "edit", "V-17", "--number", "work=08-4650 0401", "--language", "", "--group", ""
    )  # fmt: skip
    assert [(it["number"], it["label"]) for it in edited["phone_numbers"]] == [("+46846500401", "work")]
    assert (edited["language"], edited["groups"], edited["notes"]) == (None, [], "Har nyckel")

    shown = served.run("contact", "show", added["id"][:8]).stdout
    assert [line.split() for line in shown.splitlines() if "+46" in line] == [["1", "+46846500401", "work"]]
    assert "Har nyckel" in shown

    assert_told_plainly(served.run("contact", "remove", "vera vakt"), 1, "Remove Vera Vakt", "--yes")
    assert served.run("contact", "remove", "vera vakt", "--yes").stdout == "Removed Vera Vakt\n"


def test_a_contact_that_cannot_be_is_told(served: Place) -> None:
    assert_told_plainly(served.run("contact", "show", "Vera"), 2, "CONTACT: there is no contact 'Vera'", "Elsa Ek")
    assert_told_plainly(served.run("contact", "add", "Ingen", "--number", "pager=070-1740692"), 2, "label", "mobile")
    assert_told_plainly(served.run("contact", "edit", "Elsa Ek"), 2, "say what to change", "--number")


def test_a_group_is_made_joined_left_renamed_and_removed(served: Place) -> None:
    made = served.run_json("group", "add", "Vakten", "--contact", "Elsa Ek")
    assert made["size"] == 1
    assert served.run_json("group", "join", "vakten", "Karin Öst", "Elsa Ek", "070-1740690")["size"] == 3
    assert served.run("group", "leave", made["id"][:8], "Lars Åberg").stdout.startswith("Vakten, 2 people, ")
    assert_told_plainly(served.run("group", "leave", "Vakten", "Elsa Ek", "Lars Åberg"), 2, "Lars Åberg is not in")
    shown = served.run_json("group", "show", "Vakten")
    assert [member["name"] for member in shown["members"]["items"]] == ["Elsa Ek", "Karin Öst"]

    assert served.run_json("group", "rename", "Vakten", "Vakten 2")["name"] == "Vakten 2"
    assert_told_plainly(served.run("group", "show", "Vakten"), 2, "there is no group 'Vakten'; there are: Alla (3), ")
    assert served.run("group", "remove", "vakten 2", "--yes").stdout == "Removed Vakten 2; its people stay\n"


def test_people_who_are_in_twice_are_found_and_put_together(served: Place) -> None:
    """As a list and a hand made them."""
    for name, numbers in (("Vera Vakt", ["070-174 06 92"]), ("Vera Wakt", ["070-174 06 92", "08-4650 0401"])):
        served.run_json("contact", "add", name, *(word for number in numbers for word in ("--number", number)))

    [double] = served.run_json("contact", "doubles")["items"]
    assert (double["reason"], len(double["contacts"])) == ("same first number", 2)
    assert_told_plainly(served.run("contact", "merge", "Vera Vakt", "Vera Wakt"), 1, "Put Vera Wakt together", "--yes")

    merged = served.run_json("contact", "merge", "Vera Vakt", "Vera Wakt", "--yes")
    assert [it["number"] for it in merged["phone_numbers"]] == ["+46701740692", "+46846500401"]
    assert served.run("contact", "doubles").returncode == 0
    assert served.run("contact", "remove", "Vera Vakt", "--yes").returncode == 0


def test_what_is_exported_is_read_back_as_it_was(served: Place) -> None:
    before = served.run_json("contact", "list")["total"]
    for name in ("alla å.csv", "alla.xlsx"):
        saved = served.run("export", name)
        assert saved.returncode == 0, saved.stderr
        result = served.run_json("import", name)
        assert (result["created"], result["updated"], result["unchanged"], result["errors"]) == (0, 0, before, [])
    assert_told_plainly(served.run("export", "alla.xlsx"), 2, "--force")
    assert_told_plainly(served.run("export", "alla.pdf"), 2, ".csv", ".xlsx")
    assert_told_plainly(served.run("export", "b.csv", "--group", "Ingen"), 2, "there is no group 'Ingen'")
