"""What an operator can be refused with, said in Swedish on a Swedish page and to programs as ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from gdial.actions.passwords import check_password
from gdial.actions.people_of_run import require_good_lines
from gdial.actions.prepare_run import RunWish
from gdial.actions.save_user import read_language, read_name
from gdial.contacts.model import RowError
from gdial.contacts.pasted import MAX_PASTED_LINES, read_pasted_list
from gdial.dialing.call_now import Hindrance
from gdial.dialing.policy import Policy, read_policy
from gdial.dialing.run import RunCommand, change_run
from gdial.dialing.states import RunMode, RunState
from gdial.errors import Conflict, GDialError, InvalidContactList, NotFound, Worded
from gdial.messages.drills import as_drill
from gdial.messages.model import MessageContent, read_responses
from gdial.runtime import MISSING_NETWORK
from gdial.web.access.current import Role
from gdial.web.dashboard.refusal_words import reason, told
from tests.unit.test_board_words import translated

Refused = Callable[[], Any]


def said(text: str) -> MessageContent:
    return MessageContent(text, "sv")


def refused_for(error: GDialError) -> Refused:
    def refuse() -> None:
        raise error

    return refuse


MET: dict[str, tuple[Refused, str]] = {
    "short password": (
        lambda: check_password("kort"),
        "Lösenord: är kortare än 12 tecken (till exempel: fyra ord som ingen skulle gissa)",
    ),
    "no name": (lambda: read_name(" "), "Namn: är tomt (till exempel: Vera Vakt)"),
    "unknown language": (lambda: read_language("xx"), "Språk: är inget språk som sidorna finns på"),
    "pause a run that is over": (
        lambda: change_run(RunState.DONE, RunCommand.PAUSE),
        "en utringning som är klar kan inte pausas: den är slut",
    ),
    "resume a run that waits": (
        lambda: change_run(RunState.SCHEDULED, RunCommand.RESUME),
        "en utringning som är planerad kan inte återupptas: den kan startas, stoppas",
    ),
    "call now": (refused_for(Conflict(Hindrance.IS_BEING_RUNG.value)), "Rings upp just nu."),
    "gone": (refused_for(NotFound("group", uuid4())), "Något som var valt finns inte längre."),
    "no carrier": (refused_for(Conflict(MISSING_NETWORK[RunMode.REAL])), "ingen operatör för telefoni"),
    "too many rounds": (
        lambda: read_policy({"rounds": 99}, Policy()),
        "Omgångar: 99 är inte ett heltal från 1 till 20 (till exempel: 3)",
    ),
    "too long": (
        lambda: said("a" * 5001),
        "Text: detta är 5\N{NO-BREAK SPACE}001 tecken långt; högst 5\N{NO-BREAK SPACE}000 är tillåtna",
    ),
    "no field": (lambda: said("Hej {namn}"), "Text: det finns inget fält {namn}; det finns {name}, {first_name}"),
    "lone brace": (lambda: said("Hej }"), "Text: det står ett ensamt } på plats 5; skriv }} för en klammer"),
    "percent": (lambda: said("100 % {recording:%}"), "Text: ”%” är inget namn på en inspelning"),
    "no room for a drill": (lambda: as_drill(said("a" * 4999)), "Text: en övning säger först att den är en övning"),
    "no label": (
        lambda: read_responses({"1": {"label": "", "reply": "Tack"}}),
        "Knapp 1, Betyder: detta får inte vara tomt (till exempel: Kommer)",
    ),
    "odd key": (lambda: read_responses({"*": {"label": "Om"}}), "Knapp *: en knapp är en av 0–9 och #"),
    "empty list": (lambda: read_pasted_list(" ", "SE"), "det finns ingenting i listan"),
    "bad lines": (
        lambda: require_good_lines(RunWish(name="Larm"), read_pasted_list("Bo 0701740606\nnobody\nEva 070", "SE")),
        "Listan: rad 2: det finns inget telefonnummer på raden; så här är rätt: Karin Öst, 070-123 45 67; rad 3: ",
    ),
    "small role": (
        refused_for(
            Conflict(
                Worded("{name} is {role} here; this takes {needed}.", name="Bo", role=Role.VIEWER, needed=Role.OPERATOR)
            )
        ),
        "Bo är läsare här; detta kräver operatör.",
    ),
}


@pytest.mark.parametrize(("refuse", "words"), MET.values(), ids=MET)
def test_an_operator_is_refused_in_swedish(refuse: Refused, words: str) -> None:
    with pytest.raises(GDialError) as refused:
        refuse()
    assert words in told("sv", refused.value)


ODD_NUMBERS = (
    "112",
    "0939123456",
    "0701",
    "07017406050701740605",
    "070-1740605x123",
    "+999123456789",
    "070174o605",
    "&070",
    "0",
    "46701740605",
    "08-1",
    "1740605",
    "+460701740605",
    "070174060512345678",
    "---",
    "+1234",
    "0000",
    "(0)70",
)

LISTS = (
    "\n".join(ODD_NUMBERS),
    "\n".join(f"Bo; {number}" for number in ODD_NUMBERS),
    "Namn;Mobil;Språk;Grupp;Id\n" + "\n".join(f"Bo;{number};sv;Natt;{number}" for number in ODD_NUMBERS),
    f'Namn;Mobil;Språk;Grupp\n;0701740605\n12;0701740605\n{"a" * 300};0701740605\nBo;;xx\nBo;1,2E9\n"a\nb";0701740605',
    f"Namn;Mobil;Språk;Grupp\nBo;0701740605;klingon;{'g' * 300}\nEva;0701740606;sv;{', '.join(map(str, range(90)))}",
    "Id;Namn;Mobil\n1;Bo;0701740605\n1;Eva;0701740606\n2;Ann;0701740607;x",
    "Mobil;Grupp\n0701740605;a",
    "Namn;Grupp\nBo;a",
    "Namn;Mobil\n",
    "Namn;Mobil\nBo;07017\x0040605",
    'Namn;Mobil\n"Bo"x;0701740605',
    'Namn;Mobil\n"Bo;0701740605',
    "Bo 0701740605\n" * (MAX_PASTED_LINES + 1),
)


def test_whatever_is_wrong_in_a_pasted_list_is_told_in_swedish() -> None:
    words = translated("sv")
    for text in LISTS:
        for refusal in refusals_of(text):
            assert {template for template in templates_in(refusal) if template not in words} == set(), refusal
            assert reason("sv", refusal) != refusal
            assert reason("en", refusal) == refusal


def refusals_of(text: str) -> Iterator[str]:
    errors: list[RowError] = []
    try:
        errors += read_pasted_list(text, "SE").errors
    except InvalidContactList as error:
        yield error.reason
        if error.where:
            yield error.where
    else:
        assert errors, text
    yield from (error.reason for error in errors)


def templates_in(text: object) -> Iterator[str]:
    if isinstance(text, Worded):
        yield text.template
        for value in text.values.values():
            yield from templates_in(value) if isinstance(value, Worded) else ()


def test_a_sentence_without_translation_is_left_as_it_is() -> None:
    assert reason("sv", Worded("nobody knows {what} of {count:,}", what="100 %", count=5000)) == (
        "nobody knows 100 % of 5\N{NO-BREAK SPACE}000"
    )
    assert reason("en", Worded("{first_name} stays")) == "{first_name} stays"
