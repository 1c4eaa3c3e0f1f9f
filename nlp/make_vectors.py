"""Makes `weights/vectors.txt`: `python -m nlp.make_vectors WHEEL`, the wheel from
`pip download --no-deps ja-ginza==5.3.0`.

Development only. The wheel holds spaCy's vector table (chiVe on Sudachi's normalised forms, 20,000 vectors for 480,000
words); it is read here without spaCy, reduced to its main directions and rounded to bytes. To keep the file small,
words whose vector no word of the corpus shares take the nearest vector that one does.
"""

from __future__ import annotations

import base64
import io
import json
import struct
import sys
import zipfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from sudachipy import Dictionary, SplitMode

from nlp.labelled import messages_in
from nlp.text import prepare
from nlp.tokens import Tokenizer
from nlp.words import FILE, STEP

SIZE = 64
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


def reduced(vectors: Any, size: int) -> Any:
    """The vectors in their `size` main directions, of length 1, as signed bytes."""
    centred = vectors - vectors.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred)
    found = centred @ axes[:, ::-1][:, :size]
    found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-6)
    return np.rint(found / STEP).astype(np.int8)


def corpus_words() -> set[str]:
    """The words of the training messages: they are kept however rare they are elsewhere."""
    tokenizer = Tokenizer()
    paths = sorted((FILE.parents[1] / "corpus" / "train").glob("*.jsonl"))
    items = [item for path in paths for item in messages_in(path)]
    return {token.form for item in items for token in tokenizer.tokenize(prepare(item.text))}


def nearest(packed: Any, row: int, kept: Any) -> int:
    """The row among `kept` whose vector points most nearly the same way."""
    return int(kept[(packed[kept].astype(np.float32) @ packed[row].astype(np.float32)).argmax()])


def main(wheel: Path) -> None:
    """Write the vectors of the corpus's words, and with them all words that are single common words to Sudachi."""
    vectors, rows = read_vectors(wheel)
    packed = reduced(vectors, SIZE)
    tokenizer = Dictionary().tokenizer(mode=SplitMode.A)
    known = {word for word in corpus_words() if " " not in word}
    kept = np.array(sorted({rows[word] for word in known if word in rows}))
    home = {int(row): int(row) for row in kept}
    members: dict[int, list[str]] = defaultdict(list)
    for word, row in rows.items():
        if word in known or (" " not in word and _worth_keeping(word, tokenizer)):
            if row not in home:
                home[row] = nearest(packed, row, kept)
            members[home[row]].append(word)
    lines = [str(SIZE)]
    for row, words in sorted(members.items()):
        lines.append(f"{base64.b64encode(packed[row].tobytes()).decode()} {' '.join(sorted(words))}")
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
