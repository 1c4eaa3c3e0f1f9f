"""What the chat page's script is served and may ask for. How it looks is the browser test's business."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import uvicorn
from linebot.v3.messaging import PushMessageRequest, TextMessage
from simulator_cast import Sdk
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.simulator import FaultKind, Friendship, Platform, PlatformSettings, SimulatorServer, messaging_api


@pytest.fixture
def page(sim: SimulatorServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sim.page_url) as client:
        yield client


def shown(page: httpx.Client, resident: str = "") -> dict[str, Any]:
    state: dict[str, Any] = page.get("api/state", params={"resident": resident}).json()
    return state


def test_the_page_loads_nothing_from_elsewhere(page: httpx.Client) -> None:
    answer = page.get("")
    assert answer.status_code == 200
    assert "つなぐ相談" in answer.text
    assert "://" not in answer.text.replace('xmlns="http://www.w3.org', "")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    for name in ("app.js", "flex.js", "simulator.css", "talk.css", "icon.svg"):
        assert page.get(f"static/{name}").status_code == 200


def test_the_account_name_is_escaped() -> None:
    with SimulatorServer(account_name="<script>alert(1)</script>") as sim:
        assert "<script>alert" not in httpx.get(sim.page_url).text


def test_a_whole_talk_goes_through_the_page(sim: SimulatorServer, page: httpx.Client, sdk: Sdk) -> None:
    user = page.post("api/residents", json={"name": "となりの人"}).json()["id"]
    acts = [
        ("follow", {}),
        ("say", {"text": "家賃が払えない"}),
        ("sticker", {"stickerId": "3", "keyword": "つらい"}),
        ("media", {"kind": "image"}),
        ("location", {}),
    ]
    for act, body in acts:
        assert page.post(f"api/residents/{user}/{act}", json=body).status_code == 200
    sdk(lambda api: api.push_message(PushMessageRequest(to=user, messages=[TextMessage(text="聞いています")])))
    state = shown(page, user)
    kinds = [entry["message"]["type"] for entry in state["talk"]["entries"]]
    assert kinds == ["note", "text", "sticker", "image", "location", "text"]
    assert state["residents"][0]["name"] == "となりの人"
    message = state["talk"]["entries"][1]["id"]
    page.post(f"api/residents/{user}/unsend", json={"messageId": message})
    assert shown(page, user)["talk"]["entries"][1]["message"] == {"type": "text"}
    page.post(f"api/residents/{user}/block", json={})
    assert sim.platform.residents.get(user).friendship is Friendship.BLOCKED
    refused = page.post(f"api/residents/{user}/say", json={"text": "だれか"})
    assert (refused.status_code, refused.json()) == (409, {"error": "the account is blocked"})


def test_requests_the_page_would_not_make_are_refused(sim: SimulatorServer, page: httpx.Client) -> None:
    user = sim.resident().user_id
    say = f"api/residents/{user}/say"
    assert page.post(say, content=b'{"text": "a"}', headers={"content-type": "text/plain"}).status_code == 400
    assert page.post(say, content=b"[1]", headers={"content-type": "application/json"}).status_code == 400
    assert page.post(say, content=b"{", headers={"content-type": "application/json"}).status_code == 400
    assert page.post(f"api/residents/{user}/dance", json={}).status_code == 400
    assert page.post("api/residents/Unobody/say", json={"text": "a"}).status_code == 404
    assert page.post(say, json={"text": 5}).status_code == 409
    assert page.post(f"api/residents/{user}/tap", json={"entryId": "1", "action": {}}).status_code == 409
    assert page.get("menu/none").status_code == 404
    assert sim.platform.residents.get(user).entries == []


def test_a_lone_surrogate_does_not_break_the_page(sim: SimulatorServer, page: httpx.Client) -> None:
    resident = sim.resident()
    resident.say("あ\udfffい")
    assert json.loads(page.get("api/state").text)["talk"]["entries"][0]["message"]["text"] == "あ\udfffい"


def test_switches_of_the_panel(sim: SimulatorServer, page: httpx.Client) -> None:
    before = sim.platform.core.now()
    turned = [
        ("clock", 3600),
        ("limit", 3),
        ("redelivery", True),
        ("copies", True),
        ("reorder", True),
        ("wrong_signature", True),
        ("active", False),
        ("fault", {"kind": "slow_after", "times": 2, "seconds": 999}),
    ]
    for switch, value in turned:
        assert page.post("api/lab", json={"switch": switch, "value": value}).status_code == 200
    assert (sim.platform.core.now() - before).total_seconds() >= 3600
    lab = shown(page)["lab"]
    assert lab["faults"] == [{"kind": "slow_after", "times": 2, "seconds": 120.0}]
    assert lab["limit"] == 3
    assert lab["webhook"]["active"] is False
    assert all(lab["webhook"][name] for name in ("redelivery", "copies", "reorder", "wrong_signature"))
    page.post("api/lab", json={"switch": "heal"})
    assert shown(page)["lab"]["faults"] == []


@pytest.mark.parametrize(
    "body",
    [
        {"switch": "self-destruct"},
        {"switch": "clock", "value": -5},
        {"switch": "clock", "value": "1"},
        {"switch": "limit", "value": -1},
        {"switch": "fault", "value": {"kind": "meteor"}},
        {"switch": "fault", "value": {"kind": "server_error", "times": 0}},
        {"switch": "fault", "value": "server_error"},
    ],
)
def test_a_switch_that_does_not_exist_is_refused(page: httpx.Client, body: dict[str, Any]) -> None:
    assert page.post("api/lab", json=body).status_code == 400


def test_records_name_kinds_and_statuses_but_no_words(sim: SimulatorServer, page: httpx.Client) -> None:
    sim.resident().say("だれにも言えないこと")
    sim.wait_until_delivered()
    records = shown(page)["lab"]["records"]
    assert [(record["way"], record["what"], record["status"]) for record in records] == [("webhook", "message", 200)]
    assert "だれにも" not in json.dumps(records, ensure_ascii=False)


def test_the_stream_tells_of_changes_and_ends_with_the_server(sim: SimulatorServer) -> None:
    lines: list[str] = []
    first = threading.Event()
    second = threading.Event()

    def read() -> None:
        with httpx.stream("GET", f"{sim.page_url}api/stream") as answer:
            for line in answer.iter_lines():
                if line.startswith("data:"):
                    lines.append(line)
                    (second if first.is_set() else first).set()

    thread = threading.Thread(target=read)
    thread.start()
    assert first.wait(10)
    sim.resident()
    assert second.wait(10)
    sim.platform.stop()
    thread.join(10)
    assert not thread.is_alive()
    assert lines[0] != lines[1]


def test_on_a_server_that_cannot_hang_up_the_answer_breaks_off() -> None:
    platform = Platform(PlatformSettings(channel_secret="s", access_token="t"))
    user = platform.residents.add().user_id
    platform.residents.follow(user)
    platform.faults.add(FaultKind.DROP_AFTER)
    app = Starlette(routes=[Mount("/simulator/line", messaging_api(platform))])
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off", ws="none"))
    sockets = [socket.create_server(("127.0.0.1", 0))]
    thread = threading.Thread(target=server.run, kwargs={"sockets": sockets})
    thread.start()
    try:
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.post(
                f"http://127.0.0.1:{sockets[0].getsockname()[1]}/simulator/line/v2/bot/message/push",
                headers={"authorization": "Bearer t"},
                json={"to": user, "messages": [{"type": "text", "text": "あ"}]},
            )
        assert len(platform.residents.get(user).bubbles()) == 1
    finally:
        server.should_exit = True
        thread.join(10)
