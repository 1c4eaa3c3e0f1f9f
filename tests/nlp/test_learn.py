"""Several networks that answer together answer with their mean."""

from __future__ import annotations

import numpy as np
import pytest

from nlp.learn import Examples, blended, learn

SIZE, TARGETS, MESSAGES, FEATURES = 5, 3, 70, 11
EVERYTHING = np.arange(MESSAGES)


@pytest.fixture(scope="module")
def examples() -> Examples:
    chance = np.random.default_rng(1)
    lengths = chance.integers(1, 9, MESSAGES)
    wanted = (chance.random((MESSAGES, TARGETS)) < 0.3).astype(np.float32)
    return Examples(
        named=chance.random((MESSAGES, FEATURES), dtype=np.float32),
        rows=[chance.normal(size=(n, SIZE)).astype(np.float32) for n in lengths],
        weights=[np.ones(n, dtype=np.float32) for n in lengths],
        wanted=wanted,
        counts=np.ones((MESSAGES, TARGETS), dtype=np.float32),
    )


def test_what_is_blended_answers_with_the_mean(examples: Examples) -> None:
    one, two = learn(examples, EVERYTHING[:65], together=1), learn(examples, EVERYTHING[3:], together=1)
    both = blended([one, two])
    mean = (one.sums(examples, EVERYTHING) + two.sums(examples, EVERYTHING)) / 2
    assert not np.allclose(one.sums(examples, EVERYTHING), two.sums(examples, EVERYTHING), atol=1e-3)
    np.testing.assert_allclose(both.sums(examples, EVERYTHING), mean, atol=1e-4)


def test_the_same_messages_teach_the_same(examples: Examples) -> None:
    first, again = (learn(examples, EVERYTHING, together=2).sums(examples, EVERYTHING) for _ in range(2))
    np.testing.assert_array_equal(first, again)
