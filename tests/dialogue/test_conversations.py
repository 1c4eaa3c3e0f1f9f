"""Golden conversations: who says what, what must be answered, and what must never be.

- title: what it shows
  at: day | night                   # the desk is open, or closed
  desk: alone                       # one that offers nobody; local: with numbers of its own; iwate: another prefecture
  never: [words that no answer may hold]
  turns:
    - says: text or [burst]         # or event: follow, sends: [sticker], press: action:argument
      shows: {tags: [], level: urgent, kinds: [], safety: [harmed, self, now], role: family, minor: true, age: 80}
      later: {minutes: 31}          # before this turn
      expect: {kind: crisis, holds: [], never: [], contacts: [], card: false, alert: urgent, bubbles: 2, asks: 1,
               offer: made,         # or the answer that was recorded: yes, call, meet, stay, no
               done: erase,         # or keep, stop, resume
               contests: debt,      # the category called wrong
               consent: read all,   # or read from_now, ask_around, tell_name, no read, withdrawn, or why not asked
               check_in: plan weekly noon,  # or paused, ended resident, answered hard, quiet 22:00-07:00
               notes: "area: 北町",  # what staff are told; "-" when it was left out; safe: whether they may write here
               tone: elder, presses: [labels of buttons], rule: of the alert}
"""

from __future__ import annotations

from typing import Any

import pytest
from dialogue_cast import (
    CONTENT,
    DESKS,
    OWN_NUMBERS,
    TUESDAY_10,
    TUESDAY_23,
    Talk,
    alert_of,
    cards_of,
    check_in_of,
    consent_of,
    contested_of,
    conversations,
    done_of,
    noted_of,
    offer_of,
    options_of,
    play,
    safe_of,
    say_of,
    texts_of,
)

from config.contents.wording import questions
from dialogue import Decision

TALKS = conversations()


@pytest.mark.parametrize("talk", [talk for _, talk in TALKS], ids=[title for title, _ in TALKS])
def test_conversation_goes_as_written(talk: dict[str, Any]) -> None:
    conversation = Talk(
        now=TUESDAY_23 if talk.get("at") == "night" else TUESDAY_10,
        desk=DESKS[talk.get("desk", "shipped")],
        seed=talk.get("seed", 0),
    )
    for number, turn in enumerate(talk["turns"], start=1):
        decision = play(conversation, turn)
        read = texts_of(decision)
        for word in talk.get("never", []):
            assert not any(word in text for text in read), f"turn {number} holds “{word}”: {read}"
        check(decision, turn.get("expect", {}), f"turn {number}: {read}")


def check(decision: Decision, expect: dict[str, Any], where: str) -> None:
    unknown = expect.keys() - CHECKS.keys()
    assert not unknown, f"{where}: no such expectation: {unknown}"
    for name, wanted in expect.items():
        assert CHECKS[name](decision, wanted), f"{where}\n“{name}” should be {wanted}"


def _holds(decision: Decision, words: list[str]) -> bool:
    read = "\n".join(texts_of(decision))
    return all(word in read for word in words)


def _never(decision: Decision, words: list[str]) -> bool:
    read = "\n".join(texts_of(decision))
    return not any(word in read for word in words)


def _contacts(decision: Decision, names: list[str]) -> bool:
    shown = [contact.uri for card in cards_of(decision) for contact in card.contacts]
    own = {f"local:{name}": place for name, place in OWN_NUMBERS.items()}
    return shown == [{**CONTENT.contacts, **own}[name].uri for name in names]


def _asks(decision: Decision, number: int) -> bool:
    return sum(questions(text) for text in texts_of(decision)) == number


def _alert(decision: Decision, level: str | None) -> bool:
    alert = alert_of(decision)
    return (alert and alert.level.value) == level


def _kind(decision: Decision, kind: str | None) -> bool:
    say = say_of(decision)
    return (say and say.kind.value) == kind


def _bubbles(decision: Decision, number: int) -> bool:
    say = say_of(decision)
    return len(say.messages if say else ()) == number


CHECKS: dict[str, Any] = {
    "holds": _holds,
    "never": _never,
    "contacts": _contacts,
    "asks": _asks,
    "alert": _alert,
    "kind": _kind,
    "bubbles": _bubbles,
    "check_in": lambda decision, wanted: check_in_of(decision) == wanted,
    "done": lambda decision, wanted: done_of(decision) == wanted,
    "contests": lambda decision, wanted: contested_of(decision) == wanted,
    "consent": lambda decision, wanted: consent_of(decision) == wanted,
    "notes": lambda decision, wanted: noted_of(decision) == wanted,
    "safe": lambda decision, wanted: safe_of(decision) is wanted,
    "tone": lambda decision, wanted: decision.state.tone.value == wanted,
    "presses": lambda decision, wanted: options_of(decision) == wanted,
    "rule": lambda decision, wanted: getattr(alert_of(decision), "rule", None) == wanted,
    "offer": lambda decision, wanted: offer_of(decision) == wanted,
    "card": lambda decision, wanted: bool(cards_of(decision)) is wanted,
}


def test_there_are_enough_conversations() -> None:
    assert len(TALKS) >= 275
    assert len({title for title, _ in TALKS}) == len(TALKS)
