"""A burst is heard as one, and every finding goes back to the message it stands in."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.hearing import Understanding, remember, understand
from nlp import Heard, Known
from nlp.findings import Assessment, Concern, Evidence, Facts, Risk, RiskKind, RiskLevel
from storage.conversations import Findings
from storage.ids import new_id

pytestmark = pytest.mark.anyio

TURN = 4


@dataclass
class Ear:
    """Stands where the listener stands: finds the words it was told to find, and notes what it heard."""

    concerns: dict[str, tuple[str, ...]] = field(default_factory=dict)
    risk: tuple[str, ...] | None = None
    earlier: tuple[Evidence, ...] = ()
    facts: Facts = field(default_factory=Facts)
    heard: list[tuple[str, int | None, int]] = field(default_factory=list)

    def hear(self, text: str, known: Known = Known(), turn: int = 0) -> Heard:  # noqa: B008 - as the listener has it
        self.heard.append((text, known.assessment.facts.writer_age, turn))
        message = Assessment(
            concerns=tuple(
                Concern(id=name, score=0.9, evidence=(*self.spans(text, words), *self.earlier))
                for name, words in self.concerns.items()
            ),
            risk=Risk()
            if self.risk is None
            else Risk(level=RiskLevel.URGENT, kinds=(RiskKind.LIFELINE,), evidence=self.spans(text, self.risk)),
            facts=self.facts,
        )
        return Heard(message=message, overall=message, known=replace(known, assessment=message))

    def spans(self, text: str, words: tuple[str, ...]) -> tuple[Evidence, ...]:
        return tuple(
            Evidence(start=(at := text.index(word)), end=at + len(word), text=word) for word in words if word in text
        )


async def hear(ear: Any, *texts: str) -> Understanding:
    return await understand(ear, texts, known=Known(), turn=TURN, new_id=new_id)


def shown(findings: Findings) -> dict[str, list[tuple[int, int, str]]]:
    """The spans of each tag of a message."""
    return {tag.category: [(e["start"], e["end"], e["text"]) for e in tag.evidence] for tag in findings.tags}


async def test_a_burst_is_heard_once_and_as_one() -> None:
    ear = Ear()
    found = await hear(ear, "家賃が", "払えない")
    assert ear.heard == [("家賃が\n払えない", None, TURN)]
    assert len(found.findings) == 2


async def test_each_finding_goes_to_its_message_with_offsets_in_that_message() -> None:
    ear = Ear(concerns={"poverty": ("家賃",), "elder_care": ("介護",)})
    first, second, third = (await hear(ear, "あの、家賃が", "😀それと", "母の介護も")).findings
    assert shown(first) == {"poverty": [(3, 5, "家賃")]}
    assert shown(second) == {}
    assert shown(third) == {"elder_care": [(2, 4, "介護")]}


async def test_a_concern_that_stands_in_two_messages_is_a_tag_of_both() -> None:
    ear = Ear(concerns={"poverty": ("家賃", "電気")})
    first, second = (await hear(ear, "家賃も", "電気も")).findings
    assert shown(first) == {"poverty": [(0, 2, "家賃")]}
    assert shown(second) == {"poverty": [(0, 2, "電気")]}
    assert first.tags[0].id != second.tags[0].id


async def test_a_span_over_two_messages_is_cut_to_what_stands_in_each() -> None:
    first, second = (
        await hear(Ear(concerns={"poverty": ("家賃が\n払えない",)}), "もう家賃が", "払えないです")
    ).findings
    assert shown(first) == {"poverty": [(2, 5, "家賃が")]}
    assert shown(second) == {"poverty": [(0, 4, "払えない")]}


async def test_what_stands_nowhere_goes_to_the_last_message() -> None:
    first, last = (await hear(Ear(concerns={"isolation": ()}), "あの", "ひとりで")).findings
    assert shown(first) == {}
    assert shown(last) == {"isolation": []}


async def test_reasons_from_earlier_turns_go_to_the_last_message_with_their_turn() -> None:
    before = Evidence(start=0, end=2, text="家賃", turn=1)
    first, last = (await hear(Ear(concerns={"poverty": ()}, earlier=(before,)), "それで", "もう無理")).findings
    assert shown(first) == {}
    assert last.tags[0].evidence == [before.to_json()]


async def test_risk_stands_with_the_words_that_raised_it() -> None:
    first, last = (await hear(Ear(risk=("食べてない",)), "きのうから食べてない", "ごめんなさい")).findings
    assert (first.risk_level, first.risk_kinds) == ("urgent", ("lifeline",))
    assert first.detail["risk"] == [{"start": 5, "end": 10, "text": "食べてない"}]
    assert (last.risk_level, last.risk_kinds, last.detail["risk"]) == ("none", (), [])


async def test_risk_without_words_of_its_own_is_not_lost() -> None:
    first, last = (await hear(Ear(risk=()), "あの", "…")).findings
    assert (first.risk_level, last.risk_level) == ("none", "urgent")


async def test_facts_are_kept_once_with_the_last_message() -> None:
    first, last = (await hear(Ear(facts=Facts(writer_age=52)), "52歳です", "男です")).findings
    assert "facts" not in first.detail
    assert last.detail["facts"] == {"writer_age": 52}


async def test_what_is_known_comes_from_all_of_it() -> None:
    found = await hear(Ear(facts=Facts(writer_age=52)), "52歳です")
    assert found.known.assessment.facts.writer_age == 52
    assert found.listened.message.facts == found.listened.overall.facts


async def test_memory_is_made_anew_from_the_words_that_are_left() -> None:
    ear = Ear(facts=Facts(writer_age=52))
    known = await remember(ear, ["一", "二"])
    assert [(text, turn) for text, _, turn in ear.heard] == [("一", 0), ("二", 1)]
    assert [age for _, age, _ in ear.heard] == [None, 52]
    assert known.assessment.facts.writer_age == 52
    assert await remember(ear, []) == Known()


@given(
    st.lists(st.text(alphabet="あい😀 ", min_size=1, max_size=6), min_size=1, max_size=4),
    st.data(),
)
def test_every_span_reads_in_its_message_as_it_says(texts: list[str], data: st.DataObject) -> None:
    import asyncio

    joined = "\n".join(texts)
    start = data.draw(st.integers(0, len(joined) - 1))
    end = data.draw(st.integers(start + 1, len(joined)))
    span = Evidence(start=start, end=end, text=joined[start:end])
    found = asyncio.run(hear(_Fixed(span), *texts))
    parts = [(text, spans) for text, findings in zip(texts, found.findings, strict=True) for spans in [shown(findings)]]
    pieces = []
    for text, spans in parts:
        for at, till, words in spans.get("x", []):
            assert text[at:till] == words
            pieces.append(words)
    assert "".join(pieces) == span.text.replace("\n", "")


@dataclass
class _Fixed:
    """Finds one span, whatever it is told."""

    span: Evidence

    def hear(self, _text: str, known: Known, turn: int) -> Heard:
        message = Assessment(concerns=(Concern(id="x", score=1.0, evidence=(self.span,)),))
        return Heard(message=message, overall=message, known=known)
