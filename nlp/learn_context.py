"""Learning of `nlp.context`, in NumPy: the slopes are worked out by hand, layer by layer, from the last to the first.

Development only. It learns by itself, with weights by name of its own that are drawn hard to zero, so that it has to
find in the words what they do not say; `nlp.learn.beside` lays it beside the other networks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse  # type: ignore[import-untyped]

from nlp.context import HEADS, MOST_WORDS, REACH, ContextLayers, OwnWords, distances, normal, shares
from nlp.descent import Descent, masked
from nlp.words import Numbers, Vectors

INSIDE, BETWEEN, OWN = 128, 192, 32
#: A word must come so often to have a vector of its own.
LEAST = 4
EPOCHS, BATCH = 5, 64
RATE, RATE_NAMED = 1e-3, 2e-3
DECAY, DECAY_NAMED = 0.05, 1.5
POSITIVE_WEIGHT = 3.0
#: Shares of the numbers left out while learning: of words and of what is seen, and of each change.
DROPPED, DROPPED_CHANGE = 0.3, 0.1
# So many batches are sorted by length together: little is padded, and chance still mixes.
_SORTED = 50
_FAR = np.float32(-1e9)
_TINY = np.float32(1e-5)


@dataclass(frozen=True, kw_only=True)
class Texts:
    """Messages as numbers: each one's words (rows of `public` and of the own vectors), `named`, `wanted` and `counts`
    as in `nlp.learn.Examples`."""

    public: Numbers
    words: list[tuple[NDArray[np.intp], NDArray[np.intp]]]
    row_of: dict[str, int]
    named: Any
    wanted: Numbers
    counts: Numbers


@dataclass(frozen=True, kw_only=True)
class LearnedContext:
    """What was learned: the layers, the own vectors, weights by name and a bias per target."""

    layers: ContextLayers
    own: Numbers
    wide: Numbers
    bias: Numbers

    def sums(self, texts: Texts, at: NDArray[np.intp]) -> Numbers:
        """The answers, before the logistic function, for some of the messages."""
        found = np.empty((len(at), texts.wanted.shape[1]), dtype=np.float32)
        for part in np.array_split(np.arange(len(at)), max(1, len(at) // BATCH)):
            batch = _Batch.of(texts, at[part])
            found[part] = _seen(self, batch, _NOTHING_LEFT_OUT).pooled @ self.layers.out
        sums: Numbers = found + texts.named[at] @ self.wide + self.bias
        return sums


def texts_of(messages: Sequence[Sequence[str]], known: Vectors, named: Any, wanted: Numbers, counts: Numbers) -> Texts:
    """Messages (their words) as numbers; frequent words get a row of their own."""
    often = Counter(word for message in messages for word in message)
    row_of = {word: row for row, word in enumerate(sorted(w for w, n in often.items() if n >= LEAST), 1)}
    words = []
    for message in messages:
        short = list(message[:MOST_WORDS])
        public = np.array(known.rows_of(short) or [0])
        words.append((public, np.array([row_of.get(word, 0) for word in short] or [0])))
    return Texts(public=known.rows, words=words, row_of=row_of, named=named, wanted=wanted, counts=counts)


def learn_context(texts: Texts, at: NDArray[np.intp], seed: int = 0) -> LearnedContext:
    """Learn from some of the messages. The same arguments give the same numbers on the same machine."""
    chance = np.random.default_rng(seed)
    learned = _start(texts, at, chance)
    descent = Descent(EPOCHS * (len(at) // BATCH))
    for some in _batches(texts, at, chance):
        descent.begin()
        _step(texts, learned, some, descent, chance)
    return learned


def own_words(texts: Texts, learned: LearnedContext) -> OwnWords:
    """The own vectors with their words."""
    return OwnWords(row_of=texts.row_of, rows=learned.own)


def _start(texts: Texts, at: NDArray[np.intp], chance: np.random.Generator) -> LearnedContext:
    targets = texts.wanted.shape[1]

    def layer(rows: int, columns: int) -> Numbers:
        bound = (6 / (rows + columns)) ** 0.5
        return chance.uniform(-bound, bound, (rows, columns)).astype(np.float32)

    def nothing(*shape: int) -> Numbers:
        return np.zeros(shape, dtype=np.float32)

    share = texts.wanted[at].mean(axis=0)
    own = chance.normal(0, 0.05, (len(texts.row_of) + 1, OWN)).astype(np.float32)
    own[0] = 0
    return LearnedContext(
        layers=ContextLayers(
            word=layer(texts.public.shape[1] + OWN, INSIDE),
            word_bias=nothing(INSIDE),
            look=layer(INSIDE, 3 * INSIDE),
            look_bias=nothing(3 * INSIDE),
            near=nothing(HEADS, 2 * REACH + 1),
            take=layer(INSIDE, INSIDE),
            more=layer(INSIDE, BETWEEN),
            more_bias=nothing(BETWEEN),
            less=layer(BETWEEN, INSIDE),
            out=layer(2 * INSIDE, targets),
        ),
        own=own,
        wide=nothing(texts.named.shape[1], targets),
        bias=np.log((share + 1e-3) / (1 - share)).astype(np.float32),
    )


def _batches(texts: Texts, at: NDArray[np.intp], chance: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    """Batches of messages of about the same length."""
    length = np.array([len(public) for public, _ in texts.words])
    for _ in range(EPOCHS):
        order = chance.permutation(at)
        order = order[: len(order) // BATCH * BATCH]
        for begin in range(0, len(order), BATCH * _SORTED):
            chunk = order[begin : begin + BATCH * _SORTED]
            chunk = chunk[np.argsort(length[chunk], kind="stable")].reshape(-1, BATCH)
            yield from chunk[chance.permutation(len(chunk))]


@dataclass(frozen=True, kw_only=True)
class _Batch:
    """Messages side by side, the shorter ones filled up: rows of public and own vectors (b x n), which places are words
    (b x n x 1), and how many each has (b x 1)."""

    public: Numbers
    own: NDArray[np.intp]
    there: Numbers
    count: Numbers

    @classmethod
    def of(cls, texts: Texts, at: NDArray[np.intp]) -> _Batch:
        chosen = [texts.words[i] for i in at]
        longest = max(len(public) for public, _ in chosen)
        rows = np.zeros((2, len(at), longest), dtype=np.intp)
        there = np.zeros((len(at), longest, 1), dtype=np.float32)
        for i, (public, own) in enumerate(chosen):
            rows[0, i, : len(public)], rows[1, i, : len(own)] = public, own
            there[i, : len(public)] = 1
        return cls(public=texts.public[rows[0]], own=rows[1], there=there, count=there.sum(axis=1))


@dataclass(frozen=True, kw_only=True)
class _Masks:
    """What is left out in this step."""

    words: Numbers
    taken: Numbers
    further: Numbers
    pooled: Numbers

    @classmethod
    def draw(cls, batch: _Batch, inside: int, chance: np.random.Generator) -> _Masks:
        b, n = batch.own.shape
        return cls(
            words=masked((b, n, inside), DROPPED, chance),
            taken=masked((b, n, inside), DROPPED_CHANGE, chance),
            further=masked((b, n, inside), DROPPED_CHANGE, chance),
            pooled=masked((b, 2 * inside), DROPPED, chance),
        )


_ONE: Numbers = np.ones(1, dtype=np.float32)
_NOTHING_LEFT_OUT = _Masks(words=_ONE, taken=_ONE, further=_ONE, pooled=_ONE)


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """Everything on the way from words to `pooled`, for the way back."""

    vectors: Numbers
    words: Numbers
    heads: tuple[Numbers, Numbers, Numbers]
    shares: Numbers
    taken: Numbers
    changed: Numbers
    further: Numbers
    largest: NDArray[np.intp]
    pooled: Numbers


def _seen(learned: LearnedContext, batch: _Batch, masks: _Masks) -> _Seen:
    """As `nlp.context.in_context`, for a batch, with what is left out."""
    layers = learned.layers
    vectors = np.concatenate([batch.public, learned.own[batch.own]], axis=2)
    words: Numbers = (vectors @ layers.word + layers.word_bias) * batch.there * masks.words
    n, d = words.shape[1:]
    looked = normal(words) @ layers.look + layers.look_bias
    asked, shown, given = (_apart(part) for part in np.split(looked, 3, axis=2))
    liking = asked @ shown.transpose(0, 1, 3, 2) * np.float32((d // HEADS) ** -0.5)
    liking += layers.near[:, distances(n)]
    liking += np.where(batch.there[:, None, None, :, 0] > 0, np.float32(0), _FAR)
    share = shares(liking)
    taken = _together(share @ given)
    changed: Numbers = words + (taken @ layers.take) * masks.taken
    further = np.maximum(normal(changed) @ layers.more + layers.more_bias, 0)
    final: Numbers = changed + (further @ layers.less) * masks.further
    largest = np.where(batch.there > 0, final, _FAR).argmax(axis=1)
    best = np.take_along_axis(final, largest[:, None], axis=1)[:, 0]
    pooled = np.concatenate([best, (final * batch.there).sum(axis=1) / batch.count], axis=1)
    return _Seen(
        vectors=vectors,
        words=words,
        heads=(asked, shown, given),
        shares=share,
        taken=taken,
        changed=changed,
        further=further,
        largest=largest,
        pooled=pooled * masks.pooled,
    )


def _apart(numbers: Numbers) -> Numbers:
    """b x n x d as b x heads x n x d/heads."""
    b, n, d = numbers.shape
    found: Numbers = numbers.reshape(b, n, HEADS, d // HEADS).transpose(0, 2, 1, 3)
    return found


def _together(numbers: Numbers) -> Numbers:
    b, heads, n, size = numbers.shape
    found: Numbers = numbers.transpose(0, 2, 1, 3).reshape(b, n, heads * size)
    return found


def _normal_slope(numbers: Numbers, slope: Numbers) -> Numbers:
    """The slope before `normal`, from that after it."""
    centred = numbers - numbers.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred * centred).mean(axis=-1, keepdims=True) + _TINY)
    found = centred / spread
    inner = (slope * found).mean(axis=-1, keepdims=True)
    back: Numbers = (slope - slope.mean(axis=-1, keepdims=True) - found * inner) / spread
    return back


def _flat(one: Numbers, other: Numbers) -> Numbers:
    """The slope of a matrix between two layers: over all words of all messages."""
    found: Numbers = one.reshape(-1, one.shape[-1]).T @ other.reshape(-1, other.shape[-1])
    return found


def slopes(
    learned: LearnedContext, batch: _Batch, seen: _Seen, masks: _Masks, slope: Numbers
) -> tuple[ContextLayers, Numbers]:
    """How layers and own vectors (the latter per place, b x n x OWN) should change, from the slope of each answer."""
    layers, (_, n, d) = learned.layers, seen.words.shape
    back = (slope @ layers.out.T) * masks.pooled
    final = back[:, None, d:] * batch.there / batch.count[:, None]
    np.put_along_axis(
        final,
        seen.largest[:, None],
        np.take_along_axis(final, seen.largest[:, None], axis=1) + back[:, None, :d],
        axis=1,
    )
    masked_further: Numbers = final * masks.further
    further: Numbers = (masked_further @ layers.less.T) * (seen.further > 0)
    changed: Numbers = final + _normal_slope(seen.changed, further @ layers.more.T)
    masked_taken: Numbers = changed * masks.taken
    taken = _apart(masked_taken @ layers.take.T)
    looked, near = _look_slopes(seen, taken, n, d)
    words: Numbers = changed + _normal_slope(seen.words, looked @ layers.look.T)
    words = words * masks.words * batch.there
    public = batch.public.shape[2]
    found = ContextLayers(
        word=_flat(seen.vectors, words),
        word_bias=words.sum(axis=(0, 1)),
        look=_flat(normal(seen.words), looked),
        look_bias=looked.sum(axis=(0, 1)),
        near=near,
        take=_flat(seen.taken, masked_taken),
        more=_flat(normal(seen.changed), further),
        more_bias=further.sum(axis=(0, 1)),
        less=_flat(seen.further, masked_further),
        out=seen.pooled.T @ slope,
    )
    return found, words @ layers.word[public:].T


def _look_slopes(seen: _Seen, taken: Numbers, n: int, d: int) -> tuple[Numbers, Numbers]:
    """The slopes of what words ask, show and give (b x n x 3d), and of the liking for each distance."""
    asked, shown, given = seen.heads
    share = seen.shares
    of_share = taken @ given.transpose(0, 1, 3, 2)
    liking = share * (of_share - (of_share * share).sum(axis=-1, keepdims=True))
    scale = np.float32((d // HEADS) ** -0.5)
    parts = (liking @ shown * scale, liking.transpose(0, 1, 3, 2) @ asked * scale, share.transpose(0, 1, 3, 2) @ taken)
    far = distances(n).ravel()
    totals = liking.sum(axis=0).reshape(HEADS, -1)
    near = np.stack([np.bincount(far, total, minlength=2 * REACH + 1) for total in totals])
    return np.concatenate([_together(part) for part in parts], axis=2), near.astype(np.float32)


def _step(
    texts: Texts, learned: LearnedContext, at: NDArray[np.intp], descent: Descent, chance: np.random.Generator
) -> None:
    batch = _Batch.of(texts, at)
    masks = _Masks.draw(batch, learned.layers.take.shape[0], chance)
    seen = _seen(learned, batch, masks)
    named, wanted = texts.named[at], texts.wanted[at]
    sums = seen.pooled @ learned.layers.out + named @ learned.wide + learned.bias
    weight = texts.counts[at] * (1 + (POSITIVE_WEIGHT - 1) * wanted) / np.float32(len(at))
    slope = ((1 / (1 + np.exp(-sums)) - wanted) * weight).astype(np.float32)
    found, of_own = slopes(learned, batch, seen, masks, slope)
    for field in fields(ContextLayers):
        descent.move(field.name, getattr(learned.layers, field.name), getattr(found, field.name), RATE, DECAY)
    descent.move("own", learned.own, _gathered(batch.own, of_own, len(learned.own)), RATE, DECAY)
    descent.move("bias", learned.bias, slope.sum(axis=0), RATE, DECAY)
    descent.move("wide", learned.wide, named.T @ slope, RATE_NAMED, DECAY_NAMED)


def _gathered(rows: NDArray[np.intp], of_own: Numbers, count: int) -> Numbers:
    """The slopes of the own vectors, added up over the places where each stands; row 0 stays zero."""
    places = rows.ravel()
    which = sparse.csr_matrix(
        (np.ones(len(places), dtype=np.float32), places, np.arange(len(places) + 1)), shape=(len(places), count)
    )
    found: Numbers = which.T @ of_own.reshape(len(places), -1)
    found[0] = 0
    return found
