"""What is known after a turn: tags add up, a denial takes one back, danger never falls.

A conversation is read twice: each turn by itself, and the last turns as one text, because people spread a sentence
over several turns. A worry seen in one turn stays if it was plain or if the whole still shows it; what looked like a
worry only until more was said goes again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from nlp.concerns import ANY, INFERRED_SCORE, evidence_of
from nlp.findings import Assessment, AtRisk, Concern, Evidence, Risk, RiskKind, RiskLevel, Safety
from nlp.inference import INFERRED, Circumstances, ruled_out
from nlp.labelled import CATEGORIES
from nlp.memory import Said
from nlp.model import Judged
from nlp.safety import safety_of
from nlp.understanding import Understanding
from nlp.worsening import worst

# What is remembered of a reason; the rest can be read in the turn itself.
KEPT_EVIDENCE = 2
# How many characters of the last turns are read together.
RECALLED = 600
# A turn shows a worry plainly with this many times its threshold; then the whole needs to show only a share of it.
_PLAIN, _TRACE = 1.4, 0.3
_MOST = 0.97


@dataclass(frozen=True, slots=True)
class Whole:
    """The last turns read and judged as one text; `grave` is what they come to without their everyday words."""

    said: tuple[Said, ...]
    seen: Understanding
    judged: Judged
    grave: Judged

    def placed(self, evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
        """The same evidence in the turns it comes from; what runs over a turn's end is cut there."""
        return tuple(found for one in evidence if (found := self._placed(one)) is not None)

    def _placed(self, evidence: Evidence) -> Evidence | None:
        begin = 0
        for said in self.said:
            end = begin + len(said.text)
            if evidence.start < end:
                first, last = max(evidence.start, begin) - begin, min(evidence.end, end) - begin
                text = said.text[first:last]
                return Evidence(start=said.start + first, end=said.start + last, text=text, turn=said.turn)
            begin = end + 1
        return None


def worsened(seen: Understanding, before: Assessment, said: Iterable[Said], turn: int) -> Risk | None:
    """The danger of a short word that is harmless by itself: somebody who wishes to die, and spoke of medicine, grows
    sleepy. None where it is not so.
    """
    if before.risk.level is RiskLevel.NONE:
        return None
    found = worst(seen.reading.text, before.risk.kinds, as_one(said))
    if found is None:
        return None
    kinds, span = found
    return Risk(level=RiskLevel.URGENT, kinds=kinds, evidence=(seen.reading.evidence(*span, turn),))


def recall(before: tuple[Said, ...], text: str, turn: int) -> tuple[Said, ...]:
    """The last words, newest turn last; a long turn keeps its end."""
    start = max(0, len(text) - RECALLED)
    kept = [Said(turn, start, text[start:])]
    left = RECALLED - len(kept[0].text)
    for said in reversed(before):
        left -= len(said.text)
        if left < 0:
            break
        kept.append(said)
    return tuple(reversed(kept))


def as_one(said: Iterable[Said]) -> str:
    """The turns as one text, a line each."""
    return "\n".join(one.text for one in said)


def merge(before: Assessment, message: Assessment, seen: Understanding, judged: Judged, turn: int) -> Assessment:
    """Everything known after the message, each turn taken by itself."""
    concerns = _left(before.concerns, seen)
    for concern in message.concerns:
        known = concerns.get(concern.id)
        concerns[concern.id] = concern if known is None else _both(known, concern)
    for category in sorted(seen.by_now):
        if category not in concerns:
            spans = evidence_of(category, seen, judged, turn)
            concerns[category] = Concern(id=category, score=INFERRED_SCORE, evidence=spans)
    return Assessment(concerns=_sorted(concerns.values()), risk=_worse(before.risk, message.risk), facts=message.facts)


def _left(concerns: tuple[Concern, ...], seen: Understanding) -> dict[str, Concern]:
    """Those of the concerns, by id, that the message neither denies nor rules out."""
    if not concerns:
        return {}
    gone = seen.reading.denied | ruled_out(Circumstances(seen.facts, seen.marks))
    return {concern.id: concern for concern in concerns if concern.id not in gone}


def with_whole(overall: Assessment, seen: Understanding, whole: Whole) -> Assessment:
    """Take back what the whole does not show, and add what the turns show only together."""
    shown = _shown(whole)
    oldest = whole.said[0].turn
    kept = {
        concern.id: concern
        for concern in overall.concerns
        if concern.id in shown or concern.id in seen.by_now or _said_before(concern, oldest) or _plain(concern, whole)
    }
    for name in shown - seen.reading.denied - ruled_out(Circumstances(seen.facts, seen.marks)):
        spans = whole.placed(evidence_of(name, whole.seen, whole.judged, oldest))
        score = whole.judged.scores[name]
        known = kept.get(name)
        found = Concern(id=name, score=score, evidence=spans)
        if known is not None:
            kept[name] = replace(known, score=max(known.score, score))
        elif spans:
            kept[name] = found
    return replace(overall, concerns=_sorted(kept.values()))


def with_risk(overall: Assessment, risk: Risk, whole: Whole) -> Assessment:
    """Add the danger that shows only together with what was said before."""
    evidence = whole.placed(risk.evidence)
    found = replace(risk, evidence=evidence, faint=risk.level is RiskLevel.WATCH)
    return replace(overall, risk=_worse(overall.risk, found))


def safety_after(
    before: Assessment, seen: Understanding, risk: Risk, together: Risk, whole: Whole | None
) -> Safety | None:
    """The writer's part in the danger that is known after a turn: as the turn shows it by itself, else as the last
    turns show it together; None while there is none. Who is at risk was often said a turn before.
    """
    known = before.facts.safety
    alone = safety_of(seen, risk)
    in_all = None if whole is None else safety_of(whole.seen, together)
    if alone is None:
        worse = together.level.rank > before.risk.level.rank
        return in_all if known is None or worse else known
    if known is not None and not seen.cast.mentions and set(risk.kinds) & set(before.risk.kinds):
        # A short word that names nobody goes on with what was told.
        return replace(known, now=known.now or alone.now)
    if in_all is not None and alone.at_risk is AtRisk.OTHER:
        return replace(alone, at_risk=in_all.at_risk)
    return alone


def _shown(whole: Whole) -> frozenset[str]:
    if not whole.judged.passes(ANY):
        return frozenset()
    likely = frozenset(name for name in CATEGORIES if whole.judged.passes(name))
    return likely - (INFERRED - whole.seen.here)


def _plain(concern: Concern, whole: Whole) -> bool:
    limit = whole.judged.limit(concern.id)
    return concern.score >= min(_MOST, _PLAIN * limit) and whole.judged.scores[concern.id] >= _TRACE * limit


def _said_before(concern: Concern, oldest: int) -> bool:
    """Whether the reason was given before the turns that are read together."""
    return any(evidence.turn is not None and evidence.turn < oldest for evidence in concern.evidence)


def _both(known: Concern, new: Concern) -> Concern:
    return Concern(id=known.id, score=max(known.score, new.score), evidence=known.evidence + new.evidence)


def _sorted(concerns: Iterable[Concern]) -> tuple[Concern, ...]:
    return tuple(sorted(map(_short, concerns), key=lambda concern: -concern.score))


def _short(concern: Concern) -> Concern:
    return Concern(id=concern.id, score=concern.score, evidence=concern.evidence[:KEPT_EVIDENCE])


def _worse(before: Risk, new: Risk) -> Risk:
    """The higher level; kinds and reasons of both when they are equally high."""
    if new.level.rank > before.level.rank:
        return new
    if new.level.rank < before.level.rank or new.level.rank == 0:
        return before
    kinds = tuple(kind for kind in RiskKind if kind in before.kinds or kind in new.kinds)
    evidence = (before.evidence + new.evidence)[:KEPT_EVIDENCE]
    return Risk(level=before.level, kinds=kinds, evidence=evidence, faint=before.faint and new.faint)
