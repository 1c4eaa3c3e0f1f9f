"""`make train`: learns the weights from the project's own corpus and writes `weights/model.json`.

Development only (SciPy, scikit-learn). The same corpus, lexicon, libraries and machine give the same file.
Thresholds come from cross-validation in which no writer's voice is on both sides.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import GroupKFold

from nlp.context import ContextLayers
from nlp.evaluate import Report, evaluate, joined
from nlp.features import VALUES
from nlp.labelled import CATEGORIES, Labelled
from nlp.learn import TOGETHER
from nlp.lexicon import lexicon
from nlp.listener import Listener
from nlp.model import FILE, KINDS, SCALE, URGENT, WATCH, model_of, packed
from nlp.network import Layers, one_thread
from nlp.table import ANY, TARGETS, Table, corpus, tabulate
from nlp.taught import Taught, teach
from nlp.words import vectors

TRAIN = Path(__file__).parent / "corpus" / "train"
FOLDS = 4
# A weight is left out when weight times value moves a score less than this.
SMALLEST = 0.115
# Thresholds found on few examples are drawn towards this one.
USUAL, PULL = 0.45, 0.35
# The share of worried messages that the first question, "any worry at all?", may let go for the sake of quiet.
WORRY_MISSED = 0.165
# Danger is not balanced but bounded: the share of calm messages that may be taken for it.
FALSE_ALARMS = {URGENT: 0.024, WATCH: 0.15}
# Files of drills in one tone, for training only; they are no writers whose residents sound alike by chance.
DRILLS = {"y", "z", "ev"}


def predict(taught: Taught, table: Table, at: Any) -> Any:
    """Probabilities, messages by targets."""
    return 1 / (1 + np.exp(-taught.sums(table.examples, table.texts, at)))


def cross_validated(table: Table) -> Any:
    """Out-of-fold probabilities; all messages of a voice are in one fold. One network each: thresholds of several
    together come out the same within their noise, at four times the time.
    """
    scores = np.zeros(table.wanted.shape)
    for inside, outside in GroupKFold(FOLDS, shuffle=True, random_state=0).split(table.voices, groups=table.voices):
        scores[outside] = predict(teach(table.examples, table.texts, inside, together=1), table, outside)
        sys.stdout.write(".")
        sys.stdout.flush()
    return scores


def thresholds(table: Table, scores: Any, rows: Any) -> list[float]:
    """The threshold of each target, from the scores of some of the messages."""
    found: list[float] = []
    for at, target in enumerate(TARGETS):
        use = rows[table.clear[rows, at]]
        want, score = table.wanted[use, at], scores[use, at]
        if target in FALSE_ALARMS:
            worried = table.wanted[use, TARGETS.index(WATCH)]
            judged = _danger(scores[use]) if target == URGENT else score
            found.append(_quiet(worried, judged, FALSE_ALARMS[target]))
        elif target == ANY:
            found.append(float(np.quantile(score[want], WORRY_MISSED)))
        else:
            found.append((1 - PULL) * _best(want, score) + PULL * USUAL)
    return found


def _danger(scores: Any) -> Any:
    """What `Judged.danger` makes of each message's scores."""
    kinds = scores[:, [TARGETS.index(name) for name in KINDS]].max(axis=1)
    return scores[:, TARGETS.index(URGENT)] * scores[:, TARGETS.index(WATCH)] * kinds


def _best(want: Any, score: Any) -> float:
    def f1(threshold: float) -> float:
        got = score >= threshold
        hit = int((got & want).sum())
        return 2 * hit / max(1, int(got.sum()) + int(want.sum()))

    return max((float(t) for t in np.arange(0.1, 0.9, 0.02)), key=f1)


def _quiet(want: Any, score: Any, share: float) -> float:
    """The threshold that lets through this share of the messages that should not pass."""
    return float(np.quantile(score[~want], 1 - share))


def build(table: Table, taught: Taught, limits: list[float]) -> dict[str, Any]:
    """The content of the weights file; weights too small to matter are left out."""
    kept: dict[str, list[int]] = {}
    for row, name in enumerate(table.names):
        flat: list[int] = []
        least = SMALLEST / VALUES[name[0]]
        for target, weight in enumerate(taught.wide[row]):
            if abs(weight) >= least:
                flat += [target, round(float(weight) * SCALE)]
        if flat:
            kept[name] = flat
    layers = {field.name: packed(getattr(taught.layers, field.name)) for field in fields(Layers)}
    beside = {field.name: packed(getattr(taught.beside, field.name)) for field in fields(ContextLayers)}
    context = {**beside, "own": packed(taught.own)}
    return {
        "targets": TARGETS,
        "bias": [round(float(bias), 3) for bias in taught.bias],
        "threshold": [round(limit, 3) for limit in limits],
        "digest": hashlib.sha256((_lines(kept) + json.dumps([layers, context])).encode()).hexdigest()[:12],
        "common": {word: round(weight * 100) for word, weight in table.common.items()},
        "layers": layers,
        "context": context,
        "words": list(table.texts.row_of),
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
    parts = ",\n".join(f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in head.items())
    FILE.write_text("{\n" + parts + ',\n"features": {\n' + _lines(data["features"]) + "\n}}\n", encoding="utf-8")


def summary(table: Table, scores: Any, limits: list[float]) -> str:
    """Micro and macro F1 over the categories, out of fold."""
    got = scores >= np.array(limits)
    got &= got[:, [TARGETS.index(ANY)]]
    counts = []
    for at in range(len(CATEGORIES)):
        use = table.clear[:, at] & table.is_message
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

    The thresholds come from scores in which no voice is on both sides.
    """
    table = tabulate(items)
    writers = table.writers
    limits = thresholds(table, cross_validated(table), np.flatnonzero(table.is_message))
    reports = []
    for writer in sorted(set(writers) - DRILLS):
        taught = teach(table.examples, table.texts, np.flatnonzero(writers != writer), together=1)
        listener = Listener(lexicon(), model_of(build(table, taught, limits), vectors()))
        report = evaluate(sorted(TRAIN.glob(f"{writer}.jsonl")) + sorted(TRAIN.glob(f"{writer}-talks.jsonl")), listener)
        sys.stdout.write(f"{writer:<4}{report.figures()}\n")
        reports.append(report)
    return joined(reports)


def main() -> None:
    """Train on `corpus/train` and say how well voices that were not trained on were heard; `--check` only tells."""
    one_thread()
    items = corpus(TRAIN)
    if "--check" in sys.argv[1:]:
        sys.stdout.write(check(items).render())
        return
    table = tabulate(items)
    scores = cross_validated(table)
    limits = thresholds(table, scores, np.flatnonzero(table.is_message))
    write(build(table, teach(table.examples, table.texts, np.arange(len(items)), together=TOGETHER), limits))
    sys.stdout.write(f"\n{len(items)} examples, {len(table.names)} features\n{summary(table, scores, limits)}\n")


if __name__ == "__main__":
    main()
