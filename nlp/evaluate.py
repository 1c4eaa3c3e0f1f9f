"""`tsunagu evaluate`: how well the listener hears labelled messages and conversations.

`must` is wanted, `may` counts neither way. Intervals are bootstrap 95 % over messages with a fixed seed.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from nlp.findings import Assessment, RiskLevel
from nlp.labelled import CATEGORIES, Conversation, Labelled, conversations_in, messages_in
from nlp.listener import Listener
from nlp.memory import Known

RESAMPLES = 500
WORST = 10
INFERRED = ("eighty_fifty", "young_carer", "double_care")


@dataclass(frozen=True)
class Counts:
    """Right, wrong and missed tags."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        """1 when there was nothing to find and nothing was found."""
        total = 2 * self.right + self.wrong + self.missed
        return 2 * self.right / total if total else 1.0


@dataclass(frozen=True)
class Judged:
    """One labelled text beside what was heard."""

    item: Labelled
    heard: Assessment

    @property
    def got(self) -> frozenset[str]:
        return frozenset(concern.id for concern in self.heard.concerns)

    @property
    def wrong(self) -> frozenset[str]:
        return self.got - self.item.must - self.item.may

    @property
    def missed(self) -> frozenset[str]:
        return self.item.must - self.got

    @property
    def badness(self) -> float:
        """Errors of tags, and errors of risk weighted by what they cost."""
        steps = self.item.risk.rank - self.heard.risk.level.rank
        return len(self.wrong) + len(self.missed) + (3 * steps if steps > 0 else -steps)


@dataclass(frozen=True)
class TalkFigures:
    """Conversations: urgent raised in time, and inferred categories found with the turn that completes them."""

    talks: int = 0
    urgent: int = 0
    urgent_in_time: int = 0
    inferred: int = 0
    inferred_in_time: int = 0
    inferred_early: int = 0


@dataclass(frozen=True)
class Report:
    """All figures of one run. `messages` are single texts, `ends` conversations after their last turn."""

    messages: tuple[Judged, ...]
    ends: tuple[Judged, ...] = ()
    talk: TalkFigures = field(default_factory=TalkFigures)
    version: str = ""

    def micro(self) -> float:
        """Micro-averaged F1 over all texts."""
        return total(by_category(self.judged)).f1

    def macro(self) -> float:
        """Mean F1 of the 25 categories."""
        return _macro(by_category(self.judged))

    @property
    def judged(self) -> tuple[Judged, ...]:
        return self.messages + self.ends

    def figures(self) -> dict[str, float]:
        """The figures that are stored and compared."""
        judged = self.judged
        urgent = [j for j in judged if j.item.risk is RiskLevel.URGENT]
        calm = [j for j in judged if j.item.risk is RiskLevel.NONE]
        quiet = [j for j in judged if not j.item.must and not j.item.may]
        caught = sum(j.heard.risk.level is RiskLevel.URGENT for j in urgent)
        return {
            "texts": len(judged),
            "micro_f1": round(self.micro(), 4),
            "macro_f1": round(self.macro(), 4),
            "urgent_recall": round(caught / max(1, len(urgent)), 4),
            "urgent_missed_as_none": sum(j.heard.risk.level is RiskLevel.NONE for j in urgent),
            "false_urgent": round(sum(j.heard.risk.level is RiskLevel.URGENT for j in calm) / max(1, len(calm)), 4),
            "quiet": round(sum(not j.got for j in quiet) / max(1, len(quiet)), 4),
        }

    def render(self, last: dict[str, float] | None = None) -> str:
        """The report as text; `last` are the figures of the run to compare with."""
        parts = [_heading(self, last), _category_table(self.judged), _risk_table(self.judged)]
        if self.talk.talks:
            parts.append(_talk_lines(self))
        parts.append(_worst(self.judged))
        return "\n\n".join(parts) + "\n"


def evaluate(paths: Path | str | Iterable[Path | str], listener: Listener | None = None) -> Report:
    """Assess the messages and conversations of one or more JSON Lines files. Raises OSError, ValueError, KeyError."""
    listener = listener or Listener.load()
    names = [paths] if isinstance(paths, str | Path) else list(paths)
    messages: list[Judged] = []
    talks: list[Conversation] = []
    for path in map(Path, names):
        messages += [Judged(item, listener.hear(item.text).message) for item in messages_in(path)]
        talks += conversations_in(path)
    heard = [_hear_all(talk, listener) for talk in talks]
    ends = tuple(Judged(talk.turns[-1], turns[-1]) for talk, turns in zip(talks, heard, strict=True) if turns)
    return Report(tuple(messages), ends, _talk_figures(talks, heard), listener.version)


def joined(reports: Sequence[Report]) -> Report:
    """Several runs as one."""
    talk: Counter[str] = Counter()
    for report in reports:
        talk.update(asdict(report.talk))
    return Report(
        messages=tuple(one for report in reports for one in report.messages),
        ends=tuple(one for report in reports for one in report.ends),
        talk=TalkFigures(**talk),
        version="one left out",
    )


def compare(report: Report, store: Path) -> str:
    """Render with a comparison line against the figures in `store`, then store this run's figures there."""
    last = json.loads(store.read_text(encoding="utf-8")) if store.exists() else None
    text = report.render(last)
    store.write_text(json.dumps(report.figures(), indent=1) + "\n", encoding="utf-8")
    return text


def _hear_all(talk: Conversation, listener: Listener) -> list[Assessment]:
    known = Known()
    heard: list[Assessment] = []
    for turn, item in enumerate(talk.turns):
        result = listener.hear(item.text, known, turn)
        known = result.known
        heard.append(result.overall)
    return heard


def _talk_figures(talks: Sequence[Conversation], heard: Sequence[list[Assessment]]) -> TalkFigures:
    counts: Counter[str] = Counter(talks=len(talks))
    for talk, turns in zip(talks, heard, strict=True):
        due = _first(talk.turns, lambda item: item.risk is RiskLevel.URGENT)
        if due is not None:
            raised = _first(turns, lambda seen: seen.risk.level is RiskLevel.URGENT)
            counts["urgent"] += 1
            counts["urgent_in_time"] += raised is not None and raised <= due
        for name in INFERRED:
            counts.update(_inferred_counts(name, talk, turns))
    return TalkFigures(**counts)


def _inferred_counts(name: str, talk: Conversation, turns: Sequence[Assessment]) -> dict[str, int]:
    """Whether a category that needs inference came with the turn that completes it, and not before."""
    allowed = next((at for at, item in enumerate(talk.turns) if name in item.must | item.may), None)
    due = next((at for at, item in enumerate(talk.turns) if name in item.must), None)
    found = next((at for at, seen in enumerate(turns) if any(c.id == name for c in seen.concerns)), None)
    return {
        "inferred": due is not None,
        "inferred_in_time": due is not None and found is not None and found <= due,
        "inferred_early": found is not None and (allowed is None or found < allowed),
    }


def _first(items: Sequence[Any], test: Callable[[Any], bool]) -> int | None:
    return next((at for at, item in enumerate(items) if test(item)), None)


def by_category(judged: Iterable[Judged]) -> dict[str, Counts]:
    """Counts per category."""
    tally = {name: [0, 0, 0] for name in CATEGORIES}
    for one in judged:
        for name in one.got & one.item.must:
            tally[name][0] += 1
        for name in one.wrong:
            tally[name][1] += 1
        for name in one.missed:
            tally[name][2] += 1
    return {name: Counts(*numbers) for name, numbers in tally.items()}


def total(counts: dict[str, Counts]) -> Counts:
    """All categories together."""
    values = counts.values()
    return Counts(sum(c.right for c in values), sum(c.wrong for c in values), sum(c.missed for c in values))


def _macro(counts: dict[str, Counts]) -> float:
    return sum(c.f1 for c in counts.values()) / len(counts)


def interval(judged: Sequence[Judged], figure: Callable[[dict[str, Counts]], float]) -> tuple[float, float]:
    """Bootstrap 95 % interval of a figure over texts."""
    if not judged:
        return (0.0, 0.0)
    chance = random.Random(0)  # noqa: S311 — resampling, not secrets
    values = sorted(figure(by_category(chance.choices(judged, k=len(judged)))) for _ in range(RESAMPLES))
    return values[round(0.025 * (RESAMPLES - 1))], values[round(0.975 * (RESAMPLES - 1))]


def _heading(report: Report, last: dict[str, float] | None) -> str:
    judged = report.judged
    low, high = interval(judged, lambda counts: total(counts).f1)
    low_macro, high_macro = interval(judged, _macro)
    figures = report.figures()
    lines = [
        f"listener {report.version}: {len(report.messages)} messages, {len(report.ends)} conversations",
        f"micro F1 {report.micro():.3f} [{low:.3f}, {high:.3f}]",
        f"macro F1 {report.macro():.3f} [{low_macro:.3f}, {high_macro:.3f}]",
        f"no worry and no tag {figures['quiet']:.1%}",
        f"urgent recall {figures['urgent_recall']:.1%}, missed as none {figures['urgent_missed_as_none']:.0f}",
        f"false urgent {figures['false_urgent']:.1%}",
    ]
    if last is None:
        lines.append("no earlier run to compare with")
    else:
        changes = [f"{name} {figures[name] - last[name]:+.4g}" for name in figures if name in last]
        lines.append("against the last run: " + ", ".join(changes))
    return "\n".join(lines)


def _category_table(judged: Sequence[Judged]) -> str:
    rows = ["category        precision  recall    F1  right wrong missed"]
    for name, c in by_category(judged).items():
        rows.append(f"{name:<16}{c.precision:9.2f}{c.recall:8.2f}{c.f1:6.2f}{c.right:7}{c.wrong:6}{c.missed:7}")
    return "\n".join(rows)


def _risk_table(judged: Sequence[Judged]) -> str:
    counts = Counter((one.item.risk, one.heard.risk.level) for one in judged)
    rows = ["risk: label \\ heard" + "".join(f"{level.value:>8}" for level in RiskLevel)]
    for label in RiskLevel:
        rows.append(f"{label.value:<19}" + "".join(f"{counts[label, level]:8}" for level in RiskLevel))
    return "\n".join(rows)


def _talk_lines(report: Report) -> str:
    talk = report.talk
    ends = total(by_category(report.ends))
    return (
        f"conversations: overall tags micro F1 {ends.f1:.3f}; urgent in time {talk.urgent_in_time}/{talk.urgent}; "
        f"inferred in time {talk.inferred_in_time}/{talk.inferred}, too early {talk.inferred_early}"
    )


def _worst(judged: Sequence[Judged]) -> str:
    rows = ["worst errors"]
    for one in sorted(judged, key=lambda one: -one.badness)[:WORST]:
        if not one.badness:
            break
        reasons = {c.id: [e.text for e in c.evidence] for c in one.heard.concerns if c.id in one.wrong}
        rows.append(
            f"- {one.item.id} wrong {reasons or '-'} missed {sorted(one.missed) or '-'} "
            f"risk {one.item.risk} heard {one.heard.risk.level} {[e.text for e in one.heard.risk.evidence]}\n"
            f"  {one.item.text!r}"
        )
    return "\n".join(rows)
