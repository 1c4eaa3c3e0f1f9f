"""LINE does everything wrong that it can: each message arrives all the same, and once."""

from __future__ import annotations

import pytest
from road import Bot, said
from sqlalchemy import select

from bot.simulator import FaultKind, SimulatorServer
from storage.tables import OutboxMessage, OutboxState

WORDS = "上司に毎日どなられて会社に行けません"


def letters(bot: Bot) -> list:
    columns = (OutboxMessage.state, OutboxMessage.sent_by, OutboxMessage.maybe_doubled, OutboxMessage.reason)
    return bot.rows(select(*columns).order_by(OutboxMessage.id))


def talk_of(sim: SimulatorServer, bot: Bot):
    resident = sim.resident()
    resident.follow()
    resident.answer()
    bot.settle()
    return resident


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.RATE_LIMIT,
        FaultKind.SERVER_ERROR,
        FaultKind.SERVER_ERROR_AFTER,
        FaultKind.DROP_BEFORE,
        FaultKind.DROP_AFTER,
        FaultKind.ODD_JSON,
    ],
)
def test_a_reply_that_goes_wrong_arrives_once(sim: SimulatorServer, bot: Bot, kind: FaultKind) -> None:
    resident = talk_of(sim, bot)
    before = len(resident.bubbles)
    sim.fail_next(kind)
    resident.say(WORDS)
    resident.answer()
    bot.wait_until_sent()
    new = [entry.text for entry in resident.bubbles[before:]]
    assert len(set(new)) == len(new) <= 5
    last = letters(bot)[-1]
    assert (last.state, last.sent_by, last.maybe_doubled) == (OutboxState.SENT, "reply", False)


@pytest.mark.parametrize(
    "kind",
    [
        FaultKind.RATE_LIMIT,
        FaultKind.SERVER_ERROR,
        FaultKind.SERVER_ERROR_AFTER,
        FaultKind.DROP_BEFORE,
        FaultKind.DROP_AFTER,
        FaultKind.ODD_JSON,
    ],
)
def test_a_push_that_goes_wrong_arrives_once(sim: SimulatorServer, bot: Bot, kind: FaultKind) -> None:
    resident = talk_of(sim, bot)
    before = len(resident.bubbles)
    sim.fail_next(kind, path="/v2/bot/message/push")
    say_with_a_dead_token(sim, resident, WORDS)
    resident.wait_for_bubbles(1, after=before)
    bot.wait_until_sent()
    new = [entry.text for entry in resident.bubbles[before:]]
    assert len(set(new)) == len(new) <= 5
    last = letters(bot)[-1]
    assert (last.state, last.sent_by, last.maybe_doubled) == (OutboxState.SENT, "push", False)


def say_with_a_dead_token(sim: SimulatorServer, resident, words: str, event_id: str = "DEAD") -> None:
    """The webhook was so late that LINE does not take its reply token any more."""
    sim.send_events(said(resident.user_id, words, event_id, token="dead"))


def test_a_dead_token_is_answered_by_push(sim: SimulatorServer, bot: Bot) -> None:
    resident = talk_of(sim, bot)
    before = len(resident.bubbles)
    say_with_a_dead_token(sim, resident, WORDS)
    assert {entry.via for entry in resident.wait_for_bubbles(1, after=before)} == {"push"}
    bot.wait_until_sent()
    assert letters(bot)[-1].sent_by == "push"


def test_a_slow_answer_of_line_is_asked_again_with_the_same_token(
    sim: SimulatorServer, database_url: str, tmp_path
) -> None:
    with Bot(sim, database_url, tmp_path, line_timeout=0.4) as bot:
        resident = talk_of(sim, bot)
        before = len(resident.bubbles)
        sim.fail_next(FaultKind.SLOW_AFTER, seconds=1.0)
        resident.say(WORDS)
        resident.answer()
        bot.wait_until_sent()
        new = [entry.text for entry in resident.bubbles[before:]]
        assert len(set(new)) == len(new) <= 5
        assert letters(bot)[-1].sent_by == "reply"


def test_when_the_monthly_quota_is_reached_replies_go_on_and_pushes_wait(sim: SimulatorServer, bot: Bot) -> None:
    resident = talk_of(sim, bot)
    sim.platform.quota.limit = 0
    resident.say(WORDS)
    assert {entry.via for entry in resident.answer()} == {"reply"}
    bot.settle()
    say_with_a_dead_token(sim, resident, "眠れません")
    sim.wait_for_requests(1, "/push")
    bot.settle()
    waiting = letters(bot)[-1]
    assert (waiting.state, waiting.reason) == (OutboxState.WAITING, "monthly quota reached")
    before = len(resident.bubbles)
    resident.say("もう五日になります")
    bot.settle()
    assert [row.state for row in letters(bot)[-2:]] == [OutboxState.MERGED, OutboxState.SENT]
    assert len(resident.bubbles) > before + 1
    assert not any(request.accepted for request in sim.requests("/push"))
