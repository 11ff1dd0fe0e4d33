"""The X-Twilio-Signature header.

Rule: base64 of HMAC-SHA1, keyed with the account's auth token, over the full URL as requested followed by each form
field's name and value, the fields sorted by name. https://www.twilio.com/docs/usage/security#validating-requests
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping


def sign_request(auth_token: str, url: str, form: Mapping[str, str]) -> str:
    """The signature of one request; `form` is empty for a GET."""
    text = url + "".join(name + form[name] for name in sorted(form))
    digest = hmac.new(auth_token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode("ascii")
