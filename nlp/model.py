"""The model: weights by name for what can be named, and a small network over word vectors for the rest.

The file `weights/model.json` is written by `python -m nlp.train`: `targets` (categories, then risk levels, then risk
kinds), `bias` and `threshold` per target, `common` (frequent words and how much less they weigh, in hundredths),
`layers` of the network, each as its shape, its step and signed bytes in base64, `context` the layers of the view of
words beside each other, with the vectors of its `own` words (`words`, in the order of the rows after the first), and
per feature a flat list of target index, weight in hundredths, target index, weight, ….
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.context import Context, ContextLayers, OwnWords, context_of
from nlp.features import Feature
from nlp.findings import RiskKind
from nlp.network import Answers, Layers, Seen, answered, look
from nlp.tokens import Token
from nlp.words import Numbers, Vectors, vectors, weighed

FILE = Path(__file__).parent / "weights" / "model.json"
SCALE = 100.0
URGENT, WATCH = "risk:urgent", "risk:watch"
KINDS = tuple(f"kind:{kind}" for kind in RiskKind)
_NOTHING: Numbers = np.empty(0, dtype=np.float32)
#: No message needs more words than this to be understood; the rest counts by name only.
MOST_WORDS = 400


@dataclass(frozen=True)
class Model:
    """Everything learned. `rows` numbers the features, `wide` holds their weights (a row each, a column per target);
    `word_rows` numbers the words (0: any other), `answers` holds what the network makes of each."""

    targets: tuple[str, ...]
    bias: Numbers
    threshold: dict[str, float]
    rows: dict[str, int]
    wide: Numbers
    word_rows: dict[str, int]
    answers: Answers
    layers: Layers
    context: Context
    digest: str

    def judge(self, features: Sequence[Feature], words: Sequence[Token]) -> Judged:
        """What a message comes to: its features by name, and its words in order."""
        row_of = self.rows.get
        known = [(row, feature) for feature in features if (row := row_of(feature.name)) is not None]
        seen = self._look(words)
        sums = self.bias + seen.hidden @ self.layers.out + self.context.answer([word.form for word in words])
        if known:
            values = np.array([feature.value for _, feature in known], dtype=np.float32)
            sums += values @ self.wide.take([row for row, _ in known], axis=0)
        scores = 1.0 / (1.0 + np.exp(-np.minimum(np.maximum(sums, -30), 30)))
        return Judged(self, dict(zip(self.targets, scores.tolist(), strict=True)), known, words, seen)

    def _look(self, words: Sequence[Token]) -> Seen:
        row_of = self.word_rows.get
        at = np.array([0, *[row_of(word.form, 0) for word in words[:MOST_WORDS]], 0])
        return look(self.layers, self.answers.take(at))

    def limit(self, target: str) -> float:
        """The target's threshold."""
        return self.threshold[target]


@dataclass(frozen=True, slots=True)
class Judged:
    """A message as judged by a model: the probability of each target, and what spoke for it: the features that have
    weights, each with its row in the model, and the words."""

    model: Model
    scores: dict[str, float]
    known: Sequence[tuple[int, Feature]]
    words: Sequence[Token]
    seen: Seen

    def limit(self, target: str) -> float:
        """The target's threshold."""
        return self.model.threshold[target]

    def passes(self, target: str) -> bool:
        """Whether the target's probability is at least its threshold."""
        return self.scores[target] >= self.model.threshold[target]

    @property
    def danger(self) -> float:
        """How likely a person must look today. "Urgent?", "at least worrying?" and "of which kind?" were learned apart;
        together they err less than any of them."""
        kinds = max(self.scores[name] for name in KINDS)
        return self.scores[URGENT] * self.scores[WATCH] * kinds

    def support(self, target: str) -> list[tuple[int, int]]:
        """Spans of dense text that speak for a target, the strongest first."""
        column = self.model.targets.index(target)
        found = [*self._named(column), *self._phrases(column)]
        return [span for _, span in sorted(found, key=lambda pair: (-pair[0], pair[1]))]

    def _named(self, column: int) -> list[tuple[float, tuple[int, int]]]:
        weights = self.model.wide[:, column].take([row for row, _ in self.known]) if self.known else _NOTHING
        return [
            (weight * feature.value, (feature.start, feature.end))
            for weight, (_, feature) in zip(weights.tolist(), self.known, strict=True)
            if weight > 0 and feature.end
        ]

    def _phrases(self, column: int) -> list[tuple[float, tuple[int, int]]]:
        """The places that the network's detectors found, each with all that speaks for the target there."""
        first = self.model.layers.scene.shape[1]
        strength = self.seen.hidden[first:] * self.model.layers.out[first:, column]
        strong = self.seen.places >= 0
        at = np.bincount(self.seen.places[strong], strength[strong])
        return [(weight, self._around(place)) for place, weight in enumerate(at.tolist()) if weight > 0]

    def _around(self, place: int) -> tuple[int, int]:
        words = self.words
        return words[place - 1 if place else 0].start, words[min(len(words) - 1, place + 1)].end


def packed(numbers: Numbers) -> dict[str, Any]:
    """A layer as the weights file holds it."""
    step = float(np.abs(numbers).max()) / 127 or 1.0
    stored = np.rint(numbers / step).astype(np.int8)
    return {"shape": numbers.shape, "step": step, "bytes": base64.b64encode(stored.tobytes()).decode()}


def _unpacked(data: dict[str, Any]) -> Numbers:
    stored: NDArray[np.int8] = np.frombuffer(base64.b64decode(data["bytes"]), dtype=np.int8)
    return stored.reshape(data["shape"]).astype(np.float32) * np.float32(data["step"])


def model_of(data: dict[str, Any], known: Vectors) -> Model:
    """The model whose weights file holds `data`, over these word vectors."""
    wide = np.zeros((len(data["features"]), len(data["targets"])), dtype=np.float32)
    for row, flat in enumerate(data["features"].values()):
        wide[row, flat[::2]] = np.array(flat[1::2], dtype=np.float32) / np.float32(SCALE)
    words = weighed(known, {word: hundredths / 100 for word, hundredths in data["common"].items()})
    layers = Layers(**{field.name: _unpacked(data["layers"][field.name]) for field in fields(Layers)})
    beside = ContextLayers(**{field.name: _unpacked(data["context"][field.name]) for field in fields(ContextLayers)})
    own = OwnWords(
        row_of={word: row for row, word in enumerate(data["words"], 1)}, rows=_unpacked(data["context"]["own"])
    )
    return Model(
        targets=tuple(data["targets"]),
        bias=np.array(data["bias"], dtype=np.float32),
        threshold=dict(zip(data["targets"], data["threshold"], strict=True)),
        rows={name: row for row, name in enumerate(data["features"])},
        wide=wide,
        word_rows=words.row_of,
        answers=answered(layers, words.rows, words.weights),
        layers=layers,
        context=context_of(beside, own, known),
        digest=data["digest"],
    )


@lru_cache(maxsize=1)
def model() -> Model:
    """The trained model, read once per process."""
    return model_of(json.loads(FILE.read_text(encoding="utf-8")), vectors())
