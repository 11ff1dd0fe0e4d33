"""What is around GDial: the process that serves, the carrier, the public address, the clock."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import aiohttp

from gdial.carriers.twilio import TwilioCarrier
from gdial.cli.doctor.finding import Finding, absent, fault, fine
from gdial.errors import GDialError, SetupError
from gdial.settings import Settings
from gdial.settings.places import local_url
from gdial.web.api.health import live_proof

ANSWER_SECONDS = 10.0
READ_BYTES = 10_000
LARGEST_DRIFT_SECONDS = 30.0
PUBLIC_MEND = "let your proxy or tunnel pass PUBLIC_URL on to API_HOST and API_PORT; see docs/howto/twilio.md"


class OtherServer(Exception):
    """Something answered that is not this installation; the text says what."""


async def look_at_serving(settings: Settings, secret: bytes) -> Finding:
    if settings.api_port == 0:
        return absent("gdial serve", "API_PORT is 0: where it listens is only known to whoever started it")
    url = local_url(settings)
    try:
        await _challenge(url, secret)
    except OtherServer as error:
        return fault("gdial serve", f"at {url} {error}", "choose another API_PORT, or the DATABASE_URL it serves")
    except (aiohttp.ClientError, OSError, TimeoutError):
        return absent("gdial serve", f"does not run at {url}; start it with: gdial serve")
    return fine("gdial serve", f"answers at {url}")


async def look_at_public_address(settings: Settings, secret: bytes, *, is_serving: bool) -> Finding:
    part, url = "public address", settings.public_url
    if url is None:
        return absent(part, "PUBLIC_URL is not set: only drills, or a carrier on this machine")
    if not is_serving:
        return absent(part, f"{url} leads to gdial serve, which does not run: not looked at")
    try:
        await _challenge(url, secret)
    except OtherServer as error:
        return fault(part, f"at {url} {error}", PUBLIC_MEND)
    except aiohttp.ClientConnectorDNSError:
        return fault(part, f"the name {urlsplit(url).hostname} is not known", "enter it with your DNS provider")
    except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError) as error:
        return fault(part, f"the certificate of {url} is refused ({error})", "get one that every carrier trusts")
    except TimeoutError:
        return fault(part, f"{url} gives no answer within {ANSWER_SECONDS:g} s", PUBLIC_MEND)
    except (aiohttp.ClientError, OSError) as error:
        return fault(part, f"{url} cannot be reached ({error})", PUBLIC_MEND)
    return fine(part, f"{url} leads to this installation")


async def _challenge(url: str, secret: bytes) -> None:
    """Returns when this installation answers there. Raises OtherServer, TimeoutError, or what aiohttp raises."""
    challenge = secrets.token_hex(16)
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    async with (
        aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session,
        session.get(f"{url}/health/live?challenge={challenge}", allow_redirects=False) as response,
    ):
        body = await response.content.read(READ_BYTES)
    try:
        told = json.loads(body)
        is_gdial = isinstance(told, dict) and told.get("status") == "live"
    except ValueError:
        is_gdial = False
    if not is_gdial:
        raise OtherServer(f"something else than GDial answers (HTTP status {response.status})")
    if secret and not hmac.compare_digest(str(told.get("proof")).encode(), live_proof(secret, challenge).encode()):
        raise OtherServer("another GDial answers, with another database")


async def look_at_carrier(settings: Settings) -> AsyncIterator[Finding]:
    if not settings.twilio_account_sid or not settings.twilio_auth_token:
        yield absent("carrier", "none: only drills; docs/howto/twilio.md shows how to ring real phones")
        return
    carrier = TwilioCarrier(
        settings.twilio_account_sid,
        settings.twilio_auth_token.get_secret_value(),
        api_base=settings.twilio_api_base,
        timeout_seconds=settings.carrier_timeout_sec,
    )
    try:
        account = await carrier.check_account()
        yield fine("carrier", f"{settings.twilio_api_base} knows the account: {account}")
        yield _compare_numbers(settings.from_numbers, await carrier.from_numbers())
    except SetupError as error:
        yield fault("carrier", str(error), "set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN as the console shows them")
    except GDialError as error:
        yield fault("carrier", str(error), "look at this machine's way to the internet, and the carrier's status page")
    finally:
        await carrier.close()


def _compare_numbers(ours: tuple[str, ...], owned: list[str]) -> Finding:
    strange = [number for number in ours if number not in owned]
    if strange:
        return fault(
            "caller id",
            f"the account has no number {', '.join(strange)} that can call (it has: {', '.join(owned) or 'none'})",
            "set TWILIO_FROM_NUMBER to one of the account's; a verified caller id works, too, and is not in its list",
        )
    return fine("caller id", f"{', '.join(ours)} belong to the account")


async def look_at_clock(settings: Settings) -> Finding:
    """Against the carrier's; asked without credentials."""
    if not settings.carrier_configured:
        return absent("clock", "no carrier to compare with")
    try:
        theirs = await _date_at(settings.twilio_api_base)
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
        return absent("clock", "the carrier tells no time to compare with")
    drift = (datetime.now(UTC) - theirs).total_seconds()
    told = f"{abs(drift):.0f} s {'ahead of' if drift > 0 else 'behind'} the carrier's"
    if abs(drift) > LARGEST_DRIFT_SECONDS:
        return fault("clock", told, "let the machine keep time: sudo timedatectl set-ntp true")
    return fine("clock", told)


async def _date_at(url: str) -> datetime:
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url, allow_redirects=False) as response:
        moment = parsedate_to_datetime(response.headers.get("Date", ""))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
