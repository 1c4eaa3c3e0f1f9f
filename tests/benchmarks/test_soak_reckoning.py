"""The reckoning of a soak finds each kind of loss and each kind of doubling, and nothing where all is well."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from benchmarks.soak.line import TOKEN_LIVES, MoodyLine
from benchmarks.soak.reckoning import EventRow, LetterRow, Reckoning, reckon

EVENTS = [EventRow(event_id=f"e{n}", state="done", turn=f"t{n // 2}") for n in range(4)]
LETTERS = [
    LetterRow(turn=f"t{n}", state="sent", retry_key=f"k{n}", maybe_doubled=False, in_hand=False) for n in range(2)
]
WELL: dict[str, Any] = {
    "acknowledged": {"e0", "e1", "e2", "e3"},
    "tokens": {f"r{n}": f"e{n}" for n in range(4)},
    "events": EVENTS,
    "letters": LETTERS,
    "replies": {"r1": 1},
    "pushes": {"k1": 1},
}


def reckoned(**changed: Any) -> Reckoning:
    return reckon(**{**WELL, **changed})


def test_where_each_letter_was_said_once_nothing_is_wrong() -> None:
    found = reckoned()
    assert found.wrong == {}
    assert (found.acknowledged, found.turns, found.sent) == (4, 2, 2)


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("events_lost", {"acknowledged": {"e0", "gone"}}),
        ("events_not_done", {"events": [*EVENTS, EventRow(event_id="e9", state="waiting", turn=None)]}),
        ("events_not_done", {"events": [*EVENTS, EventRow(event_id="e9", state="done", turn=None)]}),
        ("turns_with_two_answers", {"letters": [*LETTERS, replace(LETTERS[1], state="merged", retry_key="k9")]}),
        ("letters_not_sent", {"letters": [*LETTERS, replace(LETTERS[0], turn=None, state="waiting")]}),
        ("letters_still_in_hand", {"letters": [LETTERS[0], replace(LETTERS[1], in_hand=True)]}),
        ("sent_but_never_accepted", {"pushes": {}}),
        # Two tokens of one turn, a token and a push, a push that is not of the books, and one of a merged letter.
        ("said_twice_uncounted", {"replies": {"r0": 1, "r1": 1}}),
        ("said_twice_uncounted", {"replies": {"r1": 1, "r2": 1}}),
        ("said_twice_uncounted", {"pushes": {"k1": 2}}),
        ("said_twice_uncounted", {"letters": [LETTERS[0], replace(LETTERS[1], state="merged")]}),
    ],
)
def test_each_wrong_is_found(name: str, changed: dict[str, Any]) -> None:
    assert reckoned(**changed).wrong == {name: 1}


def test_what_may_have_been_said_twice_and_says_so_is_counted_apart() -> None:
    letters = [replace(LETTERS[0], maybe_doubled=True), LETTERS[1]]
    found = reckoned(letters=letters, pushes={"k0": 1, "k1": 1})
    assert (found.wrong, found.said_twice_and_counted) == ({}, 1)


class Calm(random.Random):
    """Nothing goes wrong by chance."""

    def randrange(self, *_: Any) -> int:
        return 999


@pytest.mark.anyio
async def test_the_line_of_a_soak_takes_a_token_once_for_a_minute_and_a_key_once() -> None:
    now = [0.0]
    line = MoodyLine(Calm(), clock=lambda: now[0])
    reply, body = b"POST /v2/bot/message/reply HTTP/1.1\r\n", b'{"replyToken": "r"}'
    push = b"POST /v2/bot/message/push HTTP/1.1\r\nX-Line-Retry-Key: abc-1\r\n"

    async def status(head: bytes) -> bytes:
        answer = await line._answer(head, body)
        assert answer is not None
        return answer[9:12]

    assert await status(reply) == b"400"
    line.delivered("r")
    now[0] = TOKEN_LIVES + 1
    assert await status(reply) == b"400"
    line.delivered("r")
    assert [await status(reply), await status(reply)] == [b"200", b"400"]
    assert [await status(push), await status(push)] == [b"200", b"409"]
    assert (line.replies, line.pushes) == ({"r": 1}, {"abc-1": 1})
