"""What a run would take, before anybody is rung. Nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass

from gdial.actions.people_of_run import people_of, read_list_of
from gdial.actions.prepare_run import RunWish, content_of, fit_to_keys
from gdial.actions.preview_message import CHARACTERS_A_SECOND
from gdial.actions.system_settings import load_values
from gdial.contacts.model import RowError
from gdial.dialing.forecast import Conditions, Forecast, count_crowd, forecast, lines_of
from gdial.dialing.model import NumberToRing
from gdial.dialing.policy import Policy, read_policy
from gdial.messages.model import MessageContent
from gdial.runtime import Records
from gdial.settings import Settings
from gdial.storage.contacts import PersonToRing


@dataclass(frozen=True, slots=True)
class RunForecast:
    """`not_in_register` people are known by the pasted list alone; `list_errors` are its lines, or parts of them, that
    cannot be used. `currency` is that of the costs; `calls_per_second` and `lines` are what is set."""

    forecast: Forecast
    policy: Policy
    not_in_register: int
    list_errors: tuple[RowError, ...]
    currency: str
    answers_percent: int
    calls_per_second: float
    lines: int


async def forecast_run(rt: Records, wish: RunWish) -> RunForecast:
    """At the pace that is set, with no other run beside it. Raises InvalidInput, NobodyToRing, NotFound as starting it
    would; lines of a pasted list that cannot be used are told of, not raised."""
    wish, listed = await read_list_of(rt, wish)
    async with rt.database.reading() as tx:
        values = await load_values(tx, rt.settings)
        policy = read_policy(wish.policy, values.policy)
        people = await people_of(tx, wish)
        content, _ = await content_of(tx, wish, values.text("default_language"))
    policy = fit_to_keys(policy, content, wish)
    settings = rt.settings
    return RunForecast(
        forecast=forecast(count_crowd([_numbers(it) for it in people]), policy, _conditions(settings, wish, content)),
        policy=policy,
        not_in_register=sum(person.contact_id is None for person in people),
        list_errors=listed.errors if listed else (),
        currency=settings.price_currency,
        answers_percent=settings.forecast_answers_percent,
        calls_per_second=settings.calls_per_second,
        lines=settings.max_concurrent_calls,
    )


def _numbers(person: PersonToRing) -> list[NumberToRing]:
    return [NumberToRing(it.number, it.phone_number_id, it.is_bad) for it in person.numbers]


def _conditions(settings: Settings, wish: RunWish, content: MessageContent) -> Conditions:
    return Conditions(
        per_second=settings.calls_per_second,
        lines=lines_of(wish.priority, settings.max_concurrent_calls),
        message_seconds=len(content.text) / CHARACTERS_A_SECOND,
        answer_share=settings.forecast_answers_percent / 100,
        price_per_call=settings.price_per_call,
        price_per_minute=settings.price_per_minute,
    )
