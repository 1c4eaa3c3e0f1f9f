"""All that was learned, as one: the networks and the view of words beside each other. Development only."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nlp.context import ContextLayers
from nlp.learn import Examples, Learned, learn
from nlp.learn_context import LearnedContext, Texts, learn_context
from nlp.network import Layers
from nlp.words import Numbers

#: How much of the answer is the view's. By itself it errs more often, but elsewhere.
SHARE = 0.35


@dataclass(frozen=True, kw_only=True)
class Taught:
    """What the networks and the view answer together: each answer is a share of the whole."""

    networks: Learned
    context: LearnedContext

    def sums(self, examples: Examples, texts: Texts, at: NDArray[np.intp]) -> Numbers:
        """The answers, before the logistic function, for some of the messages."""
        networks, context = self.networks.sums(examples, at), self.context.sums(texts, at)
        sums: Numbers = (1 - SHARE) * networks + SHARE * context
        return sums

    @property
    def wide(self) -> Numbers:
        """Weights by name."""
        wide: Numbers = (1 - SHARE) * self.networks.wide + SHARE * self.context.wide
        return wide

    @property
    def bias(self) -> Numbers:
        """A number per target."""
        bias: Numbers = (1 - SHARE) * self.networks.bias + SHARE * self.context.bias
        return bias

    @property
    def layers(self) -> Layers:
        """The networks' layers, speaking more softly."""
        layers = self.networks.layers
        return replace(layers, out=(layers.out * (1 - SHARE)).astype(np.float32))

    @property
    def beside(self) -> ContextLayers:
        """The view's layers, speaking more softly."""
        layers = self.context.layers
        return replace(layers, out=(layers.out * SHARE).astype(np.float32))

    @property
    def own(self) -> Numbers:
        """The vectors that words have in the view alone."""
        return self.context.own


def teach(examples: Examples, texts: Texts, at: NDArray[np.intp], together: int) -> Taught:
    """Learn from some of the messages."""
    return Taught(networks=learn(examples, at, together), context=learn_context(texts, at))
