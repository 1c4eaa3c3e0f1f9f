"""What the words of a message mean together: a small network over word vectors, in NumPy.

Two views of the same words. *Scene*: the weighted mean of all vectors, through one hidden layer. *Turns of phrase*:
each three neighbouring words, through one layer, and of every detector its strongest place in the message. Both meet
in one linear layer with a number per target. (Kim 2014, «Convolutional Neural Networks for Sentence Classification»;
Iyyer et al. 2015, «Deep Unordered Composition Rivals Syntactic Methods»; common words weigh less as in Arora et al.
2017.) A detector answers at least its bias, as if an empty place stood in every message.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import threadpoolctl
from numpy.typing import NDArray

from nlp.words import Numbers

#: Words before, at and after a place.
WIDTH = 3
# The mean is divided by the root of the summed weights: many words say more than one, but not many times more.
_SMOOTH, _FLOOR = 0.01, 0.1
_AT_ONCE = 32
_WHOLE, _SMALL = np.float32(np.iinfo(np.int16).max), np.float32(1e-9)


def one_thread() -> None:
    """From now on matrices are multiplied on the caller's thread: these are so small that handing them to others costs
    thirty times what it saves, and the other core is needed for answering."""
    threadpoolctl.threadpool_limits(limits=1, user_api="blas")


@dataclass(frozen=True, kw_only=True)
class Layers:
    """The learned numbers, for vectors of size d, h hidden numbers, c detectors and t targets: `scene` d x h, `detect`
    3d x c, `out` (h + c) x t, and the biases of the first two."""

    scene: Numbers
    scene_bias: Numbers
    detect: Numbers
    detect_bias: Numbers
    out: Numbers

    @cached_property
    def detect_floor(self) -> Numbers:
        """What each detector answers at least."""
        return np.maximum(self.detect_bias, 0)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the network made of a message: the hidden numbers, what each detector answered at each word (n x c), and
    what it answers at least."""

    hidden: Numbers
    answers: Numbers
    floor: Numbers

    @cached_property
    def places(self) -> NDArray[np.intp]:
        """The word where each detector was strongest, -1 where it answered no more than its bias. Only reasons need
        it."""
        if not len(self.answers):
            return np.full(len(self.floor), -1, dtype=np.intp)
        at = self.answers.argmax(axis=0)
        return np.where(self.answers[at, np.arange(len(at))] > self.floor, at, -1)


def scene_of(rows: Numbers, weights: Numbers) -> Numbers:
    """The mean of vectors that were multiplied with their weights (n x d and n)."""
    return _mean(rows.sum(axis=0), weights.sum())


def _mean(total: Numbers, weight: np.float32) -> Numbers:
    mean: Numbers = total / np.float32(np.sqrt(weight + _SMOOTH) + _FLOOR)
    return mean


def neighbours(rows: Numbers) -> Numbers:
    """Each word's vector beside those of its neighbours (n x 3d); beyond the ends there is nothing."""
    n, d = rows.shape
    found = np.zeros((n, WIDTH * d), dtype=np.float32)
    found[1:, :d] = rows[:-1]
    found[:, d : 2 * d] = rows
    found[:-1, 2 * d :] = rows[1:]
    return found


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What each word says to the network (v x n), in whole steps of each column: half the memory of plain numbers, and
    it is the largest thing that the process holds."""

    steps: Numbers
    whole: NDArray[np.int16]

    def take(self, rows: NDArray[np.intp]) -> Numbers:
        """The answers to these words, a row each."""
        found: Numbers = self.whole.take(rows, axis=0) * self.steps
        return found


def answered(layers: Layers, rows: Numbers, weights: Numbers) -> Answers:
    """What each word says to the network, from their weighed vectors (v x d) and weights (v): in one row what every
    detector answers to it as the word before a place, at it (bias and all) and after it, its vector, and its weight.

    Words come again and again, so this is worked out once, and a message is looked up and added together.
    """
    d, c = rows.shape[1], layers.detect.shape[1]
    steps = np.empty(WIDTH * c + d + 1, dtype=np.float32)
    whole = np.empty((len(rows), len(steps)), dtype=np.int16)

    def keep(first: int, numbers: Numbers) -> None:
        columns = slice(first, first + numbers.shape[1])
        steps[columns] = np.maximum(np.abs(numbers).max(axis=0), _SMALL) / _WHOLE
        whole[:, columns] = np.rint(numbers / steps[columns])

    # A few columns at a time: what is only needed on the way must not be larger than what is kept.
    for place, first in itertools.product(range(WIDTH), range(0, c, _AT_ONCE)):
        detectors = slice(first, first + _AT_ONCE)
        bias = layers.detect_bias[detectors] if place == 1 else np.float32(0)
        keep(place * c + first, rows @ layers.detect[place * d : (place + 1) * d, detectors] + bias)
    keep(WIDTH * c, rows)
    keep(WIDTH * c + d, weights[:, None])
    return Answers(steps=steps, whole=whole)


def look(layers: Layers, words: Numbers) -> Seen:
    """What one message makes of its words: their rows of `answered` in order, with the row of no word before and after
    them."""
    h, c = layers.scene.shape[1], layers.detect.shape[1]
    hidden = np.empty(h + c, dtype=np.float32)
    total = np.add.reduce(words[1:-1, WIDTH * c :], axis=0)
    np.maximum(_mean(total[:-1], total[-1]) @ layers.scene + layers.scene_bias, 0, out=hidden[:h])
    answers = words[:-2, :c] + words[1:-1, c : 2 * c]
    answers += words[2:, 2 * c : WIDTH * c]
    np.maximum.reduce(answers, axis=0, initial=-np.inf, out=hidden[h:])
    np.maximum(hidden[h:], layers.detect_floor, out=hidden[h:])
    return Seen(hidden=hidden, answers=answers, floor=layers.detect_floor)
