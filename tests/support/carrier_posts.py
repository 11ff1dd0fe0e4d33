"""What the carrier sends, signed by the vendor's own package."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twilio.request_validator import RequestValidator

from tests.support.organisation import AUTH_TOKEN, Organisation


async def post_as_carrier(
    organisation: Organisation, url: str, form: Mapping[str, str], *, token: str = AUTH_TOKEN
) -> tuple[int, str]:
    """Status and body of the answer. Our API token is not sent along."""
    validator: Any = RequestValidator(token)  # type: ignore[no-untyped-call]
    headers = {"X-Twilio-Signature": validator.compute_signature(url, dict(form)), "Authorization": ""}
    async with organisation.session.post(url, data=form, headers=headers) as answer:
        return answer.status, await answer.text()
