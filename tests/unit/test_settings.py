"""A right setting is taken, a wrong one stops the start and is named, a secret is never shown."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from gdial.errors import InvalidSetting, InvalidSettings
from gdial.settings import (
    Settings,
    describe_settings,
    env_example,
    explicit_settings,
    get_settings,
    setting_warnings,
    settings_page,
)

ROOT = Path(__file__).parents[2]
TWILIO = {
    "TWILIO_ACCOUNT_SID": "AC0123456789abcdef0123456789abcdef",
    "TWILIO_AUTH_TOKEN": "not-for-anyones-eyes",
    "TWILIO_FROM_NUMBER": "+46101234567",
    "PUBLIC_URL": "https://gdial.example.org",
}
SIMULATOR = {"TWILIO_API_BASE": "http://127.0.0.1:3004", "TWILIO_ACCOUNT_SID": "ACsimulated1", "PUBLIC_URL": ""}


@pytest.fixture(autouse=True)
def no_setting_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither from the machine's environment nor from a `.env` of the working directory."""
    prefixes = {name.partition("_")[0].upper() for name in Settings.model_fields}
    for name in list(os.environ):
        if name.partition("_")[0].upper() in prefixes:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def settings_of(monkeypatch: pytest.MonkeyPatch) -> Any:
    def read(**environment: str) -> Settings:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return get_settings()

    return read


def problems_of(error: InvalidSetting) -> dict[str, str]:
    single = error.problems if isinstance(error, InvalidSettings) else (error,)
    return {problem.where: problem.reason for problem in single}


def test_it_starts_without_any_setting(settings_of: Any) -> None:
    settings = settings_of()
    assert settings.database_url == "sqlite:///gdial-data/gdial.db"
    assert settings.database_kind == "sqlite"
    assert settings.database_path == Path("gdial-data/gdial.db")
    assert settings.audio_dir == Path("gdial-data/audio")
    assert (settings.api_host, settings.api_port) == ("127.0.0.1", 3003)
    assert (settings.call_timeout_sec, settings.calls_per_second, settings.max_concurrent_calls) == (25, 1, 10)
    assert settings.speech_engines == ("espeak",)
    assert settings.rabbitmq_url is None
    assert not settings.carrier_configured


def test_the_database_and_the_audio_follow_the_data_folder(settings_of: Any) -> None:
    settings = settings_of(DATA_DIR="/var/lib/gdial")
    assert settings.database_url == "sqlite:////var/lib/gdial/gdial.db"
    assert settings.database_path == Path("/var/lib/gdial/gdial.db")
    assert settings.audio_dir == Path("/var/lib/gdial/audio")


def test_a_tilde_is_the_home_folder(settings_of: Any) -> None:
    assert settings_of(HOME="/home-of-gdial", DATA_DIR="~/data").data_dir == Path("/home-of-gdial/data")


@pytest.mark.parametrize(
    ("given", "kept", "kind"),
    [
        ("sqlite:///calls.db", "sqlite:///calls.db", "sqlite"),
        ("sqlite:////srv/calls.db", "sqlite:////srv/calls.db", "sqlite"),
        ("postgresql://u:pw@host/db", "postgresql://u:pw@host/db", "postgresql"),
        (
            "postgres://u:pw@host:5433/db?sslmode=require",
            "postgresql://u:pw@host:5433/db?sslmode=require",
            "postgresql",
        ),
    ],
)
def test_both_databases_are_taken(settings_of: Any, given: str, kept: str, kind: str) -> None:
    settings = settings_of(DATABASE_URL=given)
    assert (settings.database_url, settings.database_kind) == (kept, kind)


WRONG = [
    ("API_PORT", "http", "whole number from 0 to 65535"),
    ("API_PORT", "65536", "whole number from 0 to 65535"),
    ("API_PORT", "", "is empty"),
    ("API_HOST", "http://127.0.0.1", "not a host name"),
    ("DATA_DIR", "  ", "is empty"),
    ("CALL_TIMEOUT_SEC", "4", "from 5 to 600 seconds"),
    ("CALL_TIMEOUT_SEC", "601", "from 5 to 600 seconds"),
    ("CALL_TIMEOUT_SEC", "25.5", "whole number"),
    ("CALL_TIME_LIMIT_SEC", "29", "from 30 to 14400"),
    ("CALLS_PER_SECOND", "0", "above 0, up to 1000"),
    ("CALLS_PER_SECOND", "nan", "above 0, up to 1000"),
    ("CALLS_PER_SECOND", "inf", "above 0, up to 1000"),
    ("PRICE_PER_CALL", "-1", "from 0 to 1000"),
    ("PRICE_PER_MINUTE", "free", "from 0 to 1000"),
    ("MAX_CONCURRENT_CALLS", "0", "from 1 to 100000"),
    ("CARRIER_TIMEOUT_SEC", "61", "from 1 to 60"),
    ("CARRIER_QUESTIONS_PER_SECOND", "0", "above 0, up to 1000"),
    ("DATABASE_URL", "mysql://u:pw@host/db", "not supported"),
    ("DATABASE_URL", "postgresql+asyncpg://u:pw@host/db", "not supported"),
    ("DATABASE_URL", "calls.db", "not a URL"),
    ("DATABASE_URL", "sqlite://calls.db", "names no file"),
    ("DATABASE_URL", "sqlite:///:memory:", "lost with the process"),
    ("DATABASE_URL", "postgresql://host", "no database"),
    ("DATABASE_URL", "", "is empty"),
    ("RABBITMQ_URL", "http://localhost", "amqp://"),
    ("RABBITMQ_URL", "amqp://", "names no host"),
    ("RABBITMQ_URL", "amqp://host:port/", "cannot be read"),
    ("RABBITMQ_QUEUE_TYPE", "stream", "one of: classic, quorum"),
    ("TWILIO_ACCOUNT_SID", "SK0123456789abcdef0123456789abcdef", "not AC followed by"),
    ("TWILIO_FROM_NUMBER", "0701234567", "E.164"),
    ("TWILIO_FROM_NUMBER", "+46701234567,", "E.164"),
    ("TWILIO_FROM_NUMBER", "+46 70 123 45 67", "E.164"),
    ("TWILIO_API_BASE", "http://api.example.org", "plain http is only for this machine"),
    ("TWILIO_API_BASE", "api.twilio.com", "must begin with https://"),
    ("PUBLIC_URL", "http://gdial.example.org", "plain http is only for this machine"),
    ("PUBLIC_URL", "https://my_gdial.example.org", "underscore"),
    ("PUBLIC_URL", "https://gdial.example.org/?a=1", "query"),
    ("PUBLIC_URL", "https://user@gdial.example.org", "user name"),
    ("DRILL_API_BASE", "https://api.twilio.com", "real phones"),
    ("DRILL_API_BASE", "https://api.sydney.au1.twilio.com.:443/drill", "real phones"),
    ("API_TOKEN", "fifteen-letters", "shorter than 16"),
    ("API_TOKEN", "sixteen letters and spaces", "space"),
    ("ALLOWED_HOSTS", "gdial.internal,*", "no wildcard"),
    ("TRUSTED_PROXIES", "10.0.0.5,proxy.internal", "not an address or a network"),
    ("TTS_ENGINE", "festival", "one of: espeak, piper"),
    ("TTS_FALLBACK", "espeak,festival", "comma list of: espeak, piper"),
    ("TTS_TIMEOUT_SEC", "0", "from 1 to 120 seconds"),
    ("TTS_NAMES_TO_CLOUD", "perhaps", "true or false"),
    ("COQUI_URL", "http://coqui.example.org:5002", "private networks"),
    ("COQUI_LANGUAGES", "sv,Swedish", "not a language tag"),
    ("GOOGLE_TTS_API_KEY", "a key", "space"),
    ("GOOGLE_TTS_ENDPOINT", "http://texttospeech.googleapis.com", "https://"),
    ("ALERT_WEBHOOK_URL", "chat.example.org/hook", "whole URL"),
    ("WEBHOOK_ALLOW_PRIVATE", "perhaps", "true or false"),
    ("RETENTION_DAYS", "0", "from 1 to 3650 days"),
    ("DEFAULT_REGION", "Sweden", "country code"),
    ("DEFAULT_REGION", "XX", "country code"),
    ("DISPLAY_TIMEZONE", "Stockholm", "IANA"),
    ("DISPLAY_TIMEZONE", "Europe", "IANA"),
    ("DISPLAY_TIMEZONE", "../../etc/passwd", "IANA"),
    ("DEFAULT_LANGUAGE", "Swedish", "language tag"),
    ("LOG_LEVEL", "loud", "one of: debug, info, warning, error"),
    ("LOG_FORMAT", "xml", "one of: auto, console, json"),
]


@pytest.mark.parametrize(("name", "value", "reason"), WRONG)
def test_a_wrong_value_stops_the_start_with_its_name_and_a_right_one(
    settings_of: Any, name: str, value: str, reason: str
) -> None:
    with pytest.raises(InvalidSetting) as caught:
        settings_of(**{name: value})
    assert reason in problems_of(caught.value)[name]
    example = next(row.example for row in describe_settings() if row.name == name)
    assert f"(example: {example})" in str(caught.value)


def test_every_setting_refuses_something() -> None:
    """All but those where any text is right."""
    free_text = {row.name for row in describe_settings() if row.allowed in ("", "a path")}
    in_groups = {row.name for row in describe_settings() if row.allowed.startswith("a whole number")}
    assert {row.name for row in describe_settings()} - free_text - in_groups <= {name for name, _, _ in WRONG}


@pytest.mark.parametrize(
    "row", [row for row in describe_settings() if "number from" in row.allowed], ids=lambda r: r.name
)
def test_bounds_hold_and_are_as_told(settings_of: Any, row: Any) -> None:
    lowest, highest = (int(word) for word in row.allowed.split() if word.isdigit())
    assert getattr(settings_of(**{row.name: str(lowest)}), row.name.lower()) == lowest
    assert getattr(settings_of(**{row.name: str(highest)}), row.name.lower()) == highest
    for outside in (lowest - 1, highest + 1):
        with pytest.raises(InvalidSetting, match=row.name):
            settings_of(**{row.name: str(outside)})


def test_all_wrong_values_are_told_at_once(settings_of: Any) -> None:
    with pytest.raises(InvalidSetting) as caught:
        settings_of(API_PORT="x", LOG_LEVEL="loud", DATA_DIR="")
    assert problems_of(caught.value).keys() == {"API_PORT", "LOG_LEVEL", "DATA_DIR"}
    assert len(str(caught.value).splitlines()) == 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("API_TOKEN", "hush-hush"),
        ("TWILIO_AUTH_TOKEN", "hush hush"),
        ("DATABASE_URL", "mysql://gdial:hush@host/db"),
        ("DATABASE_URL", "postgresql://gdial:hush@host:port/db"),
        ("RABBITMQ_URL", "ampq://gdial:hush@host/"),
        ("ALERT_WEBHOOK_URL", "chat.example.org/hush"),
        ("PUBLIC_URL", "https://gdial:hush@host/"),
    ],
)
def test_no_complaint_repeats_a_secret(settings_of: Any, name: str, value: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        settings_of(**{name: value})
    assert "hush" not in str(caught.value)
    assert caught.value.__context__ is None, "a traceback would show what pydantic was given"


def test_settings_show_no_secret(settings_of: Any) -> None:
    settings = settings_of(
        **TWILIO | {"TWILIO_AUTH_TOKEN": "hush-twilio"},
        API_TOKEN="hush-hush-hush-hush",
        ALERT_WEBHOOK_URL="https://chat.example.org/hush",
        DATABASE_URL="postgresql://gdial:hush@db/gdial",
        RABBITMQ_URL="amqp://gdial:hush@mq/?password=hush",
    )
    shown = f"{settings!r} {settings}"
    assert "hush" not in shown
    assert "postgresql://gdial:***@db/gdial" in shown
    assert settings.api_token.get_secret_value() == "hush-hush-hush-hush"
    assert settings.database_url == "postgresql://gdial:hush@db/gdial"


def test_empty_means_unset_where_nothing_is_the_default(settings_of: Any) -> None:
    settings = settings_of(RABBITMQ_URL="", API_TOKEN="", PIPER_MODEL=" ", TWILIO_ACCOUNT_SID="", TTS_FALLBACK="")
    assert settings.rabbitmq_url is None
    assert settings.api_token is None
    assert settings.piper_model is None
    assert not settings.carrier_configured
    assert settings.tts_fallback == ()


def test_lists_are_split_at_commas(settings_of: Any) -> None:
    settings = settings_of(
        **TWILIO | {"TWILIO_FROM_NUMBER": "+46101234567, +15005550006"},
        ALLOWED_HOSTS="GDial.internal, 10.0.0.5,[::1]",
        TTS_ENGINE="piper",
        TTS_FALLBACK="piper, espeak",
        PIPER_MODEL="/opt/voice.onnx",
    )
    assert settings.from_numbers == ("+46101234567", "+15005550006")
    assert settings.allowed_hosts == ("gdial.internal", "10.0.0.5", "::1")
    assert settings.speech_engines == ("piper", "espeak")


def test_case_and_a_slash_at_the_end_do_not_matter(settings_of: Any) -> None:
    settings = settings_of(LOG_LEVEL="INFO", DEFAULT_REGION="no", PUBLIC_URL="https://gdial.example.org/dial/")
    assert settings.log_level == "info"
    assert settings.default_region == "NO"
    assert settings.public_url == "https://gdial.example.org/dial"


@pytest.mark.parametrize("missing", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM_NUMBER"])
def test_half_a_set_of_credentials_names_what_is_missing(settings_of: Any, missing: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        settings_of(**{name: value for name, value in TWILIO.items() if name != missing})
    assert problems_of(caught.value).keys() == {missing}
    assert "is missing" in str(caught.value)


@pytest.mark.parametrize("public_url", ["", "http://127.0.0.1:3003", "https://localhost"])
def test_a_carrier_elsewhere_needs_an_address_it_can_reach(settings_of: Any, public_url: str) -> None:
    with pytest.raises(InvalidSetting, match="cannot reach GDial") as caught:
        settings_of(**TWILIO | {"PUBLIC_URL": public_url})
    assert problems_of(caught.value).keys() == {"PUBLIC_URL"}


def test_a_carrier_on_this_machine_needs_no_address_and_takes_any_account(settings_of: Any) -> None:
    settings = settings_of(**TWILIO | SIMULATOR)
    assert settings.carrier_configured
    assert settings.carrier_is_loopback
    assert settings.public_url is None


def test_twilio_itself_takes_only_its_own_accounts(settings_of: Any) -> None:
    with pytest.raises(InvalidSetting, match="32 hex digits"):
        settings_of(**TWILIO | {"TWILIO_ACCOUNT_SID": "ACsimulated1"})


def test_drills_never_go_where_real_calls_go(settings_of: Any) -> None:
    with pytest.raises(InvalidSetting, match="DRILL_API_BASE"):
        settings_of(TWILIO_API_BASE="https://voice.example.org", DRILL_API_BASE="https://Voice.example.org:443/drill")
    both_simulated = "http://127.0.0.1:3004"
    assert settings_of(TWILIO_API_BASE=both_simulated, DRILL_API_BASE=both_simulated).drill_api_base == both_simulated


def test_an_env_file_is_read_and_the_environment_wins(settings_of: Any) -> None:
    Path(".env").write_text("\ufeff# ours\nAPI_PORT=4001\nAPI_HOST='127.0.0.2'\nCOMPOSE_PROJECT_NAME=x\n", "utf-8")
    settings = settings_of(API_PORT="4002")
    assert (settings.api_port, settings.api_host) == (4002, "127.0.0.2")


@pytest.mark.parametrize("line", ["API_PORT", "API PORT=1", "API_TOKEN='hush"])
def test_a_line_of_an_env_file_that_says_nothing_is_an_error(settings_of: Any, line: str) -> None:
    Path(".env").write_text(f"# ours\n{line}\n")
    with pytest.raises(InvalidSetting, match=r"\.env: line 2") as caught:
        settings_of()
    assert "hush" not in str(caught.value)


def test_an_env_file_in_another_encoding_is_an_error(settings_of: Any) -> None:
    Path(".env").write_bytes("API_HOST=närhet\n".encode("latin-1"))
    with pytest.raises(InvalidSetting, match="cannot be read"):
        settings_of()


def test_a_slip_in_a_name_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("API_PROT=4001\n")
    for name in ("TWILIO_ACOUNT_SID", "CALL_TIMEOUT", "TWILIO_API_KEY", "API_KEY", "RABBITMQ_NODENAME", "API_PORT"):
        monkeypatch.setenv(name, "1")
    first, second, third = setting_warnings()
    assert "API_PROT is not a setting" in first
    assert "did you mean API_PORT?" in first
    assert "CALL_TIMEOUT_SEC" in second
    assert "TWILIO_ACCOUNT_SID" in third


def test_explicit_settings_see_no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("API_PORT", "nonsense")
    settings = explicit_settings(data_dir=tmp_path, calls_per_second=0.5)
    assert (settings.api_port, settings.calls_per_second) == (3003, 0.5)
    with pytest.raises(TypeError, match="api_prot"):
        explicit_settings(api_prot=1)
    with pytest.raises(InvalidSetting, match="API_PORT"):
        explicit_settings(api_port=-1)


@pytest.mark.parametrize("row", [row for row in describe_settings() if not row.secret], ids=lambda row: row.name)
def test_every_example_is_right(settings_of: Any, row: Any) -> None:
    rest = TWILIO if row.name.startswith("TWILIO") else {}
    settings_of(**rest | {row.name: row.example})


def test_every_setting_says_what_it_means() -> None:
    assert len({row.name for row in describe_settings()}) == len(Settings.model_fields)
    for row in describe_settings():
        assert row.meaning.endswith("."), row.name
        assert row.example, row.name
        assert row.part, row.name
        assert row.default, row.name


def test_the_page_and_the_example_file_are_fresh() -> None:
    assert (ROOT / "docs/reference/settings.md").read_text("utf-8") == settings_page(), "run: make docs"
    assert (ROOT / ".env.example").read_text("utf-8") == env_example(), "run: make docs"


def test_every_line_of_the_example_file_can_be_taken_into_use(settings_of: Any) -> None:
    Path(".env").write_text(re.sub(r"^#(?=[A-Z_]+=)", "", env_example(), flags=re.MULTILINE), "utf-8")
    settings = settings_of(TWILIO_AUTH_TOKEN="0123456789abcdef0123456789abcdef")
    assert settings.carrier_configured
    assert settings.database_kind == "postgresql"
    assert setting_warnings() == ()


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({"TTS_ENGINE": "piper"}, {"PIPER_MODEL"}),
        ({"TTS_FALLBACK": "coqui"}, {"COQUI_URL", "COQUI_LANGUAGES"}),
        (
            {"TTS_ENGINE": "coqui", "COQUI_URL": "http://127.0.0.1:1", "COQUI_MODEL": "x", "COQUI_LANGUAGES": "sv"},
            {"COQUI_MODEL"},
        ),
        ({"TTS_ENGINE": "google"}, {"GOOGLE_TTS_API_KEY"}),
    ],
)
def test_a_voice_without_what_it_needs_stops_the_start(
    settings_of: Any, settings: dict[str, str], missing: set[str]
) -> None:
    with pytest.raises(InvalidSetting) as caught:
        settings_of(**settings)
    assert problems_of(caught.value).keys() == missing


@pytest.mark.parametrize("host", ["127.0.0.1:5002", "10.1.2.3", "tts:5002", "voices.internal", "[::1]:5002"])
def test_coqui_may_be_anywhere_in_the_own_network(settings_of: Any, host: str) -> None:
    assert settings_of(COQUI_URL=f"http://{host}/").coqui_url == f"http://{host}"


def test_no_voice_that_leaves_the_organisation_is_a_default(settings_of: Any) -> None:
    assert settings_of().speech_engines == ("espeak",)
    assert settings_of().tts_names_to_cloud is False
