"""Two desks in one program over real HTTP: the same person at both is two people, and nobody sees across."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from desk import Colleague
from road import Bot, said
from sqlalchemy import func, select, update
from two_desks import TwoAccounts, two_accounts

from bot.metrics import exposition
from storage.case_tables import Case, MessageState, StaffMessage
from storage.tables import InboxEvent, InboxState, OutboxMessage, OutboxState, Resident

#: Lets the desk's staff have somebody to see.
DANGER = "もう死にたいです"


@pytest.fixture
def accounts(tmp_path: Path) -> Iterator[TwoAccounts]:
    with two_accounts(tmp_path) as both:
        both.open_both()
        yield both


@pytest.fixture
def bot(accounts: TwoAccounts, database_url: str) -> Iterator[Bot]:
    with accounts.program(database_url) as running:
        accounts.follow(running.settings.own_address)
        yield running


def settle(bot: Bot, accounts: TwoAccounts) -> None:
    accounts.kita.wait_until_delivered()
    bot.settle()


def read_anew(bot: Bot) -> None:
    bot.run(bot.program.read_desks_anew)


def webhook(bot: Bot, desk: str) -> int:
    """What a webhook with a wrong signature gets: 401 where there is such a desk, 404 where there is none."""
    return httpx.post(f"{bot.settings.own_address}/line/{desk}/webhook", content=b"{}").status_code


def test_the_same_line_user_at_two_desks_is_two_residents_each_answered_by_its_own_desk(
    bot: Bot, accounts: TwoAccounts
) -> None:
    here, there = accounts.minami.resident(), accounts.kita.resident()
    assert here.user_id == there.user_id
    here.say("家賃が払えません")
    there.say("母の介護で疲れました")
    settle(bot, accounts)
    assert sorted(bot.rows(select(Resident.desk_id))) == [("kita",), ("minami",)]
    assert len({row.id for row in bot.rows(select(Resident.id))}) == 2
    for sim in (accounts.minami, accounts.kita):
        assert sim.requests("/v2/bot/message/reply")
    assert "きた社会福祉協議会" in "".join(bubble.text for bubble in there.bubbles)
    assert "きた社会福祉協議会" not in "".join(bubble.text for bubble in here.bubbles)


def test_a_webhook_signed_by_another_desks_account_is_refused(bot: Bot, accounts: TwoAccounts) -> None:
    accounts.kita.webhook_url = f"{bot.settings.own_address}/line/minami/webhook"
    accounts.kita.resident().say("こんにちは")
    accounts.kita.wait_until_delivered()
    assert bot.rows(select(func.count()).select_from(InboxEvent)) == [(0,)]


def test_staff_of_one_desk_find_nothing_of_the_other(bot: Bot, accounts: TwoAccounts) -> None:
    accounts.minami.resident().say(DANGER)
    accounts.kita.resident().say(DANGER)
    settle(bot, accounts)
    ((theirs,),) = bot.rows(select(Case.id).where(Case.desk_id == "kita"))
    aoki, kita = Colleague(bot, "aoki", desk="minami"), Colleague(bot, "kitano", desk="kita")
    assert str(theirs) not in aoki.page("/staff/queue?desk=kita")
    assert aoki.http.get(f"/staff/cases/{theirs}").status_code in {403, 404}
    assert str(theirs) in kita.page("/staff/queue")
    assert kita.first_case() == f"/staff/cases/{theirs}"


def test_a_new_desk_and_changed_words_need_no_restart(bot: Bot, accounts: TwoAccounts) -> None:
    accounts.write("minami")
    read_anew(bot)
    assert (webhook(bot, "minami"), webhook(bot, "kita")) == (401, 404)
    accounts.words("kita", desk="organisation: あたらしい協議会\n")
    accounts.write("minami", "kita", kita="words: kita")
    read_anew(bot)
    assert webhook(bot, "kita") == 401
    resident = accounts.kita.resident()
    resident.say("はじめまして")
    settle(bot, accounts)
    assert "あたらしい協議会" in "".join(bubble.text for bubble in resident.bubbles)


def test_a_wrong_new_desk_is_refused_alone_and_said_everywhere(bot: Bot, accounts: TwoAccounts) -> None:
    accounts.words("nishi", desk="organisaton: にし\n")
    accounts.write("minami", "kita", "nishi", kita="words: kita", nishi="words: nishi")
    for kind in ("secret", "token"):
        (accounts.folder / f"nishi.{kind}").write_text(f"{kind}-nishi", encoding="utf-8")
    read_anew(bot)
    assert [webhook(bot, desk) for desk in ("minami", "kita", "nishi")] == [401, 401, 404]
    ready = httpx.get(f"{bot.settings.own_address}/readyz")
    assert (ready.status_code, ready.json()["desks_refused"]) == (200, ["nishi"])
    (line,) = bot.program.installation.refused["nishi"]
    assert "desks.yaml" in line
    assert "desk.yaml 1行目" in line
    queue = Colleague(bot, "aoki", desk="minami").page("/staff/queue")
    assert "新しい窓口、またはほかの窓口の設定に誤りがあり" in queue
    assert "nishi" not in queue
    accounts.write("minami", "kita", kita="words: kita")
    read_anew(bot)
    assert "desks_refused" not in httpx.get(f"{bot.settings.own_address}/readyz").json()


def test_a_running_desk_that_becomes_wrong_goes_on_as_it_was(bot: Bot, accounts: TwoAccounts) -> None:
    accounts.words("kita", desk="organisaton: きた\n")
    read_anew(bot)
    assert list(bot.program.installation.refused) == ["kita"]
    assert "窓口「kita」の設定に誤りがあり" in Colleague(bot, "aoki", desk="kita").page("/staff/queue")
    resident = accounts.kita.resident()
    resident.say("こんにちは")
    settle(bot, accounts)
    assert "きた社会福祉協議会" in "".join(bubble.text for bubble in resident.bubbles)


def test_a_file_that_cannot_be_read_changes_nothing(bot: Bot, accounts: TwoAccounts) -> None:
    accounts.file.write_text("desks: [\n", encoding="utf-8")
    read_anew(bot)
    assert [webhook(bot, desk) for desk in ("minami", "kita")] == [401, 401]
    assert list(bot.program.installation.refused) == [""]
    assert "窓口の設定ファイル" in Colleague(bot, "aoki", desk="minami").page("/staff/queue")


@pytest.mark.parametrize("how", ["left out", "closed"])
def test_a_desk_that_is_gone_takes_nothing_in_but_is_read_on_and_sends_what_waits(
    how: str, bot: Bot, accounts: TwoAccounts
) -> None:
    resident = accounts.kita.resident()
    resident.say(DANGER)
    settle(bot, accounts)
    if how == "closed":
        accounts.write("minami", "kita", kita="words: kita\nclosed: true")
    else:
        accounts.write("minami")
    kita = Colleague(bot, "kitano", desk="kita")
    path = kita.first_case()
    kita.act(path, "come")
    read_anew(bot)
    assert webhook(bot, "kita") == 404
    assert httpx.get(f"{bot.settings.own_address}/room/kita").status_code == 404
    assert kita.first_case() == path
    kita.act(path, "messages", words="閉じる前に、ひとことだけ書きます。")
    bot.wait_until_sent()
    assert bot.rows(select(OutboxMessage.state).where(OutboxMessage.state == OutboxState.WAITING)) == []
    assert "ひとことだけ" in resident.bubbles[-1].text


def test_what_a_process_does_not_know_yet_waits_and_is_never_set_aside(bot: Bot, accounts: TwoAccounts) -> None:
    """Another process read of a new desk first: its events are in the inbox already."""
    resident = accounts.kita.resident()
    resident.say("こんにちは")
    settle(bot, accounts)
    program = bot.program
    known = dict(program.installation.everybody)

    async def forget() -> None:
        program.installation.everybody.become({"minami": known["minami"]})

    bot.run(forget)
    accounts.kita.send_events(said(resident.user_id, "聞いてください", "01NEWDESK"))
    settle(bot, accounts)
    for _ in range(6):
        bot.sweep()
    waiting = bot.rows(select(InboxEvent.state, InboxEvent.tries).where(InboxEvent.event_id == "01NEWDESK"))
    assert [(row.state, row.tries) for row in waiting] == [(InboxState.WAITING, 0)]
    read_anew(bot)
    bot.sweep()
    settle(bot, accounts)
    assert bot.rows(select(InboxEvent.state).where(InboxEvent.event_id == "01NEWDESK")) == [(InboxState.DONE,)]


def test_the_figures_tell_which_desk_is_ill(bot: Bot, accounts: TwoAccounts) -> None:
    accounts.words("nishi", desk="organisaton: にし\n")
    accounts.write("minami", "kita", "nishi", kita="words: kita", nishi="words: nishi")
    for kind in ("secret", "token"):
        (accounts.folder / f"nishi.{kind}").write_text(f"{kind}-nishi", encoding="utf-8")
    read_anew(bot)
    resident = accounts.kita.resident()
    resident.say("こんにちは")
    settle(bot, accounts)

    async def ill() -> None:
        # Two days ago, and not worked off; what was said to them waits, too.
        async with bot.program.database.write() as connection:
            long_ago = bot.program.clock() - timedelta(days=2)
            await connection.execute(update(InboxEvent).values(state=InboxState.ASIDE))
            await connection.execute(
                update(OutboxMessage).values(
                    state=OutboxState.WAITING, created_at=long_ago, next_try_at=long_ago + timedelta(days=9)
                )
            )

    async def told() -> str:
        return (await exposition(bot.program)).decode()

    bot.run(ill)
    text = bot.run(told)
    figures = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert float(figures['tsunagu_inbox_events{desk="kita",state="aside"}']) >= 1
    assert float(figures['tsunagu_inbox_events{desk="minami",state="aside"}']) == 0
    assert float(figures['tsunagu_outbox_oldest_waiting_seconds{desk="kita"}']) > 3600 * 47
    for name in ("inbox_oldest_waiting_seconds", "outbox_oldest_waiting_seconds", "urgent_unanswered"):
        assert float(figures[f'tsunagu_{name}{{desk="minami"}}']) == 0
    assert float(figures['tsunagu_desks_refused{desk="nishi"}']) == 1
    assert not [line for line in figures if line.startswith("tsunagu_quota") and "desk" not in line]


def test_rules_of_work_are_each_desks_own_and_change_without_a_restart(bot: Bot, accounts: TwoAccounts) -> None:
    accounts.words("kita", casework="second_person: true\n")
    read_anew(bot)
    for sim in (accounts.minami, accounts.kita):
        sim.resident().say(DANGER)
    settle(bot, accounts)
    for desk, wanted in (("minami", MessageState.RELEASED), ("kita", MessageState.DRAFT)):
        person = Colleague(bot, f"of-{desk}", desk=desk)
        person.act(person.first_case(), "messages", words="お話を聞かせてください。")
        ((state,),) = bot.rows(select(StaffMessage.state).where(StaffMessage.author_id == person.id))
        assert state is wanted
    accounts.words("kita", casework="second_person: false\n")
    read_anew(bot)
    assert not bot.program.desks["kita"].content.casework.second_person


def test_what_one_desk_sends_costs_the_other_nothing(bot: Bot, accounts: TwoAccounts) -> None:
    async def both() -> list[int | None]:
        found = [await bot.program.quotas.of(desk) for desk in ("minami", "kita")]
        return [None if one is None else one.used for one in found]

    before = bot.run(both)
    resident = accounts.kita.resident()
    resident.say(DANGER)
    settle(bot, accounts)
    kita = Colleague(bot, "kitano", desk="kita")
    path = kita.first_case()
    kita.act(path, "come")
    bot.wait_until_sent()
    accounts.kita.wait_until_delivered()
    for desk in ("minami", "kita"):
        bot.program.quotas.forget(desk)
    kita.act(path, "messages", words="読みました。")
    bot.wait_until_sent()
    bot.program.quotas.forget("kita")
    after = bot.run(both)
    assert (before, after[0]) == ([0, 0], 0)
    assert after[1]
