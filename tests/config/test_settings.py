"""Settings: where they come from, what each accepts, and one plain line without any value for each that is wrong."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import JobEngineName, LogFormat, Settings, SettingsError, decode_key

KEY = base64.b64encode(bytes(range(32))).decode()
#: All bits set: its base64 has both letters that differ in the URL-safe spelling.
SLASHED = b"\xfb\xff" * 16

#: For every setting a value as it is written, and what it becomes.
WRITTEN = {
    "LINE_CHANNEL_SECRET": ("new, old", ("new", "old")),
    "LINE_CHANNEL_ACCESS_TOKEN": ("token", "token"),
    "LINE_API_URL": ("http://127.0.0.1:9/line/", "http://127.0.0.1:9/line"),
    "DATABASE_URL": ("postgresql+psycopg://u:p@host:5433/db", "postgresql+psycopg://u:p@host:5433/db"),
    "DATA_KEY": (f"{KEY},{KEY}", (KEY, KEY)),
    "JOB_ENGINE": ("embedded", JobEngineName.EMBEDDED),
    "PUBLIC_URL": ("https://soudan.example/", "https://soudan.example"),
    "TRUSTED_PROXIES": ("10.0.0.0/8, ::1", ("10.0.0.0/8", "::1")),
    "STAFF_ADDRESSES": ("192.0.2.0/24", ("192.0.2.0/24",)),
    "STAFF_CERTIFICATE_HEADER": ("X-Client-Cert", "X-Client-Cert"),
    "METRICS_TOKEN": ("m", "m"),
    "SMTP_URL": ("smtp://u:p%40w@mail.example:587", "smtp://u:p%40w@mail.example:587"),
    "MAIL_FROM": ("つなぐ <tsunagu@shakyo.example>", "つなぐ <tsunagu@shakyo.example>"),
    "DESKS_FILE": ("desks.yaml", Path("desks.yaml")),
    "DATA_DIR": ("/srv/tsunagu", Path("/srv/tsunagu")),
    "HOST": ("0.0.0.0", "0.0.0.0"),
    "PORT": ("8080", 8080),
    "LOG_FORMAT": ("json", LogFormat.JSON),
}
SECRETS = ("LINE_CHANNEL_SECRET", "LINE_CHANNEL_ACCESS_TOKEN", "DATA_KEY", "METRICS_TOKEN", "SMTP_URL")


def load(**given: str) -> Settings:
    return Settings.load(environ=given, env_file=None)


def refused(**given: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(**given)
    return caught.value.lines


def plain(value: object) -> object:
    """The value with its secrets opened."""
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    opened = getattr(value, "get_secret_value", None)
    return value if opened is None else opened()


def test_every_setting_is_tried_here() -> None:
    assert sorted(WRITTEN) == sorted(name.upper() for name in Settings.model_fields)


@pytest.mark.parametrize("name", WRITTEN)
def test_a_setting_is_read_from_the_environment(name: str) -> None:
    written, meant = WRITTEN[name]
    assert plain(getattr(load(**{name: written}), name.lower())) == meant


@pytest.mark.parametrize("name", WRITTEN)
def test_a_setting_is_read_from_a_file_that_its_name_points_to(name: str, tmp_path: Path) -> None:
    written, meant = WRITTEN[name]
    file = tmp_path / "value"
    file.write_text(f"{written}\n", encoding="utf-8")
    assert plain(getattr(load(**{f"{name}_FILE": str(file)}), name.lower())) == meant


@pytest.mark.parametrize("name", WRITTEN)
def test_a_setting_given_in_both_ways_is_refused(name: str, tmp_path: Path) -> None:
    (line,) = refused(**{name: WRITTEN[name][0], f"{name}_FILE": str(tmp_path / "value")})
    assert line.startswith(f"{name}: ")


@pytest.mark.parametrize("empty", ["", "  "])
@pytest.mark.parametrize("name", WRITTEN)
def test_an_empty_setting_is_one_that_is_not_set(name: str, empty: str, tmp_path: Path) -> None:
    file = tmp_path / "empty"
    file.write_text(f"{empty}\n", encoding="utf-8")
    assert load(**{name: empty}) == load()
    assert load(**{f"{name}_FILE": empty}) == load()
    assert load(**{f"{name}_FILE": str(file)}) == load()


def test_without_any_setting_it_works_on_this_machine_alone() -> None:
    settings = load()
    assert settings.host_is_loopback
    assert settings.uses_sqlite
    assert settings.line_channel_access_token is None
    assert settings.line_channel_secret == settings.data_key == ()
    assert settings.line_api_url == "https://api.line.me"


def test_the_environment_wins_over_the_file_and_other_names_are_nobodys_business(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text('PORT=1\nHOST="::1"\nMETRICS_TOKEN=\nSOMEBODY_ELSES=x\n', encoding="utf-8")
    settings = Settings.load(environ={"PORT": "2", "PATH": "/bin"}, env_file=file)
    assert (settings.port, settings.host, settings.metrics_token) == (2, "::1", None)


def test_a_file_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    assert Settings.load(environ={}, env_file=tmp_path / ".env") == load()


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# 設定\nPORT=1\n", encoding="shift_jis")
    with pytest.raises(SettingsError) as caught:
        Settings.load(environ={}, env_file=file)
    (line,) = caught.value.lines
    assert line.startswith(".env: ")
    assert "UTF-8" in line


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_refused_without_its_path(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "value"
    if content is not None:
        file.write_bytes(content)
    (line,) = refused(DATA_KEY_FILE=str(file))
    assert line == "DATA_KEY_FILE: ファイルが読めません"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("LINE_API_URL", "api.line.me"),
        ("LINE_API_URL", "ftp://api.line.me"),
        ("LINE_API_URL", "https://"),
        ("LINE_API_URL", "http://["),
        ("LINE_API_URL", "http://host:port"),
        ("PUBLIC_URL", "soudan.example"),
        ("DATABASE_URL", "sqlite:///x.db"),
        ("DATABASE_URL", "sqlite+aiosqlite:///"),
        ("DATABASE_URL", "sqlite+aiosqlite:///:memory:"),
        ("DATABASE_URL", "postgresql://host/db"),
        ("DATABASE_URL", "postgresql+psycopg://u:p@host:port/db"),
        ("DATABASE_URL", "mysql://host/db"),
        ("DATA_KEY", "too short"),
        ("DATA_KEY", base64.b64encode(b"x" * 31).decode()),
        ("DATA_KEY", base64.b64encode(b"x" * 33).decode()),
        ("DATA_KEY", "ひみつの鍵"),
        ("JOB_ENGINE", "Embedded"),
        ("JOB_ENGINE", "celery"),
        ("TRUSTED_PROXIES", "10.0.0.0/8,proxy.example"),
        ("PORT", "http"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "80.5"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_a_wrong_value_is_refused_in_one_japanese_line(name: str, written: str) -> None:
    (line,) = refused(**{name: written})
    assert line.startswith(f"{name}: ")
    assert "\n" not in line
    assert any("\u3040" <= letter <= "\u30ff" for letter in line)


def test_a_password_within_an_address_is_not_shown() -> None:
    (line,) = refused(DATABASE_URL="postgresql+psycopg://user:hush@host:port/db")
    assert "hush" not in line


def test_every_wrong_setting_has_its_own_line() -> None:
    lines = refused(PORT="x", DATA_KEY="y", LOG_FORMAT="z", HOST="a", HOST_FILE="b")
    assert sorted(line.split(":")[0] for line in lines) == ["DATA_KEY", "HOST", "LOG_FORMAT", "PORT"]


def test_the_line_names_the_key_that_is_wrong_and_shows_none() -> None:
    (line,) = refused(DATA_KEY=f"{KEY},wrong-one")
    assert "2番目" in line
    assert "wrong" not in line
    assert KEY not in line


@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_shows_in_the_settings_nor_in_a_refusal(name: str) -> None:
    written, meant = WRITTEN[name]
    settings = load(**{name: written})
    values = meant if isinstance(meant, tuple) else (meant,)
    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert not any(f"'{value}'" in shown or f'"{value}"' in shown for value in values)
    with pytest.raises(SettingsError) as caught:
        load(**{name: written, "PORT": "x"})
    assert written not in str(caught.value)


@given(st.binary(min_size=32, max_size=32))
def test_a_key_is_read_in_every_spelling_of_base64(raw: bytes) -> None:
    for spelling in (base64.b64encode(raw), base64.urlsafe_b64encode(raw)):
        text = spelling.decode()
        assert decode_key(text) == decode_key(text.rstrip("=")) == decode_key(f" {text}\n") == raw


def test_the_url_safe_spelling_of_a_key_is_really_another_one() -> None:
    safe = base64.urlsafe_b64encode(SLASHED).decode()
    assert {"-", "_"} <= set(safe)
    assert plain(load(DATA_KEY=safe).data_key) == (safe,)


@given(st.text(max_size=60))
def test_any_other_text_is_no_key(text: str) -> None:
    try:
        key = decode_key(text)
    except ValueError:
        return
    assert len(key) == 32


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.5", False),
        ("soudan.example", False),
    ],
)
def test_only_this_machines_own_addresses_are_loopback(host: str, loopback: bool) -> None:
    assert load(HOST=host).host_is_loopback is loopback


@pytest.mark.parametrize(("host", "address"), [("127.0.0.1", "http://127.0.0.1:81"), ("::1", "http://[::1]:81")])
def test_the_servers_own_address_can_be_opened_in_a_browser(host: str, address: str) -> None:
    assert load(HOST=host, PORT="81").own_address == address


def test_sqlite_is_told_from_postgresql() -> None:
    assert load(DATABASE_URL="sqlite+aiosqlite:////srv/x.db").uses_sqlite
    assert not load(DATABASE_URL="postgresql+psycopg:///db?host=/run/postgresql").uses_sqlite


def test_the_engine_of_several_processes_wants_postgresql() -> None:
    postgresql = "postgresql+psycopg:///db"
    assert load(JOB_ENGINE="procrastinate", DATABASE_URL=postgresql).job_engine is JobEngineName.PROCRASTINATE
    (line,) = refused(JOB_ENGINE="procrastinate")
    assert line.startswith("JOB_ENGINE: procrastinate は PostgreSQL でだけ動きます")
    # A wrong address is said once, and not as something else.
    (line,) = refused(JOB_ENGINE="procrastinate", DATABASE_URL="mysql://x")
    assert line.startswith("DATABASE_URL: ")
