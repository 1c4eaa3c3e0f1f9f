"""From a resident's word to a person's answer and back, over real HTTP on both databases."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from desk import Colleague
from road import Bot
from sqlalchemy import select, update

from bot.simulator import SimulatorServer
from bot.simulator.handles import ResidentHandle
from casework.people import Role
from handlers.clock.erasures import Erasures
from handlers.clock.talks import Talks
from storage.audit_tables import AuditEntry
from storage.case_tables import Case, StaffMessage
from storage.database import Connection
from storage.ids import new_id
from storage.tables import OutboxMessage, Resident

HUNGRY = "家賃が払えなくて、きのうから何も食べてない"


def accepts(resident: ResidentHandle) -> None:
    """Tell worries until a person is offered, and take the offer."""
    for words in ("仕事をなくしました", "お金がなくて困っています", "借金も返せません", "どうしたらいいか分かりません"):
        resident.say(words)
        resident.answer()
        if "話してみたい" in resident.chips:
            resident.tap("話してみたい")
            resident.answer()
            return
    raise AssertionError(f"nobody was offered: {resident.chips}")


def in_danger(sim: SimulatorServer, bot: Bot) -> ResidentHandle:
    resident = sim.resident()
    resident.follow()
    resident.answer()
    resident.say(HUNGRY)
    resident.answer()
    bot.settle()
    return resident


def test_light_talk_never_reaches_the_queue(sim: SimulatorServer, bot: Bot) -> None:
    resident = sim.resident()
    resident.say("こんにちは、いい天気ですね")
    resident.answer()
    bot.settle()
    assert bot.rows(select(Case.id)) == []
    assert "待っている方はいません" in Colleague(bot, "青木").words("/staff/queue")


def test_whoever_accepts_a_person_is_answered_by_one(sim: SimulatorServer, bot: Bot) -> None:
    aoki = Colleague(bot, "青木")
    resident = sim.resident()
    accepts(resident)
    bot.settle()
    queue = aoki.words("/staff/queue")
    assert "相談員と話すことを選んだ" in queue or "人と話したい" in queue
    assert "借金" in queue
    case = aoki.first_case()
    assert "仕事をなくしました" not in aoki.page(case)
    assert "(まだ 読む同意がありません)" in aoki.page(case)
    aoki.act(case, "claim")
    aoki.act(case, "messages", words="はじめまして。読みました。")
    before = len(resident.bubbles)
    resident.wait_for(lambda: any("はじめまして" in one.text for one in resident.bubbles))
    bot.wait_until_sent()
    said = [one.text for one in resident.bubbles]
    assert "はじめまして。読みました。\n（相談員の青木）" in said
    assert any("相談員の青木" in text and "自動の返事" in text for text in said[-2:])
    assert "LINEが受け取りました" in aoki.words(case)
    resident.say("ありがとうございます")
    bot.settle()
    assert len(resident.bubbles) <= before + 2, "the program is silent while a person writes"
    assert "返事はいらない" in aoki.page(case)
    aoki.act(case, "leave")
    bot.wait_until_sent()
    assert "自動の返事" in resident.bubbles[-1].text
    aoki.act(case, "close", reason="done")
    assert "待っている方はいません" in aoki.words("/staff/queue")
    (closed,) = bot.rows(select(Case.state, Case.close_reason))
    assert (closed.state.value, closed.close_reason.value) == ("closed", "done")
    acts = {row.action for row in bot.rows(select(AuditEntry.action))}
    assert {"queue_seen", "case_seen", "case_claimed", "message_sent", "talk_left", "case_closed"} <= acts


def test_danger_comes_first_and_its_sentence_is_one_press_away(sim: SimulatorServer, bot: Bot) -> None:
    aoki, ueda = Colleague(bot, "青木"), Colleague(bot, "上田", Role.SUPERVISOR)
    other = sim.resident()
    other.say("人と話したいです")
    other.answer()
    in_danger(sim, bot)
    case = aoki.first_case()
    shown = aoki.page(case)
    assert "緊急" in shown
    assert HUNGRY not in shown
    aoki.act(case, "glass", reason="life")
    assert HUNGRY in aoki.words(case).replace("ここから: ", "").replace("\n", "") or "何も食べてない" in aoki.page(case)
    assert "何も食べてない" not in ueda.page(case), "glass is broken for one person"
    assert "命の危険" in ueda.page("/staff/glass")
    aoki.act(case, "glass", reason="other", status=422)
    (act,) = bot.rows(select(AuditEntry.detail).where(AuditEntry.action == "glass_broken"))
    assert (act.detail["reason"], act.detail["told"]) == ("life", str(ueda.id))
    aoki.act(case, "level", level="none", reason="本人に確かめた。食べ物は届いている。")
    assert "青木が" in aoki.words(case)
    assert bot.rows(select(Case.risk_level).where(Case.heard_level == "urgent"))[0].risk_level.value == "none"


def test_of_two_who_claim_at_once_one_is_told_who_was_first(sim: SimulatorServer, bot: Bot) -> None:
    people = [Colleague(bot, "青木"), Colleague(bot, "馬場")]
    in_danger(sim, bot)
    case = people[0].first_case()
    tokens = [one.page(case).split('name="token" value="')[1][:64] for one in people]
    answers = {}

    def claim(number: int) -> None:
        answers[number] = people[number].http.post(f"{case}/claim", data={"token": tokens[number]})

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers.values()) == [303, 409]
    winner = next(number for number, answer in answers.items() if answer.status_code == 303)
    assert people[winner].name in answers[1 - winner].text


def test_an_answer_that_passes_by_a_new_word_is_held_back_and_kept(sim: SimulatorServer, bot: Bot) -> None:
    aoki = Colleague(bot, "青木")
    resident = in_danger(sim, bot)
    case = aoki.first_case()
    resident.say("やっぱり大丈夫です")
    resident.answer()
    bot.settle()
    held = aoki.act(case, "messages", words="お米を届けられます。", seen="1.0", status=422)
    assert "お米を届けられます。" in held.text
    assert "新しい言葉がありました" in held.text
    assert bot.rows(select(StaffMessage.id)) == []


def test_a_free_answer_is_used_while_it_is_fresh(sim: SimulatorServer, bot: Bot) -> None:
    aoki = Colleague(bot, "青木")
    resident = in_danger(sim, bot)
    case = aoki.first_case()
    aoki.act(case, "come")
    bot.wait_until_sent()
    pushes = len(sim.requests("/push"))
    resident.say("ここで待っています")
    bot.settle()
    assert "返信(無料)" in aoki.page(case)
    aoki.act(case, "messages", words="すぐに書きます。")
    resident.wait_for(lambda: any("すぐに書きます" in one.text for one in resident.bubbles))
    bot.wait_until_sent()
    assert len(sim.requests("/push")) == pushes
    assert [row.sent_by for row in bot.rows(select(OutboxMessage.sent_by).where(OutboxMessage.kind == "staff"))] == [
        "reply"
    ]


def test_a_person_who_falls_silent_is_followed_by_the_program(sim: SimulatorServer, bot: Bot) -> None:
    aoki = Colleague(bot, "青木")
    resident = in_danger(sim, bot)
    aoki.act(aoki.first_case(), "come")
    bot.wait_until_sent()
    resident.say("まだですか")
    bot.settle()

    def talks(minutes: float) -> Talks:
        program = bot.program

        def later() -> datetime:
            return program.clock() + timedelta(minutes=minutes)

        return Talks(
            database=program.database,
            turns=program.turns,
            engine=program.engine,
            silent_after={"default": timedelta(minutes=30)},
            clock=later,
            new_id=new_id,
        )

    bot.run(talks(29).look)
    assert bot.rows(select(Case.present_id)) == [(aoki.id,)]
    bot.run(talks(31).look)
    bot.wait_until_sent()
    assert bot.rows(select(Case.present_id)) == [(None,)]
    assert "自動の返事" in resident.bubbles[-1].text
    resident.say("お金がなくて困っています")
    assert resident.answer()


def test_what_is_unsent_is_gone_from_the_case(sim: SimulatorServer, bot: Bot) -> None:
    aoki = Colleague(bot, "青木")
    resident = sim.resident()
    resident.say("人と話したいです")
    resident.answer()
    words = resident.say("隣の犬が一晩中吠えて眠れない")
    resident.answer()
    bot.settle()
    case = aoki.first_case()
    baba = Colleague(bot, "馬場", Role.SUPERVISOR)
    aoki.act(case, "glass", reason="other", reason_words="あす訪問するため、経過を確かめる。", told=str(baba.id))
    assert "一晩中" in aoki.page(case)
    resident.unsend(words)
    bot.settle()
    shown = aoki.page(case)
    assert "一晩中" not in shown
    assert "送信を取り消しました" in shown
    assert bot.rows(select(Case.categories))[0].categories == []


@pytest.mark.parametrize("words", [HUNGRY, "人と話したいです"], ids=["danger", "calm"])
def test_erasing_hides_a_case_at_once_and_leaves_no_word_of_it(sim: SimulatorServer, bot: Bot, words: str) -> None:
    aoki = Colleague(bot, "青木")
    resident = sim.resident()
    resident.say(words)
    resident.answer()
    bot.settle()
    case = aoki.first_case()
    alias = bot.rows(select(Resident.alias))[0].alias
    aoki.act(case, "notes", kind="visit", body="玄関に紫の傘")
    resident.say("全部消して")
    resident.answer()
    if bot.rows(select(Resident.erase_at)) == [(None,)]:
        resident.say("はい")
        resident.answer()
    bot.settle()
    assert alias not in aoki.page("/staff/queue")
    hidden = aoki.page(case)
    assert "紫の傘" not in hidden
    assert "本人の希望で見られなくなりました" in hidden

    async def due(connection: Connection) -> None:
        await connection.execute(update(Resident).values(erase_at=bot.program.clock() - timedelta(seconds=1)))

    bot.within(due)
    program = bot.program
    erasures = Erasures(database=program.database, keyring=program.keyring, engine=program.engine, clock=program.clock)
    bot.run(erasures.erase_due)
    (left,) = bot.rows(select(Case.categories, Case.number, Case.close_reason, Case.risk_level))
    assert left.categories == []
    if words == HUNGRY:
        assert (left.close_reason, left.risk_level.value) == (None, "urgent")
        assert "緊急" in aoki.page("/staff/queue")
        aoki.act(case, "close", reason="done")
    else:
        assert left.close_reason.value == "erased"
    assert "待っている方はいません" in aoki.words("/staff/queue")


def test_a_blocked_account_and_a_full_quota_are_told_as_such(sim: SimulatorServer, bot: Bot) -> None:
    aoki = Colleague(bot, "青木")
    resident = in_danger(sim, bot)
    case = aoki.first_case()
    resident.block()
    bot.settle()
    assert "ブロック" in aoki.words("/staff/silent")
    assert "LINEでは届きません" in aoki.page(case)


def test_what_staff_write_stands_nowhere_in_the_clear(
    sim: SimulatorServer, bot: Bot, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    aoki = Colleague(bot, "青木")
    in_danger(sim, bot)
    case = aoki.first_case()
    planted = "むらさきの傘"
    aoki.act(case, "notes", kind="visit", body=f"玄関に{planted}")
    aoki.act(case, "tasks", title=f"{planted}を返す")
    aoki.act(case, "level", level="watch", reason=f"{planted}があった")
    aoki.act(case, "messages", words=f"{planted}を見ました。")
    bot.wait_until_sent()
    assert planted in aoki.page(case)
    printed = capfd.readouterr()
    assert planted not in printed.out + printed.err
    if bot.program.database.is_sqlite:
        files = b"".join(path.read_bytes() for path in tmp_path.glob("tsunagu.db*"))
        escaped = planted.encode("unicode_escape")
        assert planted.encode() not in files
        assert escaped not in files
