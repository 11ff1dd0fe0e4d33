"""The code that the how-to hands to others does what it says."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from gdial.endpoints.client import EndpointClient
from gdial.endpoints.signing import new_secret
from tests.support.receiver import receiver

PAGE = Path(__file__).parents[2] / "docs/howto/webhooks.md"


def sample() -> Any:
    """The function of the page."""
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - our own page
    return names["is_from_gdial"]


async def test_the_sample_tells_gdial_from_others() -> None:
    is_from_gdial, secret, now = sample(), new_secret(), int(time.time())
    async with receiver() as heard, EndpointClient(allow_private=True) as client:
        await client.tell(heard.url, secret, "d-1", now, '{"name":"Åsa"}'.encode())
        await client.tell(heard.url, secret, "d-2", now - 3600, b"{}")
    fresh, old = heard.heard
    assert is_from_gdial(secret, fresh.headers, fresh.body)
    assert not is_from_gdial(secret, fresh.headers, fresh.body + b" ")
    assert not is_from_gdial(new_secret(), fresh.headers, fresh.body)
    assert not is_from_gdial(secret, {**fresh.headers, "webhook-id": "d-3"}, fresh.body)
    assert not is_from_gdial(secret, old.headers, old.body)
    two = {**fresh.headers, "webhook-signature": "v1,AAAA " + fresh.headers["webhook-signature"]}
    assert is_from_gdial(secret, two, fresh.body)
