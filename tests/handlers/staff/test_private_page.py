"""The private page: opened once, in one browser, for half an hour; the resident holds the pen, and nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from private_cast import House, Phone, fields_of, house_of, sheet_id_of
from sheet_cast import FORMS
from sqlalchemy import Engine, event, select
from test_sheet_asking import knows, resident_of, said_to
from test_sheet_pages import Scene, act, desk, filled, scene, words

from casework.consents import ConsentKind, Method
from dialogue.effects import ConsentDeclined
from handlers.consenting import Grounds, carry_out
from handlers.room.limits import Limit, Rate
from storage import consents, residents
from storage.audit_tables import AuditEntry
from storage.consent_tables import ConsentWording
from storage.ids import new_id
from storage.room_tables import RoomLink
from storage.sheet_news_tables import PrivateSession

__all__ = ["desk", "scene"]

pytestmark = pytest.mark.anyio


@pytest.fixture
async def house(desk: Scene) -> House:
    return house_of(desk)


async def with_sheet(house: House) -> str:
    async with await house.scene.at("hanako") as hanako:
        return await filled(house.scene, hanako)


# --- the way in ---


async def test_a_preview_uses_nothing_up_and_binds_nothing_and_only_the_press_opens(house: House) -> None:
    await with_sheet(house)
    link, preview, phone = await house.link(), house.phone("198.51.100.1"), house.phone()
    for _ in range(3):
        shown = await preview.get(link)
        assert (shown.status, phone.cookie()) == (200, "")
        assert "髙﨑" not in shown.text
    page = await phone.opens(link)
    assert page.status == 200
    assert "髙﨑 𠮷子" in page.text
    assert "家賃が払えない" in page.text


async def test_a_link_works_once_whoever_comes_second(house: House) -> None:
    await with_sheet(house)
    link, first, second = await house.link(), house.phone(), house.phone("198.51.100.9")
    early = await second.get(link)
    assert (await first.opens(link)).status == 200
    late = await second.post(link, early.token)
    assert (late.status, "もう使えません" in late.words) == (404, True)
    assert (await first.get(link)).status == 404
    assert (await second.get("/room/mine")).status == 401


async def test_a_link_of_half_an_hour_ago_opens_nothing(house: House) -> None:
    await with_sheet(house)
    link, phone = await house.link(), house.phone()
    shown = await phone.get(link)
    house.scene.office.clock.passes(minutes=31)
    assert (await phone.get(link)).status == 404
    assert (await phone.post(link, shown.token)).status == 404


async def test_only_a_form_of_ours_opens_a_link(house: House) -> None:
    await with_sheet(house)
    link, phone, other = await house.link(), house.phone(), house.phone("198.51.100.9")
    shown, foreign = await phone.get(link), await other.get(link)
    assert (await phone.post(link, "")).status == 403
    assert (await phone.post(link, foreign.token)).status == 403
    assert (await phone.post(link, shown.token, site="cross-site")).status == 403
    assert (await phone.post(link, shown.token)).status == 303


async def test_guesses_are_counted_by_address_and_find_nothing(desk: Scene) -> None:
    house = house_of(desk, rates={limit: Rate(burst=5, every=timedelta(hours=1)) for limit in Limit})
    await with_sheet(house)
    thief, phone = house.phone("198.51.100.9"), house.phone()
    answers = [(await thief.get(f"/room/p/{'A' * 42}{letter}")).status for letter in "abcdefgh"]
    assert answers == [404] * 5 + [429] * 3
    assert (await phone.opens(await house.link())).status == 200


async def test_nobody_opens_it_more_than_a_dozen_times_an_hour(house: House) -> None:
    await with_sheet(house)
    statuses = [(await house.phone().opens(await house.link())).words.count("家賃が払えない") for _ in range(14)]
    assert statuses[:12] == [statuses[0]] * 12
    assert statuses[0] > 0
    assert statuses[12:] == [0, 0]


async def test_the_cookie_of_another_browser_is_needed_and_a_new_opening_ends_the_old_one(house: House) -> None:
    await with_sheet(house)
    first, second = house.phone(), house.phone()
    page = await first.opens(await house.link())
    assert (await second.opens(await house.link())).status == 200
    assert (await first.get("/room/mine")).status == 401
    assert (await first.saves(page, **{"f.wish": "だれか"})).status == 401


async def test_nothing_of_a_token_is_stored_or_passed_on(house: House) -> None:
    await with_sheet(house)
    link, phone = await house.link(), house.phone()
    page = await phone.opens(link)
    assert page.answer.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in page.answer.headers["content-security-policy"]
    assert "no-store" in page.answer.headers["cache-control"]
    assert "http" not in re.sub(r'data-away="[^"]*"', "", page.text)
    async with house.scene.office.console.database.read() as connection:
        hashes = [*(await connection.execute(select(RoomLink.token_hash))).scalars()]
        hashes += [*(await connection.execute(select(PrivateSession.token_hash))).scalars()]
    assert all(link.rsplit("/", 1)[1].encode() not in one and phone.cookie().encode() not in one for one in hashes)


# --- the page ---


async def test_the_resident_sees_what_staff_see_of_the_front_and_nothing_of_the_back(house: House) -> None:
    at = await with_sheet(house)
    page = await house.phone().opens(await house.link())
    async with await house.scene.at("hanako") as hanako:
        front = await hanako.get(f"{at}?side=front")
    for value in ("髙﨑 𠮷子", "家賃が払えない", "家計をみてほしい", "髙﨑 ウメ", "昭和49年3月2日", "もみじ"):
        assert value in page.text
        assert value in front.text
    assert "来週支払い" not in page.text
    assert "母には言わない" not in page.text
    assert len(page.text.encode()) < 100_000


async def test_the_resident_corrects_and_ticks_off_and_staff_see_it_at_once(house: House) -> None:
    at = await with_sheet(house)
    phone = house.phone()
    page = await phone.opens(await house.link())
    changes = {"f.wish": "ゆっくり眠りたい", "f.tel_mobile": "090-1234-5678", "keep": ["birth_date", "household.name"]}
    saved = await phone.saves(page, **changes)
    assert saved.status == 303, saved.words
    async with await house.scene.at("hanako") as hanako:
        front = await hanako.get(at)
        assert "ゆっくり眠りたい" in front.text
        assert "090-1234-5678" in front.text
        assert "昭和49年3月2日" not in front.text
        assert "髙﨑 ウメ" not in front.text
        assert "本人" in words(await hanako.get(f"{at}/history"))
    again = await phone.get("/room/mine?done=saved")
    assert "預かりました" in again.words
    assert "昭和49年" not in again.text
    back = await phone.saves(again, keep=None)
    assert back.status == 303
    async with await house.scene.at("hanako") as hanako:
        front = await hanako.get(at)
        assert "昭和49年3月2日" in front.text
        assert "髙﨑 ウメ" in front.text


async def test_who_gets_what_is_read_back(house: House) -> None:
    await with_sheet(house)
    phone, places = house.phone(), house.scene.places
    page = await phone.opens(await house.link())
    assert (await phone.saves(page, **{"f.wish": "眠りたい"})).status == 303
    assert "いまは、ほかのどこにも伝えません" in (await phone.get("/room/mine?done=saved")).words
    page = await phone.get("/room/mine")
    to = {f"to.{places['kita'].organisation_id}": "tell_name", f"to.{places['city'].organisation_id}": "ask_around"}
    assert (await phone.saves(page, **to)).status == 303
    told = (await phone.get("/room/mine?done=saved")).words
    assert "北地域包括支援センターに、名前も、書いてあることも伝えます" in told
    assert "市福祉相談課には、名前を出さずに、困っていることだけ伝えます" in told


async def test_what_staff_answer_for_is_not_the_residents_to_write(house: House) -> None:
    at = await with_sheet(house)
    phone = house.phone()
    page = await phone.opens(await house.link())
    forged = {
        "f.urgency": "today",
        "f.reason": "にせ",
        "f.from_org": "にせ",
        "f.shared_scope": "にせ",
        "f.reply": "にせ",
    }
    assert (await phone.saves(page, **forged)).status == 303
    async with await house.scene.at("hanako") as hanako:
        for side in ("front", "back"):
            assert "にせ" not in (await hanako.get(f"{at}?side={side}")).text


async def test_an_untouched_form_changes_nothing(house: House) -> None:
    at = await with_sheet(house)
    async with await house.scene.at("hanako") as hanako:
        before = [(await hanako.get(f"{at}?side={side}")).text.split("<aside")[0] for side in ("front", "back")]
        phone = house.phone()
        page = await phone.opens(await house.link())
        assert (await phone.saves(page)).status == 303
        after = [(await hanako.get(f"{at}?side={side}")).text.split("<aside")[0] for side in ("front", "back")]
    assert [re.sub(r'value="[0-9a-f]{64}"', "", one) for one in before] == [
        re.sub(r'value="[0-9a-f]{64}"', "", one) for one in after
    ]


async def test_what_cannot_be_read_comes_back_with_the_reason_and_with_every_word(house: House) -> None:
    await with_sheet(house)
    phone = house.phone()
    page = await phone.opens(await house.link())
    wrong = await phone.saves(page, **{"f.birth_date": "むかし", "f.wish": "眠りたい", "keep": ["kana"]})
    assert wrong.status == 422
    assert "むかし" in wrong.text
    assert "眠りたい" in wrong.text
    assert "aria-invalid=true" in wrong.text
    assert re.search(r'name="keep" value="kana" checked', wrong.text)
    assert (await phone.saves(wrong, **{"f.birth_date": "昭和50年1月1日"})).status == 303


async def test_both_write_at_once_and_neither_word_is_lost(house: House) -> None:
    at = await with_sheet(house)
    phone = house.phone()
    page = await phone.opens(await house.link())
    async with await house.scene.at("hanako") as hanako:
        shown = await hanako.get(at)
        version = re.search(r'name="version" value="(\d+)"', shown.text)
        assert version is not None
        from test_sheet_pages import FRONT

        changed = {**FRONT, "f.reason": "住まいも一緒にみてほしい"}
        assert (await hanako.post(f"{at}?side=front", shown.token, version=version[1], **changed)).status == 303
        saved = await phone.saves(page, **{"f.wish": "引っ越したい"})
        assert saved.answer.headers["location"].endswith("done=changed")
        front = await hanako.get(at)
        assert "住まいも一緒にみてほしい" in front.text
        assert "引っ越したい" in front.text


HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)>=HYPERLINK("http://x")#set text(red)\u202e'


async def test_what_is_typed_stays_words_on_every_page_and_paper(house: House) -> None:
    import io

    from openpyxl import load_workbook

    at = await with_sheet(house)
    phone = house.phone()
    page = await phone.opens(await house.link())
    for value in (HOSTILE, '=cmd|"/c calc"!A1', '#read("/etc/passwd")'):
        saved = await phone.saves(page, **{"f.wish": value, "f.nickname": value[:30]})
        assert saved.status == 303
        page = await phone.get("/room/mine")
        assert "<script>" not in page.text.replace('<script src="/room', "")
        assert "onerror=alert" not in re.sub(r"<(?:textarea|input)[^>]*>[^<]*", "", page.text)
        async with await house.scene.at("hanako") as hanako:
            assert "<script>alert" not in (await hanako.get(at)).text
            book = load_workbook(io.BytesIO((await hanako.http.get(f"{at}/files/xlsx")).content))
            cells = [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value is not None]
            assert all(cell.data_type != "f" for cell in cells)
            assert (await hanako.http.get(f"{at}/files/pdf")).content.startswith(b"%PDF-")


async def test_rare_letters_survive(house: House) -> None:
    at = await with_sheet(house)
    phone = house.phone()
    page = await phone.opens(await house.link())
    name = "髙\U000e0101﨑 𠮷田 𡈽"
    assert (await phone.saves(page, **{"f.name": name})).status == 303
    assert name in (await phone.get("/room/mine")).text
    async with await house.scene.at("hanako") as hanako:
        assert name in (await hanako.get(at)).text


async def test_more_than_a_sheet_can_hold_is_not_taken(house: House) -> None:
    await with_sheet(house)
    phone = house.phone()
    page = await phone.opens(await house.link())
    assert (await phone.saves(page, **{"f.wish": "あ" * 50_000})).status == 413
    assert (await phone.saves(page, **{"f.wish": "あ" * 20_000})).status == 422


async def test_a_form_of_an_older_opening_keeps_its_words_and_a_foreign_one_gets_nothing(house: House) -> None:
    at = await with_sheet(house)
    phone = house.phone()
    old = await phone.opens(await house.link())
    await phone.opens(await house.link())
    stale = await phone.saves(old, **{"f.wish": "前に書いた言葉"})
    assert (stale.status, "前に書いた言葉" in stale.text) == (403, True)
    given = fields_of(old.text) | {"f.wish": "よそから"}
    given.pop("token")
    foreign = await phone.post("/room/mine", "0" * 64, site="cross-site", **given)
    assert (foreign.status, "家賃" in foreign.text) == (403, False)
    async with await house.scene.at("hanako") as hanako:
        front = await hanako.get(at)
        assert "前に書いた言葉" not in front.text
        assert "よそから" not in front.text


# --- the half hour, and what was typed ---


async def test_what_was_typed_when_the_time_was_over_waits_behind_a_new_button(house: House) -> None:
    await with_sheet(house)
    phone = house.phone()
    page = await phone.opens(await house.link())
    house.scene.office.clock.passes(minutes=31)
    late = await phone.saves(page, **{"f.wish": "書きかけの言葉", "keep": ["kana"]})
    assert "時間が過ぎたので" in late.words
    assert "家賃" not in late.text
    assert "家賃" not in (await phone.get("/room/mine")).text
    again = await phone.post("/room/mine/again", late.token)
    assert "トークに送りました" in again.words
    assert len([said for said in await said_to(house.scene) if "あなたのページ" in said]) == 1
    await phone.post("/room/mine/again", late.token)
    assert len([said for said in await said_to(house.scene) if "あなたのページ" in said]) == 1
    async with house.scene.office.console.database.read() as connection:
        (draft,) = [
            one for one in (await connection.execute(select(PrivateSession.draft_sealed))).scalars() if one is not None
        ]
        assert "書きかけ".encode() not in draft
    fresh = await house.phone().opens(await house.link())
    assert "書きかけの言葉" in fresh.text
    assert re.search(r'name="keep" value="kana" checked', fresh.text)


async def test_what_was_typed_too_late_outlives_a_lost_answer_and_goes_when_it_is_saved(house: House) -> None:
    await with_sheet(house)
    phone = house.phone()
    page = await phone.opens(await house.link())
    house.scene.office.clock.passes(minutes=31)
    await phone.saves(page, **{"f.wish": "書きかけの言葉"})
    again = house.phone()
    await again.opens(await house.link())
    shown = await again.get("/room/mine")
    assert "書きかけの言葉" in shown.text
    assert (await again.saves(shown)).status == 303
    async with house.scene.office.console.database.read() as connection:
        assert set((await connection.execute(select(PrivateSession.draft_sealed))).scalars()) == {None}
    assert "書きかけの言葉" in (await again.get("/room/mine")).text


@contextmanager
def locked_tables() -> Iterator[list[str]]:
    """The tables of rows that are locked, in the order in which they are, and those that are written to."""
    found: list[str] = []

    def note(_connection: object, statement: Any, *_: object) -> None:
        if getattr(statement, "_for_update_arg", None) is not None:
            found.append(f"lock {statement.get_final_froms()[0].name}")
        elif getattr(statement, "is_dml", False):
            found.append(statement.table.name)

    event.listen(Engine, "before_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_execute", note)


@pytest.mark.parametrize("how", ["saved", "withdrawn"])
async def test_the_page_locks_in_the_order_of_everybody_else(house: House, how: str) -> None:
    await with_sheet(house)
    phone = house.phone()
    page = await phone.opens(await house.link())
    with locked_tables() as found:
        if how == "saved":
            assert (await phone.saves(page, **{"f.wish": "順に"})).status == 303
        else:
            assert (await phone.post("/room/mine/withdraw", page.token)).status == 303
    order = ["lock residents", "lock cases", "lock sheets", "lock audit_heads"]
    assert [name for name in dict.fromkeys(found) if name in order] == order
    assert "case_events" not in found[found.index("lock audit_heads") :], "its row refers to a case somebody may hold"


async def test_after_a_day_nothing_waits_any_more(house: House) -> None:
    await with_sheet(house)
    phone = house.phone()
    page = await phone.opens(await house.link())
    house.scene.office.clock.passes(hours=25)
    assert (await phone.saves(page, **{"f.wish": "遅すぎる"})).status == 401


async def test_leaving_ends_it_in_this_browser(house: House) -> None:
    await with_sheet(house)
    for how in ("away", "finish"):
        phone = house.phone()
        page = await phone.opens(await house.link())
        cookie = phone.cookie()
        if how == "away":
            assert (await phone.get("/room/away")).status == 303
        else:
            assert "閉じました" in (await phone.post("/room/mine/finish", page.token)).words
        assert phone.cookie() == ""
        phone.http.cookies.set("room-mine", cookie, domain="127.0.0.1", path="/room")
        assert (await phone.get("/room/mine")).status == 401


async def test_readings_easy_japanese_and_large_letters_are_one_press_away(house: House) -> None:
    await with_sheet(house)
    phone = house.phone()
    page = await phone.opens(await house.link())
    assert "<ruby>" not in page.text
    assert (await phone.post("/room/mine/look", page.token, ruby="on", large="on")).status == 303
    page = await phone.get("/room/mine")
    assert "<ruby>氏名<rp>" in page.text
    assert 'class="large"' in page.text
    assert len(page.text.encode()) < 100_000
    assert (await phone.post("/room/mine/look", page.token, easy="on")).status == 303
    assert "これで わたす" in (await phone.get("/room/mine")).words


# --- consent ---


async def given(house: House, name: str) -> list[tuple[ConsentKind, Method, frozenset[str]]]:
    console, resident = house.scene.office.console, await resident_of(house.scene)
    async with console.database.read() as connection:
        book = await consents.book(connection, resident.id)
    org = house.scene.places[name].organisation_id
    return [
        (one.kind, one.method, one.scope.items)
        for one in book.consents
        if one.scope.org_id == org and one.holds(console.clock())
    ]


async def test_each_organisation_is_chosen_by_itself_with_the_words_it_was_shown_in(house: House) -> None:
    at = await with_sheet(house)
    kita, city = (house.scene.places[name].organisation_id for name in ("kita", "city"))
    async with await house.scene.at("hanako") as hanako:
        await act(hanako, at, "prepare", "name", recipient=str(house.scene.places["kita"].id))
        phone = house.phone()
        page = await phone.opens(await house.link())
        assert "北地域包括支援センター" in page.words
        assert "相談員がすすめているところ" in page.words
        await phone.saves(page, **{f"to.{kita}": "tell_name", "keep": ["tel_mobile"]})
        ((kind, method, items),) = await given(house, "kita")
        assert (kind, method) == (ConsentKind.TELL_NAME, Method.PAGE)
        assert "name" in items
        assert "tel_mobile" not in items
        assert await given(house, "city") == []
        async with house.scene.office.console.database.read() as connection:
            kept = (await connection.execute(select(ConsentWording.text))).scalars().all()
        assert any("北地域包括支援センターに：名前も、書いてあることも伝えていい" in text for text in kept)
        assert (await act(hanako, at, "prepare", "consent")).status == 303
        assert (await act(hanako, at, "hand", "submit")).status == 303
        page = await phone.get("/room/mine")
        await phone.saves(page, **{f"to.{kita}": "not_now", f"to.{city}": "ask_around"})
        assert await given(house, "kita") == []
        ((kind, _, items),) = await given(house, "city")
        assert kind is ConsentKind.ASK_AROUND
        assert "name" not in items
        assert "取り消し（本人の撤回）" in words(await hanako.get(at))


async def test_a_narrower_answer_ends_the_wider_one(house: House) -> None:
    await with_sheet(house)
    kita, phone = house.scene.places["kita"].organisation_id, house.phone()
    page = await phone.opens(await house.link())
    await phone.saves(page, **{f"to.{kita}": "tell_name"})
    page = await phone.get("/room/mine")
    await phone.saves(page, **{f"to.{kita}": "ask_around"})
    assert [kind for kind, _, _ in await given(house, "kita")] == [ConsentKind.ASK_AROUND]
    page = await phone.get("/room/mine")
    await phone.saves(page)
    assert len(await given(house, "kita")) == 1


async def test_nobody_is_agreed_to_who_is_not_of_the_desk(house: House) -> None:
    await with_sheet(house)
    phone = house.phone()
    page = await phone.opens(await house.link())
    foreign = "01a21763-1a53-7a15-87df-d70b1fa61b40"
    await phone.saves(page, **{f"to.{foreign}": "tell_name", "to.all": "tell_name"})
    assert await given(house, "kita") == []
    assert await given(house, "city") == []


@pytest.mark.parametrize("facts", [{"writer_age": 14, "writer_minor": True}, {"writer_role": "neighbour"}])
async def test_children_and_whoever_writes_for_another_are_not_asked_here(
    house: House, facts: dict[str, object]
) -> None:
    await with_sheet(house)
    await knows(house.scene, facts)
    kita, phone = house.scene.places["kita"].organisation_id, house.phone()
    page = await phone.opens(await house.link())
    assert "どこに伝えるか" not in page.words
    await phone.saves(page, **{f"to.{kita}": "tell_name"})
    assert await given(house, "kita") == []


async def test_taking_everything_back_ends_it_in_the_talk_as_well(house: House) -> None:
    at = await with_sheet(house)
    kita, phone = house.scene.places["kita"].organisation_id, house.phone()
    async with await house.scene.at("hanako") as hanako:
        await act(hanako, at, "prepare", "name", recipient=str(house.scene.places["kita"].id))
        page = await phone.opens(await house.link())
        await phone.saves(page, **{f"to.{kita}": "tell_name"})
        await act(hanako, at, "prepare", "consent")
        assert (await act(hanako, at, "hand", "submit")).status == 303
        resident, console = await resident_of(house.scene), house.scene.office.console
        async with console.database.write() as connection:
            await residents.decided(
                connection, resident, state={"version": 3, "consent": {"reads": "all"}}, known=None, messages=0,
                heard_at=None, blocked_at=None,
            )  # fmt: skip
        page = await phone.get("/room/mine")
        assert (await phone.post("/room/mine/withdraw", page.token)).status == 303
        assert "取り消しました" in (await phone.get("/room/mine?done=withdrawn")).words
        assert await given(house, "kita") == []
        assert "取り消し（本人の撤回）" in words(await hanako.get(at))
    after = await resident_of(house.scene)
    assert after.state["consent"]["reads"] == "no"


async def test_every_look_and_every_change_is_in_the_record(house: House) -> None:
    at = await with_sheet(house)
    phone = house.phone()
    page = await phone.opens(await house.link())
    await phone.saves(page, **{"f.wish": "x"})
    async with house.scene.office.console.database.read() as connection:
        query = select(AuditEntry.action).where(
            AuditEntry.actor == "resident", AuditEntry.object_id == str(sheet_id_of(at))
        )
        assert list((await connection.execute(query.order_by(AuditEntry.id))).scalars()) == [
            "sheet_seen",
            "sheet_written",
        ]


async def test_without_a_sheet_there_is_a_kind_word(house: House) -> None:
    phone: Phone = house.phone()
    page = await phone.opens(await house.link())
    assert "まだありません" in page.words
    assert FORMS["tsunagu"] is not None


async def test_staff_send_the_button_into_the_talk_and_not_where_it_may_harm(house: House) -> None:
    at = await with_sheet(house)
    async with await house.scene.at("hanako") as hanako:
        assert "本人に見てもらう" in words(await hanako.get(at))
        assert (await hanako.send(at, f"{at}/show")).status == 303
        assert any("あなたのページ" in said for said in await said_to(house.scene))
        await knows(house.scene, {"writer_age": 14, "writer_minor": True})
        refused = await hanako.send(at, f"{at}/show")
        assert (refused.status, "会って一緒に" in words(refused)) == (409, True)
    assert "sheet_offered" in await house.scene.office.acts()


async def test_staff_see_that_the_resident_wrote_and_which_place_they_chose_by_themselves(house: House) -> None:
    at = await with_sheet(house)
    city, phone = house.scene.places["city"].organisation_id, house.phone()
    page = await phone.opens(await house.link())
    await phone.saves(page, **{"f.wish": "眠りたい", f"to.{city}": "ask_around"})
    async with await house.scene.at("hanako") as hanako:
        assert "本人がシートを直した" in words(await hanako.get("/staff/queue"))
        shown = words(await hanako.get(at))
        assert "本人がえらんだところ" in shown
        assert "つなぎ先に入れる" in shown
        await act(hanako, at, "prepare", "name", recipient=str(house.scene.places["city"].id))
        assert "本人がえらんだところ" not in words(await hanako.get(at))
        assert "本人がシートを直した" not in words(await hanako.get("/staff/queue"))


async def test_who_touched_nothing_has_answered_no_question_of_the_talk(house: House) -> None:
    at = await with_sheet(house)
    console = house.scene.office.console
    async with await house.scene.at("hanako") as hanako:
        await act(hanako, at, "prepare", "name", recipient=str(house.scene.places["kita"].id))
        found = re.search(r'name="handover"><option value="([0-9a-f-]{36})"', (await hanako.get(at)).text)
        assert found is not None
        asked = {"handover": found[1], "kind": "ask_around", "items": ["topics"]}
        assert (await hanako.send(at, f"{at}/ask", **asked)).status == 303
    phone = house.phone()
    page = await phone.opens(await house.link())
    assert (await phone.saves(page, **{"f.wish": "眠りたい"})).status == 303
    resident = await resident_of(house.scene)
    async with console.database.read() as connection:
        (request,) = await consents.asked_of(connection, resident.id, resident.key)
    assert (request.agreed, request.answered_at) == (None, None)
    kita = house.scene.places["kita"].organisation_id
    await phone.saves(await phone.get("/room/mine"), **{f"to.{kita}": "ask_around"})
    async with console.database.read() as connection:
        (request,) = await consents.asked_of(connection, resident.id, resident.key)
    assert request.agreed is True


async def test_a_no_in_the_talk_ends_the_yes_that_was_given_on_the_page_before_it(house: House) -> None:
    at = await with_sheet(house)
    console = house.scene.office.console
    async with await house.scene.at("hanako") as hanako:
        await act(hanako, at, "prepare", "name", recipient=str(house.scene.places["kita"].id))
        found = re.search(r'name="handover"><option value="([0-9a-f-]{36})"', (await hanako.get(at)).text)
        assert found is not None
        await hanako.send(at, f"{at}/ask", handover=found[1], kind="ask_around", items=["topics"])
    kita, phone = house.scene.places["kita"].organisation_id, house.phone()
    await phone.saves(await phone.opens(await house.link()), **{f"to.{kita}": "ask_around"})
    assert len(await given(house, "kita")) == 1
    resident = await resident_of(house.scene)
    grounds = Grounds(keyring=console.keyring, forms=FORMS, valid_for={}, new_id=new_id)
    async with console.database.write() as connection:
        (request,) = await consents.asked_of(connection, resident.id, resident.key)
        effect = ConsentDeclined(kind=ConsentKind.ASK_AROUND, request=str(request.id))
        await carry_out(connection, resident, [effect], grounds, turn_id=new_id(), at=console.clock())
    assert await given(house, "kita") == []
