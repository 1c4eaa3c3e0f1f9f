"""Counting, Flex containers, rich menus: the finer limits."""

from __future__ import annotations

import json
import struct
from types import ModuleType
from typing import Any

import httpx
import pytest
from simulator_cast import Sdk, png

from bot.simulator import RefusedError, ResidentHandle, SimulatorServer
from bot.simulator.counting import graphemes, utf16_units
from bot.simulator.flexchecks import container_errors
from bot.simulator.richmenus import image_size

CALL = {"type": "button", "action": {"type": "uri", "label": "電話する", "uri": "tel:0120-000-000"}}


def bubble(*contents: Any, **more: Any) -> dict[str, Any]:
    return {"type": "bubble", "body": {"type": "box", "layout": "vertical", "contents": list(contents)}, **more}


def wrong_places(container: Any) -> list[str]:
    return [error["property"] for error in container_errors(container, "contents")]


@pytest.mark.parametrize(
    ("text", "seen", "units"),
    [("家賃", 2, 2), ("か\u3099", 1, 2), ("👩‍👧", 1, 5), ("👍🏽", 1, 4), ("🇯🇵🇯🇵", 2, 8), ("", 0, 0)],
)
def test_characters_are_counted_as_line_counts_them(text: str, seen: int, units: int) -> None:
    assert graphemes(text) == seen
    assert utf16_units(text) == units


def test_a_card_with_a_telephone_button_is_taken(openapi: ModuleType) -> None:
    card = bubble({"type": "text", "text": "よりそいホットライン", "weight": "bold", "wrap": True}, CALL)
    assert container_errors(card, "contents") == []
    assert openapi.errors(openapi.load(), "FlexContainer", card) == []


@pytest.mark.parametrize(
    ("container", "place"),
    [
        ({"type": "paper"}, "contents.type"),
        ({"type": "bubble"}, "contents"),
        ({"type": "carousel", "contents": []}, "contents.contents"),
        ({"type": "carousel", "contents": [bubble(CALL)] * 13}, "contents.contents"),
        (bubble(CALL, size="huge"), "contents.size"),
        (bubble({"type": "text"}), "contents.body.contents[0].text"),
        (bubble({"type": "text", "text": "あ", "colour": "#000000"}), "contents.body.contents[0].colour"),
        (bubble({"type": "text", "text": "あ", "color": "red"}), "contents.body.contents[0].color"),
        (bubble({"type": "text", "text": "あ", "size": "large"}), "contents.body.contents[0].size"),
        (bubble({"type": "button"}), "contents.body.contents[0].action.type"),
        (bubble({"type": "span", "text": "あ"}), "contents.body.contents[0].type"),
        (bubble({"type": "box", "layout": "diagonal", "contents": []}), "contents.body.contents[0].layout"),
        (bubble({"type": "text", "text": "あ" * 11_000}), "contents"),
    ],
)
def test_a_container_line_would_refuse_is_refused_with_its_place(container: Any, place: str) -> None:
    assert place in wrong_places(container)


def test_a_carousel_of_full_bubbles_is_too_heavy() -> None:
    heavy = bubble({"type": "text", "text": "あ" * 9_000})
    assert wrong_places({"type": "carousel", "contents": [heavy, heavy]}) == ["contents"]
    assert wrong_places(heavy) == []


def test_sizes_of_pictures_are_read_from_their_bytes() -> None:
    jpeg = b"\xff\xd8\xff\xe0\x00\x04\x00\x00\xff\xc0\x00\x0b\x08" + struct.pack(">HH", 843, 2500) + b"\x01\x01\x11\x00"
    assert image_size(png(1200, 405)) == (1200, 405)
    assert image_size(jpeg) == (2500, 843)
    assert image_size(b"GIF89a") is None
    assert image_size(b"\xff\xd8\xff") is None


MENU = {
    "size": {"width": 1200, "height": 405},
    "selected": True,
    "name": "menu",
    "chatBarText": "メニュー",
    "areas": [
        {
            "bounds": {"x": 0, "y": 0, "width": 600, "height": 405},
            "action": {"type": "postback", "label": "人と話す", "data": "v1:human", "displayText": "人と話したい"},
        },
        {
            "bounds": {"x": 600, "y": 0, "width": 600, "height": 405},
            "action": {"type": "richmenuswitch", "richMenuAliasId": "other", "data": "v1:switch"},
        },
    ],
}


class Menus:
    """The rich menu endpoints, raw."""

    def __init__(self, sim: SimulatorServer) -> None:
        self.client = httpx.Client(base_url=f"{sim.api_url}/v2/bot", headers={"authorization": f"Bearer {sim.token}"})

    def create(self, menu: Any = MENU, image: bytes | None = None) -> str:
        menu_id = str(self.client.post("/richmenu", json=menu).json()["richMenuId"])
        if image is not None:
            assert self.upload(menu_id, image).status_code == 200
        return menu_id

    def upload(self, menu_id: str, image: bytes, kind: str = "image/png") -> httpx.Response:
        return self.client.post(f"/richmenu/{menu_id}/content", content=image, headers={"content-type": kind})


@pytest.fixture
def menus(sim: SimulatorServer) -> Any:
    made = Menus(sim)
    yield made
    made.client.close()


def test_a_rich_menu_is_made_shown_and_pressed(sim: SimulatorServer, menus: Menus) -> None:
    menu_id = menus.create()
    assert menus.client.post(f"/user/all/richmenu/{menu_id}").status_code == 400
    assert menus.upload(menu_id, png(1200, 405)).status_code == 200
    assert menus.upload(menu_id, png(1200, 405)).status_code == 400
    assert menus.client.post(f"/user/all/richmenu/{menu_id}").status_code == 200
    assert menus.client.get("/user/all/richmenu").json() == {"richMenuId": menu_id}
    assert menus.client.get(f"/richmenu/{menu_id}/content").content == png(1200, 405)
    resident = sim.resident()
    sim.platform.residents.tap(resident.user_id, MENU["areas"][0]["action"])
    assert resident.entries[-1].text == "人と話したい"
    with pytest.raises(RefusedError):
        sim.platform.residents.tap(resident.user_id, {"type": "message", "label": "あ", "text": "あ"})


def test_menus_are_switched_by_alias(sim: SimulatorServer, menus: Menus) -> None:
    first, second = menus.create(image=png(1200, 405)), menus.create(image=png(1200, 405))
    menus.client.post(f"/user/all/richmenu/{first}")
    resident = sim.resident()
    switch = MENU["areas"][1]["action"]
    sim.platform.residents.tap(resident.user_id, switch)
    assert menus.client.post("/richmenu/alias", json={"richMenuAliasId": "other", "richMenuId": second}).is_success
    sim.platform.residents.tap(resident.user_id, switch)
    outcomes = [event["postback"]["params"]["status"] for event in sim.platform.residents.events]
    assert outcomes == ["RICHMENU_ALIAS_ID_NOTFOUND", "SUCCESS"]
    assert sim.platform.residents.get(resident.user_id).rich_menu_id == second


def test_aliases_are_listed_repointed_and_deleted(menus: Menus) -> None:
    first, second = menus.create(image=png(1200, 405)), menus.create(image=png(1200, 405))
    make = {"richMenuAliasId": "main", "richMenuId": first}
    assert menus.client.post("/richmenu/alias", json=make).is_success
    assert menus.client.post("/richmenu/alias", json=make).status_code == 400
    assert menus.client.post("/richmenu/alias", json={**make, "richMenuAliasId": "Main!"}).status_code == 400
    assert menus.client.post("/richmenu/alias/main", json={"richMenuId": second}).is_success
    assert menus.client.get("/richmenu/alias/main").json()["richMenuId"] == second
    assert len(menus.client.get("/richmenu/alias/list").json()["aliases"]) == 1
    assert menus.client.delete("/richmenu/alias/main").is_success
    assert menus.client.get("/richmenu/alias/main").status_code == 404


def test_menus_are_listed_and_deleted(menus: Menus) -> None:
    menu_id = menus.create(image=png(1200, 405))
    menus.client.post(f"/user/all/richmenu/{menu_id}")
    assert [menu["richMenuId"] for menu in menus.client.get("/richmenu/list").json()["richmenus"]] == [menu_id]
    assert menus.client.get(f"/richmenu/{menu_id}").json()["chatBarText"] == "メニュー"
    assert menus.client.delete(f"/richmenu/{menu_id}").is_success
    assert menus.client.get("/user/all/richmenu").status_code == 404
    assert menus.client.delete(f"/richmenu/{menu_id}").status_code == 404


@pytest.mark.parametrize(
    "change",
    [
        {"size": {"width": 500, "height": 400}},
        {"size": {"width": 1200, "height": 1200}},
        {"chatBarText": "あ" * 15},
        {"name": ""},
        {"selected": "yes"},
        {"areas": [MENU["areas"][0]] * 21},
        {"areas": [{"action": {"type": "message", "text": "あ"}}]},
    ],
)
def test_a_menu_line_would_refuse_is_refused(menus: Menus, change: dict[str, Any]) -> None:
    assert menus.client.post("/richmenu", json={**MENU, **change}).status_code == 400


def test_a_picture_of_the_wrong_size_or_kind_is_refused(menus: Menus) -> None:
    menu_id = menus.create()
    assert menus.upload(menu_id, png(1200, 500)).status_code == 400
    assert menus.upload(menu_id, png(1200, 405), "image/gif").status_code == 415


def test_buttons_up_in_the_talk_stay_pressable_but_foreign_ones_do_not(sim: SimulatorServer, sdk: Sdk) -> None:
    from linebot.v3.messaging import FlexContainer, FlexMessage, PushMessageRequest, TextMessage

    ask = {"type": "button", "action": {"type": "postback", "label": "連絡してほしい", "data": "v1:call"}}
    card = FlexMessage(altText="カード", contents=FlexContainer.from_json(json.dumps(bubble(ask))))
    resident: ResidentHandle = sim.resident()
    resident.follow()
    sdk(lambda api: api.push_message(PushMessageRequest(to=resident.user_id, messages=[card])))
    sdk(lambda api: api.push_message(PushMessageRequest(to=resident.user_id, messages=[TextMessage(text="あとで")])))
    resident.tap("連絡してほしい")
    assert sim.platform.residents.events[-1]["postback"] == {"data": "v1:call"}
    with pytest.raises(RefusedError):
        resident.tap("そんなボタンはない")
