"""Who types what stands on a button of the open question has pressed it; nothing else is heard in it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from dialogue_cast import CONTENT, Talk, consent_of, offer_of

from dialogue.consent_state import ConsentMemory
from dialogue.effects import AlertStaff
from dialogue.labels import pressed, says_no_more
from dialogue.state import Pending, State
from nlp.findings import RiskLevel

READ = State(pending=Pending.READ, consent=ConsentMemory(step="read", wants=True))


@pytest.mark.parametrize("name", ["yes", "from_now", "not_yet"])
@pytest.mark.parametrize("voice", ["plain", "kana"])
def test_a_typed_label_is_its_button(name: str, voice: str) -> None:
    line = next(line for key, line in CONTENT.consent.read.labels.items() if key == name)
    press = pressed(CONTENT, READ, [f"{getattr(line, voice)}。"])
    assert press is not None
    assert (press.action, press.argument) == ("consent", f"read.{name}")


@pytest.mark.parametrize(
    "text",
    ["今は決めない", "いまは きめない", "今はまだ決めない", "まだ決められません", "まだ決めてない", "今は決められない"],
)
def test_to_decide_nothing_is_heard_as_nothing_else_while_it_is_asked(text: str) -> None:
    assert says_no_more(CONTENT, READ, RiskLevel.NONE, [text])
    talk = Talk()
    talk.hear("相談員と話したい")
    assert consent_of(talk.hear(text)) == "no read"


@pytest.mark.parametrize(
    "text", ["もう決めた", "今は決めない。もう死にたい", "覚悟を決めた", "死に方が決められない。もういい"]
)
def test_what_says_more_is_listened_to(text: str) -> None:
    assert not says_no_more(CONTENT, READ, RiskLevel.NONE, [text])


def test_without_an_open_question_a_label_is_listened_to() -> None:
    assert not says_no_more(CONTENT, State(), RiskLevel.NONE, ["今は決めない"])
    assert pressed(CONTENT, State(), ["今は決めない"]) is None


def test_a_question_that_was_left_lying_is_still_answered_by_its_label() -> None:
    assert pressed(CONTENT, replace(READ, pending=Pending.NOTHING), ["今は決めない"]) is not None


def test_danger_that_was_heard_in_a_label_is_met_all_the_same() -> None:
    talk = Talk()
    talk.hear("相談員と話したい")
    decision = talk.hear("今は決めない", level="urgent", kinds=["suicide"], safety=["harmed", "self", "now"])
    assert any(isinstance(effect, AlertStaff) and effect.level is RiskLevel.URGENT for effect in decision.effects)


@pytest.mark.parametrize(
    ("label", "answer"), [("話してみたい", "yes"), ("もう少しここで話す", "stay"), ("今はいい", "no")]
)
def test_the_buttons_of_an_offer_can_be_typed(label: str, answer: str) -> None:
    talk = Talk()
    for text in ("借金があります", "催促が毎日きます", "妻には言えてない"):
        talk.hear(text, tags=["debt"])
    assert talk.state.pending is Pending.OFFER
    assert offer_of(talk.hear(label)) == answer
