"""A closed sheet stays closed; a new draft takes its words along, and nothing leaves without a yes to the new one."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import pytest
from office import Browser, Office
from private_cast import house_of
from sheet_cast import FORMS
from test_sheet_pages import Scene, act, desk, filled, saved, scene, words

from casework.sheets import consent_items
from storage import sheets
from storage.database import Database

__all__ = ["desk", "scene"]

pytestmark = pytest.mark.anyio

ITEMS = sorted(consent_items(FORMS["tsunagu"]))


@pytest.fixture
async def office(database: Database) -> Office:
    """On both databases: two presses at once are kept apart by their locks."""
    return await Office.opened(database)


async def named(desk: Scene, hanako: Browser, at: str) -> dict[str, str]:
    """The sheet has its recipient; its field in the form of a consent."""
    given = await act(hanako, at, "prepare", "name", recipient=str(desk.places["kita"].id))
    assert given.status == 303
    found = re.search(r'name="handover"><option value="([0-9a-f-]{36})"', (await hanako.get(at)).text)
    assert found is not None
    return {"handover": found[1]}


async def agreed(desk: Scene, hanako: Browser, at: str) -> None:
    place = await named(desk, hanako, at)
    assert (await hanako.send(at, f"{at}/consents", **place, method="oral", items=ITEMS)).status == 303
    assert (await act(hanako, at, "prepare", "consent")).status == 303


async def closed(desk: Scene, hanako: Browser) -> str:
    """A sheet at its end, half a year ago; its consent holds on."""
    at = await filled(desk, hanako)
    await agreed(desk, hanako, at)
    assert (await act(hanako, at, "hand", "submit")).status == 303
    there = f"/staff/handed/{at.rsplit('/', 1)[1]}"
    async with await desk.at("kita") as kita:
        for step in (
            {"act": "receive"},
            {"act": "accept"},
            {"act": "reply", "text": "家計の見直しを始めた", "next_step": "なし"},
        ):
            assert (await kita.send(there, f"{there}/answer", **step)).status == 303
    for last in ("told", "close"):
        assert (await act(hanako, at, "hand", last)).status == 303
    desk.office.clock.passes(minutes=20)
    return at


async def test_a_new_draft_takes_the_words_along_and_asks_for_everything_else_anew(desk: Scene) -> None:
    async with await desk.at("hanako") as hanako:
        at = await closed(desk, hanako)
        assert "このシートをもとに新しい下書き" in words(await hanako.get(at))
        made = await hanako.send(at, f"{at}/anew")
        assert (made.status, "done=anew" in made.location) == (303, True)
        new = made.location.split("?")[0]
        page = await hanako.get(new)
        assert "2026-0001-2" in words(page)
        assert "もとのシート：2026-0001-1" in words(page)
        assert "家賃が払えない" in page.text
        assert "つなぎ先がまだ決まっていません。" in words(page)
        assert "「緊急度」は自動で入ったままです。" in words(page)
        assert "家計の見直し" not in words(await hanako.get(f"{new}?side=back"))
        old = words(await hanako.get(at))
        assert "終了" in old
        assert "2026-0001-2（下書き）" in old
        place = await named(desk, hanako, new)
        early = await act(hanako, new, "prepare", "consent")
        assert "本人の同意がまだありません" in words(early)
        desk.office.clock.passes(minutes=1)
        assert (await hanako.send(new, f"{new}/consents", **place, method="oral", items=ITEMS)).status == 303
        assert (await act(hanako, new, "prepare", "consent")).status == 303
        looked = {"confirm": ["safe_contact"]}
        assert (await saved(hanako, new, "front", {**kept(await hanako.get(new)), **looked})).status == 303
    assert "sheet_anew" in await desk.office.acts()


def kept(page: object) -> dict[str, str]:
    """What a browser sends of the inputs of a page nobody wrote in."""
    text: str = page.text  # type: ignore[attr-defined]
    return dict(re.findall(r'<input id="f-[a-z_]+" name="(f\.[a-z_]+)" value="([^"]*)"', text))


async def test_pressed_twice_there_is_one_draft(desk: Scene) -> None:
    async with await desk.at("hanako") as hanako, await desk.at("jiro") as jiro:
        at = await closed(desk, hanako)
        pages = [await one.get(at) for one in (hanako, hanako, jiro)]
        presses = [who.post(f"{at}/anew", page.token) for who, page in zip((hanako, hanako, jiro), pages, strict=True)]
        answers = await asyncio.gather(*presses)
        assert [one.status for one in answers] == [303] * 3
        assert len({one.location.split("?")[0] for one in answers}) == 1
        assert "もうあります" in words(await hanako.get(f"{answers[0].location.split('?')[0]}?done=begun"))
    async with desk.office.console.database.read() as connection:
        assert len(await sheets.of_case(connection, desk.case_id)) == 2


async def test_only_a_closed_sheet_is_begun_anew(desk: Scene) -> None:
    async with await desk.at("hanako") as hanako:
        at = await filled(desk, hanako)
        assert "新しい下書き</button>" not in (await hanako.get(at)).text
        refused = await hanako.send(at, f"{at}/anew")
        assert (refused.status, "終了したシートからだけ" in words(refused)) == (409, True)


async def test_the_new_one_is_agreed_to_by_itself_on_the_private_page_and_the_old_yes_stands(desk: Scene) -> None:
    house, kita = house_of(desk), desk.places["kita"].organisation_id
    async with await desk.at("hanako") as hanako:
        at = await closed(desk, hanako)
        old = f"/staff/handed/{at.rsplit('/', 1)[1]}"
        made = await hanako.send(at, f"{at}/anew")
        new = made.location.split("?")[0]
        phone = house.phone()
        page = await phone.opens(await house.link(new.rsplit("/", 1)[1], lasts=timedelta(hours=2)))
        assert f'name="to.{kita}" value="not_now" checked' in page.text
        # Whoever leaves it as it is has taken nothing back.
        assert (await phone.saves(page, **{"f.wish": "眠りたい"})).status == 303
        async with await desk.at("kita") as there:
            assert "家賃が払えない" in words(await there.get(old))
        desk.office.clock.passes(minutes=1)
        page = await phone.get("/room/mine")
        assert (await phone.saves(page, **{f"to.{kita}": "tell_name"})).status == 303
        await named(desk, hanako, new)
        assert (await act(hanako, new, "prepare", "consent")).status == 303
