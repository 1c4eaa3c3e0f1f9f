"""What the network makes of a message: worked out word by word beforehand, it is the same as worked out together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from nlp.network import Layers, Seen, answered, look, neighbours, scene_of
from nlp.words import Numbers, Vectors, weighed

SIZE, HIDDEN, DETECTORS, TARGETS = 6, 5, 7, 3
LAST = "いぬ"
MESSAGES = (["いえ", "ない", "いえ"], ["ねこ"], ["知らない"], ["ない", "知らない", "ねこ", LAST], [LAST] * 9, [])


@pytest.fixture(scope="module")
def vectors() -> Vectors:
    rows = np.random.default_rng(1).normal(size=(5, SIZE)).astype(np.float32)
    rows[0] = 0
    return Vectors(rows, {"いえ": 1, "ねこ": 2, "ない": 3, LAST: 4})


@pytest.fixture(scope="module")
def layers() -> Layers:
    chance = np.random.default_rng(2)

    def numbers(*shape: int) -> Numbers:
        return chance.normal(size=shape).astype(np.float32)

    return Layers(
        scene=numbers(SIZE, HIDDEN),
        scene_bias=numbers(HIDDEN),
        detect=numbers(3 * SIZE, DETECTORS),
        detect_bias=numbers(DETECTORS),
        out=numbers(HIDDEN + DETECTORS, TARGETS),
    )


COMMON = {"ない": 0.2, "知らない": 0.5}


def seen(message: Sequence[str], layers: Layers, vectors: Vectors) -> Seen:
    words = weighed(vectors, COMMON)
    at = [0, *(words.row_of.get(word, 0) for word in message), 0]
    return look(layers, answered(layers, words.rows, words.weights).take(at))


def weighed_rows(message: Sequence[str], vectors: Vectors) -> tuple[Numbers, Numbers]:
    weights = np.array([COMMON.get(word, 1.0) for word in message], dtype=np.float32)
    return vectors.rows[vectors.rows_of(message)] * weights[:, None], weights


@pytest.mark.parametrize("message", MESSAGES, ids=" ".join)
def test_a_message_is_the_sum_of_what_was_worked_out_for_its_words(
    message: list[str], layers: Layers, vectors: Vectors
) -> None:
    rows, weights = weighed_rows(message, vectors)
    scene = np.maximum(scene_of(rows, weights) @ layers.scene + layers.scene_bias, 0)
    answers = neighbours(rows) @ layers.detect + layers.detect_bias
    strongest = np.maximum(answers.max(axis=0, initial=-np.inf), 0)
    strongest = np.maximum(strongest, layers.detect_bias)
    hidden = seen(message, layers, vectors).hidden
    # Answers are kept in whole steps; what is added from three words may be off by as many halves of one.
    np.testing.assert_allclose(hidden, np.concatenate([scene, strongest]), atol=1e-3)


@pytest.mark.parametrize("message", MESSAGES, ids=" ".join)
def test_a_place_is_the_word_where_a_detector_answers_most_and_more_than_its_bias(
    message: list[str], layers: Layers, vectors: Vectors
) -> None:
    rows, _ = weighed_rows(message, vectors)
    answers = neighbours(rows) @ layers.detect + layers.detect_bias
    found = seen(message, layers, vectors)
    for detector, place in enumerate(found.places.tolist()):
        most = answers[:, detector].max(initial=-np.inf)
        floor = max(layers.detect_bias[detector], 0)
        if place < 0:
            assert most <= floor + 1e-5
        else:
            assert answers[place, detector] == pytest.approx(most, abs=1e-5)
            assert most > floor - 1e-5
