"""Real or simulator: decided from the settings alone, refused when they do not say clearly which."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from bot_cast import KEY, OTHER_KEY, SECRET, TOKEN, real_settings, simulator_settings
from pydantic import SecretStr

from bot.mode import DEFAULT_DESK, choose_mode
from config.settings import Settings, SettingsError
from storage.ids import new_id
from storage.vault import Place, SealingKey

PLACE = Place(table="t", column="c", row=new_id())


def refused(settings: Settings) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        choose_mode(settings)
    return caught.value.lines


def names(lines: list[str]) -> list[str]:
    return [line.split(":")[0] for line in lines]


def test_with_both_line_settings_and_a_key_it_is_real(tmp_path: Path) -> None:
    mode = choose_mode(real_settings(tmp_path, line_channel_secret="new,old", line_api_url=None))
    assert not mode.simulator
    assert mode.secrets == {DEFAULT_DESK: (b"new", b"old")}
    assert mode.tokens == {DEFAULT_DESK: TOKEN}
    assert mode.line_host == "https://api.line.me"


def test_real_mode_may_listen_on_any_address(tmp_path: Path) -> None:
    assert not choose_mode(real_settings(tmp_path, host="0.0.0.0")).simulator


def test_the_first_key_seals_and_every_key_opens(tmp_path: Path) -> None:
    mode = choose_mode(real_settings(tmp_path, data_key=f"{OTHER_KEY},{KEY}"))
    sealed = SealingKey(b"o" * 32).seal(PLACE, b"words")
    assert mode.masters[0].open(PLACE, sealed) == b"words"
    assert len(mode.masters) == 2


@pytest.mark.parametrize("left_out", ["LINE_CHANNEL_SECRET", "LINE_CHANNEL_ACCESS_TOKEN", "DATA_KEY"])
def test_real_mode_refuses_to_start_with_one_setting_missing(left_out: str, tmp_path: Path) -> None:
    lines = refused(real_settings(tmp_path, **{left_out: None}))
    assert names(lines) == [left_out]
    assert not any(secret in line for line in lines for secret in (SECRET, TOKEN, KEY))


def test_all_that_is_missing_is_said_at_once(tmp_path: Path) -> None:
    lines = refused(real_settings(tmp_path, line_channel_secret=None, data_key=None))
    assert names(lines) == ["LINE_CHANNEL_SECRET", "DATA_KEY"]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "soudan.example"])
def test_without_line_settings_an_address_others_reach_is_refused(host: str, tmp_path: Path) -> None:
    lines = refused(simulator_settings(tmp_path, host=host))
    assert names(lines) == ["LINE_CHANNEL_SECRET", "LINE_CHANNEL_ACCESS_TOKEN", "HOST"]
    assert host in lines[2]


def many(folder: Path, *desks: str) -> Settings:
    """Real mode with a file of desks, whose secrets are files beside it."""
    lines = ["desks:"]
    for name in desks:
        lines.append(
            f"  {name}: {{channel_secret_file: {name}.s, access_token_file: {name}.t, closed: {name == 'old'}}}"
        )
        for kind in "st":
            (folder / f"{name}.{kind}").write_text(f"{name}-{kind}", encoding="utf-8")
    (folder / "desks.yaml").write_text("\n".join(lines), encoding="utf-8")
    return simulator_settings(folder, desks_file=str(folder / "desks.yaml"), data_key=KEY)


def test_with_a_file_of_desks_the_single_line_settings_are_not_needed(tmp_path: Path) -> None:
    mode = choose_mode(many(tmp_path, "minami", "kita"))
    assert not mode.simulator
    assert mode.secrets == {"minami": (b"minami-s",), "kita": (b"kita-s",)}
    assert mode.tokens == {"minami": "minami-t", "kita": "kita-t"}


def test_a_closed_desk_sends_but_takes_nothing_in(tmp_path: Path) -> None:
    mode = choose_mode(many(tmp_path, "minami", "old"))
    assert (list(mode.secrets), list(mode.tokens)) == (["minami"], ["minami", "old"])


def test_a_wrong_desk_is_left_out_and_without_a_good_one_it_is_refused(tmp_path: Path) -> None:
    settings = many(tmp_path, "minami", "kita")
    (tmp_path / "kita.t").unlink()
    mode = choose_mode(settings)
    assert list(mode.secrets) == ["minami"]
    assert mode.file is not None
    assert list(mode.file.refused) == ["kita"]
    (tmp_path / "minami.s").unlink()
    assert names(refused(settings)) == ["DESKS_FILE", "DESKS_FILE"]


def test_one_way_to_say_whose_account_it_is_is_enough(tmp_path: Path) -> None:
    settings = many(tmp_path, "minami").model_copy(
        update={"line_channel_access_token": SecretStr(TOKEN), "data_key": ()}
    )
    assert names(refused(settings)) == ["LINE_CHANNEL_ACCESS_TOKEN", "DATA_KEY"]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_without_line_settings_it_is_a_simulator_that_talks_to_itself(host: str, tmp_path: Path) -> None:
    mode = choose_mode(simulator_settings(tmp_path, host=host, port=8123, line_api_url=None))
    assert mode.simulator
    assert mode.line_host is not None
    assert mode.line_host.endswith(":8123/simulator/line")


def test_every_start_of_the_simulator_has_its_own_secrets_and_the_same_key(tmp_path: Path) -> None:
    first, second = (choose_mode(simulator_settings(tmp_path)) for _ in range(2))
    assert first.secrets != second.secrets
    assert first.tokens != second.tokens
    assert second.masters[0].open(PLACE, first.masters[0].seal(PLACE, b"words")) == b"words"


def test_the_simulators_key_is_for_its_owner_only(tmp_path: Path) -> None:
    choose_mode(simulator_settings(tmp_path))
    (file,) = (tmp_path / "data").iterdir()
    assert file.stat().st_mode & 0o077 == 0
    assert len(base64.b64decode(file.read_text(encoding="ascii"))) == 32


def test_a_key_that_is_given_is_the_simulators_too(tmp_path: Path) -> None:
    mode = choose_mode(simulator_settings(tmp_path, data_key=KEY))
    assert mode.masters[0].open(PLACE, SealingKey(b"k" * 32).seal(PLACE, b"words")) == b"words"
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("content", [b"", b"not a key\n", b"\xff\xfe"])
def test_a_damaged_simulator_key_is_refused_and_left_alone(content: bytes, tmp_path: Path) -> None:
    settings = simulator_settings(tmp_path)
    choose_mode(settings)
    (file,) = (tmp_path / "data").iterdir()
    file.write_bytes(content)
    (line,) = refused(settings)
    assert file.name in line
    assert file.read_bytes() == content


def test_a_data_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where the folder should be")
    assert names(refused(simulator_settings(tmp_path))) == ["DATA_DIR"]
