"""What a word means beside the others: learned slopes are those of the numbers, and one message is read as many are."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from nlp.context import ContextLayers, context_of
from nlp.learn_context import LearnedContext, Texts, _Batch, _Masks, _seen, learn_context, own_words, slopes, texts_of
from nlp.words import Vectors

WORDS = ["母", "父", "弟", "金", "無い", "家", "寒い", "犬"]
TARGETS, MESSAGES, FEATURES = 3, 70, 5
EVERYTHING = np.arange(MESSAGES)


@pytest.fixture(scope="module")
def known() -> Vectors:
    rows = np.random.default_rng(3).normal(size=(6, 7)).astype(np.float32)
    rows[0] = 0
    return Vectors(rows, {word: row for row, word in enumerate(WORDS[:5], 1)})


@pytest.fixture(scope="module")
def messages() -> list[list[str]]:
    chance = np.random.default_rng(1)
    return [[WORDS[i] for i in chance.integers(0, len(WORDS), n)] for n in chance.integers(0, 9, MESSAGES)]


@pytest.fixture(scope="module")
def texts(messages: list[list[str]], known: Vectors) -> Texts:
    chance = np.random.default_rng(2)
    wanted = (chance.random((MESSAGES, TARGETS)) < 0.3).astype(np.float32)
    named = chance.random((MESSAGES, FEATURES), dtype=np.float32)
    return texts_of(messages, known, named, wanted, np.ones((MESSAGES, TARGETS), dtype=np.float32))


@pytest.fixture(scope="module")
def learned(texts: Texts) -> LearnedContext:
    return learn_context(texts, EVERYTHING)


def test_one_message_alone_is_read_as_among_others(
    texts: Texts, learned: LearnedContext, known: Vectors, messages: list[list[str]]
) -> None:
    context = context_of(learned.layers, own_words(texts, learned), known)
    alone = np.stack([context.answer(words) for words in messages])
    together = learned.sums(texts, EVERYTHING) - texts.named @ learned.wide - learned.bias
    np.testing.assert_allclose(alone, together, atol=1e-4)


def test_the_order_of_words_matters(texts: Texts, learned: LearnedContext, known: Vectors) -> None:
    context = context_of(learned.layers, own_words(texts, learned), known)
    there, back = context.answer(["母", "金", "無い"]), context.answer(["無い", "金", "母"])
    assert not np.allclose(there, back, atol=1e-6)


@pytest.mark.parametrize("name", [field.name for field in fields(ContextLayers)])
def test_the_slope_of_each_layer_is_what_a_small_change_does(texts: Texts, learned: LearnedContext, name: str) -> None:
    exact = LearnedContext(
        layers=ContextLayers(**{f.name: getattr(learned.layers, f.name).astype(float) for f in fields(ContextLayers)}),
        own=learned.own.astype(float),
        wide=learned.wide,
        bias=learned.bias,
    )
    batch = _Batch.of(texts, np.arange(12))
    masks = _Masks.draw(batch, exact.layers.take.shape[0], np.random.default_rng(5))
    slope = np.random.default_rng(6).normal(size=(12, TARGETS))
    found, _ = slopes(exact, batch, _seen(exact, batch, masks), masks, slope)
    way = np.random.default_rng(7).normal(size=getattr(exact.layers, name).shape)

    def total(step: float) -> float:
        moved = replace(exact.layers, **{name: getattr(exact.layers, name) + step * way})
        there = replace(exact, layers=moved)
        return float((_seen(there, batch, masks).pooled @ there.layers.out * slope).sum())

    change = (total(1e-8) - total(-1e-8)) / 2e-8
    assert change == pytest.approx(float((getattr(found, name) * way).sum()), rel=1e-3, abs=1e-6)


def test_the_same_messages_teach_the_same(texts: Texts, learned: LearnedContext) -> None:
    again = learn_context(texts, EVERYTHING)
    np.testing.assert_array_equal(learned.sums(texts, EVERYTHING), again.sums(texts, EVERYTHING))
