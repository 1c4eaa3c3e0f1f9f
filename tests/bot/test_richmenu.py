"""`tsunagu richmenu apply`: one menu of ours at LINE, whatever was there before, and plain words when LINE refuses."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import line_openapi
import pytest
from bot_cast import TOKEN, free_port, simulator_settings
from typer.testing import CliRunner, Result

from bot.app import start_program
from bot.cli import command_line
from bot.commands.serving import _greet
from bot.mode import choose_mode
from bot.simulator import FaultKind, SimulatorServer
from bot.simulator.richmenus import image_size
from config.richmenu import rich_menu
from config.settings import LINE_API
from dialogue.actions import Action
from handlers.line import postback
from handlers.line.menu_picture import HEIGHT, WIDTH
from handlers.line.menus import MenuClient, MenuError, compose

FOREIGN = {
    "size": {"width": 800, "height": 270},
    "selected": False,
    "name": "社協の行事",
    "chatBarText": "行事",
    "areas": [],
}
MENU = compose(rich_menu(), "default")


@pytest.fixture
def sim() -> Iterator[SimulatorServer]:
    with SimulatorServer(webhook_url="http://127.0.0.1:9/", seed=7) as server:
        yield server


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No `.env` of the person who runs the tests is read."""
    monkeypatch.chdir(tmp_path)


def run(monkeypatch: pytest.MonkeyPatch, url: str | None, *options: str, token: str | None = None) -> Result:
    for name, value in (("LINE_API_URL", url), ("LINE_CHANNEL_ACCESS_TOKEN", token)):
        if value is not None:
            monkeypatch.setenv(name, value)
    return CliRunner().invoke(command_line(), ["richmenu", "apply", *options])


def apply(monkeypatch: pytest.MonkeyPatch, sim: SimulatorServer) -> Result:
    return run(monkeypatch, sim.api_url, token=sim.token)


def put(sim: SimulatorServer, body: dict[str, Any], *, image: bytes = b"") -> str:
    """A menu that is already there, made by whomever."""
    answer = sim.platform.menus.create(body)
    assert isinstance(answer.body, dict)
    menu_id = str(answer.body["richMenuId"])
    sim.platform.menus.images[menu_id] = ("image/png", image)
    return menu_id


def test_the_menu_is_made_with_its_picture_and_shown_to_everybody(
    monkeypatch: pytest.MonkeyPatch, sim: SimulatorServer
) -> None:
    result = apply(monkeypatch, sim)
    assert result.exit_code == 0, result.output
    assert "メニューを作り、全員に表示" in result.output
    menus = sim.platform.menus
    [menu_id] = menus.menus
    assert menus.default_id == menu_id
    assert menus.aliases == {"tsunagu-default": menu_id}
    kind, content = menus.images[menu_id]
    assert kind == "image/png"
    assert image_size(content) == (WIDTH, HEIGHT)


def test_applying_again_leaves_the_same_menu_and_asks_for_nothing_more(
    monkeypatch: pytest.MonkeyPatch, sim: SimulatorServer
) -> None:
    apply(monkeypatch, sim)
    before = list(sim.platform.menus.menus)
    writes = [request for request in sim.requests() if request.method != "GET"]
    result = apply(monkeypatch, sim)
    assert result.exit_code == 0
    assert "何も変えていません" in result.output
    assert list(sim.platform.menus.menus) == before
    assert [request for request in sim.requests() if request.method != "GET"] == writes


def test_an_older_menu_of_ours_goes_and_the_new_one_takes_its_place(
    monkeypatch: pytest.MonkeyPatch, sim: SimulatorServer
) -> None:
    old = put(sim, {**FOREIGN, "name": "tsunagu:default:0123456789abcdef"})
    sim.platform.menus.default_id = old
    sim.platform.menus.aliases["tsunagu-default"] = old
    result = apply(monkeypatch, sim)
    assert "古いメニューを1つ消しました" in result.output
    [menu_id] = sim.platform.menus.menus
    assert menu_id != old
    assert sim.platform.menus.aliases == {"tsunagu-default": menu_id}


def test_menus_of_others_are_never_touched(monkeypatch: pytest.MonkeyPatch, sim: SimulatorServer) -> None:
    shown = put(sim, FOREIGN)
    other_desk = put(sim, {**FOREIGN, "name": "tsunagu:another:0123456789abcdef"})
    # An action that this SDK does not know must not stop us either.
    sim.platform.menus.menus[shown]["areas"] = [{"bounds": {}, "action": {"type": "from_tomorrow"}}]
    sim.platform.menus.default_id = shown
    sim.platform.menus.aliases["events"] = shown
    result = apply(monkeypatch, sim)
    assert result.exit_code == 0, result.output
    assert "つなぐが作っていないメニュー" in result.output
    assert {shown, other_desk} < sim.platform.menus.menus.keys()
    assert sim.platform.menus.aliases["events"] == shown
    assert sim.platform.menus.default_id == sim.platform.menus.aliases["tsunagu-default"]


def test_a_menu_that_somebody_switched_off_is_shown_again(
    monkeypatch: pytest.MonkeyPatch, sim: SimulatorServer
) -> None:
    apply(monkeypatch, sim)
    sim.platform.menus.default_id = None
    result = apply(monkeypatch, sim)
    assert "それを全員に表示" in result.output
    assert [sim.platform.menus.default_id] == list(sim.platform.menus.menus)


@pytest.mark.parametrize("step", ["/v2/bot/richmenu/alias", "/v2/bot/user/all/richmenu"])
def test_what_a_broken_try_left_is_cleared_away_by_the_next(
    monkeypatch: pytest.MonkeyPatch, sim: SimulatorServer, step: str
) -> None:
    put(sim, {**FOREIGN, "name": "tsunagu:default:half-made"})
    sim.fail_next(FaultKind.SERVER_ERROR, path=step)
    assert apply(monkeypatch, sim).exit_code == 2
    result = apply(monkeypatch, sim)
    assert result.exit_code == 0, result.output
    assert len(sim.platform.menus.menus) == 1
    assert [sim.platform.menus.default_id] == list(sim.platform.menus.menus)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (FaultKind.RATE_LIMIT, "1時間に100回"),
        (FaultKind.SERVER_ERROR, "LINEの側"),
        (FaultKind.DROP_BEFORE, "LINEにつながりません"),
        (FaultKind.ODD_JSON, "LINEの返事が読めません"),
    ],
)
def test_a_refusal_is_told_in_one_plain_line(
    monkeypatch: pytest.MonkeyPatch, sim: SimulatorServer, kind: FaultKind, words: str
) -> None:
    sim.fail_next(kind, path="/v2/bot/richmenu/list", times=None)
    result = apply(monkeypatch, sim)
    assert result.exit_code == 2
    assert words in result.stderr
    assert result.stderr.count("\n") == 1
    assert sim.platform.menus.menus == {}


def test_a_wrong_token_is_named(monkeypatch: pytest.MonkeyPatch, sim: SimulatorServer) -> None:
    result = run(monkeypatch, sim.api_url, token=TOKEN)
    assert result.exit_code == 2
    assert "LINE_CHANNEL_ACCESS_TOKEN を確かめて" in result.stderr
    assert TOKEN not in result.output


def test_what_line_says_about_a_bad_menu_is_passed_on(monkeypatch: pytest.MonkeyPatch, sim: SimulatorServer) -> None:
    for number in range(1_000):
        sim.platform.menus.menus[f"richmenu-{number}"] = {**FOREIGN, "richMenuId": f"richmenu-{number}"}
    result = apply(monkeypatch, sim)
    assert result.exit_code == 2
    assert "maximum number of rich menus" in result.stderr


def test_nobody_at_line_is_told_in_plain_words(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(monkeypatch, f"http://127.0.0.1:{free_port()}", token=TOKEN)
    assert result.exit_code == 2
    assert "LINE_API_URL を確かめて" in result.stderr


def test_without_a_token_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(monkeypatch, None)
    assert result.exit_code == 2
    assert "LINE_CHANNEL_ACCESS_TOKEN" in result.stderr
    assert "シミュレーター" in result.stderr


def test_another_desk_is_not_known_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(monkeypatch, None, "--desk", "kita", token=TOKEN)
    assert result.exit_code == 2
    assert "「kita」という窓口はありません" in result.stderr


def test_what_is_sent_is_what_lines_own_specification_allows(
    monkeypatch: pytest.MonkeyPatch, sim: SimulatorServer
) -> None:
    openapi = line_openapi.openapi() or pytest.skip(line_openapi.ABSENT)
    old = put(sim, {**FOREIGN, "name": "tsunagu:default:old"})
    sim.platform.menus.aliases["tsunagu-default"] = old
    apply(monkeypatch, sim)
    sim.platform.menus.aliases.clear()
    apply(monkeypatch, sim)
    checked = set()
    for request in sim.requests():
        name = openapi.request_schema(openapi.load(), request.method.lower(), request.path)
        if name is not None:
            assert openapi.errors(openapi.load(), name, request.body) == []
            checked.add(name)
    assert checked == {"RichMenuRequest", "CreateRichMenuAliasRequest", "UpdateRichMenuAliasRequest"}


def test_every_cell_means_something_to_the_dialogue() -> None:
    areas = MENU.body["areas"]
    actions = [postback.decode(area["action"]["data"]) for area in areas]
    assert [action for action, _ in actions] == [Action(cell.action).value for cell in rich_menu().cells]
    assert [area["action"].get("inputOption") for area in areas] == ["openKeyboard", *["closeRichMenu"] * 5]


@pytest.mark.anyio
async def test_a_picture_goes_to_the_host_that_line_keeps_for_content(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy sees where LINE's own addresses lead to, without a byte leaving the machine."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as proxy:

        def refuse() -> None:
            for _ in range(2):
                connection, _ = proxy.accept()
                with connection:
                    asked.append(connection.recv(1_000).split(b" HTTP")[0])
                    connection.sendall(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")

        thread = threading.Thread(target=refuse, daemon=True)
        thread.start()
        for name in ("no_proxy", "NO_PROXY", "https_proxy"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        client = MenuClient(access_token=TOKEN, host=LINE_API)
        for call in (client.names(), client.upload("richmenu-1", MENU.picture)):
            with pytest.raises(MenuError, match="LINEにつながりません"):
                await call
        await client.close()
        thread.join(10)
    assert asked == [b"CONNECT api.line.me:443", b"CONNECT api-data.line.me:443"]


@pytest.mark.anyio
async def test_the_simulator_starts_even_where_its_menu_cannot_be_put_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody listens at the address here, so that LINE seems to be gone."""
    settings = simulator_settings(tmp_path, port=free_port())
    async with start_program(settings, choose_mode(settings)) as program:
        await _greet(program)
        assert program.platform is not None
        assert program.platform.menus.menus == {}
    assert "シミュレーターで動いています" in capsys.readouterr().out
