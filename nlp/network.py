"""What the words of a message mean together: a small network over word vectors, in NumPy.

Two views of the same words. *Scene*: the weighted mean of all vectors, through one hidden layer. *Turns of phrase*:
each three neighbouring words, through one layer, and of every detector its strongest place in the message. Both meet
in one linear layer with a number per target. (Kim 2014, «Convolutional Neural Networks for Sentence Classification»;
Iyyer et al. 2015, «Deep Unordered Composition Rivals Syntactic Methods»; common words weigh less as in Arora et al.
2017.) A detector answers at least its bias, as if an empty place stood in every message.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import threadpoolctl
from numpy.typing import NDArray

from nlp.words import Numbers

#: Words before, at and after a place.
WIDTH = 3
# The mean is divided by the root of the summed weights: many words say more than one, but not many times more.
_SMOOTH, _FLOOR = 0.01, 0.1


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


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the network made of a message: the hidden numbers, and the place (word) where each detector was strongest,
    -1 where it answered no more than its bias."""

    hidden: Numbers
    places: NDArray[np.intp]


def scene_of(rows: Numbers, weights: Numbers) -> Numbers:
    """The mean of vectors that were multiplied with their weights (n x d and n)."""
    mean: Numbers = rows.sum(axis=0) / np.float32(np.sqrt(weights.sum() + _SMOOTH) + _FLOOR)
    return mean


def neighbours(rows: Numbers) -> Numbers:
    """Each word's vector beside those of its neighbours (n x 3d); beyond the ends there is nothing."""
    n, d = rows.shape
    found = np.zeros((n, WIDTH * d), dtype=np.float32)
    found[1:, :d] = rows[:-1]
    found[:, d : 2 * d] = rows
    found[:-1, 2 * d :] = rows[1:]
    return found


def look(layers: Layers, rows: Numbers, weights: Numbers) -> Seen:
    """The hidden numbers of one message from its words in order: their vectors times their weights (n x d), and the
    weights (n)."""
    size = layers.scene.shape[1]
    hidden = np.empty(layers.out.shape[0], dtype=np.float32)
    np.maximum(scene_of(rows, weights) @ layers.scene + layers.scene_bias, 0, out=hidden[:size])
    places = np.full(layers.detect.shape[1], -1, dtype=np.intp)
    strongest = np.maximum(layers.detect_bias, 0)
    if len(rows):
        answers = neighbours(rows) @ layers.detect + layers.detect_bias
        at = answers.argmax(axis=0)
        best = answers[at, np.arange(len(at))]
        places = np.where(best > strongest, at, places)
        strongest = np.maximum(best, strongest)
    hidden[size:] = strongest
    return Seen(hidden=hidden, places=places)
