"""What follows from a desk's words is made once, and anew when the words are other ones."""

from __future__ import annotations

from dataclasses import replace

import pytest
from dialogue_cast import CONTENT

from dialogue import Desk
from dialogue.per_desk import PerDesk

DESK = Desk(id="minami", content=CONTENT)


def test_it_is_made_when_it_is_first_asked_for_and_then_kept() -> None:
    made: list[str] = []
    found = PerDesk({"minami": DESK}, lambda desk: made.append(desk.id) or len(made))
    assert made == []
    assert [found["minami"], found["minami"]] == [1, 1]


def test_new_words_make_it_anew_and_new_desks_are_there_at_once() -> None:
    desks = {"minami": DESK}
    found = PerDesk(desks, lambda desk: desk.content.version)
    assert found["minami"] == CONTENT.version
    desks["minami"] = replace(DESK, content=replace(CONTENT, version="new"))
    desks["kita"] = replace(DESK, id="kita")
    assert dict(found) == {"minami": "new", "kita": CONTENT.version}
    assert len(found) == 2


def test_a_desk_that_is_not_there_has_nothing() -> None:
    found = PerDesk({"minami": DESK}, lambda desk: desk.id)
    assert found.get("kita") is None
    with pytest.raises(KeyError):
        found["kita"]
