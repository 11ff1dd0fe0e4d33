"""Every setting of GDial: default, unit, bounds, meaning and a right example, in one place.

A setting is an environment variable of the field's name in upper case. Fields of type `SecretStr` are never shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from gdial.settings import checks
from gdial.settings.complaints import complaints, raise_all
from gdial.settings.contradictions import contradictions, host_of
from gdial.settings.forms import (
    Addresses,
    AlertAddress,
    ApiToken,
    CaseBlind,
    Folder,
    HostNames,
    Languages,
    ServerAddress,
    SpeechEngine,
    Token,
    WebAddress,
    setting,
)


class Settings(BaseSettings):
    """The settings of one process, checked one by one and against each other; raises `InvalidSetting`.

    What is NOT checked: whether anything answers at an address or lies in a file. `gdial doctor` does that.
    """

    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    data_dir: Folder = setting(
        Path("gdial-data"), "Folder for the database file, the made API token and the audio.", "/var/lib/gdial"
    )
    database_url: Annotated[str, AfterValidator(checks.database_address)] = setting(
        lambda values: f"sqlite:///{values['data_dir'] / 'gdial.db'}",
        "Where everything is kept.",
        "postgresql://gdial:password@db.example.org/gdial",
        form=checks.DATABASE_FORMS,
        shown_default="sqlite:///DATA_DIR/gdial.db",
    )
    rabbitmq_url: Annotated[str, AfterValidator(checks.broker_address)] | None = setting(
        None,
        "The broker for several processes or servers. Unset: the queue lives inside the process.",
        "amqp://guest:guest@localhost:5672/",
        form="an amqp:// or amqps:// URL",
    )
    rabbitmq_queue_type: Annotated[Literal["classic", "quorum"] | None, CaseBlind] = setting(
        None, "Type asked for when a queue is declared. Unset: the broker's own default.", "quorum"
    )
    call_prefetch: int = setting(5, "Jobs a call worker holds at once.", "20", unit="jobs", ge=1, le=1000)
    tts_prefetch: int = setting(1, "Jobs a tts worker holds at once.", "2", unit="jobs", ge=1, le=100)
    feed_lease_sec: int = setting(
        30, "A fed recipient without an attempt is due again after this.", "30", unit="seconds", ge=1, le=600
    )

    twilio_account_sid: Annotated[str, AfterValidator(checks.account_sid)] | None = setting(
        None,
        "Account that pays for the calls.",
        "AC0123456789abcdef0123456789abcdef",
        form="AC and 32 hex digits; with another TWILIO_API_BASE, AC and 4 to 64 letters or digits",
    )
    twilio_auth_token: Token | None = setting(
        None, "Signs our requests and the carrier's callbacks.", "the Auth Token of the Twilio console's first page"
    )
    twilio_from_number: Annotated[str, AfterValidator(checks.caller_numbers)] | None = setting(
        None, "Caller id, one or several.", "+46101234567,+46101234568", form="E.164 numbers, comma between them"
    )
    twilio_api_base: WebAddress = setting(
        "https://api.twilio.com",
        "Where calls are placed. It gets the credentials, hence https.",
        "https://api.dublin.ie1.twilio.com",
        form="https://…; http:// only to this machine",
    )
    public_url: WebAddress | None = setting(
        None,
        "Address under which the carrier reaches GDial. Unset: only drills, or a carrier on this machine.",
        "https://gdial.example.org",
        form="https://… without query and without underscore in the host name; http:// only to this machine",
    )
    drill_api_base: WebAddress | None = setting(
        None,
        "Simulated telephone network for drills. Unset: the one inside the process.",
        "http://127.0.0.1:3004",
        form="https://…, or http:// to this machine; never the real carrier",
    )
    carrier_timeout_sec: float = setting(
        10, "Wait for the carrier's answer to one request.", "10", unit="seconds", ge=1, le=60
    )
    carrier_questions_per_second: float = setting(
        20,
        "How often a process asks the carrier about calls at most: the reconciler and audits. Creates are paced apart.",
        "20",
        unit="requests per second",
        gt=0,
        le=1000,
        allow_inf_nan=False,
    )

    call_timeout_sec: int = setting(
        25,
        "How long a phone rings where the policy does not say; voicemail picks up near 30.",
        "25",
        unit="seconds",
        ge=5,
        le=600,
    )
    call_time_limit_sec: int = setting(
        300, "The carrier hangs up an answered call after this.", "300", unit="seconds", ge=30, le=14400
    )
    calls_per_second: float = setting(
        1,
        "Calls started a second, over all processes. Twilio's accounts begin with 1.",
        "1",
        unit="calls per second",
        gt=0,
        le=1000,
        allow_inf_nan=False,
    )
    max_concurrent_calls: int = setting(
        10, "Lines open at once, over all processes.", "10", unit="calls", ge=1, le=100_000
    )
    calls_per_number_per_hour: int = setting(
        10,
        "Above this a number is rung again when the hour has passed; 0: any number. Holds back what programs start, "
        "never an operator nor a run of priority 8 to 10.",
        "10",
        unit="calls",
        ge=0,
        le=1000,
    )
    runs_per_hour: int = setting(
        60,
        "Above this a program's POST /api/runs is refused until the hour has passed; 0: any number. Never refused are "
        "an operator's runs and those of priority 8 to 10.",
        "60",
        unit="runs",
        ge=0,
        le=100_000,
    )
    price_per_call: float = setting(
        0, "What a call costs, for the forecast of a run. 0 for both prices: no cost is told.", "0.10",
        unit="of PRICE_CURRENCY", ge=0, le=1000, allow_inf_nan=False,
    )  # fmt: skip
    price_per_minute: float = setting(
        0, "…and each minute that has begun of an answered one.", "0.60",
        unit="of PRICE_CURRENCY", ge=0, le=1000, allow_inf_nan=False,
    )  # fmt: skip
    price_currency: str = setting("SEK", "Currency of the prices.", "EUR", min_length=1, max_length=10)
    forecast_answers_percent: int = setting(
        50, "How many of 100 calls somebody answers, for the forecast.", "50", unit="percent", ge=1, le=100
    )
    unknown_first_list_sec: int = setting(
        60,
        "After an unclear answer to a create, the carrier is first asked for the call after this.",
        "60",
        unit="seconds",
        ge=1,
        le=3600,
    )
    unknown_second_list_sec: int = setting(
        30, "…and a second time this long after the first.", "30", unit="seconds", ge=1, le=3600
    )
    reconcile_after_sec: int = setting(
        30,
        "A call without word for this long after its ring time-out is asked about.",
        "30",
        unit="seconds",
        ge=1,
        le=3600,
    )
    answered_silence_sec: int = setting(
        90, "An answered call without word for this long is asked about.", "90", unit="seconds", ge=1, le=3600
    )

    api_host: Annotated[str, AfterValidator(checks.host_name)] = setting(
        "127.0.0.1", "Address to listen on.", "192.0.2.10", form="a host name or an address"
    )
    api_port: int = setting(3003, "Port to listen on; 0 takes a free one.", "3003", ge=0, le=65535)
    api_token: ApiToken | None = setting(
        None,
        "Bearer token of the API. Unset: one is made at the first start in a file only you can read.",
        "the output of: openssl rand -hex 32",
        form=f"at least {checks.API_TOKEN_MIN_CHARACTERS} characters, plain ASCII, no spaces",
    )
    allowed_hosts: HostNames = setting(
        (),
        "Host names answered beside those of API_HOST, PUBLIC_URL and this machine.",
        "gdial.internal,10.0.0.5",
        form="host names, comma between them",
    )

    session_idle_minutes: int = setting(
        480, "A session that asked for nothing so long is over.", "480", unit="minutes", ge=5, le=43_200
    )
    session_max_hours: int = setting(168, "After this everybody logs in anew.", "168", unit="hours", ge=1, le=8_760)
    password_hash_mib: int = setting(
        64, "Memory that checking a password takes; more is dearer to guess.", "64", unit="MiB", ge=19, le=1024
    )
    trusted_proxies: Addresses = setting(
        (),
        "Proxies, beside those on this machine, whose X-Forwarded-For tells from where somebody logs in.",
        "10.0.0.5,172.18.0.0/16",
        form="addresses or networks, comma between them",
    )

    call_workers_count: int = setting(3, "Call workers started by the set-ups.", "3", unit="processes", ge=0, le=256)
    tts_workers_count: int = setting(2, "Tts workers started by the set-ups.", "2", unit="processes", ge=0, le=256)
    shutdown_grace_sec: int = setting(
        20, "Time to finish what is in hand after a stop signal.", "20", unit="seconds", ge=1, le=600
    )

    tts_engine: SpeechEngine = setting("espeak", "The voice that is asked first.", "espeak")
    tts_fallback: Annotated[tuple[SpeechEngine, ...], NoDecode, BeforeValidator(checks.split_list)] = setting(
        ("espeak",), "Voices asked in this order when it fails. Empty: none.", "espeak"
    )
    tts_timeout_sec: float = setting(
        10,
        "Longest a voice other than espeak may take for a short text; a long one gets a second more for each 50 "
        "characters. Then the next is asked.",
        "10",
        unit="seconds",
        ge=1,
        le=120,
    )
    tts_names_to_cloud: bool = setting(
        False,
        "Whether messages that name people may be spoken by `google`. Else the voices behind it speak all of such a "
        "message. `gtts` never does.",
        "true",
        form="true or false",
    )
    piper_binary: Folder | None = setting(
        None, "Piper's program. Unset: the Python package `piper-tts`.", "/opt/piper/piper"
    )
    piper_model: Folder | None = setting(
        None,
        "Piper voice for the language it was made for, where that has none of its own below.",
        "/opt/piper/fi_FI-harri-medium.onnx",
    )
    piper_model_sv: Folder | None = setting(None, "Piper voice for Swedish.", "/opt/piper/sv_SE-nst-medium.onnx")
    piper_model_en: Folder | None = setting(None, "Piper voice for English.", "/opt/piper/en_US-amy-medium.onnx")
    coqui_url: ServerAddress | None = setting(
        None,
        "Coqui's own server.",
        "http://127.0.0.1:5002",
        form="https://…; http:// to this machine or a private network",
    )
    coqui_model: str | None = setting(
        None,
        "Coqui voice for its Python package, by name or file. Not with COQUI_URL.",
        "tts_models/sv/cv/vits",
    )
    coqui_languages: Languages = setting(
        (), "Languages that Coqui's voice speaks.", "sv,en", form="a comma list of language codes"
    )
    google_tts_api_key: Token | None = setting(
        None, "Google Cloud's key for `google`.", "a key of the Google Cloud console, for Text-to-Speech alone"
    )
    google_application_credentials: Folder | None = setting(
        None, "A service account's key file for `google`, in place of the key.", "/etc/gdial/google.json"
    )
    google_tts_endpoint: WebAddress = setting(
        "https://texttospeech.googleapis.com",
        "Where `google` speaks. It gets the key, hence https.",
        "https://eu-texttospeech.googleapis.com",
        form="https://…; http:// only to this machine",
    )
    audio_dir: Folder = setting(
        lambda values: values["data_dir"] / "audio",
        "Folder of finished audio. Servers need not share it: on PostgreSQL audio lies in the database too.",
        "/srv/gdial/audio",
        shown_default="DATA_DIR/audio",
    )
    audio_max_bytes: int = setting(
        1 << 30,
        "Above this the audio not used for longest is removed, in the folder and in the database each.",
        "1073741824",
        unit="bytes",
        ge=10_000_000,
        le=10**13,
    )

    metrics_port: int = setting(
        8000, "First port tried for metrics of a worker, then the next; 0 takes a free one.", "8000", ge=0, le=65535
    )
    alert_webhook_url: AlertAddress | None = setting(
        None, "Gets a JSON POST when an operator is needed. Shown to nobody: it often holds a key.", "a chat's hook URL"
    )
    webhook_allow_private: bool = setting(
        False,
        "Whether webhook endpoints may be on this machine or in a private network, and without https. Whoever holds "
        "the API token can then have GDial send requests there.",
        "true",
        form="true or false",
    )
    log_level: Annotated[Literal["debug", "info", "warning", "error"], CaseBlind] = setting(
        "info", "Least serious line written.", "debug"
    )
    log_format: Annotated[Literal["auto", "console", "json"], CaseBlind] = setting(
        "auto", "How lines look; auto: for people on a terminal, else JSON.", "json"
    )
    retention_days: int = setting(
        90,
        "Names, numbers, keys and words of runs that ended longer ago are cleared; counts and outcomes stay.",
        "90",
        unit="days",
        ge=1,
        le=3650,
    )

    default_region: Annotated[str, AfterValidator(checks.region)] = setting(
        "SE", "Country of phone numbers without a country code.", "NO", form="ISO 3166, two letters"
    )
    display_timezone: Annotated[str, AfterValidator(checks.timezone_name)] = setting(
        "Europe/Stockholm", "Time zone of pages and reports.", "Europe/Oslo", form="a name of the IANA database"
    )
    default_language: Annotated[str, AfterValidator(checks.language)] = setting(
        "sv", "Language of messages and contacts without one.", "en", form="BCP 47, such as sv or en-US"
    )

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            found = complaints(error, type(self).model_fields)
        else:
            found = list(contradictions(self))
        # Outside the `except`: pydantic's own text would show what was given, secrets among it.
        raise_all(found)

    @field_validator("*", mode="before")
    @classmethod
    def _settle_blanks(cls, value: Any, info: ValidationInfo) -> Any:
        if not isinstance(value, str):
            return value
        if value.strip():
            return value.strip()
        default = cls.model_fields[str(info.field_name)].default
        if default is None:
            return None
        if isinstance(default, tuple):
            return ()
        raise ValueError("is empty; give a value, or leave the variable out for the default")

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        for name, value in super().__repr_args__():
            yield name, checks.without_password(value) if isinstance(value, str) else value

    @property
    def database_kind(self) -> Literal["sqlite", "postgresql"]:
        return "sqlite" if self.database_url.startswith("sqlite:") else "postgresql"

    @property
    def database_path(self) -> Path | None:
        """The SQLite file; None on PostgreSQL."""
        return Path(self.database_url.removeprefix("sqlite:///")) if self.database_kind == "sqlite" else None

    @property
    def from_numbers(self) -> tuple[str, ...]:
        """Caller ids in E.164, in the order given."""
        return tuple(self.twilio_from_number.split(",")) if self.twilio_from_number else ()

    @property
    def carrier_configured(self) -> bool:
        """Whether real calls can be placed; else only drills."""
        return self.twilio_account_sid is not None

    @property
    def carrier_is_loopback(self) -> bool:
        """Whether the carrier runs on this machine, as a simulator does."""
        return checks.is_loopback(host_of(self.twilio_api_base))

    @property
    def speech_engines(self) -> tuple[SpeechEngine, ...]:
        """The voices in the order they are asked, each once."""
        return tuple(dict.fromkeys((self.tts_engine, *self.tts_fallback)))
