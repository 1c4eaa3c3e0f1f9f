"""Clusters of words with like meaning, so that a word never seen in training still says something.

The file `weights/clusters.txt` was made once by `python -m nlp.cluster` from public word vectors (chiVe as shipped in
the ja-ginza package: MIT and Apache-2.0): a line holds the cluster's two ids (coarse, fine) and its words.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FILE = Path(__file__).parent / "weights" / "clusters.txt"


@dataclass(frozen=True)
class Clusters:
    """Feature names of the coarse and the fine cluster of each word, by Sudachi's normalised form."""

    of_word: dict[str, tuple[str, str]]


@lru_cache(maxsize=1)
def clusters() -> Clusters:
    """The clusters, read once per process."""
    of_word: dict[str, tuple[str, str]] = {}
    if FILE.exists():
        for line in FILE.read_text(encoding="utf-8").splitlines():
            coarse, fine, *words = line.split(" ")
            names = (f"c:{coarse}", f"c:{fine}")
            for word in words:
                of_word[word] = names
    return Clusters(of_word)
