"""From a burst of messages to what the listener found, and back to the message each finding stands in."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from dialogue import Listened
from nlp import Heard, Known, Listener
from nlp.findings import Assessment, Evidence, RiskLevel
from storage.conversations import Findings, FoundTag
from storage.ids import NewId

_BETWEEN = "\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Understanding:
    """What a burst says: for the decision, for the memory, and for each of its messages."""

    listened: Listened
    known: Known
    findings: tuple[Findings, ...]


async def understand(
    listener: Listener, texts: Sequence[str], *, known: Known, turn: int, new_id: NewId
) -> Understanding:
    """Hear a burst as one: people break a sentence over several messages. Runs beside the event loop."""
    heard = await asyncio.to_thread(listener.hear, _BETWEEN.join(texts), known=known, turn=turn)
    return Understanding(
        listened=Listened(message=heard.message, overall=heard.overall),
        known=heard.known,
        findings=_by_message(heard, texts, turn=turn, new_id=new_id),
    )


def unheard(texts: Sequence[str], *, known: Known, new_id: NewId) -> Understanding:
    """Words with nothing in them for the listener: they answer the program like a button."""
    nothing = Heard(message=Assessment(), overall=known.assessment, known=known)
    return Understanding(
        listened=Listened(message=nothing.message, overall=nothing.overall),
        known=known,
        findings=_by_message(nothing, texts, turn=0, new_id=new_id),
    )


async def remember(listener: Listener, texts: Sequence[str]) -> Known:
    """The memory that these words alone leave: after an unsend, what was taken back is forgotten."""

    def hear_all() -> Known:
        known = Known()
        for turn, text in enumerate(texts):
            known = listener.hear(text, known=known, turn=turn).known
        return known

    return await asyncio.to_thread(hear_all)


def _by_message(heard: Heard, texts: Sequence[str], *, turn: int, new_id: NewId) -> tuple[Findings, ...]:
    found: list[Findings] = []
    start = 0
    for position, text in enumerate(texts):
        part = _Part(start=start, end=start + len(text), turn=turn, last=position == len(texts) - 1)
        found.append(_findings(heard.message, part, new_id))
        start = part.end + len(_BETWEEN)
    return tuple(found)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Part:
    """One message's place in the joined burst. What stands in no message of the burst goes to the last."""

    start: int
    end: int
    turn: int
    last: bool

    def own(self, evidence: Sequence[Evidence]) -> list[Evidence]:
        here = [e for e in evidence if e.turn in {None, self.turn} and e.start < self.end and e.end > self.start]
        return [self._within(e) for e in here]

    def _within(self, e: Evidence) -> Evidence:
        """What of a span stands in this message: people break a sentence over several."""
        start, end = max(e.start, self.start), min(e.end, self.end)
        text = e.text[start - e.start : end - e.start]
        return replace(e, start=start - self.start, end=end - self.start, text=text)

    def shown(self, evidence: Sequence[Evidence]) -> list[Evidence]:
        """The spans of this message, and with the last message those of earlier turns."""
        earlier = [e for e in evidence if e.turn not in {None, self.turn}] if self.last else []
        return [*self.own(evidence), *earlier]


def _findings(message: Assessment, part: _Part, new_id: NewId) -> Findings:
    tags = []
    for concern in message.concerns:
        evidence = part.shown(concern.evidence)
        if evidence or (part.last and not concern.evidence):
            shown = [e.to_json() for e in evidence]
            tags.append(FoundTag(id=new_id(), category=concern.id, score=concern.score, evidence=shown))
    reasons = part.shown(message.risk.evidence)
    risky = reasons or (part.last and not message.risk.evidence)
    detail: dict[str, Any] = {"risk": [e.to_json() for e in reasons]}
    if part.last:
        detail["facts"] = message.facts.to_json()
    return Findings(
        tags=tuple(tags),
        risk_level=(message.risk.level if risky else RiskLevel.NONE).value,
        risk_kinds=tuple(k.value for k in message.risk.kinds) if risky else (),
        detail=detail,
    )
