"""What a word means beside the other words of its message: a third view beside those of `nlp.network`.

Each word has a vector of its own, learned here, beside the public one; every word then looks at all others of the
message, in a few ways at once, the nearer ones by a learned liking; what it takes from them changes it once more, and
of each number the largest and the mean of all words are the answer. (Vaswani et al. 2017, «Attention Is All You Need»,
one layer, normalised before each step as in Xiong et al. 2020; distances as in Shaw et al. 2018, with one number each.)

This view alone hears less than the others. Beside them it hears what they miss, because it errs elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nlp.words import Numbers, Vectors

#: Ways of looking, and how far (in words) distance is told apart.
HEADS, REACH = 4, 8
#: Later words add little and cost the square of their number.
MOST_WORDS = 100
_TINY = np.float32(1e-5)


@dataclass(frozen=True, kw_only=True)
class ContextLayers:
    """The learned numbers, for words of w numbers, d inside, f between and t targets: `word` w x d, `look` d x 3d (what
    a word asks, shows and gives), `near` HEADS x (2 REACH + 1), `take` d x d, `more` d x f, `less` f x d, `out` 2d x t,
    and biases."""

    word: Numbers
    word_bias: Numbers
    look: Numbers
    look_bias: Numbers
    near: Numbers
    take: Numbers
    more: Numbers
    more_bias: Numbers
    less: Numbers
    out: Numbers


@dataclass(frozen=True, kw_only=True)
class OwnWords:
    """The words that have vectors of their own, and these (row 0, of any other word, is zero)."""

    row_of: dict[str, int]
    rows: Numbers


@dataclass(frozen=True, kw_only=True)
class Context:
    """The view, ready to be used: `rows` holds every word after the first layer, `row_of` where."""

    layers: ContextLayers
    rows: Numbers
    row_of: dict[str, int]

    def answer(self, words: Sequence[str]) -> Numbers:
        """What the words of one message add to each target's sum."""
        row_of = self.row_of.get
        # Who writes no word is heard as one that nobody knows.
        at = [row_of(word, 0) for word in words[:MOST_WORDS]] or [0]
        changed = in_context(self.layers, self.rows.take(at, axis=0))
        seen = np.concatenate([changed.max(axis=0), np.add.reduce(changed, axis=0) / np.float32(len(at))])
        answer: Numbers = seen @ self.layers.out
        return answer


def context_of(layers: ContextLayers, own: OwnWords, known: Vectors) -> Context:
    """The view over public vectors and own ones: the first layer is worked out for all words at once."""
    words = {**dict.fromkeys(known.row_of), **dict.fromkeys(own.row_of)}
    pairs: dict[tuple[int, int], int] = {(0, 0): 0}
    row_of: dict[str, int] = {}
    for word in words:
        pair = (known.row_of.get(word, 0), own.row_of.get(word, 0))
        row_of[word] = pairs.setdefault(pair, len(pairs))
    public, private = np.array(list(pairs)).T
    rows = known.rows[public] @ layers.word[: known.size] + own.rows[private] @ layers.word[known.size :]
    return Context(layers=layers, rows=(rows + layers.word_bias).astype(np.float32), row_of=row_of)


def in_context(layers: ContextLayers, words: Numbers) -> Numbers:
    """The words of one message (n x d, after the first layer), each changed by the others."""
    n, d = words.shape
    asked, shown, given = np.split(normal(words) @ layers.look + layers.look_bias, 3, axis=1)
    size = d // HEADS
    apart = (n, HEADS, size)
    liking = asked.reshape(apart).transpose(1, 0, 2) @ shown.reshape(apart).transpose(1, 2, 0)
    liking *= np.float32(size**-0.5)
    liking += layers.near[:, distances(n)]
    taken = shares(liking) @ given.reshape(apart).transpose(1, 0, 2)
    changed = words + taken.transpose(1, 0, 2).reshape(n, d) @ layers.take
    further = np.maximum(normal(changed) @ layers.more + layers.more_bias, 0)
    found: Numbers = changed + further @ layers.less
    return found


def normal(numbers: Numbers) -> Numbers:
    """Each row with mean 0 and spread 1."""
    centred = numbers - numbers.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + _TINY)
    found: Numbers = centred / spread
    return found


def shares(liking: Numbers) -> Numbers:
    """Positive shares that add up to 1 in each row (in place)."""
    liking -= liking.max(axis=-1, keepdims=True)
    np.exp(liking, out=liking)
    liking /= liking.sum(axis=-1, keepdims=True)
    return liking


@lru_cache(maxsize=MOST_WORDS + 1)
def distances(n: int) -> NDArray[np.intp]:
    """How far the second of two words stands after the first (n x n), as a place in `near`."""
    at = np.arange(n)
    found: NDArray[np.intp] = np.clip(at[None, :] - at[:, None], -REACH, REACH) + REACH
    return found
