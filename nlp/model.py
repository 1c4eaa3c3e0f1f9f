"""The model: weights by name for what can be named, and a small network over word vectors for the rest.

The file `weights/model.json` is written by `python -m nlp.train`: `targets` (categories, then risk levels, then risk
kinds), `bias` and `threshold` per target, `common` (frequent words and how much less they weigh, in hundredths),
`layers` of the network, each as its shape, its step and signed bytes in base64, and per feature a flat list of target
index, weight in hundredths, target index, weight, ….
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

from nlp.features import Feature
from nlp.network import Layers, Seen, look
from nlp.tokens import Token
from nlp.words import Numbers, Vectors, vectors

FILE = Path(__file__).parent / "weights" / "model.json"
SCALE = 100.0
#: No message needs more words than this to be understood; the rest counts by name only.
MOST_WORDS = 400


@dataclass(frozen=True)
class Model:
    """Everything learned. `rows` numbers the features, `wide` holds their weights (a row each, a column per target)."""

    targets: tuple[str, ...]
    bias: Numbers
    threshold: dict[str, float]
    rows: dict[str, int]
    wide: Numbers
    common: dict[str, float]
    layers: Layers
    vectors: Vectors
    digest: str

    def judge(self, features: Sequence[Feature], words: Sequence[Token]) -> Judged:
        """What a message comes to: its features by name, and its words in order."""
        known = self.rows
        found = [(known[name], value) for name, value, _, _ in features if name in known]
        seen = self._look(words)
        sums = self.bias + seen.hidden @ self.layers.out
        if found:
            rows, values = zip(*found, strict=True)
            sums += np.array(values, dtype=np.float32) @ self.wide[list(rows)]
        scores = 1.0 / (1.0 + np.exp(-np.clip(sums, -30, 30)))
        return Judged(self, dict(zip(self.targets, scores.tolist(), strict=True)), features, words, seen)

    def _look(self, words: Sequence[Token]) -> Seen:
        forms = [word.form for word in words[:MOST_WORDS]]
        weigh = self.common.get
        weights = np.array([weigh(form, 1.0) for form in forms], dtype=np.float32)
        return look(self.layers, self.vectors.rows[self.vectors.rows_of(forms)] * weights[:, None], weights)

    def limit(self, target: str) -> float:
        """The target's threshold."""
        return self.threshold[target]


@dataclass(frozen=True, slots=True)
class Judged:
    """A message as judged by a model: the probability of each target, and what spoke for it."""

    model: Model
    scores: dict[str, float]
    features: Sequence[Feature]
    words: Sequence[Token]
    seen: Seen

    def limit(self, target: str) -> float:
        """The target's threshold."""
        return self.model.threshold[target]

    def passes(self, target: str) -> bool:
        """Whether the target's probability is at least its threshold."""
        return self.scores[target] >= self.model.threshold[target]

    def support(self, target: str) -> list[tuple[int, int]]:
        """Spans of dense text that speak for a target, the strongest first."""
        column = self.model.targets.index(target)
        found = [*self._named(column), *self._phrases(column)]
        return [span for _, span in sorted(found, key=lambda pair: (-pair[0], pair[1]))]

    def _named(self, column: int) -> list[tuple[float, tuple[int, int]]]:
        found = []
        for feature in self.features:
            row = self.model.rows.get(feature.name)
            if row is not None and feature.end:
                weight = float(self.model.wide[row, column]) * feature.value
                if weight > 0:
                    found.append((weight, (feature.start, feature.end)))
        return found

    def _phrases(self, column: int) -> list[tuple[float, tuple[int, int]]]:
        """The places that the network's detectors found, each with all that speaks for the target there."""
        first = self.model.layers.scene.shape[1]
        at: dict[int, float] = {}
        strength = self.seen.hidden[first:] * self.model.layers.out[first:, column]
        for place, weight in zip(self.seen.places.tolist(), strength.tolist(), strict=True):
            if place >= 0:
                at[place] = at.get(place, 0.0) + weight
        return [(weight, self._around(place)) for place, weight in at.items() if weight > 0]

    def _around(self, place: int) -> tuple[int, int]:
        return self.words[max(0, place - 1)].start, self.words[min(len(self.words) - 1, place + 1)].end


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
    return Model(
        targets=tuple(data["targets"]),
        bias=np.array(data["bias"], dtype=np.float32),
        threshold=dict(zip(data["targets"], data["threshold"], strict=True)),
        rows={name: row for row, name in enumerate(data["features"])},
        wide=wide,
        common={word: hundredths / 100 for word, hundredths in data["common"].items()},
        layers=Layers(**{field.name: _unpacked(data["layers"][field.name]) for field in fields(Layers)}),
        vectors=known,
        digest=data["digest"],
    )


@lru_cache(maxsize=1)
def model() -> Model:
    """The trained model, read once per process."""
    return model_of(json.loads(FILE.read_text(encoding="utf-8")), vectors())
