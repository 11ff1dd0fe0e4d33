"""How one setting is written down, and the forms that several of them have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic.config import JsonDict
from pydantic_settings import NoDecode

from gdial.settings import checks

CaseBlind = BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value)
Folder = Annotated[Path, AfterValidator(Path.expanduser)]
WebAddress = Annotated[str, AfterValidator(checks.web_address)]
SpeechEngine = Literal["espeak", "piper", "coqui", "google", "gtts"]
ServerAddress = Annotated[str, AfterValidator(checks.server_address)]
Languages = Annotated[
    tuple[Annotated[str, AfterValidator(checks.language)], ...], NoDecode, BeforeValidator(checks.split_list)
]
Token = Annotated[SecretStr, AfterValidator(lambda secret: SecretStr(checks.token_text(secret.get_secret_value())))]
ApiToken = Annotated[SecretStr, AfterValidator(lambda secret: SecretStr(checks.api_token(secret.get_secret_value())))]
AlertAddress = Annotated[
    SecretStr, AfterValidator(lambda secret: SecretStr(checks.alert_address(secret.get_secret_value())))
]
HostNames = Annotated[
    tuple[Annotated[str, AfterValidator(checks.host_name)], ...], NoDecode, BeforeValidator(checks.split_list)
]
Addresses = Annotated[
    tuple[Annotated[str, AfterValidator(checks.network)], ...], NoDecode, BeforeValidator(checks.split_list)
]


def setting(
    default: Any, meaning: str, example: str, *, unit: str = "", form: str = "", shown_default: str = "", **bounds: Any
) -> Any:
    """One setting. `form` says what is allowed where numeric bounds do not; `bounds` are pydantic's `ge`, `gt`, `le`.

    A default that depends on other settings is a function of the values before it, told by `shown_default`.
    """
    told: JsonDict = {"unit": unit, "form": form, "shown_default": shown_default}
    source = {"default_factory": default} if callable(default) else {"default": default}
    return Field(**source, **bounds, description=meaning, examples=[example], json_schema_extra=told)
