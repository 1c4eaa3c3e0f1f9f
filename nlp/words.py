"""Word vectors, so that a word never seen in training still says something.

The file `weights/vectors.txt` was made once by `python -m nlp.make_vectors` from public word vectors (chiVe as shipped
in the ja-ginza package: MIT and Apache-2.0). Its first line says how many numbers a vector has; each further line holds
one vector (signed bytes, base64) and the words that share it.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FILE = Path(__file__).parent / "weights" / "vectors.txt"
#: A stored byte times this is the number.
STEP = 1 / 127
Numbers = NDArray[np.float32]


@dataclass(frozen=True)
class Vectors:
    """Unit vectors, a row each, and the row of each word by Sudachi's normalised form. Row 0 is zero: unknown words."""

    rows: Numbers
    row_of: dict[str, int]

    @property
    def size(self) -> int:
        """How many numbers a vector has."""
        return int(self.rows.shape[1])

    def rows_of(self, words: Sequence[str]) -> list[int]:
        """The row of each word, 0 where there is none."""
        look_up = self.row_of.get
        return [look_up(word, 0) for word in words]


@dataclass(frozen=True)
class Weighed:
    """Vectors times the weights of their words, the weights, and each word's row. Row 0 is zero: unknown words, which
    weigh 1, and the empty places before and after a message."""

    rows: Numbers
    weights: Numbers
    row_of: dict[str, int]


def weighed(known: Vectors, weights: dict[str, float]) -> Weighed:
    """The vectors, and a row more for each word that does not weigh 1: so that a message needs only to be looked up."""
    first = len(known.rows)
    own = np.array(list(weights.values()), dtype=np.float32)
    return Weighed(
        rows=np.concatenate([known.rows, known.rows[known.rows_of(list(weights))] * own[:, None]]),
        weights=np.concatenate([np.ones(first, dtype=np.float32), own]),
        row_of=known.row_of | {word: first + at for at, word in enumerate(weights)},
    )


def read(lines: Sequence[str]) -> Vectors:
    """Vectors from the lines of a file."""
    size = int(lines[0])
    found = bytearray(size)
    row_of: dict[str, int] = {}
    for row, line in enumerate(lines[1:], 1):
        packed, *words = line.split(" ")
        found += base64.b64decode(packed)
        row_of.update(dict.fromkeys(words, row))
    rows = np.frombuffer(bytes(found), dtype=np.int8).reshape(-1, size).astype(np.float32) * np.float32(STEP)
    return Vectors(rows, row_of)


def vectors() -> Vectors:
    """The vectors, read from their file."""
    return read(FILE.read_text(encoding="utf-8").splitlines())
