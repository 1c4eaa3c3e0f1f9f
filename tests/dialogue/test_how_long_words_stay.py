"""What a resident is told of how long their words stay is what the desk has set."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from dialogue_cast import CONTENT

from config.content import Content
from dialogue import Desk, State, decide
from dialogue.effects import Say
from dialogue.events import Heard
from dialogue.state import Tone
from dialogue.words import Text

ASKED = Heard(texts=("書いたことはいつまで残りますか",))


def told(content: Content, tone: Tone) -> str:
    state = replace(State.new(), noticed=True, tone=tone)
    decision = decide(
        Desk(id="default", content=content), state, ASKED, None, datetime(2026, 11, 26, 3, 0, tzinfo=UTC), 7
    )
    (say,) = [effect for effect in decision.effects if isinstance(effect, Say)]
    return "".join(message.text for message in say.messages if isinstance(message, Text))


@pytest.mark.parametrize("tone", list(Tone))
def test_the_days_are_told_only_where_the_clock_keeps_them(tone: Tone) -> None:
    assert "90日" not in told(CONTENT, tone)
    kept = CONTENT.desk.retention.model_copy(update={"automatic": True, "anonymous_days": 60, "consented_years": 7})
    by_itself = replace(CONTENT, desk=CONTENT.desk.model_copy(update={"retention": kept}))
    assert "60日" in told(by_itself, tone)
    assert "7年" in told(by_itself, tone)
