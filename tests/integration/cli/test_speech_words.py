"""`gdial lexicon` and `gdial recording`: how words are said, and sound of one's own."""

from __future__ import annotations

from gdial.speech.mulaw import pack_wav
from tests.integration.cli.commands import Place, assert_told_plainly
from tests.unit.speech.recording_files import tone


def test_a_word_is_said_in_another_way_until_it_is_removed(served: Place) -> None:
    added = served.run("lexicon", "add", "Hjo", "Jo", "--language", "sv")
    assert (added.returncode, added.stdout) == (0, 'Hjo is said as "Jo" in sv\n')
    assert_told_plainly(served.run("lexicon", "add", "hjo", "Jå", "--language", "sv"), 1, "change that entry")
    assert served.run_json("lexicon", "edit", "HJO", "--spoken", "Joo")["spoken"] == "Joo"
    assert "Joo" in served.run("lexicon", "list", "--search", "hj").stdout
    assert_told_plainly(served.run("lexicon", "remove", "Skara", "--yes"), 2, "there are: Hjo (sv)")
    assert served.run("lexicon", "remove", "Hjo", "--yes").stdout == "Removed Hjo\n"
    assert served.run_json("lexicon", "list")["total"] == 0


def test_a_recording_is_added_named_in_a_message_and_removed(served: Place) -> None:
    (served.folder / "larm.wav").write_bytes(pack_wav(tone(1, 8_000)))
    (served.folder / "list.m3u").write_text("#EXTM3U\nhttp://127.0.0.1/")
    added = served.run("recording", "add", "larm.wav", "--text", "Det här är larmtjänsten.", "--language", "sv")
    assert added.returncode == 0, added.stderr
    assert "{recording:larm}" in added.stdout
    said = ("--text", "Hej.")
    assert_told_plainly(served.run("recording", "add", "list.m3u", *said), 2, "file: is none of WAV, MP3, M4A and OGG")
    assert_told_plainly(served.run("recording", "add", "gone.wav", *said), 2, "gone.wav: there is no such file")
    unknown = served.run("message", "add", "Larm", "--text", "{recording:alarm} Hej.")
    assert_told_plainly(unknown, 2, 'there is no recording "alarm"; there are: larm')
    assert served.run("message", "add", "Larm", "--text", "{recording:larm} Hej.").returncode == 0
    assert_told_plainly(served.run("recording", "remove", "larm", "--yes"), 1, 'played by the message "Larm"')
    assert served.run("message", "remove", "Larm", "--yes").returncode == 0
    assert served.run("recording", "remove", "larm", "--yes").stdout == "Removed larm\n"
