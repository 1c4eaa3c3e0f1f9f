"""外部連携: an admin makes and ends the tokens of つなぎ先; each is shown once."""

from __future__ import annotations

import re

import pytest
from office import Browser, Office

from casework.people import Grant, Role
from storage import api_tokens
from storage.api_tokens import ApiAction, Token

pytestmark = pytest.mark.anyio


async def opened(town: Office) -> Browser:
    return await town.at_work(town.people["admin"])


async def made(town: Office, browser: Browser, **form: str) -> str:
    given = {"name": "市の重層システム", "place": town.ids["place_id"], "days": "90", "actions": "read_sheets"} | form
    shown = await browser.send("/staff/tokens", "/staff/tokens", **given)
    assert shown.status == 200, shown.text
    found = re.search(r"tsunagu_[A-Za-z0-9_-]{43}", shown.text)
    assert found is not None
    return found[0]


async def found_by(town: Office, token: str) -> Token | None:
    async with town.console.database.write() as connection:
        return await api_tokens.come(connection, token, now=town.clock())


async def test_a_token_is_shown_once_and_opens_what_was_chosen(town: Office) -> None:
    async with await opened(town) as browser:
        token = await made(town, browser)
        again = await browser.get("/staff/tokens")
    assert token not in again.text
    known = await found_by(town, token)
    assert known is not None
    assert (known.desk_id, known.actions) == ("default", frozenset({ApiAction.READ_SHEETS}))
    assert (known.expires_at - town.clock()).days == 90
    assert "token_made" in await town.acts()
    assert token not in " ".join(await town.acts())


async def test_a_token_that_is_taken_back_opens_nothing(town: Office) -> None:
    async with await opened(town) as browser:
        token = await made(town, browser)
        known = await found_by(town, token)
        assert known is not None
        page = (await browser.get("/staff/tokens")).token
        assert (await browser.post(f"/staff/tokens/{known.id}/end", page)).status == 303
        assert (await browser.post(f"/staff/tokens/{known.id}/end", page)).status == 404
    assert await found_by(town, token) is None
    assert (await town.acts()).count("token_ended") == 1


@pytest.mark.parametrize("wrong", [{"name": " "}, {"place": "x"}, {"actions": "everything"}, {"days": "9999"}])
async def test_a_form_that_leaves_something_open_makes_none(town: Office, wrong: dict[str, str]) -> None:
    given = {"name": "市", "place": town.ids["place_id"], "days": "90", "actions": "answer"} | wrong
    async with await opened(town) as browser:
        shown = await browser.send("/staff/tokens", "/staff/tokens", **given)
    assert shown.status == 422
    assert "tsunagu_" not in shown.text
    assert "token_made" not in await town.acts()


async def test_the_place_of_another_desk_is_no_place(town: Office) -> None:
    elsewhere = await town.person("faraway", Grant(role=Role.ADMIN, desk_id="other"))
    async with await town.at_work(elsewhere) as browser:
        given = {"name": "市", "place": town.ids["place_id"], "days": "90", "actions": "answer"}
        page = (await browser.get("/staff/account")).token
        assert (await browser.post("/staff/tokens", page, **given)).status == 422
        assert "市の重層システム" not in (await browser.get("/staff/tokens")).text


async def test_what_a_program_reads_stands_in_the_record_under_its_name(town: Office) -> None:
    auditor = await town.at_work(town.people["auditor"])
    async with auditor:
        assert "市の重層システム（外部連携）" in (await auditor.get("/staff/audit")).text


async def test_the_name_of_a_program_is_shown_as_it_was_typed(town: Office) -> None:
    name = "<script>alert(1)</script>=1+1"
    async with await opened(town) as browser:
        await made(town, browser, name=name)
        shown = (await browser.get("/staff/tokens")).text
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert(1)&lt;/script&gt;=1+1" in shown
