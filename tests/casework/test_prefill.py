"""A draft from a conversation: marked as the program's, with the messages it was read from, no more than was said."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sheet_cast import FORM, FORMS, LATER, MESSAGE, NOW, TODAY

from casework.forms import Row
from casework.prefill import Heard, Paper, Quoted, Tagged, prefill
from casework.sheets import Entry, Origin
from config.categories import categories
from config.sheets import load_forms

PAPER = Paper(number="2026-0001", created_on=TODAY, from_org="見本市社会福祉協議会", from_person="相談 花子")
POOR = Tagged(category="poverty", score=0.9, message_id=MESSAGE, words=("家賃が払えない",))
CARE = Tagged(category="elder_care", score=0.7, message_id=LATER, words=("母の介護",))
TALK = Heard(
    channel="line",
    alias="しずかな もみじ",
    first_contact_on=TODAY,
    contact_count=3,
    tags=(CARE, POOR, replace(POOR, message_id=LATER)),
    facts={
        "writer_age": 52,
        "writer_role": "self",
        "detected_language": "ja",
        "people": [
            {"relation": "mother", "age": 82, "lives_with": True},
            {"relation": "neighbour"},
            {"relation": "son", "lives_with": False},
        ],
    },
    fact_messages=frozenset({LATER}),
    risk_level="watch",
    risk_kinds=("lifeline",),
    risk_messages=frozenset({MESSAGE}),
    quotes=(Quoted(message_id=MESSAGE, text="家賃が払えない"),),
    answers={"area": "北町", "wish": "母と暮らしたい"},
)


def filled(heard: Heard = TALK, form_id: str = "tsunagu") -> dict[str, Entry]:
    return prefill(FORMS[form_id], heard, PAPER, now=NOW)


def values(heard: Heard = TALK) -> dict[str, Any]:
    return {key: entry.value for key, entry in filled(heard).items()}


def test_the_divisions_are_marked_and_the_heaviest_one_is_the_top() -> None:
    found = values()
    assert found["topics"] == ("rent", "care")
    assert found["top_topic"] == "rent"


def test_the_household_comes_from_what_was_told() -> None:
    found = values()
    assert found["household"] == (
        Row(cells={"relation": "mother", "age": 82, "lives_with": "together"}),
        Row(cells={"relation": "son", "lives_with": "apart"}),
    )
    assert found["household_size"] == 2
    assert found["age_band"] == "50"
    assert "mother_tongue" not in found


def test_every_filled_field_is_marked_and_carries_its_messages() -> None:
    found = filled()
    machine = {key: entry for key, entry in found.items() if entry.origin is Origin.MACHINE}
    assert all(entry.unconfirmed for entry in machine.values())
    assert found["quotes"].sources == {MESSAGE}
    assert found["top_topic"].sources == {MESSAGE, LATER}
    assert found["household"].sources == {LATER}
    assert found["urgency"].sources == {MESSAGE}
    assert found["quotes"].value == (Row(cells={"text": "家賃が払えない"}, source=MESSAGE),)


def test_what_the_resident_answered_is_theirs() -> None:
    found = filled()
    assert (found["area"].value, found["area"].origin) == ("北町", Origin.RESIDENT)
    assert found["wish"].origin is Origin.RESIDENT
    assert found["sheet_no"].origin is Origin.STAFF


def test_urgency_and_safety_come_from_the_risk() -> None:
    found = values()
    assert (found["urgency"], found["safety"]) == ("week", ("food",))
    assert found["urgency_reason"].startswith("自動の判定：注意（食べ物・住まい・ライフライン）")
    danger = replace(
        TALK,
        tags=(POOR, Tagged(category="abuse_dv", score=0.4, message_id=LATER)),
        risk_level="urgent",
        risk_kinds=("violence", "suicide"),
        facts={"safety": {"role": "witness", "at_risk": "child", "now": True}},
    )
    found = values(danger)
    assert (found["urgency"], found["top_topic"]) == ("today", "violence")
    assert found["safety"] == ("suicide", "child_abuse")
    assert "suicide" in found["factors"]


def test_no_risk_is_not_called_safe() -> None:
    found = values(replace(TALK, risk_level="none", risk_kinds=()))
    assert found["urgency"] == "usual"
    assert not {"safety", "urgency_reason", "safe_contact"} & found.keys()


def test_whoever_writes_about_somebody_else_is_not_the_person_of_the_sheet() -> None:
    found = values(replace(TALK, facts={**TALK.facts, "writer_role": "neighbour"}))
    assert not {"household", "household_size", "age_band", "nickname"} & found.keys()
    assert (found["route"], found["visitor_relation"]) == ("neighbour", "neighbour")
    told = filled(replace(TALK, facts={"writer_role": "professional"}), "information")
    assert told["giver_relation"].value == "supporter"


def test_a_certificate_is_not_assumed() -> None:
    assert values(replace(TALK, tags=(Tagged(category="disability", score=1, message_id=MESSAGE),)))["factors"] == (
        "disability_suspected",
    )
    said = Tagged(category="disability", score=1, message_id=MESSAGE, words=("手帳を持っています",))
    assert values(replace(TALK, tags=(said,)))["factors"] == ("disability",)


@pytest.mark.parametrize("category", sorted(categories()))
def test_every_category_has_its_places_on_the_sheet(category: str) -> None:
    found = values(replace(TALK, tags=(Tagged(category=category, score=0.5, message_id=MESSAGE),), risk_kinds=()))
    assert len(found["topics"]) == 1
    assert found["top_topic"] == found["topics"][0]
    assert len(found["factors"]) == 1


@pytest.mark.parametrize(
    ("age", "code"), [(0, "0"), (9, "0"), (15, "10"), (16, "16"), (17, "16"), (19, "18"), (20, "20"), (103, "80")]
)
def test_ages_of_teenagers_are_told_apart(age: int, code: str) -> None:
    assert values(replace(TALK, facts={"writer_age": age}))["age_band"] == code


def test_another_paper_is_filled_by_its_own_divisions(tmp_path: Path) -> None:
    (tmp_path / "sheets").mkdir()
    own = """
over: tsunagu
codes:
  topics: {rent: null, food: null, bills: null, income: null,
    money: {label: お金《かね》, fed_by: [収入・生活費のこと, 家賃やローンの支払いのこと]}}
"""
    (tmp_path / "sheets" / "city.yaml").write_text(own, encoding="utf-8")
    form = load_forms(overrides=tmp_path)["city"]
    found = prefill(form, TALK, PAPER, now=NOW)
    assert (found["top_topic"].value, found["topics"].value) == ("money", ("care", "money"))


def test_a_talk_without_anything_fills_only_what_is_certain() -> None:
    bare = Heard(channel="phone", alias="もみじ", first_contact_on=dt.date(2026, 1, 5), contact_count=1)
    assert values(bare).keys() == {
        "sheet_no", "created_on", "from_org", "from_person", "channel", "first_contact_on", "contact_count",
        "nickname", "urgency",
    }  # fmt: skip
    assert FORM.fields["urgency"].required
