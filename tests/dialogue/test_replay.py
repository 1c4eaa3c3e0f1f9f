"""A transcript told again gives the same decisions: events, assessments, times and seeds are all there is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from dialogue_cast import DESKS, TUESDAY_10, TUESDAY_23, Talk, conversations, play

from dialogue import Decision, State, decide

TALKS = conversations()


@pytest.mark.parametrize("talk", [talk for _, talk in TALKS], ids=[title for title, _ in TALKS])
def test_a_transcript_replayed_gives_the_same_decisions(talk: dict[str, Any]) -> None:
    desk = DESKS[talk.get("desk", "shipped")]
    first = Talk(now=TUESDAY_23 if talk.get("at") == "night" else TUESDAY_10, desk=desk, seed=talk.get("seed", 0))
    decided = [play(first, turn) for turn in talk["turns"]]
    state, again = State.new(), list[Decision]()
    for event, listened, now, seed in first.transcript:
        again.append(decide(desk, state, event, listened, now, seed))
        state = State.from_json(json.loads(json.dumps(again[-1].state.to_json())))
    assert again == decided
