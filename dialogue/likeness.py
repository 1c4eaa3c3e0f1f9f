"""What a short sentence is most like: learned from known wordings and from counter-examples.

Each sentence is a bag of letter groups, rare ones weighing more (tf-idf, length one). Ridge regression over the
likenesses between all known sentences finds how much each group speaks for each meaning; a counter-example speaks
for none. So words that tell and words that ask share (警察, 名前, 消す) stop counting by themselves, which a nearest
neighbour does not achieve. Numbers only: which sentences may be judged this way is decided in `intents`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Lengths of the letter groups. Single letters carry what kanji mean, groups of three the endings that ask.
GROUPS = (1, 2, 3)
#: How little the weights bend to a single wording; more to a telling, because a wish heard in one hides it. With the
#: least likeness that counts, chosen by five-fold cross-validation over the known wordings and the counter-examples.
RIDGE = 0.3
RIDGE_OTHERS = 0.1
LEAST = 0.5
#: Groups seen once teach nothing about other sentences.
SEEN = 2
#: Groups in no more sentences than this are cheaper to count by themselves.
RARE = 64

Bag = Mapping[str, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class Likeness:
    """Learned weights: for each letter group its rarity and what it says for each meaning, in the order of `names`."""

    names: tuple[str, ...]
    rarity: Mapping[str, float]
    weights: Mapping[str, NDArray[np.float32]]

    def meaning(self, sentence: str) -> str | None:
        """The meaning of a folded `sentence`, or None where it is not like enough to any."""
        bag = _bag(sentence, self.rarity)
        if not bag:
            return None
        scores = sum(share * self.weights[group] for group, share in bag.items())
        best = int(np.argmax(scores))
        return self.names[best] if np.asarray(scores)[best] >= LEAST else None


def learned(known: Mapping[str, Sequence[str]], others: Sequence[str]) -> Likeness:
    """Likeness to the folded wordings of each meaning in `known`, away from `others`. Takes about half a second."""
    names = tuple(known)
    said = [(sentence, place) for place, name in enumerate(names) for sentence in known[name]]
    sentences = [*(sentence for sentence, _ in said), *others]
    rarity = _rarity(sentences)
    bags = [_bag(sentence, rarity) for sentence in sentences]
    meant = np.zeros((len(sentences), len(names)), dtype=np.float32)
    for row, (_, place) in enumerate(said):
        meant[row, place] = 1.0
    places = _places(bags)
    alike = _alike(places, len(bags))
    alike[np.diag_indices(len(bags))] += np.repeat((RIDGE, RIDGE_OTHERS), (len(said), len(others)))
    shares = np.linalg.solve(alike, meant)
    weights = {group: held @ shares[rows] for group, (rows, held) in places.items()}
    return Likeness(names=names, rarity=rarity, weights=weights)


def _groups(sentence: str) -> Counter[str]:
    """The letter groups of a sentence; its ends are letters, too, because an ending tells a question."""
    framed = f"^{sentence}$"
    return Counter(framed[start : start + length] for length in GROUPS for start in range(len(framed) - length + 1))


def _rarity(sentences: Sequence[str]) -> dict[str, float]:
    held = Counter(group for sentence in sentences for group in set(_groups(sentence)))
    return {group: math.log((1 + len(sentences)) / (1 + count)) + 1 for group, count in held.items() if count >= SEEN}


def _bag(sentence: str, rarity: Mapping[str, float]) -> Bag:
    counts = {group: count for group, count in _groups(sentence).items() if group in rarity}
    heavy = {group: (1 + math.log(count)) * rarity[group] for group, count in counts.items()}
    length = math.sqrt(sum(weight * weight for weight in heavy.values()))
    return {group: weight / length for group, weight in heavy.items()}


_Places = Mapping[str, tuple[NDArray[np.intp], NDArray[np.float32]]]


def _places(bags: Sequence[Bag]) -> _Places:
    """For each letter group the sentences that hold it, and its share in each."""
    rows: dict[str, list[int]] = {}
    held: dict[str, list[float]] = {}
    for row, bag in enumerate(bags):
        for group, share in bag.items():
            rows.setdefault(group, []).append(row)
            held.setdefault(group, []).append(share)
    return {group: (np.array(rows[group], dtype=np.intp), np.array(held[group], dtype=np.float32)) for group in rows}


def _alike(places: _Places, size: int) -> NDArray[np.float32]:
    """The cosine of every two sentences: at once for the groups of many, one by one for the many groups of a few."""
    common = [place for place in places.values() if len(place[0]) > RARE]
    shares = np.zeros((size, len(common)), dtype=np.float32)
    for column, (rows, held) in enumerate(common):
        shares[rows, column] = held
    alike: NDArray[np.float32] = shares @ shares.T
    for rows, held in places.values():
        if len(rows) <= RARE:
            alike[rows[:, None], rows] += held[:, None] * held
    return alike
