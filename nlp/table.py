"""The training corpus as numbers: messages, and the turns of conversations, alone and with what was said before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse  # type: ignore[import-untyped]

from nlp.conversation import as_one, recall
from nlp.features import Feature
from nlp.findings import RiskKind, RiskLevel
from nlp.labelled import CATEGORIES, Conversation, Labelled, conversations_in, messages_in
from nlp.learn import MOST_WORDS, Examples
from nlp.learn_context import Texts, texts_of
from nlp.lexicon import lexicon
from nlp.memory import Said
from nlp.reading import Reader
from nlp.understanding import understand
from nlp.words import vectors

ANY = "any"
TARGETS = (
    *CATEGORIES,
    ANY,
    *(f"risk:{level}" for level in ("urgent", "watch")),
    *(f"kind:{kind}" for kind in RiskKind),
)
# A feature seen in fewer messages teaches nothing that its vector does not say, too.
RARE = 3
# How often (as a share of all words) a word weighs half; rarer ones weigh nearly one (Arora et al. 2017).
HALF = 1e-3
# Words that weigh less than this are listed in the weights file.
WEIGHS_LESS = 0.9
# Most of what people say is everyday talk, of which the corpus holds little: each of its lines counts for several.
EVERYDAY, EVERYDAY_WEIGHT = ("z/", "ev/"), 2.0
# A turn read with the turns before it counts for less than a message: its sisters say nearly the same.
TURN, TURN_WEIGHT = "turn", 0.5


@dataclass(frozen=True, kw_only=True)
class Table:
    """The corpus as numbers: feature names, examples (also as `texts`: their words in order), which answers are clear,
    and each example's voice and writer."""

    names: list[str]
    common: dict[str, float]
    examples: Examples
    texts: Texts
    clear: NDArray[np.bool_]
    voices: list[str]
    is_message: NDArray[np.bool_]

    @property
    def wanted(self) -> NDArray[np.bool_]:
        """What careful readers see, messages by targets."""
        return self.examples.wanted > 0

    @property
    def writers(self) -> NDArray[np.str_]:
        """Who wrote each example: the file's name."""
        return np.array([voice.partition("/")[0] for voice in self.voices])


def wanted(item: Labelled, target: str) -> tuple[bool, bool]:
    """Whether the target is wanted for a message, and whether the label says so clearly."""
    if target == ANY:
        return bool(item.must), bool(item.must) or not item.may
    prefix, _, name = target.partition(":")
    if prefix == "risk":
        reached = item.risk.rank >= RiskLevel(name).rank
        return reached and not item.at_most, not (reached and item.at_most)
    if prefix == "kind":
        return name in item.kinds and not item.at_most, not (item.kinds and item.at_most)
    return target in item.must, target not in item.may


def turns_of(talk: Conversation, writer: str) -> list[Labelled]:
    """Each turn but the first as one text with those before it, as the listener reads it."""
    said: tuple[Said, ...] = ()
    found: list[Labelled] = []
    for number, turn in enumerate(talk.turns):
        said = recall(said, turn.text, number)
        if number:
            found.append(replace(turn, text=as_one(said), voice=f"{writer}/{TURN} {talk.id}"))
    return found


def alone(talk: Conversation, writer: str) -> list[Labelled]:
    """Each turn by itself, as the listener reads it first. The first is labelled; of a later one is known what it does
    not show, because nothing shows it up to then either.
    """
    voice = f"{writer}/{TURN} {talk.id}"
    first, *later = talk.turns
    open_ = [replace(turn, must=frozenset(), may=turn.must | turn.may, at_most=True) for turn in later]
    return [replace(turn, voice=voice) for turn in (first, *open_)]


def corpus(folder: Path) -> list[Labelled]:
    """All examples of a folder."""
    found: list[Labelled] = []
    for path in sorted(folder.glob("*.jsonl")):
        found += messages_in(path)
        writer = path.stem.partition("-")[0]
        for talk in conversations_in(path):
            found += turns_of(talk, writer) + alone(talk, writer)
    return found


def tabulate(items: Sequence[Labelled]) -> Table:
    """Turn examples into numbers."""
    reader = Reader(lexicon())
    seen = [understand(reader.read(item.text)) for item in items]
    words = [[token.form for token in one.reading.tokens] for one in seen]
    common = _common(words)
    labels = [[wanted(item, target) for target in TARGETS] for item in items]
    clear = np.array([[clearly for _, clearly in row] for row in labels])
    weight = np.array([_weight(item) for item in items], dtype=np.float32)
    names, named = _named([one.features for one in seen])
    rows, weights = _weighed(words, common)
    known = np.array([[want for want, _ in row] for row in labels], dtype=np.float32)
    counts = (clear * weight[:, None]).astype(np.float32)
    return Table(
        names=names,
        common=common,
        examples=Examples(named=named, rows=rows, weights=weights, wanted=known, counts=counts),
        texts=texts_of(words, vectors(), named, known, counts),
        clear=clear,
        voices=[item.voice for item in items],
        is_message=np.array([f"/{TURN} " not in item.voice for item in items]),
    )


def _weight(item: Labelled) -> float:
    if f"/{TURN} " in item.voice:
        return TURN_WEIGHT
    return EVERYDAY_WEIGHT if item.voice.startswith(EVERYDAY) else 1.0


def _common(words: Iterable[list[str]]) -> dict[str, float]:
    """The frequent words and how much they weigh."""
    counts = Counter(word for message in words for word in message)
    half = HALF * counts.total()
    weights = {word: round(half / (half + count), 2) for word, count in counts.items()}
    return {word: weight for word, weight in sorted(weights.items()) if weight < WEIGHS_LESS}


def _named(rows: list[list[Feature]]) -> tuple[list[str], Any]:
    """Features by name: their names, and messages by features."""
    seen = Counter(feature.name for row in rows for feature in row)
    names = sorted(name for name, count in seen.items() if count >= RARE)
    column = {name: at for at, name in enumerate(names)}
    cells = [(at, column[f.name], f.value) for at, row in enumerate(rows) for f in row if f.name in column]
    at, columns, values = zip(*cells, strict=True)
    shape = (len(rows), len(names))
    return names, sparse.csr_matrix((np.array(values, dtype=np.float32), (at, columns)), shape=shape)


def _weighed(words: list[list[str]], common: dict[str, float]) -> tuple[list[Any], list[Any]]:
    known = vectors()
    rows, weights = [], []
    for message in words:
        own = np.array([common.get(word, 1.0) for word in message[:MOST_WORDS]], dtype=np.float32)
        weights.append(own)
        rows.append(known.rows[known.rows_of(message[:MOST_WORDS])] * own[:, None])
    return rows, weights
