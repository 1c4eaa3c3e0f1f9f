"""The linear model: weights as a reviewable JSON file, scores by dict lookups.

The file `weights/model.json` is written by `python -m nlp.train`: `targets` (categories, then risk levels, then risk
kinds), `bias` and `threshold` per target, and per feature a flat list of target index, weight in hundredths, target
index, weight, ….
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import exp
from pathlib import Path
from typing import Any

from nlp.features import Feature, values_of

FILE = Path(__file__).parent / "weights" / "model.json"
SCALE = 100.0
LANE = 20
_MASK = (1 << LANE) - 1
_OFFSET = 1 << LANE - 1
_UNIT = 400


@dataclass(frozen=True)
class Model:
    """Weights by feature name, and the same packed for speed.

    `packed` holds, per feature, all targets' weights times the feature's value as one integer with a lane of `LANE`
    bits per target. Adding such integers adds all lanes at once, which makes scoring a sum over a few hundred
    integers without any library; negative numbers borrow from the lane above, and the offset added at the end undoes
    that.
    """

    targets: tuple[str, ...]
    bias: tuple[float, ...]
    threshold: dict[str, float]
    weights: dict[str, tuple[tuple[int, float], ...]]
    packed: dict[str, tuple[int, ...]]
    digest: str

    def sums(self, features: Iterable[Feature]) -> tuple[float, ...]:
        """What the features add up to for each target, without the bias."""
        packed = self.packed
        total = _OFFSET * (((1 << LANE * len(self.targets)) - 1) // _MASK)
        for name, level, _, _ in features:
            lanes = packed.get(name)
            if lanes is not None:
                total += lanes[level]
        found: list[float] = []
        for _ in self.targets:
            found.append(((total & _MASK) - _OFFSET) / _UNIT)
            total >>= LANE
        return tuple(found)

    def scores(self, sums: Iterable[float]) -> dict[str, float]:
        """The probability of each target."""
        return {
            target: 1.0 / (1.0 + exp(-max(-30.0, min(30.0, bias + total))))
            for target, bias, total in zip(self.targets, self.bias, sums, strict=True)
        }

    def limit(self, target: str) -> float:
        """The target's threshold."""
        return self.threshold[target]

    def passes(self, target: str, score: float) -> bool:
        """Whether the score is at least the target's threshold."""
        return score >= self.limit(target)

    def support(self, target: str, features: Iterable[Feature]) -> list[tuple[float, Feature]]:
        """The features that speak for a target and stand somewhere in the text, the strongest first."""
        index = self.targets.index(target)
        found: list[tuple[float, Feature]] = []
        for feature in features:
            if feature.end:
                for at, weight in self.weights.get(feature.name, ()):
                    if at == index and weight > 0:
                        found.append((weight * feature.value, feature))
        return sorted(found, key=lambda pair: (-pair[0], pair[1].start, pair[1].name))


def _pack(name: str, weights: tuple[tuple[int, float], ...]) -> tuple[int, ...]:
    """The packed weights of a feature for each of its levels."""
    return tuple(
        sum(round(weight * value * _UNIT) << LANE * target for target, weight in weights) for value in values_of(name)
    )


def model_of(data: dict[str, Any]) -> Model:
    """The model whose weights file holds `data`."""
    weights = {
        name: tuple((flat[at], flat[at + 1] / SCALE) for at in range(0, len(flat), 2))
        for name, flat in data["features"].items()
    }
    return Model(
        targets=tuple(data["targets"]),
        bias=tuple(data["bias"]),
        threshold=dict(zip(data["targets"], data["threshold"], strict=True)),
        weights=weights,
        packed={name: _pack(name, pairs) for name, pairs in weights.items()},
        digest=data["digest"],
    )


@lru_cache(maxsize=1)
def model() -> Model:
    """The trained model, read once per process."""
    return model_of(json.loads(FILE.read_text(encoding="utf-8")))
