"""`gdial message`: texts that are saved, translated, heard beforehand and removed by name."""

from __future__ import annotations

from urllib.request import urlopen

from tests.integration.cli.commands import Place, assert_told_plainly

TEXT = "Hej {first_name}. Skolan är stängd. Tryck 1 om du har hört."


def test_a_message_is_saved_translated_previewed_and_removed(served: Place) -> None:
    saved = served.run("message", "add", "Stängd skola", "--file", "-", "--key", "1=Hört:Tack.", typed=TEXT + "\n")
    assert (saved.returncode, saved.stderr) == (0, "")
    english = ("--in", "EN", "--text", "Hello {first_name}. School is closed.")
    assert_told_plainly(served.run("message", "edit", "stängd skola", *english), 2, "the key 1 is missing")
    message = served.run_json("message", "edit", "stängd skola", *english, "--key", "1=Heard:Thanks.")
    assert (message["text"], message["responses"]) == (TEXT, {"1": {"label": "Hört", "reply": "Tack."}})
    assert message["translations"]["en"]["responses"] == {"1": {"label": "Heard", "reply": "Thanks."}}
    longer = served.run_json("message", "edit", message["id"][:8], "--in", "en", "--text", "Hello {first_name}.")
    assert longer["translations"]["en"]["responses"]["1"]["label"] == "Heard"

    heard = served.run("message", "preview", "Stängd skola", "--contact", "Karin Öst", "--in", "en")
    assert heard.stdout.startswith("In en, a translation, about ")
    [first] = [line for line in heard.stdout.splitlines() if line.startswith("first")]
    assert "Hello Karin." in first
    with urlopen(first.split()[-1], timeout=10) as audio:  # noqa: S310 - loopback
        assert audio.headers["content-type"].startswith("audio/")
    unspoken = served.run("message", "preview", "Stängd skola")
    assert "not spoken yet" in unspoken.stdout
    assert "--contact" in unspoken.stderr

    plain = served.run_json("message", "edit", "Stängd skola", "--without", "en", "--key", "")
    assert (plain["translations"], plain["responses"]) == ({}, {})
    assert served.run("message", "remove", "Stängd skola", "--yes").returncode == 0


def test_a_text_that_cannot_be_is_told(served: Place) -> None:
    (served.folder / "latin.txt").write_bytes("Hej på dig".encode("latin-1"))
    add = ("message", "add", "Vad?")
    assert_told_plainly(served.run(*add, "--text", "Hej", "--file", "-"), 2, "give one of them, not both")
    assert_told_plainly(served.run(*add, "--file", "latin.txt"), 2, "--file latin.txt: is not a text in UTF-8")
    assert_told_plainly(served.run("message", "show", "Natt"), 2, "MESSAGE: there is no message 'Natt'")
