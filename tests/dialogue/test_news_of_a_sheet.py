"""What a resident is told when their sheet went out."""

from __future__ import annotations

from dialogue_cast import Talk, texts_of

from casework.sheet_news import NewsKind
from dialogue.events import SheetTold
from dialogue.listened import Listened


def told(*, received: str, at: str, discreet: bool = False) -> str:
    talk = Talk()
    talk.hear("家賃が払えません")
    event = SheetTold(kind=NewsKind.SUBMITTED, place="見本市の窓口", received=received, at=at, discreet=discreet)
    return "\n".join(texts_of(talk.meet(event, Listened(overall=talk.known))))


def test_it_is_told_by_when_it_is_received_and_by_when_they_hear() -> None:
    said = told(received="30日(月)", at="12月4日(金)")
    assert "30日(月)までに受け取ってもらい、12月4日(金)までに" in said


def test_where_both_are_the_same_day_it_is_named_once() -> None:
    assert told(received="1月4日(月)", at="1月4日(月)").count("1月4日(月)") == 1


def test_where_somebody_may_see_it_neither_place_nor_who_receives_it_is_said() -> None:
    said = told(received="1月4日(月)", at="1月4日(月)", discreet=True)
    assert "見本市" not in said
    assert "受け取" not in said
