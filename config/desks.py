"""`DESKS_FILE`: any number of desks, each a LINE account of its own with its own words.

    desks:
      minami:
        channel_secret_file: secrets/minami_secret      # or channel_secret_env: MINAMI_SECRET
        access_token_env: MINAMI_TOKEN                  # or access_token_file: …
        words: minami                                   # a folder laid over the shipped words; may be left out
        closed: true                                    # takes nothing in any more; may be left out

Paths are seen from the file's own folder. A secret never stands in the file itself. What is wrong with one desk is said
of that desk, and the others are read all the same; a file that cannot be read at all raises `SettingsError`. The lines
are Japanese and show no value: the person who reads them runs the desk's machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from config.contents.reading import ContentError, Read, read_yaml
from config.settings import SettingsError

NAME = re.compile(r"[a-z0-9-]{1,32}")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,127}")
_SECRETS = {"channel_secret": "チャネルシークレット", "access_token": "チャネルアクセストークン"}
_KNOWN = frozenset({f"{name}_{way}" for name in _SECRETS for way in ("file", "env")} | {"words", "closed"})


@dataclass(frozen=True, kw_only=True, slots=True)
class DeskEntry:
    """One desk as the file has it. Several `secrets` serve a rotation; `words` is a folder, None: as shipped."""

    name: str
    where: str
    secrets: tuple[SecretStr, ...]
    token: SecretStr
    words: Path | None = None
    closed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class DesksRead:
    """What the file says: the desks that can be used, in its order, and why each of the others cannot."""

    entries: tuple[DeskEntry, ...] = ()
    refused: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class _Wrong(Exception):
    """Something of one desk: the place in the file, and the reason."""

    def __init__(self, key: str | None, why: str) -> None:
        super().__init__(why)
        self.key = key
        self.why = why


def read_desks(file: Path, environ: Mapping[str, str]) -> DesksRead:
    """Read the file, and the secrets it names. Raises SettingsError when it cannot be read as a whole."""
    read = _read(file)
    desks = read.value.get("desks") if isinstance(read.value, dict) else None
    if not isinstance(desks, dict) or not desks or set(read.value) != {"desks"}:
        raise SettingsError([f"DESKS_FILE: {file.name} 1行目: 「desks:」の下に、窓口を名前ごとに書いてください"])
    entries: list[DeskEntry] = []
    refused: dict[str, tuple[str, ...]] = {}
    for name, given in desks.items():
        found = list(_problems(read, file, name, given))
        if not found:
            try:
                entry = _entry(read, file, name, given, environ)
                _must_be_its_own(entry, entries)
                entries.append(entry)
            except _Wrong as wrong:
                found = [_line(read, file, name, wrong.key, wrong.why)]
        if found:
            refused[name] = tuple(found)
    return DesksRead(entries=tuple(entries), refused=refused)


def _read(file: Path) -> Read:
    try:
        return read_yaml(file)
    except ContentError as error:
        raise SettingsError([f"DESKS_FILE: {error}"]) from None


def _line(read: Read, file: Path, name: str, key: str | None, why: str) -> str:
    place = read.place(("desks", name) if key is None else ("desks", name, key))
    return f"{file.name} {place.line}行目: 窓口「{name[:40]}」: {why}"


def _problems(read: Read, file: Path, name: str, given: Any) -> Iterator[str]:
    """What is wrong with how a desk is written."""
    if NAME.fullmatch(name) is None:
        yield _line(read, file, name, None, "名前は英小文字・数字・「-」で32文字までにしてください")
    if not isinstance(given, dict):
        yield _line(read, file, name, None, "シークレットとトークンの置き場所を書いてください")
        return
    for key in given:
        if key in _SECRETS:
            why = f"{_SECRETS[key]}はここに直接書けません。{key}_file か {key}_env にしてください"
            yield _line(read, file, name, key, why)
        elif key not in _KNOWN:
            yield _line(read, file, name, key, f"「{key[:40]}」という項目はありません")
    for key, words in _SECRETS.items():
        if len({f"{key}_file", f"{key}_env"} & given.keys()) != 1 and key not in given:
            why = f"{words}の置き場所を、{key}_file か {key}_env のどちらか一つで書いてください"
            yield _line(read, file, name, None, why)
    if not isinstance(given.get("closed", False), bool):
        yield _line(read, file, name, "closed", "closed は true か false にしてください")


def _entry(read: Read, file: Path, name: str, given: Mapping[str, Any], environ: Mapping[str, str]) -> DeskEntry:
    secret, token = (_secret(file, key, given, environ) for key in _SECRETS)
    secrets = tuple(SecretStr(part.strip()) for part in secret.split(",") if part.strip())
    words = given.get("words")
    if words is not None and not (isinstance(words, str) and (file.parent / words).is_dir()):
        raise _Wrong("words", "文面のフォルダーがありません")
    return DeskEntry(
        name=name,
        where=_line(read, file, name, "words" if words else None, "")[:-2],
        secrets=secrets,
        token=SecretStr(token),
        words=None if words is None else file.parent / words,
        closed=given.get("closed", False),
    )


def _secret(file: Path, key: str, given: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    """A secret from where the file says it is."""
    if (variable := given.get(f"{key}_env")) is not None:
        if not isinstance(variable, str) or _VARIABLE.fullmatch(variable) is None:
            raise _Wrong(f"{key}_env", "環境変数の名前(英大文字・数字・「_」)を書いてください。値は書けません")
        value = environ.get(variable, "").strip()
        if not value:
            raise _Wrong(f"{key}_env", f"環境変数 {variable} がありません")
        return value
    path = given.get(f"{key}_file")
    try:
        value = (file.parent / str(path)).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError, ValueError):
        raise _Wrong(f"{key}_file", f"{_SECRETS[key]}のファイルが読めません") from None
    if not value:
        raise _Wrong(f"{key}_file", f"{_SECRETS[key]}のファイルに中身がありません")
    return value


def _must_be_its_own(entry: DeskEntry, others: list[DeskEntry]) -> None:
    """Two desks on one LINE account would read each other's residents."""
    for other in others:
        if entry.token == other.token or set(entry.secrets) & set(other.secrets):
            raise _Wrong(None, f"窓口「{other.name}」と同じLINEアカウントです。窓口ごとに別のアカウントが要ります")
