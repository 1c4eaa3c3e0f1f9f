"""The listener: one message, and what was known before, into what is known now."""

from __future__ import annotations

import gc
import hashlib
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

from nlp.concerns import concerns_of
from nlp.conversation import Whole, as_one, merge, recall, safety_after, with_risk, with_whole, worsened
from nlp.features import grave_of
from nlp.findings import Assessment, Concern, Evidence, Risk, RiskLevel
from nlp.foreign_phrases import phrases
from nlp.lexicon import Lexicon, lexicon
from nlp.memory import UNKNOWN, Known, Said
from nlp.model import URGENT, WATCH, Judged, Model, model
from nlp.network import one_thread
from nlp.reading import Reader
from nlp.risk import names_danger, risk_of
from nlp.understanding import Understanding, understand

_RULES = "5"
# A turn that names nothing is part of a danger if it makes it so many times as likely.
_LEAP = 4.0
# What is a danger by the sum of its words alone is none for today where all that was said has less than this share of
# the threshold: among the turns of the training talks half of the false alarms were such, and one danger of 82.
_CALM_TOGETHER = 0.1


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What one message added: what it shows by itself, all that is known after it, and the memory for the next."""

    message: Assessment
    overall: Assessment
    known: Known


class Listener:
    """Hears messages. Thread-safe; build it once with `load()`."""

    def __init__(self, words: Lexicon, weights: Model) -> None:
        self._reader = Reader(words)
        self._model = weights
        digest = hashlib.sha256((repr(words.entries) + phrases().digest).encode("utf-8", "replace")).hexdigest()[:8]
        self.version = f"{_RULES}-{digest}-{weights.digest[:8]}-{version('sudachidict-core')}"

    @classmethod
    def load(cls) -> Listener:
        """Load dictionary, lexicon and weights (about half a second)."""
        one_thread()
        listener = cls(lexicon(), model())
        listener.hear("読み込み, loaded")
        # Lexicon and weights live as long as the process: the garbage collector need not walk them again and again.
        gc.freeze()
        return listener

    def hear(self, text: str, known: Known = UNKNOWN, turn: int = 0) -> Heard:
        """Assess a message. Pure: the same arguments give the same result. Any str is valid."""
        before = known.assessment
        seen = understand(self._reader.read(text), before=before.facts, focus=known.focus, marks=known.marks)
        judged = self._model.judge(seen.features, seen.reading.tokens)
        concerns = concerns_of(seen, judged, turn)
        recent = recall(known.recent, seen.reading.prepared.original, turn)
        whole = self._whole(recent) if len(recent) > 1 else None
        risk = worsened(seen, before, known.recent, turn)
        if risk is None:
            risk = _as_told(risk_of(seen, self._grave(seen, judged), turn), seen, whole)
        together = risk if whole is None else risk_of(whole.seen, whole.grave, turn)
        safety = safety_after(before, seen, risk, together, whole)
        facts = seen.facts if safety is None else replace(seen.facts, safety=safety)
        message = Assessment(concerns=concerns, risk=risk, facts=facts)
        overall = merge(before, message, seen, judged, turn)
        if whole is not None:
            overall = with_whole(overall, seen, whole)
            if together.level.rank <= overall.risk.level.rank or self._makes_worse(risk, together, whole):
                overall = with_risk(overall, together, whole)
        return Heard(
            message=_without_turn(message),
            overall=overall,
            known=Known(assessment=overall, focus=seen.cast.focus, marks=seen.marks, recent=recent),
        )

    def _makes_worse(self, alone: Risk, together: Risk, whole: Whole) -> bool:
        """Whether a turn has a part in the danger that shows with it: an answer that says nothing of the kind adds a
        little to any sum, and must not tip it."""
        newest = whole.said[-1].turn
        if alone.level is not RiskLevel.NONE or any(one.turn == newest for one in whole.placed(together.evidence)):
            return True
        return whole.grave.danger >= _LEAP * self._whole(whole.said[:-1]).grave.danger

    def _whole(self, recent: tuple[Said, ...]) -> Whole:
        seen = understand(self._reader.read(as_one(recent)))
        judged = self._model.judge(seen.features, seen.reading.tokens)
        return Whole(recent, seen, judged, self._grave(seen, judged))

    def _grave(self, seen: Understanding, judged: Judged) -> Judged:
        """What a message comes to as a danger: without its everyday words, unless it is they that calm it."""
        if not seen.reading.everyday:
            return judged
        rest = self._model.judge(*grave_of(seen.reading, seen.features))
        calmer = rest.danger <= judged.danger and rest.scores[WATCH] <= judged.scores[WATCH]
        return rest if calmer else judged

    def assess(self, item: dict[str, Any]) -> dict[str, Any]:
        """The contract of `tsunagu assess`. Raises ValueError, saying what is wrong, on any other shape."""
        if "turns" in item:
            return self._assess_turns(item["turns"])
        text = item.get("text")
        if not isinstance(text, str):
            raise ValueError('"text" must be a string, or "turns" a list of strings')  # noqa: TRY004 — bad input, not a bug
        return self.hear(text).message.to_json()

    def _assess_turns(self, turns: Any) -> dict[str, Any]:
        if not isinstance(turns, list) or not all(isinstance(text, str) for text in turns):
            raise ValueError('"turns" must be a list of strings')
        known = UNKNOWN
        shown: list[dict[str, Any]] = []
        for turn, text in enumerate(turns):
            heard = self.hear(text, known, turn)
            known = heard.known
            shown.append(heard.overall.to_json())
        return {"turns": shown, "overall": shown[-1] if shown else Assessment().to_json()}


def _as_told(risk: Risk, seen: Understanding, whole: Whole | None) -> Risk:
    """The risk of a turn in its talk."""
    if whole is None or risk.level is not RiskLevel.URGENT or names_danger(seen.reading):
        return risk
    calm = whole.grave.danger < _CALM_TOGETHER * whole.grave.limit(URGENT)
    return replace(risk, level=RiskLevel.WATCH) if calm else risk


def _without_turn(message: Assessment) -> Assessment:
    def plain(evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
        return tuple(Evidence(start=e.start, end=e.end, text=e.text) for e in evidence)

    if not message.concerns and not message.risk.evidence:
        return message
    return Assessment(
        concerns=tuple(Concern(id=c.id, score=c.score, evidence=plain(c.evidence)) for c in message.concerns),
        risk=Risk(level=message.risk.level, kinds=message.risk.kinds, evidence=plain(message.risk.evidence)),
        facts=message.facts,
    )
