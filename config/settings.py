"""Settings from the environment, `.env`, or `NAME_FILE`: strict, and refused with one plain line each.

Texts of errors are Japanese: the person who reads them runs the desk's machine.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
from collections.abc import Mapping
from enum import StrEnum
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import SplitResult, urlsplit

from dotenv import dotenv_values
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from config.mail import read_sender, read_server

LINE_API = "https://api.line.me"
DATA_KEY_BYTES = 32


class SettingsError(Exception):
    """The settings cannot be used. `lines` says why, one line for each setting, never showing a value."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class JobEngineName(StrEnum):
    """What drives turns and the clock: in one process, or in any number of them on PostgreSQL."""

    EMBEDDED = "embedded"
    PROCRASTINATE = "procrastinate"


class LogFormat(StrEnum):
    """How log lines are written."""

    JSON = "json"
    CONSOLE = "console"


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


CommaList = Annotated[tuple[str, ...], BeforeValidator(_split)]
SecretList = Annotated[tuple[SecretStr, ...], BeforeValidator(_split)]


class Settings(BaseModel):
    """All settings of one process. Each field is one environment variable of the same name in capitals."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    line_channel_secret: SecretList = ()
    line_channel_access_token: SecretStr | None = None
    line_api_url: str = LINE_API
    database_url: str = "sqlite+aiosqlite:///data/tsunagu.db"
    data_key: SecretList = ()
    job_engine: JobEngineName = JobEngineName.EMBEDDED
    public_url: str | None = None
    trusted_proxies: CommaList = ()
    staff_addresses: CommaList = ()
    staff_certificate_header: str | None = None
    metrics_token: SecretStr | None = None
    smtp_url: SecretStr | None = None
    mail_from: str | None = None
    desks_file: Path | None = None
    data_dir: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = 8000
    log_format: LogFormat = LogFormat.CONSOLE

    @field_validator("line_api_url", "public_url")
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = _address(value)
        if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("http:// か https:// で始まるアドレスにしてください")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        named = value.startswith("sqlite+aiosqlite:///") and value.split(":///", 1)[1] not in {"", ":memory:"}
        if not named and not (value.startswith("postgresql+psycopg://") and _address(value)):
            raise ValueError("sqlite+aiosqlite:///… か postgresql+psycopg://… にしてください")
        return value

    @field_validator("job_engine")
    @classmethod
    def _engine_fits(cls, value: JobEngineName, info: ValidationInfo) -> JobEngineName:
        if value is JobEngineName.PROCRASTINATE and info.data.get("database_url", "").startswith("sqlite"):
            raise ValueError("procrastinate は PostgreSQL でだけ動きます(DATABASE_URL を postgresql+psycopg://… に)")
        return value

    @field_validator("data_key")
    @classmethod
    def _whole_keys(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for number, key in enumerate(value, 1):
            try:
                decode_key(key.get_secret_value())
            except ValueError:
                raise ValueError(
                    f"{number}番目の鍵が読めません。32バイトをbase64にしたものが必要です(tsunagu key new で作れます)"
                ) from None
        return value

    @field_validator("trusted_proxies", "staff_addresses")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for entry in value:
            try:
                ip_network(entry, strict=False)
            except ValueError:
                raise ValueError("IPアドレスか範囲(例 10.0.0.0/8)をカンマで区切ってください") from None
        return value

    @field_validator("staff_certificate_header")
    @classmethod
    def _header(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{2,63}", value):
            raise ValueError("見出しの名前(英数字と -)にしてください。例: X-Client-Cert")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            try:
                read_server(value.get_secret_value())
            except ValueError:
                raise ValueError("smtp://名前:パスワード@サーバー:587 か smtps://… にしてください") from None
        return value

    @field_validator("mail_from")
    @classmethod
    def _mail_sender(cls, value: str | None) -> str | None:
        if value is not None:
            try:
                read_sender(value)
            except ValueError:
                raise ValueError("メールアドレスか、名前 <アドレス> にしてください") from None
        return value

    @field_validator("port")
    @classmethod
    def _port(cls, value: int) -> int:
        if not 1 <= value <= 65535:
            raise ValueError("1から65535までの数にしてください")
        return value

    @property
    def host_is_loopback(self) -> bool:
        """True when only this machine can reach the server."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def own_address(self) -> str:
        """Where this server answers on its own machine."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def uses_sqlite(self) -> bool:
        """True for one file on this machine."""
        return self.database_url.startswith("sqlite")

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, env_file: Path | None = Path(".env")) -> Self:
        """Read the settings; the environment wins over the file. Raises SettingsError."""
        given = environment(environ, env_file)
        values, problems = _pick(given, cls.model_fields)
        try:
            settings = cls(**values)
        except ValidationError as error:
            problems += [_line(e) for e in error.errors(include_input=False, include_url=False)]
        if problems:
            raise SettingsError(problems)
        return settings


def environment(environ: Mapping[str, str] | None = None, env_file: Path | None = Path(".env")) -> dict[str, str]:
    """The environment (the process's own when none is given) laid over the file. Raises SettingsError."""
    given: dict[str, str] = {}
    if env_file is not None and env_file.is_file():
        given.update(_read_file(env_file))
    given.update(os.environ if environ is None else environ)
    return given


def _address(value: str) -> SplitResult | None:
    """The parts of an address; None when it is none. Python's own errors are not for the people who read ours."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return None
    return parts


def decode_key(text: str) -> bytes:
    """32 bytes from base64, URL-safe accepted, padding optional. Raises ValueError."""
    plain = text.strip().replace("-", "+").replace("_", "/").rstrip("=")
    try:
        key = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(key) != DATA_KEY_BYTES:
        raise ValueError("not 32 bytes")
    return key


def _read_file(path: Path) -> dict[str, str]:
    try:
        return {name: value for name, value in dotenv_values(path).items() if value is not None}
    except (OSError, UnicodeDecodeError):
        raise SettingsError([f"{path.name}: ファイルが読めません。文字コードはUTF-8にしてください"]) from None


def _pick(given: Mapping[str, str], fields: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Take NAME or the content of NAME_FILE for every setting; an empty value counts as not set."""
    values: dict[str, Any] = {}
    problems: list[str] = []
    for field in fields:
        name = field.upper()
        plain, path = given.get(name, "").strip(), given.get(f"{name}_FILE", "").strip()
        if plain and path:
            problems.append(f"{name}: {name}_FILE と両方あります。どちらか一つにしてください")
        elif plain:
            values[field] = plain
        elif path:
            try:
                content = Path(path).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError):
                problems.append(f"{name}_FILE: ファイルが読めません")
                continue
            if content:
                values[field] = content
    return values, problems


_PLAIN = {
    "enum": "使えない値です。使えるもの: {expected}",
    "int_parsing": "数字にしてください",
}


def _line(error: Mapping[str, Any]) -> str:
    name = str(error["loc"][0]).upper()
    context = error.get("ctx", {})
    if error["type"] == "value_error":
        return f"{name}: {context['error']}"
    return f"{name}: " + _PLAIN.get(error["type"], "値が正しくありません").format(**context)
