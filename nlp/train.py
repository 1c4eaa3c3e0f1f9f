"""`make train`: learns the weights from the project's own corpus and writes `weights/model.json`.

Development only (numpy, scikit-learn). Reproducible: the same corpus, lexicon and libraries give the same file.
Thresholds come from cross-validation in which no writer's voice is on both sides.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse  # type: ignore[import-untyped]
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from nlp.evaluate import Report, evaluate, joined
from nlp.features import VALUES, Feature
from nlp.findings import RiskKind, RiskLevel
from nlp.labelled import CATEGORIES, Labelled, messages_in
from nlp.lexicon import lexicon
from nlp.listener import Listener
from nlp.model import FILE, SCALE, model_of
from nlp.reading import Reader
from nlp.understanding import understand
from nlp.words import clusters

TRAIN = Path(__file__).parent / "corpus" / "train"
FOLDS = 5
STRENGTH = 0.4
POSITIVE_WEIGHT = 4.0
RARE = 2
# A weight is left out when weight times value moves a score less than this.
SMALLEST = 0.04
ANY = "any"
TARGETS = (
    *CATEGORIES,
    ANY,
    *(f"risk:{level}" for level in ("urgent", "watch")),
    *(f"kind:{kind}" for kind in RiskKind),
)
# Thresholds found on few examples are drawn towards this one.
USUAL, PULL = 0.45, 0.35
# Danger is not balanced but bounded: the share of calm messages that may be taken for it.
# The share of worried messages that the first question, "any worry at all?", may let go for the sake of quiet.
WORRY_MISSED = 0.11
# Most of what people say is everyday talk, of which the corpus holds little: each of its lines counts for several.
EVERYDAY, EVERYDAY_WEIGHT = "z/", 3.0
# Files of drills in one tone, for training only; they are no writers whose residents sound alike by chance.
DRILLS = {"y", "z"}
FALSE_ALARMS = {"risk:urgent": 0.03, "risk:watch": 0.15}


@dataclass(frozen=True)
class Table:
    """The corpus as numbers: features by message, wanted targets, and which targets count at all."""

    names: list[str]
    matrix: Any
    wanted: Any
    counted: Any
    voices: list[str]
    weight: Any


def wanted(item: Labelled, target: str) -> tuple[bool, bool]:
    """Whether the target is wanted for a message, and whether the label says so clearly."""
    if target == ANY:
        return bool(item.must), bool(item.must) or not item.may
    prefix, _, name = target.partition(":")
    if prefix == "risk":
        return item.risk.rank >= RiskLevel(name).rank, True
    if prefix == "kind":
        return name in item.kinds, True
    return target in item.must, target not in item.may


def features(items: Iterable[Labelled]) -> list[list[Feature]]:
    """The features of each message, read by itself."""
    reader = Reader(lexicon())
    return [understand(reader.read(item.text), clusters=clusters()).features for item in items]


def tabulate(items: Sequence[Labelled]) -> Table:
    """Turn messages into numbers; features seen in fewer than `RARE` messages are left out."""
    rows = features(items)
    seen = Counter(feature.name for row in rows for feature in row)
    names = sorted(name for name, count in seen.items() if count >= RARE)
    column = {name: at for at, name in enumerate(names)}
    cells = [(at, column[f.name], f.value) for at, row in enumerate(rows) for f in row if f.name in column]
    at, columns, values = zip(*cells, strict=True)
    labels = [[wanted(item, target) for target in TARGETS] for item in items]
    return Table(
        names=names,
        matrix=sparse.csr_matrix((values, (at, columns)), shape=(len(items), len(names))),
        wanted=np.array([[want for want, _ in row] for row in labels]),
        counted=np.array([[clear for _, clear in row] for row in labels]),
        voices=[item.voice for item in items],
        weight=np.array([EVERYDAY_WEIGHT if item.voice.startswith(EVERYDAY) else 1.0 for item in items]),
    )


def fit(table: Table, rows: Any) -> list[LogisticRegression]:
    """One logistic regression per target on some of the messages."""
    fitted = []
    for target in range(len(TARGETS)):
        use = rows[table.counted[rows, target]]
        regression = LogisticRegression(
            C=STRENGTH, solver="liblinear", class_weight={False: 1.0, True: POSITIVE_WEIGHT}, random_state=0
        )
        fitted.append(regression.fit(table.matrix[use], table.wanted[use, target], sample_weight=table.weight[use]))
    return fitted


def predict(fitted: list[LogisticRegression], matrix: Any) -> Any:
    """Probabilities, messages by targets."""
    return np.column_stack([regression.predict_proba(matrix)[:, 1] for regression in fitted])


def cross_validated(table: Table) -> Any:
    """Out-of-fold probabilities; all messages of a voice are in one fold."""
    scores = np.zeros(table.wanted.shape)
    for inside, outside in GroupKFold(FOLDS).split(table.matrix, groups=table.voices):
        scores[outside] = predict(fit(table, inside), table.matrix[outside])
    return scores


def thresholds(table: Table, scores: Any, rows: Any) -> list[float]:
    """The threshold of each target, from the scores of some of the messages."""
    found: list[float] = []
    for at, target in enumerate(TARGETS):
        use = rows[table.counted[rows, at]]
        want, score = table.wanted[use, at], scores[use, at]
        if target in FALSE_ALARMS:
            worried = table.wanted[use, TARGETS.index("risk:watch")]
            found.append(_quiet(worried, score, FALSE_ALARMS[target]))
        elif target == ANY:
            found.append(float(np.quantile(score[want], WORRY_MISSED)))
        else:
            found.append((1 - PULL) * _best(want, score) + PULL * USUAL)
    return found


def _best(want: Any, score: Any) -> float:
    def f1(threshold: float) -> float:
        got = score >= threshold
        hit = int((got & want).sum())
        return 2 * hit / max(1, int(got.sum()) + int(want.sum()))

    return max((float(t) for t in np.arange(0.1, 0.9, 0.02)), key=f1)


def _quiet(want: Any, score: Any, share: float) -> float:
    """The threshold that lets through this share of the messages that should not pass."""
    return float(np.quantile(score[~want], 1 - share))


def build(table: Table, fitted: list[LogisticRegression], limits: list[float]) -> dict[str, Any]:
    """The content of the weights file; weights too small to matter are left out."""
    weights = np.vstack([regression.coef_[0] for regression in fitted])
    kept: dict[str, list[int]] = {}
    for column, name in enumerate(table.names):
        flat: list[int] = []
        least = SMALLEST / VALUES[name[0]]
        for target, weight in enumerate(weights[:, column]):
            if abs(weight) >= least:
                flat += [target, round(float(weight) * SCALE)]
        if flat:
            kept[name] = flat
    return {
        "targets": TARGETS,
        "bias": [round(float(regression.intercept_[0]), 3) for regression in fitted],
        "threshold": [round(limit, 3) for limit in limits],
        "digest": hashlib.sha256(_lines(kept).encode()).hexdigest()[:12],
        "features": kept,
    }


def _lines(features: dict[str, list[int]]) -> str:
    """One feature a line, so that a change can be reviewed."""
    return ",\n".join(
        f"{json.dumps(name, ensure_ascii=False)}:{json.dumps(flat, separators=(',', ':'))}"
        for name, flat in features.items()
    )


def write(data: dict[str, Any]) -> None:
    """Write the weights file."""
    head = {name: value for name, value in data.items() if name != "features"}
    lines = _lines(data["features"])
    FILE.write_text(json.dumps(head)[:-1] + ',\n"features": {\n' + lines + "\n}}\n", encoding="utf-8")


def summary(table: Table, scores: Any, limits: list[float]) -> str:
    """Micro and macro F1 over the categories, out of fold."""
    got = scores >= np.array(limits)
    counts = []
    for at in range(len(CATEGORIES)):
        use = table.counted[:, at]
        want, have = table.wanted[use, at], got[use, at]
        counts.append((int((want & have).sum()), int((~want & have).sum()), int((want & ~have).sum())))
    hit, false, missed = (sum(column) for column in zip(*counts, strict=True))
    each = [2 * a / max(1, 2 * a + b + c) for a, b, c in counts]
    return (
        f"cross-validated by voice: micro {2 * hit / (2 * hit + false + missed):.3f}, "
        f"macro {sum(each) / len(each):.3f}, precision {hit / (hit + false):.2f}, recall {hit / (hit + missed):.2f}"
    )


def check(items: Sequence[Labelled]) -> Report:
    """Every writer's messages and conversations, heard by a listener that never saw that writer.

    The thresholds of a writer come from the scores of the others.
    """
    table = tabulate(items)
    writers = np.array([voice.partition("/")[0] for voice in table.voices])
    tested = sorted(set(writers) - DRILLS)
    models = {writer: fit(table, np.flatnonzero(writers != writer)) for writer in tested}
    scores = np.zeros(table.wanted.shape)
    for writer in tested:
        scores[writers == writer] = predict(models[writer], table.matrix[writers == writer])
    reports = []
    for writer in tested:
        others = np.flatnonzero((writers != writer) & np.isin(writers, tested))
        data = build(table, models[writer], thresholds(table, scores, others))
        listener = Listener(lexicon(), model_of(data), clusters())
        report = evaluate(sorted(TRAIN.glob(f"{writer}.jsonl")) + sorted(TRAIN.glob(f"{writer}-talks.jsonl")), listener)
        sys.stdout.write(f"{writer:<4}{report.figures()}\n")
        reports.append(report)
    return joined(reports)


def main() -> None:
    """Train on `corpus/train` and say how well voices that were not trained on were heard; `--check` only tells."""
    items = [item for path in sorted(TRAIN.glob("*.jsonl")) for item in messages_in(path)]
    if "--check" in sys.argv[1:]:
        sys.stdout.write(check(items).render())
        return
    table = tabulate(items)
    scores = cross_validated(table)
    limits = thresholds(table, scores, np.arange(len(items)))
    write(build(table, fit(table, np.arange(len(items))), limits))
    sys.stdout.write(f"{len(items)} messages, {len(table.names)} features\n{summary(table, scores, limits)}\n")


if __name__ == "__main__":
    main()
