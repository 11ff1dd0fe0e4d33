"""Every order in which crash, redelivery, callback, stop and reconciler can happen: promises 1 to 5 hold.

`make model` goes deeper. What is real in it and what is a model stands in ARCHITECTURE.md, "What is proved".
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.model import broken
from tests.model.moves import Carrier
from tests.model.scenes import ANNA, ONE_AT_A_TIME, SCENES, TWICE, Scene
from tests.model.shell import SETTINGS, Shell

CRASH, COMMAND = {"crashes": 1}, {"commands": 1}
TWO_PEOPLE = ((ANNA,), (ANNA,))


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_whatever_happens_in_whatever_order_the_promises_hold(scene: Scene) -> None:
    found = scene.search(most_moves=scene.quick_moves or None)
    assert found.broken is None, str(found)
    assert found.is_complete or found.depth == scene.quick_moves, "searched as far as it says"


@pytest.mark.parametrize(
    ("shell", "scene", "promise"),
    [
        (broken.RedialsTheUnknown, Scene("", scope=TWICE), 2),
        (broken.SendsAgain, Scene("", scope=ONE_AT_A_TIME), 2),
        (broken.ReadsTheListOnce, Scene("", scope=TWICE), 2),
        (broken.SendsHoweverLate, Scene("", scope=TWICE), 2),
        (broken.ShortensTheWait, Scene("", scope=TWICE), 2),
        (broken.HasNoIndexes, Scene("", people=TWO_PEOPLE), 2),
        (broken.LetsGoOfTheUnknown, Scene("", people=TWO_PEOPLE), 2),
        (broken.TakesCallsOfOthers, Scene("", scope=TWICE), 2),
        (broken.LetsALateWordUndo, Scene("", scope=ONE_AT_A_TIME), 4),
        (broken.ThanksBeforeItStores, Scene("", scope=ONE_AT_A_TIME), 3),
        (broken.DoesNotLookAgain, Scene("", scope=TWICE), 4),
        (broken.ForgetsDeadWorkers, Scene("", scope=ONE_AT_A_TIME, left=CRASH), 1),
        (broken.WaitsForCallbacks, Scene("", scope=ONE_AT_A_TIME), 1),
        (broken.RingsOnAfterTheStop, Scene("", scope=ONE_AT_A_TIME, left=COMMAND), 5),
        (broken.StopsOnlyItself, Scene("", scope=ONE_AT_A_TIME, left=COMMAND), 1),
        (broken.BrakesForEver, Scene("", scope=ONE_AT_A_TIME, left={"brakes": 1}), 1),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_a_rule_that_is_broken_is_found_out(shell: type[Shell], scene: Scene, promise: int) -> None:
    found = scene.search(shell, most_states=100_000)
    assert found.broken is not None, f"{shell.__name__} passes: {found}"
    assert found.broken.startswith(f"promise {promise}"), str(found)
    assert found.story, "a story is told"


def test_a_bad_number_that_is_forgotten_is_found_out() -> None:
    scene = Scene("", people=TWO_PEOPLE, scope=TWICE, left={"refusals": 1})
    found = scene.search(broken.ForgetsBadNumbers, most_states=100_000)
    assert (found.broken or "").startswith("bad number"), str(found)


TAKES, LISTS = Carrier.takes_within_seconds, Carrier.lists_within_seconds
WAIT = SETTINGS.unknown_first_list_sec + SETTINGS.unknown_second_list_sec


@pytest.mark.parametrize(("lag", "holds"), [(WAIT - TAKES, True), (WAIT - TAKES + 1, False)])
def test_the_list_may_lag_as_long_as_the_reconciler_waits_and_not_a_second_longer(lag: float, holds: bool) -> None:
    """What is assumed of the carrier is all that is needed of it, and no more than that."""
    scene = Scene("", scope=replace(TWICE, carrier=Carrier(TAKES, lag)))
    found = scene.search(most_moves=8)
    assert (found.broken is None) is holds, str(found)
    assert WAIT - TAKES >= LISTS
