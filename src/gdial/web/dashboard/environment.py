"""The templates of the pages, once for each language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from babel.numbers import format_decimal
from jinja2 import Environment, PackageLoader, StrictUndefined

from gdial.web.dashboard.assets import asset_address
from gdial.web.dashboard.languages import LANGUAGES, NAMES, catalogue

MOMENT = {"sv": "d MMM y HH:mm", "en": "d MMM y, HH:mm"}


class Formats:
    """Times in the zone of the installation, numbers and dates as the language writes them. None is a dash."""

    def __init__(self, language: str, zone: ZoneInfo) -> None:
        self._language = language
        self.zone = zone

    def time(self, moment: datetime | None) -> str:
        """14:05"""
        return "–" if moment is None else f"{moment.astimezone(self.zone):%H:%M}"

    def exact_time(self, moment: datetime | None) -> str:
        """14:05:09"""
        return "–" if moment is None else f"{moment.astimezone(self.zone):%H:%M:%S}"

    def moment(self, moment: datetime | None) -> str:
        """3 nov. 2026 14:05"""
        if moment is None:
            return "–"
        return format_datetime(moment.astimezone(self.zone), MOMENT[self._language], locale=self._language)

    def money(self, price: float | None) -> str:
        """1 750,00"""
        return "–" if price is None else format_decimal(price, "#,##0.00", locale=self._language)

    def number(self, number: float | None) -> str:
        """10 000"""
        return "–" if number is None else format_decimal(number, locale=self._language)


@cache
def make_environments(display_timezone: str) -> Mapping[str, Environment]:
    zone = ZoneInfo(display_timezone)
    return {language: _make(language, Formats(language, zone)) for language in LANGUAGES}


def _make(language: str, formats: Formats) -> Environment:
    environment = Environment(
        loader=PackageLoader("gdial.web.dashboard"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    environment.install_gettext_translations(catalogue(language), newstyle=True)  # type: ignore[attr-defined]
    environment.globals.update(
        zone=str(formats.zone), language=language, languages=NAMES, asset=asset_address, formats=formats
    )
    environment.filters.update(
        time=formats.time,
        exact_time=formats.exact_time,
        moment=formats.moment,
        number=formats.number,
        money=formats.money,
    )
    return environment
