"""Makes `weights/clusters.txt`: `python -m nlp.cluster WHEEL`, the wheel from `pip download --no-deps ja-ginza==5.3.0`.

Development only: needs numpy and scikit-learn. The wheel holds spaCy's vector table (chiVe on Sudachi's normalised
forms, 20,000 vectors for 480,000 words); it is read here without spaCy.
"""

from __future__ import annotations

import io
import json
import struct
import sys
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from sudachipy import Dictionary, SplitMode

from nlp.words import FILE

COARSE, FINE = 400, 1500
SEED = 0
# Rare words only make the file long.
_MASK = 0xFFFFFFFFFFFFFFFF
_KEPT_POS = {"普通名詞", "一般", "非自立可能", "形状詞", "副詞", "感動詞"}
_CLASSES = {"名詞", "動詞", "形容詞", "形状詞", "副詞", "感動詞"}
_NUMBERS = {0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q", 0xD0: ">b", 0xD1: ">h", 0xD2: ">i", 0xD3: ">q"}


def string_hash(text: str) -> int:
    """MurmurHash64A with seed 1: spaCy's key of a string."""
    key = text.encode()
    factor = 0xC6A4A7935BD1E995
    value = (1 ^ (len(key) * factor)) & _MASK
    whole = len(key) // 8 * 8
    for (part,) in struct.iter_unpack("<Q", key[:whole]):
        mixed = (part * factor) & _MASK
        mixed = ((mixed ^ mixed >> 47) * factor) & _MASK
        value = ((value ^ mixed) * factor) & _MASK
    if key[whole:]:
        value = ((value ^ int.from_bytes(key[whole:], "little")) * factor) & _MASK
    value = ((value ^ value >> 47) * factor) & _MASK
    return value ^ value >> 47


def _msgpack_map(data: bytes) -> dict[int, int]:
    """A msgpack map from integers to integers with a 32-bit length."""
    at = 5

    def number() -> int:
        nonlocal at
        kind = data[at]
        at += 1
        if kind < 0x80:
            return kind
        code = _NUMBERS[kind]
        size = struct.calcsize(code)
        at += size
        return int(struct.unpack(code, data[at - size : at])[0])

    return {number(): number() for _ in range(struct.unpack(">I", data[1:5])[0])}


def read_vectors(wheel: Path) -> tuple[Any, dict[str, int]]:
    """The unit vectors (rows by 300) and each word's row."""
    import numpy as np  # noqa: PLC0415 — development only

    with zipfile.ZipFile(wheel) as archive:
        names = {Path(name).name: name for name in archive.namelist() if "/vocab/" in name}
        vectors = np.load(io.BytesIO(archive.read(names["vectors"])), allow_pickle=False)
        strings = json.loads(archive.read(names["strings.json"]))
        rows = _msgpack_map(archive.read(names["key2row"]))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found = {text: rows[key] for text in strings if (key := string_hash(text)) in rows}
    return vectors, found


def _worth_keeping(word: str, tokenizer: Any) -> bool:
    if not word or len(word) > 6 or any(char.isascii() or char.isspace() for char in word):
        return False
    morphemes = tokenizer.tokenize(word)
    if len(morphemes) != 1 or morphemes[0].is_oov() or morphemes[0].normalized_form() != word:
        return False
    pos, sub = morphemes[0].part_of_speech()[:2]
    return pos in _CLASSES and sub in _KEPT_POS


def main(wheel: Path) -> None:
    """Cluster the vectors twice and write the words that are single common words to Sudachi."""
    from sklearn.cluster import MiniBatchKMeans  # noqa: PLC0415 — development only

    vectors, rows = read_vectors(wheel)
    labels = [
        MiniBatchKMeans(size, random_state=SEED, n_init=1, batch_size=2048, max_iter=60).fit(vectors).labels_
        for size in (COARSE, FINE)
    ]
    tokenizer = Dictionary().tokenizer(mode=SplitMode.A)
    members: dict[tuple[int, int], list[str]] = defaultdict(list)
    for word, row in rows.items():
        if _worth_keeping(word, tokenizer):
            members[int(labels[0][row]), COARSE + int(labels[1][row])].append(word)
    lines = [f"{coarse} {fine} {' '.join(sorted(words))}" for (coarse, fine), words in sorted(members.items())]
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
