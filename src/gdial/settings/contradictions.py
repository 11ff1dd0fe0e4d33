"""What only shows when settings are seen together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gdial.errors import InvalidSetting
from gdial.settings import checks
from gdial.settings.complaints import example_of

if TYPE_CHECKING:
    from gdial.settings.fields import Settings


def contradictions(settings: Settings) -> Iterator[InvalidSetting]:
    """Every one there is."""
    yield from _missing_credentials(settings)
    if settings.carrier_configured and not settings.carrier_is_loopback:
        yield from _unreachable(settings)
    account = settings.twilio_account_sid
    if account and _is_twilio(settings.twilio_api_base) and not checks.TWILIO_ACCOUNT_SID.fullmatch(account):
        yield _problem(
            settings, "twilio_account_sid", "is not an account of Twilio: those are AC followed by 32 hex digits"
        )
    if settings.drill_api_base and _is_real_carrier(settings.drill_api_base, settings):
        yield _problem(settings, "drill_api_base", "is the real carrier; a drill would ring real phones")
    for name in settings.speech_engines:
        yield from missing_for(settings, name)


def missing_for(settings: Settings, engine: str) -> Iterator[InvalidSetting]:
    """What this voice needs and is not set, or not so that it goes together."""
    if engine in _VOICES:
        yield from _VOICES[engine](settings)


def _missing_credentials(settings: Settings) -> Iterator[InvalidSetting]:
    names = ("twilio_account_sid", "twilio_auth_token", "twilio_from_number")
    given = [name.upper() for name in names if getattr(settings, name) is not None]
    for name in names if given else ():
        if name.upper() not in given:
            yield _problem(
                settings, name, f"is missing, while {' and '.join(given)} {'is' if len(given) == 1 else 'are'} set"
            )


def _unreachable(settings: Settings) -> Iterator[InvalidSetting]:
    if settings.public_url is None:
        yield _problem(settings, "public_url", f"is missing: without it {settings.twilio_api_base} cannot reach GDial")
    elif checks.is_loopback(host_of(settings.public_url)):
        yield _problem(
            settings, "public_url", f"means this machine only: {settings.twilio_api_base} cannot reach GDial there"
        )


def _piper(settings: Settings) -> Iterator[InvalidSetting]:
    if not (settings.piper_model or settings.piper_model_sv or settings.piper_model_en):
        reason = "is missing: the voice piper needs this, PIPER_MODEL_SV or PIPER_MODEL_EN"
        yield _problem(settings, "piper_model", reason)


def _coqui(settings: Settings) -> Iterator[InvalidSetting]:
    if settings.coqui_url is None and settings.coqui_model is None:
        yield _problem(settings, "coqui_url", "is missing: the voice coqui needs this or COQUI_MODEL")
    if settings.coqui_url is not None and settings.coqui_model is not None:
        yield _problem(settings, "coqui_model", "is set beside COQUI_URL: the server there has chosen its own")
    if not settings.coqui_languages:
        yield _problem(settings, "coqui_languages", "is missing: Coqui does not tell what its voice speaks")


def _google(settings: Settings) -> Iterator[InvalidSetting]:
    given = [settings.google_tts_api_key, settings.google_application_credentials]
    if given == [None, None]:
        reason = "is missing: the voice google needs this or GOOGLE_APPLICATION_CREDENTIALS"
        yield _problem(settings, "google_tts_api_key", reason)


_VOICES: Mapping[str, Callable[[Settings], Iterator[InvalidSetting]]] = {
    "piper": _piper,
    "coqui": _coqui,
    "google": _google,
}


def _is_real_carrier(address: str, settings: Settings) -> bool:
    if checks.is_loopback(host_of(address)):
        return False
    return _is_twilio(address) or host_of(address) == host_of(settings.twilio_api_base)


def _is_twilio(address: str) -> bool:
    return f".{host_of(address)}".endswith(".twilio.com")


def host_of(address: str) -> str:
    """Without the dot at its end."""
    return (urlsplit(address).hostname or "").rstrip(".")


def _problem(settings: Settings, name: str, reason: str) -> InvalidSetting:
    return InvalidSetting(reason, where=name.upper(), example=example_of(type(settings).model_fields[name]))
