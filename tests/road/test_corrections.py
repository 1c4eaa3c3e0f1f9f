"""「ちがう」: what a resident calls wrong is marked where staff will look, and the danger stays as high as it was."""

from __future__ import annotations

from road import Bot
from sqlalchemy import select

from bot.simulator import SimulatorServer
from storage.tables import Alert, Finding, Tag


def contested(bot: Bot) -> dict[str, set[bool]]:
    """Which categories are tagged, and whether some tag of them is called wrong, or not."""
    marks: dict[str, set[bool]] = {}
    for row in bot.rows(select(Tag.category, Tag.contested_at)):
        marks.setdefault(row.category, set()).add(row.contested_at is not None)
    return marks


def test_a_correction_reaches_the_stored_tags_and_lowers_no_danger(sim: SimulatorServer, bot: Bot) -> None:
    resident = sim.resident()
    for words in ("家賃が払えなくて、きのうから何も食べてない", "わたしのこと何を覚えてる？", "ちがう"):
        resident.say(words)
        resident.answer()
    bot.settle()
    assert contested(bot)["poverty"] == {False}
    resident.tap("暮らしのお金")
    assert "「暮らしのお金」" in "".join(entry.text for entry in resident.answer())
    bot.settle()
    assert contested(bot)["poverty"] == {True}
    assert "urgent" in {row.risk_level for row in bot.rows(select(Finding.risk_level))}
    assert {row.level for row in bot.rows(select(Alert.level))} == {"urgent"}
    resident.say("家賃が払えないのは本当です")
    resident.answer()
    bot.settle()
    assert contested(bot)["poverty"] == {True, False}


def test_a_correction_in_words_reaches_them_as_well(sim: SimulatorServer, bot: Bot) -> None:
    resident = sim.resident()
    for words in ("隣の犬が一晩中吠えて眠れない", "何を覚えてますか", "ご近所のことはちがいます"):
        resident.say(words)
        resident.answer()
    bot.settle()
    assert contested(bot)["neighbor"] == {True}
