"""From 話してみたい to words that a coordinator may read, and back: over real HTTP, on both databases."""

from __future__ import annotations

from uuid import UUID

import pytest
from desk import Colleague
from road import Bot
from sqlalchemy import delete, select, text

from bot.simulator import SimulatorServer
from bot.simulator.handles import ResidentHandle
from casework.consents import ConsentKind, NotAsked
from casework.people import Grant, Role
from handlers.asking import question
from handlers.staff_turn import NotPut, Turned
from storage import recipients, staff
from storage.case_tables import Case, Exclusion
from storage.consent_tables import ConsentEnd, ConsentRequest, ConsentRow, ConsentWording, Told
from storage.consents import Asked
from storage.database import Connection
from storage.ids import new_id
from storage.staff_tables import StaffGrant
from storage.tables import Resident, table_of

#: Words of the resident in which nothing is marked on the page.
#: No word of an alias.
LOST = "ヒヤシンス"


def accepts(resident: ResidentHandle) -> None:
    """Tell worries until a person is offered, and take the offer."""
    resident.follow()
    resident.answer()
    for words in (
        f"きのう{LOST}を見ました",
        "お金がなくて困っています",
        "家賃を二ヶ月払えていません",
        "どうしたらいいか分かりません",
    ):
        resident.say(words)
        resident.answer()
        if "話してみたい" in resident.chips:
            resident.tap("話してみたい")
            resident.answer()
            return
    raise AssertionError(f"nobody was offered: {resident.chips}")


def presses(resident: ResidentHandle, label: str) -> str:
    resident.tap(label)
    return "".join(entry.text for entry in resident.answer())


def says(resident: ResidentHandle, words: str) -> str:
    resident.say(words)
    return "".join(entry.text for entry in resident.answer())


def test_two_presses_lead_to_a_person_who_may_read(sim: SimulatorServer, bot: Bot) -> None:
    aoki = Colleague(bot, "青木")
    resident = sim.resident()
    accepts(resident)
    bot.settle()
    case = aoki.first_case()
    assert LOST not in aoki.words(case)
    assert "読んでいい" in resident.chips
    assert "ここまでと、これからの話を読みます" in presses(resident, "読んでいい")
    bot.settle()
    page = aoki.words(case)
    assert LOST in page
    assert "読むことに同意した" in page
    (consent,) = bot.rows(select(ConsentRow.kind, ConsentRow.wording, ConsentRow.since, ConsentRow.expires_at))
    assert (consent.kind, consent.since) == (ConsentKind.READ, None)
    (wording,) = bot.rows(select(ConsentWording.hash, ConsentWording.text))
    assert wording.hash == consent.wording
    assert "ここまでの話を、相談員が読んでいいですか。" in wording.text


def test_what_was_pressed_stands_in_the_talk_for_who_may_read_it(sim: SimulatorServer, bot: Bot) -> None:
    aoki = Colleague(bot, "青木")
    resident = sim.resident()
    accepts(resident)
    bot.settle()
    case = aoki.first_case()
    assert "(ボタン)" not in aoki.words(case)
    presses(resident, "読んでいい")
    resident.postback("v1|settings|")
    resident.answer()
    bot.settle()
    page = aoki.words(case)
    for before, after in (("家賃を二ヶ月", "話してみたい"), ("話してみたい", "読んでいい"), ("読んでいい", "設定")):
        assert page.index(f"(ボタン) {after}") > page.index(before), page
    assert page.count("(ボタン) 読んでいい") == 1


def test_what_was_pressed_is_not_shown_where_only_later_words_may_be_read(sim: SimulatorServer, bot: Bot) -> None:
    aoki = Colleague(bot, "青木")
    resident = sim.resident()
    accepts(resident)
    presses(resident, "これからの分だけ")
    says(resident, "いまは晴れています")
    bot.settle()
    page = aoki.words(aoki.first_case())
    assert "いまは晴れています" in page
    assert "(ボタン)" not in page


def test_what_staff_would_ask_next_reaches_the_case_and_is_not_asked_again(sim: SimulatorServer, bot: Bot) -> None:
    aoki, other = Colleague(bot, "青木"), Colleague(bot, "田中 花子")
    resident = sim.resident()
    accepts(resident)
    presses(resident, "読んでいい")
    presses(resident, "書いていい")
    says(resident, "たけぞう")
    says(resident, "北町")
    presses(resident, "いない")
    says(resident, "田中さんは同級生です")
    assert "ありがとうございます" in says(resident, "また働きたい")
    bot.settle()
    case = aoki.first_case()
    page = aoki.words(case)
    for words in ("たけぞう", "北町", "また働きたい", "書いていい"):
        assert words in page
    assert bot.rows(select(Case.safe_contact))[0].safe_contact.value == "yes"
    # Who the resident does not want to be seen by sees the case no more.
    (kept_away,) = bot.rows(select(Exclusion.staff_id, Exclusion.by))
    assert tuple(kept_away) == (other.id, None)
    other.page(case, 404)
    planted = bot.rows(select(Told.words_sealed))
    assert all("たけぞう".encode() not in row.words_sealed for row in planted)


def test_only_what_comes_from_now_on(sim: SimulatorServer, bot: Bot) -> None:
    aoki = Colleague(bot, "青木")
    resident = sim.resident()
    accepts(resident)
    presses(resident, "これからの分だけ")
    says(resident, "電気も止まりそうです。たんぽぽ")
    bot.settle()
    page = aoki.words(aoki.first_case())
    assert LOST not in page
    assert "たんぽぽ" in page


def test_a_withdrawal_in_ones_own_words_ends_reading_at_once(sim: SimulatorServer, bot: Bot) -> None:
    aoki = Colleague(bot, "青木")
    resident = sim.resident()
    accepts(resident)
    presses(resident, "読んでいい")
    says(resident, "たけぞう")
    bot.settle()
    case = aoki.first_case()
    assert LOST in aoki.words(case)
    assert "取り消しました" in says(resident, "やっぱり読まないで")
    bot.settle()
    page = aoki.words(case)
    assert LOST not in page
    assert "たけぞう" not in page
    assert "同意を取り消した" in page
    assert [row.reason.value for row in bot.rows(select(ConsentEnd.reason))] == ["resident"]


def test_an_answer_that_is_unsent_goes(sim: SimulatorServer, bot: Bot) -> None:
    resident = sim.resident()
    accepts(resident)
    presses(resident, "読んでいい")
    presses(resident, "書いていい")
    name = resident.say("たけぞう")
    resident.answer()
    bot.settle()
    assert {row.field for row in bot.rows(select(Told.field))} == {"contact", "nickname"}
    resident.unsend(name)
    bot.settle()
    assert {row.field for row in bot.rows(select(Told.field))} == {"contact"}


def asks(bot: Bot, staff_id: UUID, place: str, reason: str = "") -> Turned:
    """Staff ask whether they may ask a place, as the console will."""

    async def organisation(connection: Connection) -> UUID:
        row = await recipients.add(
            connection, desk_id="default", name=place, mail=None, fields=None, collects=False,
            at=bot.program.clock(), new_id=new_id,
        )  # fmt: skip
        return row.organisation_id

    (resident,) = bot.rows(select(Resident.id))
    found = bot.rows(text("SELECT organisation_id FROM recipients"))  # type: ignore[arg-type]
    org_id = bot.within(organisation) if not found else found[0].organisation_id
    asked = Asked(
        id=new_id(), kind=ConsentKind.ASK_AROUND, org_id=org_id if isinstance(org_id, UUID) else UUID(org_id),
        place=place, items=frozenset({"topics"}), purpose="sheet", asked_by=staff_id, asked_at=bot.program.clock(),
        reason=reason,
    )  # fmt: skip
    event, within = question(asked)

    async def put() -> Turned:
        turned = await bot.program.turns.staff(resident.id, event, within=within)
        bot.program.engine.deliver(resident.id)
        return turned

    return bot.run(put)


def test_staff_ask_in_the_talk_and_the_answer_is_kept_with_its_words(sim: SimulatorServer, bot: Bot) -> None:
    aoki = Colleague(bot, "青木")
    resident = sim.resident()
    accepts(resident)
    presses(resident, "読んでいい")
    bot.settle()
    assert asks(bot, aoki.id, "北包括").letter_id is not None
    resident.wait_for(lambda: "聞いていい" in resident.chips)
    assert "相談員が北包括に、お名前を出さずに" in presses(resident, "聞いていい")
    bot.settle()
    (given,) = bot.rows(select(ConsentRow).where(ConsentRow.kind == ConsentKind.ASK_AROUND))
    assert given.items == ["topics"]
    (request,) = bot.rows(select(ConsentRequest.id, ConsentRequest.agreed))
    assert (request.agreed, given.request_id) == (True, request.id)


def test_a_refusal_needs_a_reason_before_it_is_asked_again(sim: SimulatorServer, bot: Bot) -> None:
    aoki = Colleague(bot, "青木")
    resident = sim.resident()
    accepts(resident)
    presses(resident, "今は決めない")
    bot.settle()
    asks(bot, aoki.id, "北包括")
    resident.wait_for(lambda: "聞いていい" in resident.chips)
    presses(resident, "今は決めない")
    bot.settle()
    with pytest.raises(NotPut) as refused:
        asks(bot, aoki.id, "北包括")
    assert refused.value.why is NotAsked.REFUSED
    assert len(bot.rows(select(ConsentRequest.id))) == 1
    asks(bot, aoki.id, "北包括", "申込の日が近いためです。")
    resident.wait_for(lambda: any("申込の日が近い" in one.text for one in resident.bubbles))


def test_staff_of_an_area_that_the_resident_names_do_not_see_the_case(sim: SimulatorServer, bot: Bot) -> None:
    aoki, kita = Colleague(bot, "青木"), Colleague(bot, "北野")

    async def only_north(connection: Connection) -> None:
        await connection.execute(delete(table_of(StaffGrant)).where(StaffGrant.staff_id == kita.id))
        grant = Grant(role=Role.COORDINATOR, desk_id="default", areas=frozenset({"hokubu"}))
        await staff.grant(connection, kita.id, grant, by=None, now=bot.program.clock(), new_id=new_id)

    resident = sim.resident()
    accepts(resident)
    bot.within(only_north)
    presses(resident, "読んでいい")
    presses(resident, "書いていい")
    bot.settle()
    case = aoki.first_case()
    kita.page(case, 200)
    says(resident, "たけぞう")
    says(resident, "北町")
    presses(resident, "いない")
    says(resident, "北部の人には見られたくないです")
    bot.settle()
    kita.page(case, 404)
    assert case not in kita.page("/staff/queue")
    assert "見られたくない地区を外した" in aoki.words(case)
