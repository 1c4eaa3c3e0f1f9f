"""Real or simulator: decided from the settings alone, and refused when they do not say clearly which."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from pathlib import Path

from bot.reasons import of_system
from config.desks import DesksRead, read_desks
from config.settings import JobEngineName, Settings, SettingsError, decode_key, environment
from storage.vault import KEY_BYTES, SealingKey

_KEY_FILE = "simulator.key"


@dataclass(frozen=True, kw_only=True, slots=True)
class Mode:
    """What the process works with. `secrets` holds the channel secrets of each desk that takes anything in, `tokens`
    the access token of each. `file`: what DESKS_FILE said, None without one.
    """

    simulator: bool
    secrets: dict[str, tuple[bytes, ...]]
    tokens: dict[str, str]
    line_host: str | None
    masters: tuple[SealingKey, ...]
    file: DesksRead | None = None


DEFAULT_DESK = "default"
_NO_KEY = "DATA_KEY: ありません。「tsunagu key new」で作り、控えを別の場所にも保管してください"


def choose_mode(settings: Settings) -> Mode:
    """Raises SettingsError with one line for everything that is missing or does not fit together."""
    if settings.staff_certificate_header is not None and not settings.trusted_proxies:
        why = "TRUSTED_PROXIES もいります。だれの見出しでも信じることになるためです"
        raise SettingsError([f"STAFF_CERTIFICATE_HEADER: {why}"])
    secret, token = settings.line_channel_secret, settings.line_channel_access_token
    if not secret and token is None and settings.desks_file is None:
        if settings.job_engine is JobEngineName.PROCRASTINATE:
            raise SettingsError(["JOB_ENGINE: シミュレーターは一つのプロセスで動きます。embedded にしてください"])
        if settings.host_is_loopback:
            return _simulator(settings)
        raise SettingsError(
            [
                "LINE_CHANNEL_SECRET: ありません。LINE Developersの「チャネルシークレット」を入れてください",
                "LINE_CHANNEL_ACCESS_TOKEN: ありません。LINE Developersの「チャネルアクセストークン」を入れてください",
                f"HOST: {settings.host} は外からも届くアドレスです。ためすだけなら 127.0.0.1 にしてください",
            ]
        )
    return _real(settings)


def _real(settings: Settings) -> Mode:
    if settings.desks_file is not None:
        return _of_file(settings, settings.desks_file)
    lines = []
    if not settings.line_channel_secret:
        lines.append("LINE_CHANNEL_SECRET: ありません。もう一つのLINE設定だけでは動きません")
    if settings.line_channel_access_token is None:
        lines.append("LINE_CHANNEL_ACCESS_TOKEN: ありません。もう一つのLINE設定だけでは動きません")
    if not settings.data_key:
        lines.append(_NO_KEY)
    if lines or settings.line_channel_access_token is None:
        raise SettingsError(lines)
    return Mode(
        simulator=False,
        secrets={DEFAULT_DESK: tuple(s.get_secret_value().encode() for s in settings.line_channel_secret)},
        tokens={DEFAULT_DESK: settings.line_channel_access_token.get_secret_value()},
        line_host=settings.line_api_url,
        masters=_masters(settings),
    )


def _of_file(settings: Settings, file: Path) -> Mode:
    """Real, with the desks of a file. One that is wrong is left out; without a single good one it is refused."""
    lines = [
        f"{name}: DESKS_FILE と両方あります。窓口のLINE設定は {file.name} に移してください"
        for name, given in (
            ("LINE_CHANNEL_SECRET", settings.line_channel_secret),
            ("LINE_CHANNEL_ACCESS_TOKEN", settings.line_channel_access_token),
        )
        if given
    ]
    if not settings.data_key:
        lines.append(_NO_KEY)
    if lines:
        raise SettingsError(lines)
    read = read_desks(file, environment())
    if not read.entries:
        raise SettingsError([f"DESKS_FILE: {line}" for found in read.refused.values() for line in found])
    return Mode(
        simulator=False,
        secrets={
            entry.name: tuple(secret.get_secret_value().encode() for secret in entry.secrets)
            for entry in read.entries
            if not entry.closed
        },
        tokens={entry.name: entry.token.get_secret_value() for entry in read.entries},
        line_host=settings.line_api_url,
        masters=_masters(settings),
        file=read,
    )


def _simulator(settings: Settings) -> Mode:
    masters = _masters(settings) or (SealingKey(_simulator_key(settings.data_dir)),)
    return Mode(
        simulator=True,
        secrets={DEFAULT_DESK: (secrets.token_hex(16).encode(),)},
        tokens={DEFAULT_DESK: secrets.token_urlsafe(32)},
        line_host=f"{settings.own_address}/simulator/line",
        masters=masters,
    )


def _masters(settings: Settings) -> tuple[SealingKey, ...]:
    return tuple(SealingKey(decode_key(key.get_secret_value())) for key in settings.data_key)


def _simulator_key(data_dir: Path) -> bytes:
    """A key for trying things out, kept beside the simulator's database."""
    file = data_dir / _KEY_FILE
    if file.exists():
        try:
            return decode_key(file.read_text(encoding="ascii"))
        except ValueError:
            raise SettingsError([f"{file}: 鍵が読めません。消すと、ためした内容は読めなくなります"]) from None
    key = secrets.token_bytes(KEY_BYTES)
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(base64.b64encode(key).decode() + "\n", encoding="ascii")
    except OSError as error:
        raise SettingsError([f"DATA_DIR: {data_dir} に書けません({of_system(error)})"]) from None
    return key
