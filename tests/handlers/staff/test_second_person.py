"""2人体制: one writes, another reads before it goes out, and everybody sees that something waits for them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from access import endangered
from office import Browser, Office, Shown
from sqlalchemy import select

from casework.people import Role
from storage.case_tables import StaffMessage
from storage.tables import OutboxMessage

pytestmark = pytest.mark.anyio


@pytest.fixture
def careful(office: Office) -> Office:
    """An office whose desk asks for a second pair of eyes."""
    assert office.console.work is not None
    words = office.console.work.words["default"].model_copy(update={"second_person": True})
    work = replace(office.console.work, words={**office.console.work.words, "default": words})
    return Office.over(replace(office.console, work=work), office.clock)


async def a_case(office: Office) -> str:
    async with office.console.database.write() as connection:
        _, case = await endangered(connection, office.console, now=office.clock())
    return f"/staff/cases/{case.id}"


async def at_desk(office: Office, login: str, role: Role = Role.COORDINATOR) -> Browser:
    return await office.at_work(await office.person(login, role, shown_name=login))


async def write(browser: Browser, path: str, words: str) -> Shown:
    page = await browser.get(path)
    return await browser.post(f"{path}/messages", page.token, words=words, seen=seen_on(page))


def seen_on(page: Shown) -> str:
    found = re.search(r'name="seen" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


async def first_draft(office: Office) -> UUID:
    async with office.console.database.read() as connection:
        query = select(StaffMessage.id).order_by(StaffMessage.created_at, StaffMessage.id)
        return (await connection.execute(query)).scalars().first()  # type: ignore[return-value]


async def letters(office: Office) -> int:
    async with office.console.database.read() as connection:
        return len((await connection.execute(select(OutboxMessage.id))).all())


async def version(browser: Browser, path: str) -> Any:
    return json.loads((await browser.get(f"{path}/live")).text)["version"]


async def test_an_open_page_learns_that_a_draft_waits_and_that_it_was_given_up(careful: Office) -> None:
    path = await a_case(careful)
    async with await at_desk(careful, "青木") as aoki, await at_desk(careful, "馬場") as baba:
        before = await version(baba, path)
        await write(aoki, path, "確かめてください")
        drafted = await version(baba, path)
        assert drafted != before
        token = (await baba.get(path)).token
        assert (await baba.post(f"{path}/messages/{await first_draft(careful)}/drop", token)).status == 303
        assert await version(aoki, path) != drafted


async def test_the_queue_says_whose_draft_waits_for_a_second_person(careful: Office) -> None:
    path = await a_case(careful)
    async with await at_desk(careful, "青木") as aoki, await at_desk(careful, "馬場") as baba:
        assert "下書き" not in (await baba.get("/staff/queue/rows")).text
        await write(aoki, path, "確かめてください")
        assert "確かめを待つ下書き" in (await baba.get("/staff/queue/rows")).text
        page = await baba.get(path)
        released = await baba.post(
            f"{path}/messages/{await first_draft(careful)}/release", page.token, seen=seen_on(page)
        )
        assert released.status == 303
        assert "下書き" not in (await baba.get("/staff/queue/rows")).text


async def test_nobody_lets_a_draft_go_past_words_they_have_not_seen(careful: Office) -> None:
    path = await a_case(careful)
    async with await at_desk(careful, "青木") as aoki, await at_desk(careful, "馬場") as baba:
        await write(aoki, path, "お体の具合はいかがですか")
        page = await baba.get(path)
        await write(aoki, path, "やはり、こちらを送ってください")
        release = f"{path}/messages/{await first_draft(careful)}/release"
        held = await baba.post(release, page.token, seen=seen_on(page))
        assert held.status == 409
        assert "新しい言葉がありました" in held.text
        assert await letters(careful) == 0
        fresh = await baba.get(path)
        assert (await baba.post(release, fresh.token, seen=seen_on(fresh))).status == 303
    assert await letters(careful) == 1


async def test_it_is_seen_who_read_an_answer_before_it_went_out(careful: Office) -> None:
    path = await a_case(careful)
    async with await at_desk(careful, "青木") as aoki, await at_desk(careful, "馬場") as baba:
        await write(aoki, path, "確かめてください")
        page = await baba.get(path)
        await baba.post(f"{path}/messages/{await first_draft(careful)}/release", page.token, seen=seen_on(page))
        assert "馬場さんが確かめて送りました" in (await aoki.get(path)).text


async def test_the_words_of_a_draft_that_was_given_up_can_still_be_read(careful: Office) -> None:
    path = await a_case(careful)
    async with await at_desk(careful, "青木") as aoki, await at_desk(careful, "馬場") as baba:
        await write(aoki, path, "長く考えて書いた言葉")
        token = (await baba.get(path)).token
        await baba.post(f"{path}/messages/{await first_draft(careful)}/drop", token)
        shown = (await aoki.get(path)).text
    assert "送らなかった下書き" in shown
    assert "馬場さんがやめました" in shown
    assert "長く考えて書いた言葉" in shown


async def test_who_has_put_their_words_down_is_not_writing_any_more(careful: Office) -> None:
    path = await a_case(careful)
    async with await at_desk(careful, "青木") as aoki, await at_desk(careful, "馬場") as baba:
        token = (await aoki.get(path)).token
        await aoki.post(f"{path}/typing", token, words="確かめて")
        assert "青木さんが入力中" in (await baba.get(path)).text
        await write(aoki, path, "確かめてください")
        assert "入力中" not in (await baba.get(path)).text


async def test_no_draft_is_kept_for_a_case_that_is_closed_meanwhile(careful: Office) -> None:
    path = await a_case(careful)
    async with await at_desk(careful, "青木") as aoki, await at_desk(careful, "馬場") as baba:
        await write(aoki, path, "確かめてください")
        await baba.post(f"{path}/seen", (await baba.get(path)).token)
        page = await baba.get(path)
        number = page.text.split('name="version" value="')[1].split('"')[0]
        assert (await baba.post(f"{path}/close", page.token, reason="done", version=number)).status == 303
        page = await aoki.get(path)
        assert "確かめて送る" not in (await baba.get(path)).text
        assert (await aoki.post(f"{path}/messages", page.token, words="もう一度")).status == 422
