"""The file of desks: what it may say, and with which line each mistake is refused, alone where it is one desk's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from config.desks import DesksRead, read_desks
from config.settings import SettingsError

MINAMI = "  minami: {channel_secret_file: s/minami, access_token_file: t/minami}\n"
KITA = "  kita: {channel_secret_env: KITA_SECRET, access_token_env: KITA_TOKEN}\n"
ENVIRON = {"KITA_SECRET": "kita-new,kita-old", "KITA_TOKEN": "kita-token", "EMPTY": " "}
EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "desks.example.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for kind in "st":
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "minami").write_text(f"minami-{kind}\n", encoding="utf-8")
    return tmp_path


def read(folder: Path, *desks: str, environ: Mapping[str, str] = ENVIRON, text: str | None = None) -> DesksRead:
    file = folder / "desks.yaml"
    file.write_text("desks:\n" + "".join(desks) if text is None else text, encoding="utf-8")
    return read_desks(file, environ)


def test_each_desk_has_its_secrets_from_where_the_file_says_they_are(folder: Path) -> None:
    found = read(folder, MINAMI, KITA)
    assert found.refused == {}
    minami, kita = found.entries
    assert (minami.name, minami.token.get_secret_value(), minami.words) == ("minami", "minami-t", None)
    assert [secret.get_secret_value() for secret in kita.secrets] == ["kita-new", "kita-old"]
    assert "kita-token" not in repr(kita)


def test_a_folder_of_words_is_seen_from_the_file_and_a_desk_may_be_closed(folder: Path) -> None:
    (folder / "words").mkdir()
    more = "  nishi:\n    channel_secret_env: A_SECRET\n    access_token_env: A_TOKEN\n    words: words\n"
    more += "    closed: true\n"
    (nishi,) = read(folder, more, environ={"A_SECRET": "a", "A_TOKEN": "b"}).entries
    assert (nishi.words, nishi.closed) == (folder / "words", True)


@pytest.mark.parametrize(
    ("wrong", "line", "said"),
    [
        ("  higashi: {channel_secret: 0123456789, access_token_env: KITA_TOKEN}\n", 2, "直接書けません"),
        ("  higashi: {channel_secret_env: 0a1b2c3d4e, access_token_env: KITA_TOKEN}\n", 2, "値は書けません"),
        ("  higashi: {channel_secret_env: KITA_SECRET}\n", 2, "access_token_file か access_token_env"),
        ("  higashi: {channel_secret_env: NOWHERE, access_token_env: KITA_TOKEN}\n", 2, "NOWHERE がありません"),
        ("  higashi: {channel_secret_env: EMPTY, access_token_env: KITA_TOKEN}\n", 2, "EMPTY がありません"),
        ("  higashi: {channel_secret_file: nowhere, access_token_env: KITA_TOKEN}\n", 2, "ファイルが読めません"),
        (
            "  higashi:\n    channel_secret_env: KITA_SECRET\n    access_token_env: KITA_TOKEN\n    words: x\n",
            5,
            "フォルダー",
        ),
        (
            "  higashi:\n    channel_secret_env: KITA_SECRET\n    access_token_env: KITA_TOKEN\n    wrods: x\n",
            5,
            "wrods",
        ),
        (
            "  higashi:\n    channel_secret_env: KITA_SECRET\n    access_token_env: KITA_TOKEN\n    closed: 3\n",
            5,
            "true か",
        ),
        ("  higashi: 3\n", 2, "置き場所"),
        ("  Higashi_1: {channel_secret_env: KITA_SECRET, access_token_env: KITA_TOKEN}\n", 2, "英小文字"),
    ],
)
def test_what_is_wrong_with_one_desk_is_said_with_its_line_and_keeps_no_other_from_working(
    wrong: str, line: int, said: str, folder: Path
) -> None:
    found = read(folder, wrong, MINAMI)
    assert [entry.name for entry in found.entries] == ["minami"]
    ((name, lines),) = found.refused.items()
    assert name in {"higashi", "Higashi_1"}
    assert any(f"desks.yaml {line}行目" in one and said in one for one in lines), lines
    assert not any(value in one for one in lines for value in ("0123456789", "0a1b2c3d4e", "kita-new", "kita-token"))


def test_two_desks_never_share_a_line_account(folder: Path) -> None:
    environ = {**ENVIRON, "OTHER": "something-else"}
    same_token = "  nishi: {channel_secret_env: OTHER, access_token_env: KITA_TOKEN}\n"
    assert "「kita」と同じLINEアカウント" in read(folder, KITA, same_token, environ=environ).refused["nishi"][0]
    same_secret = "  nishi: {channel_secret_env: KITA_SECRET, access_token_env: OTHER}\n"
    found = read(folder, KITA, same_secret, environ=environ)
    assert "「kita」と同じLINEアカウント" in found.refused["nishi"][0]
    assert [entry.name for entry in found.entries] == ["kita"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "1行目: 中身がありません"),
        ("desks: {}\n", "「desks:」の下に"),
        ("minami: {}\n", "「desks:」の下に"),
        ("desks:\n  a: {x: 1\n  b: [\n", "YAMLの書き方が正しくありません"),
        ("desks:\n  a: {}\n  a: {}\n", "3行目: 「a」が二度書かれています"),
    ],
)
def test_a_file_that_is_wrong_as_a_whole_is_refused_with_its_line(text: str, said: str, folder: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        read(folder, text=text)
    (line,) = caught.value.lines
    assert line.startswith("DESKS_FILE: desks.yaml")
    assert said in line


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"DESKS_FILE: nowhere\.yaml が読めません"):
        read_desks(tmp_path / "nowhere.yaml", {})


def test_the_example_is_a_file_that_can_be_read() -> None:
    environ = {"MINAMI_CHANNEL_SECRET": "a", "MINAMI_ACCESS_TOKEN": "b"}
    found = read_desks(EXAMPLE, environ)
    assert [entry.name for entry in found.entries] == ["minami"]
    # Its files of secrets are nobody's: that desk alone is refused.
    assert list(found.refused) == ["kita"]
