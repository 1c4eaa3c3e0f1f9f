"""What holds for every page of the room: who may come, what may be sent, and what nobody may keep."""

from __future__ import annotations

import html
import re
from typing import Any

import httpx
import pytest
from guest import Guest
from road import Bot
from sqlalchemy import func, select

from handlers.guarding import network_of
from handlers.room.app import ROUTERS, room_app
from handlers.room.door import RoomDoor
from handlers.room.limits import RATES, Buckets, Limit
from handlers.room.security import own_path
from storage import room_sessions, rooms
from storage.database import Connection
from storage.ids import new_id
from storage.tables import InboxEvent

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'><b>{{7*7}}</b>&amp;"
#: Parameters for every path; what is nobody's is fine: the answer must be closed all the same.
FILLED = {"token": "x" * 43, "desk": "default", "word": "x", "purpose": "x", "sheet": "x", "number": "1"}


def every_path() -> list[tuple[str, str]]:
    """Method and path of every route, those of static files and unknown ones included."""
    found = [
        (method, re.sub(r"{(\w+)[^}]*}", lambda m: FILLED.get(m[1], "x"), "/room" + route.path))
        for router in ROUTERS
        for route in router.routes
        for method in sorted(getattr(route, "methods", ()))
    ]
    return [
        *found,
        ("GET", "/room/static/room.css"),
        ("GET", "/room/no-such-page"),
        ("PUT", "/room/say"),
    ]


@pytest.mark.parametrize(("method", "path"), every_path(), ids=lambda value: str(value))
@pytest.mark.parametrize("inside", [True, False])
def test_every_answer_is_closed_to_everybody_else(house: Bot, method: str, path: str, inside: bool) -> None:
    guest = Guest(house)
    if not inside:
        guest.http.cookies.clear()
    with guest.http.stream(method, path) as answer:
        headers = answer.headers
    assert answer.status_code < 500
    if "/static/" not in path or answer.status_code != 200:
        assert headers["cache-control"] == "no-store, private"
        assert headers["pragma"] == "no-cache"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "noindex" in headers["x-robots-tag"]
    assert "geolocation=()" in headers["permissions-policy"]
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert headers.get("access-control-allow-origin") is None


def test_the_rule_sees_the_routes() -> None:
    paths = {path for _, path in every_path()}
    assert {"/room/", "/room/say", "/room/press", "/room/unsend", "/room/away", "/room/stream", "/room/look"} <= paths


def test_files_of_ours_may_be_kept_because_their_address_changes(house: Bot, guest: Guest) -> None:
    found = re.findall(r'"(/room/static/[^"]+)"', guest.page())
    assert len(found) >= 3
    for path in found:
        answer = guest.http.get(html.unescape(path))
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/room/say", "/room/press", "/room/unsend", "/room/look"])
@pytest.mark.parametrize(
    "changed",
    [
        {"token": ""},
        {"token": None},
        {"token": "0" * 64},
        {"token": "\ufffd字"},
        {"headers": {"sec-fetch-site": "cross-site"}},
        {"headers": {"sec-fetch-site": "same-site"}},
        {"headers": {"origin": "https://elsewhere.example"}},
    ],
    ids=["empty", "absent", "made up", "strange", "cross-site", "same-site", "foreign origin"],
)
def test_no_form_of_anybody_else_is_taken(house: Bot, guest: Guest, path: str, changed: dict[str, Any]) -> None:
    fields = {"token": guest.form_token(), "text": "送られない言葉", "press": "talk|", "key": "0" * 64}
    fields |= {name: value for name, value in changed.items() if name != "headers"}
    data = {name: value for name, value in fields.items() if value is not None}
    answer = guest.http.post(path, data=data, headers=changed.get("headers"))
    assert answer.status_code == 403
    waiting = (
        select(func.count())
        .select_from(InboxEvent)
        .where(InboxEvent.sender == rooms.sender_of(house.program.keyring, "default", guest.room.id).index)
    )
    assert house.rows(waiting)[0][0] == 0


def test_a_form_of_another_browser_of_the_same_room_is_not_taken(house: Bot, guest: Guest) -> None:
    other = Guest(house, room=guest.room)
    assert guest.http.post("/room/say", data={"token": other.form_token(), "text": "x"}).status_code == 403


def test_an_old_page_gives_back_what_was_written(guest: Guest) -> None:
    answer = guest.http.post("/room/say", data={"token": "old", "text": "せっかく書いた言葉"})
    assert answer.status_code == 403
    assert "せっかく書いた言葉" in answer.text
    assert "もう一度送ってください" in answer.text


def test_who_is_out_is_told_so_and_keeps_what_was_written(guest: Guest) -> None:
    token = guest.form_token()
    guest.http.cookies.clear()
    answer = guest.http.post("/room/say", data={"token": token, "text": "せっかく書いた言葉"})
    assert answer.status_code == 401
    assert "せっかく書いた言葉" in answer.text
    assert guest.page(status=401).count("このページは閉じています") == 1
    assert guest.http.get("/room/lines").status_code == 401
    assert guest.http.get("/room/stream").status_code == 401


def test_leaving_lets_nobody_back_in(house: Bot, guest: Guest) -> None:
    guest.say("だれにも見せないで")
    stay = Guest(house, room=guest.room)
    answer = guest.http.get("/room/away")
    assert answer.status_code == 303
    assert answer.headers["location"] == house.program.desks["default"].content.room.leave_to
    assert 'room=""' in answer.headers["set-cookie"]
    guest.http.cookies.set("room", guest.token, path="/room")
    assert "だれにも見せないで" not in guest.page(status=401)
    assert "だれにも見せないで" in stay.page()


def test_leaving_without_being_there_is_no_error(house: Bot) -> None:
    answer = httpx.get(f"{house.settings.own_address}/room/away")
    assert answer.status_code == 303


def test_cookies_are_for_these_pages_and_no_script(house: Bot, guest: Guest) -> None:
    answer = guest.post("/room/look", language="en")
    (given,) = answer.headers.get_list("set-cookie")
    assert "HttpOnly" in given
    assert "SameSite=strict" in given
    assert "Path=/room" in given
    assert "max-age" not in given.lower()
    assert "expires" not in given.lower()
    assert guest.room.id.hex not in given


@pytest.mark.parametrize(
    "back", ["//evil.example", "https://evil.example", "/staff/", "/room/../staff", "javascript:1"]
)
def test_no_form_leads_elsewhere(guest: Guest, back: str) -> None:
    assert guest.post("/room/look", language="ja", back=back).headers["location"] == "/room/"
    assert own_path("/room/default") == "/room/default"


def test_nothing_anybody_writes_becomes_a_tag(house: Bot, guest: Guest) -> None:
    guest.say(HOSTILE)
    guest.program_said(HOSTILE)
    for path in ("/room/", "/room/lines"):
        page = guest.page(path)
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "49" not in re.sub(r"\d\d:\d\d|[0-9a-f]{8,}", "", page.split("<main")[-1].split("</main>")[0])
        assert html.escape(HOSTILE, quote=False)[:30] in page
    answer = guest.post("/room/say", status=413, text=HOSTILE + "長" * 10_000)
    assert "<script>alert" not in answer.text
    guest.http.cookies.set("room-look", "<script>alert(1)</script>", path="/room")
    assert "<script>alert" not in guest.page()


def test_a_textarea_cannot_be_left_by_what_stands_in_it(guest: Guest) -> None:
    answer = guest.post("/room/say", status=413, text="</textarea><script>alert(1)</script>" + "長" * 10_000)
    assert "</textarea><script>" not in answer.text


def test_readings_make_no_tags_of_words(guest: Guest) -> None:
    guest.program_said("相談<img src=x>員《<b>》")
    guest.post("/room/look", language="ja", ruby="on")
    page = guest.page()
    assert "<rt>そうだん</rt>" in page
    assert "<img" not in page
    assert "<b>" not in page


def test_a_flood_from_one_room_is_refused_and_nobody_else_is(house: Bot, guest: Guest) -> None:
    other = Guest(house)
    token = guest.form_token()
    statuses = [
        guest.http.post("/room/say", data={"token": token, "text": f"その{number}"}).status_code
        for number in range(RATES[Limit.ROOM].burst + 10)
    ]
    assert statuses[: RATES[Limit.ROOM].burst] == [303] * RATES[Limit.ROOM].burst
    assert 429 in statuses
    answer = guest.http.post("/room/say", data={"token": token, "text": "書きかけの言葉"})
    if answer.status_code == 429:
        assert "書きかけの言葉" in answer.text
        assert int(answer.headers["retry-after"]) >= 1
    other.say("わたしは、ふつうに書けます")
    assert other.lines()[-1].by == "program"


def test_a_flood_from_one_address_is_refused_before_anything_is_opened(house: Bot) -> None:
    crowd = Guest(house, address="203.0.113.7")
    token = crowd.form_token()
    statuses = {
        crowd.http.post("/room/press", data={"token": token, "press": "x"}).status_code
        for _ in range(RATES[Limit.ADDRESS].burst + 40)
    }
    assert statuses == {303, 429}
    neighbour = Guest(house, address="203.0.113.8")
    neighbour.say("となりの人は待たされません")
    assert neighbour.lines()[-1].by == "program"


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("-", "-"),
    ],
)
def test_addresses_are_counted_by_what_one_household_has(address: str, network: str) -> None:
    assert network_of(address) == network


def test_what_is_far_too_large_is_refused(guest: Guest) -> None:
    answer = guest.http.post("/room/say", content=b"text=" + b"a" * 2_100_000)
    assert answer.status_code == 413
    assert "<!doctype html>" in answer.text


def test_a_foreign_name_for_this_machine_gets_nothing(house: Bot) -> None:
    answer = httpx.get(f"{house.settings.own_address}/room/", headers={"host": "evil.example"})
    assert answer.status_code == 421
    assert answer.headers["cache-control"] == "no-store, private"


def test_a_cookie_given_by_somebody_else_is_no_way_in(house: Bot, guest: Guest) -> None:
    guest.http.cookies.clear()
    guest.http.cookies.set("room", "chosen-by-somebody-else", path="/room")
    guest.page(status=401)

    async def count(connection: Connection) -> object:
        return await room_sessions.load(
            connection, "chosen-by-somebody-else", now=house.program.clock(), limits=room_sessions.RoomLimits()
        )

    assert house.within(count) is None


def test_over_https_cookies_are_secure_and_browsers_stay_there(house: Bot) -> None:
    program = house.program
    door = RoomDoor(
        database=program.database,
        keyring=program.keyring,
        intake=program.intake,
        engine=program.engine,
        desks=program.desks,
        live=program.room_live,
        buckets=Buckets(program.clock),
        clock=program.clock,
        new_id=new_id,
        origin="https://tsunagu.example",
    )

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=room_app(door))
        async with httpx.AsyncClient(transport=transport, base_url="https://tsunagu.example") as client:
            return await client.get("/away")

    answer = house.run(ask)
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    assert answer.headers["clear-site-data"] == '"cache"'
    for given in answer.headers.get_list("set-cookie"):
        assert given.startswith("__Secure-room")
        assert "Secure" in given
