"""Every look, in the order in which faults are best mended."""

from __future__ import annotations

from collections.abc import AsyncIterator

from gdial.cli.doctor import here, outside
from gdial.cli.doctor.broker import look_at_broker
from gdial.cli.doctor.finding import Finding, Verdict
from gdial.settings import Settings


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """What was found, as it is found. Changes nothing, and rings nobody."""
    for finding in here.look_at_folders(settings):
        yield finding
    yield here.look_at_token(settings)
    found, secret = await here.look_at_database(settings)
    for finding in found:
        yield finding
    yield await look_at_broker(settings)
    async for finding in here.look_at_voices(settings):
        yield finding
    serving = await outside.look_at_serving(settings, secret)
    yield serving
    is_serving = serving.verdict is Verdict.OK
    yield await outside.look_at_public_address(settings, secret, is_serving=is_serving)
    async for finding in outside.look_at_carrier(settings):
        yield finding
    yield await outside.look_at_clock(settings)
