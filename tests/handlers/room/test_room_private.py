"""The private page from inside the room: its button leads to a link of its own, which works once."""

from __future__ import annotations

import html
import re

from guest import Guest


def words(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", text))


def test_the_button_in_the_room_leads_to_the_page_and_that_says_so_where_there_is_nothing(guest: Guest) -> None:
    link = guest.post("/room/open", page="private_page").headers["location"]
    assert link.startswith("/room/p/")
    shown = guest.page(link)
    assert "あなたのページ" in words(shown)
    opened = guest.http.post(link, data={"token": guest.form_token(shown)})
    assert (opened.status_code, "まだありません" in words(opened.text)) == (200, True)
    assert guest.http.get(link).status_code == 404


def test_whoever_was_let_into_no_sheet_sees_none(guest: Guest) -> None:
    answer = guest.http.get("/room/mine")
    assert (answer.status_code, "もう使えません" in words(answer.text)) == (401, True)


def test_leaving_the_room_leaves_the_page_too(guest: Guest) -> None:
    link = guest.post("/room/open", page="private_page").headers["location"]
    guest.http.get("/room/away")
    assert guest.http.get("/room/mine").status_code == 401
    assert guest.http.get(link).status_code == 404, "the history of the browser leads nowhere"
