"""A record without consent becomes a draft of the person's own case, without whoever informed us."""

from __future__ import annotations

import pytest
from sheet_cast import FORMS
from test_sheet_pages import Scene, act, drafted, saved, scene, words

__all__ = ["scene"]

pytestmark = pytest.mark.anyio

INFORMED = {
    "f.giver_name": "知らせた 隣子", "f.giver_tel": "03-0000-1111", "f.giver_wish": "名前を出さない",
    "f.about": "となりの方", "r.observed.0.what": "郵便がたまっている", "f.topics": ["health"],
}  # fmt: skip


async def test_information_about_a_neighbour_needs_the_case_of_the_neighbour(scene: Scene) -> None:
    async with await scene.at("hanako") as hanako:
        at = await drafted(scene, hanako, "information")
        assert (await saved(hanako, at, "front", INFORMED)).status == 303
        unnamed = await hanako.send(at, f"{at}/as-sheet", number="")
        assert (unnamed.status, "本人の相談の番号" in words(unnamed)) == (422, True)
        unknown = await hanako.send(at, f"{at}/as-sheet", number="2026-9999")
        assert (unknown.status, "見つかりません" in words(unknown)) == (422, True)
        made = await hanako.send(at, f"{at}/as-sheet", number="２０２６－０００１")
        assert made.status == 303
        page = await hanako.get(made.location)
        assert "下書き" in words(page)
        for side in ("front", "back"):
            shown = await hanako.get(f"{made.location.split('?')[0]}?side={side}")
            assert "隣子" not in shown.text
            assert "03-0000-1111" not in shown.text
    assert "sheet_became" in await scene.office.acts()


async def test_a_record_of_a_meeting_becomes_a_sheet_and_still_needs_the_persons_yes(scene: Scene) -> None:
    async with await scene.at("hanako") as hanako:
        at = await drafted(scene, hanako, "meeting")
        record = {"f.nickname": "もみじ", "f.urgency": "week", "f.urgency_reason": "食事がとれていない"}
        assert (await saved(hanako, at, "front", record)).status == 303
        made = await hanako.send(at, f"{at}/as-sheet")
        assert made.status == 303
        sheet = made.location.split("?")[0]
        assert "食事がとれていない" in (await hanako.get(f"{sheet}?side=back")).text
        refused = await act(hanako, sheet, "hand", "submit")
        assert "つなぎ先がまだ決まっていません。" in words(refused)


async def test_a_sheet_does_not_become_one(scene: Scene) -> None:
    async with await scene.at("hanako") as hanako:
        at = await drafted(scene, hanako)
        assert (await hanako.send(at, f"{at}/as-sheet")).status == 400


async def test_each_member_of_the_family_has_a_consent_of_their_own(scene: Scene) -> None:
    async with await scene.at("hanako") as hanako:
        at = await drafted(scene, hanako)
        rows = {
            "r.household.0.relation": "mother", "r.household.0.agrees": "yes", "r.household.1.relation": "son",
        }  # fmt: skip
        assert (await saved(hanako, at, "front", rows)).status == 303
        shown = words(await hanako.get(at)).split("家族それぞれの同意")[1]
        assert shown.index("同意あり") < shown.index("まだ聞いていない")
    assert "agrees" in FORMS["tsunagu"].fields["household"].columns
