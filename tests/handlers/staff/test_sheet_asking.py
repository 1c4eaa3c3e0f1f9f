"""Staff ask for consent in the talk from the page of a sheet, and the answer stands there; where not, why not."""

from __future__ import annotations

import re
from typing import Any

import pytest
from office import Browser, Shown
from sqlalchemy import select, update
from test_sheet_pages import Scene, act, desk, drafted, scene, words

from casework.consents import items_for
from casework.queue import SafeContact
from dialogue import State, codec
from nlp import Known
from storage import consents, outbox, residents, sheets
from storage.case_tables import Case
from storage.residents import ResidentRow
from storage.tables import table_of

__all__ = ["desk", "scene"]

pytestmark = pytest.mark.anyio


async def resident_of(scene: Scene) -> ResidentRow:
    console = scene.office.console
    async with console.database.read() as connection:
        query = select(Case.resident_id).where(Case.id == scene.case_id)
        resident_id = (await connection.execute(query)).scalar_one()
        found = await residents.by_id(connection, console.keyring, resident_id)
    assert found is not None
    return found


async def named(scene: Scene, browser: Browser) -> tuple[str, str]:
    """A draft with a place in it: its address and the handover's id."""
    at = await drafted(scene, browser)
    await act(browser, at, "prepare", "name", recipient=str(scene.places["kita"].id))
    found = re.search(r'name="handover"><option value="([0-9a-f-]{36})"', (await browser.get(at)).text)
    assert found is not None
    return at, found[1]


async def ask(browser: Browser, at: str, place: str, /, **fields: Any) -> Shown:
    given = {"handover": place, "kind": "ask_around", "items": ["topics", "words", "name"], **fields}
    return await browser.send(at, f"{at}/ask", **given)


async def said_to(scene: Scene) -> list[str]:
    resident = await resident_of(scene)
    async with scene.office.console.database.read() as connection:
        letters = await outbox.waiting(connection, resident.id, resident.key)
    return [getattr(m, "text", "") for letter in letters for m in codec.from_json(letter.body)]


async def test_the_question_goes_into_the_talk_and_waits_for_its_answer_on_the_page(desk: Scene) -> None:
    async with await desk.at("hanako") as hanako:
        at, place = await named(desk, hanako)
        shown = await ask(hanako, at, place)
        assert shown.status == 303, words(shown)
        assert "名前を出さずに、北地域包括支援センターに聞いてみていいですか。" in (await said_to(desk))[-1]
        page = words(await hanako.get(at))
        assert "返事待ち" in page
        resident = await resident_of(desk)
        console = desk.office.console
        async with console.database.write() as connection:
            (asked,) = await consents.asked_of(connection, resident.id, resident.key)
            await consents.answer(connection, resident.id, asked.id, agreed=True, at=console.clock())
        assert "いい、と答えた" in words(await hanako.get(at))
    # Without the name nothing that tells who it is can be covered, whatever the form sent.
    assert asked.items == {"topics", "words"}
    assert "consent_asked" in await desk.office.acts()


async def test_with_the_name_the_items_that_the_person_keeps_are_never_asked_for(desk: Scene) -> None:
    async with await desk.at("hanako") as hanako:
        at, place = await named(desk, hanako)
        await act(hanako, at, "prepare", "exclude", item="name")
        assert (await ask(hanako, at, place, kind="tell_name", items=["name", "topics"])).status == 303
    resident = await resident_of(desk)
    async with desk.office.console.database.read() as connection:
        (asked,) = await consents.asked_of(connection, resident.id, resident.key)
    assert asked.items == {"topics"}


async def test_a_question_without_place_kind_or_items_is_not_put(desk: Scene) -> None:
    async with await desk.at("hanako") as hanako:
        at, place = await named(desk, hanako)
        for wrong in (
            {"handover": str(desk.case_id)},
            {"kind": "meeting"},
            {"items": ["name"]},
            {"reason": "あ" * 301},
        ):
            assert (await ask(hanako, at, place, **wrong)).status == 422
    assert await said_to(desk) == []


async def knows(scene: Scene, facts: dict[str, Any]) -> None:
    """The listener has understood this of the writer."""
    resident, console = await resident_of(scene), scene.office.console
    known = Known().to_json()
    known["facts"] = facts
    async with console.database.write() as connection:
        await residents.decided(
            connection, resident, state=resident.state or State.new().to_json(), known=known, messages=0,
            heard_at=None, blocked_at=None,
        )  # fmt: skip


async def test_somebody_who_writes_about_another_gets_no_question_but_an_information_slip(desk: Scene) -> None:
    await knows(desk, {"writer_role": "neighbour"})
    async with await desk.at("hanako") as hanako:
        at, place = await named(desk, hanako)
        for _ in range(2):
            shown = await ask(hanako, at, place)
            assert shown.status == 409
            assert "代わりに同意することはできません" in words(shown)
            assert "情報提供票の下書き" in words(shown)
        listed = words(await hanako.get(desk.here)).split("新しく作る")[0]
        assert listed.count("情報提供票") == 1
    assert await said_to(desk) == []
    async with desk.office.console.database.read() as connection:
        made = [one for one in await sheets.of_case(connection, desk.case_id) if one.form_id == "information"]
    assert len(made) == 1


async def test_a_child_is_asked_by_people(desk: Scene) -> None:
    await knows(desk, {"writer_age": 14, "writer_minor": True})
    async with await desk.at("hanako") as hanako:
        at, place = await named(desk, hanako)
        shown = await ask(hanako, at, place)
    assert (shown.status, "16歳になっていない" in words(shown)) == (409, True)
    assert await said_to(desk) == []


async def test_whoever_does_not_want_to_be_written_to_is_not_asked_in_the_talk(desk: Scene) -> None:
    async with desk.office.console.database.write() as connection:
        case = update(table_of(Case)).where(Case.id == desk.case_id)
        await connection.execute(case.values(safe_contact=SafeContact.NO))
    async with await desk.at("hanako") as hanako:
        at, place = await named(desk, hanako)
        shown = await ask(hanako, at, place)
    assert (shown.status, "書かないでほしい" in words(shown)) == (409, True)
    assert await said_to(desk) == []


async def test_a_recipient_cannot_ask(desk: Scene) -> None:
    async with await desk.at("hanako") as hanako, await desk.at("kita") as kita:
        at, place = await named(desk, hanako)
        token = (await kita.get("/staff/account")).token
        refused = await kita.post(f"{at}/ask", token, handover=place, kind="ask_around", items=["topics"])
        assert refused.status == 403
    assert await said_to(desk) == []


def test_what_can_be_covered_without_the_name_tells_nobody_who_it_is() -> None:
    from sheet_cast import FORMS

    from casework.consents import ConsentKind
    from casework.sheets import identifying_items

    form = FORMS["tsunagu"]
    assert not items_for(ConsentKind.ASK_AROUND, form) & identifying_items(form)
