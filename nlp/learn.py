"""Learning of the model's numbers, in NumPy: weights by name and the network of `nlp.network`, together.

Development only. AdamW and dropout (`nlp.descent`), binary cross-entropy per target; a target that the label leaves
open (`may`) does not count. Everything random comes from seeds: several networks learn from different beginnings and
answer together, which errs less than any of them (Lakshminarayanan et al. 2017).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.descent import Descent, masked
from nlp.network import WIDTH, Layers, neighbours, scene_of
from nlp.words import Numbers

HIDDEN, DETECTORS = 128, 128
EPOCHS, BATCH = 20, 64
RATE = 2e-3
#: Weights by name are drawn to zero harder than layers.
DECAY_NAMED, DECAY_LAYERS = 3e-3, 1e-3
POSITIVE_WEIGHT = 3.0
DROPPED = 0.3
#: So many networks answer together.
TOGETHER = 4
#: A message's later words add little and cost much.
MOST_WORDS = 100


@dataclass(frozen=True, kw_only=True)
class Examples:
    """Messages as numbers: `named` (sparse, messages by features), each message's weighed vectors (n x d) with the
    weights (n), what is wanted, and how much each answer counts (messages by targets)."""

    named: Any
    rows: list[Numbers]
    weights: list[Numbers]
    wanted: Numbers
    counts: Numbers

    def scenes(self) -> Numbers:
        """The mean vector of each message."""
        return np.stack([scene_of(r, w) for r, w in zip(self.rows, self.weights, strict=True)])


@dataclass(frozen=True, kw_only=True)
class Learned:
    """Weights by name (features by targets), a bias per target, and the layers."""

    wide: Numbers
    bias: Numbers
    layers: Layers

    def sums(self, examples: Examples, at: NDArray[np.intp]) -> Numbers:
        """The answers, before the logistic function, for some of the messages."""
        scenes = examples.scenes()[at]
        hidden = np.maximum(scenes @ self.layers.scene + self.layers.scene_bias, 0)
        found = np.stack([_strongest(examples.rows[i], self.layers)[0] for i in at])
        seen = np.concatenate([hidden, found], axis=1)
        sums: Numbers = examples.named[at] @ self.wide + self.bias + seen @ self.layers.out
        return sums


def _strongest(rows: Numbers, layers: Layers) -> tuple[Numbers, NDArray[np.intp]]:
    """Each detector's strongest answer in a message, and where (-1: nowhere more than its bias)."""
    floor = np.maximum(layers.detect_bias, 0)
    if not len(rows):
        return floor, np.full(len(floor), -1, dtype=np.intp)
    answers = neighbours(rows[:MOST_WORDS]) @ layers.detect + layers.detect_bias
    at = answers.argmax(axis=0)
    best = answers[at, np.arange(len(at))]
    return np.maximum(best, floor), np.where(best > floor, at, -1)


def _start(examples: Examples, at: NDArray[np.intp], chance: np.random.Generator) -> Learned:
    size, targets = examples.rows[0].shape[1], examples.wanted.shape[1]

    def layer(rows: int, columns: int) -> Numbers:
        bound = rows**-0.5
        return chance.uniform(-bound, bound, (rows, columns)).astype(np.float32)

    share = examples.wanted[at].mean(axis=0)
    return Learned(
        wide=np.zeros((examples.named.shape[1], targets), dtype=np.float32),
        bias=np.log((share + 1e-3) / (1 - share)).astype(np.float32),
        layers=Layers(
            scene=layer(size, HIDDEN),
            scene_bias=np.zeros(HIDDEN, dtype=np.float32),
            detect=layer(WIDTH * size, DETECTORS),
            detect_bias=np.zeros(DETECTORS, dtype=np.float32),
            out=layer(HIDDEN + DETECTORS, targets),
        ),
    )


def _batches(at: NDArray[np.intp], chance: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    for _ in range(EPOCHS):
        order = chance.permutation(at)
        for begin in range(0, len(order) - BATCH + 1, BATCH):
            yield order[begin : begin + BATCH]


def learn(examples: Examples, at: NDArray[np.intp], together: int = TOGETHER) -> Learned:
    """Learn from some of the messages. The same arguments give the same numbers on the same machine."""
    return blended([_learn_one(examples, at, seed) for seed in range(together)])


def blended(several: Sequence[Learned]) -> Learned:
    """One network that answers with the mean of what several answer: theirs side by side, each speaking more softly."""
    layers = [one.layers for one in several]
    size = layers[0].scene.shape[1]
    out = np.concatenate([*(one.out[:size] for one in layers), *(one.out[size:] for one in layers)])
    return Learned(
        wide=np.mean([one.wide for one in several], axis=0),
        bias=np.mean([one.bias for one in several], axis=0),
        layers=Layers(
            scene=np.concatenate([one.scene for one in layers], axis=1),
            scene_bias=np.concatenate([one.scene_bias for one in layers]),
            detect=np.concatenate([one.detect for one in layers], axis=1),
            detect_bias=np.concatenate([one.detect_bias for one in layers]),
            out=(out / len(several)).astype(np.float32),
        ),
    )


def _learn_one(examples: Examples, at: NDArray[np.intp], seed: int) -> Learned:
    chance = np.random.default_rng(seed)
    learned = _start(examples, at, chance)
    scenes = examples.scenes()
    descent = Descent(EPOCHS * (len(at) // BATCH))
    for batch in _batches(at, chance):
        descent.begin()
        _step(examples, scenes, learned, batch, descent, chance)
    return learned


def _step(
    examples: Examples,
    scenes: Numbers,
    learned: Learned,
    batch: NDArray[np.intp],
    descent: Descent,
    chance: np.random.Generator,
) -> None:
    layers = learned.layers
    scene = scenes[batch] * masked((len(batch), scenes.shape[1]), DROPPED, chance)
    hidden = np.maximum(scene @ layers.scene + layers.scene_bias, 0)
    found = [_strongest(examples.rows[i], layers) for i in batch]
    seen = np.concatenate([hidden, np.stack([strength for strength, _ in found])], axis=1)
    mask = masked(seen.shape, DROPPED, chance)
    named = examples.named[batch]
    sums = named @ learned.wide + learned.bias + (seen * mask) @ layers.out
    wanted = examples.wanted[batch]
    weight = examples.counts[batch] * (1 + (POSITIVE_WEIGHT - 1) * wanted) / np.float32(BATCH)
    slope = ((1 / (1 + np.exp(-sums)) - wanted) * weight).astype(np.float32)

    back = (slope @ layers.out.T) * mask
    back_hidden = back[:, :HIDDEN] * (hidden > 0)
    detect, detect_bias = _detector_slopes(examples, batch, found, back[:, HIDDEN:] * (seen[:, HIDDEN:] > 0))
    slopes = Layers(
        scene=scene.T @ back_hidden,
        scene_bias=back_hidden.sum(axis=0),
        detect=detect,
        detect_bias=detect_bias,
        out=(seen * mask).T @ slope,
    )
    for field in fields(Layers):
        descent.move(field.name, getattr(layers, field.name), getattr(slopes, field.name), RATE, DECAY_LAYERS)
    descent.move("bias", learned.bias, slope.sum(axis=0), RATE, DECAY_LAYERS)
    descent.move("wide", learned.wide, named.T @ slope, RATE, DECAY_NAMED)


def _detector_slopes(
    examples: Examples,
    batch: NDArray[np.intp],
    found: list[tuple[Numbers, NDArray[np.intp]]],
    back: Numbers,
) -> tuple[Numbers, Numbers]:
    """How the detectors and their biases should change: only the strongest place of each answers for it."""
    size = WIDTH * examples.rows[0].shape[1]
    slope = np.zeros((size, back.shape[1]), dtype=np.float32)
    for i, (_, places), own in zip(batch, found, back, strict=True):
        if (places >= 0).any():
            beside = neighbours(examples.rows[i][:MOST_WORDS])
            slope += beside[places].T * np.where(places >= 0, own, 0)
    return slope, back.sum(axis=0)
