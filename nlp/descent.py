"""How numbers are learned: AdamW with a warm-up and a cosine (Loshchilov & Hutter 2019), and dropout.

Development only.
"""

from __future__ import annotations

import numpy as np

from nlp.words import Numbers

WARM_UP, LEAST = 0.1, 0.04
_BETA_1, _BETA_2, _TINY = 0.9, 0.999, 1e-8


class Descent:
    """AdamW over a few arrays, for so many steps."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._step = 0
        self._means: dict[str, tuple[Numbers, Numbers]] = {}

    def begin(self) -> None:
        """The next step."""
        self._step += 1

    @property
    def _share(self) -> float:
        """Of the rate: it grows first, and then falls to nothing."""
        done = self._step / self._steps
        if done < WARM_UP:
            return max(LEAST, done / WARM_UP)
        return 0.5 * (1 + float(np.cos(np.pi * (done - WARM_UP) / (1 - WARM_UP))))

    def move(self, name: str, numbers: Numbers, slope: Numbers, rate: float, decay: float) -> None:
        """One step down the slope, in place."""
        mean, square = self._means.setdefault(name, (np.zeros_like(numbers), np.zeros_like(numbers)))
        mean += (1 - _BETA_1) * (slope - mean)
        square += (1 - _BETA_2) * (slope * slope - square)
        unbiased = mean / (1 - _BETA_1**self._step)
        spread = np.sqrt(square / (1 - _BETA_2**self._step)) + _TINY
        numbers -= rate * self._share * (unbiased / spread + decay * numbers)


def masked(shape: tuple[int, ...], dropped: float, chance: np.random.Generator) -> Numbers:
    """Dropout: some numbers are left out, the others grow to make up for them."""
    kept = chance.random(shape, dtype=np.float32) >= dropped
    return kept.astype(np.float32) / np.float32(1 - dropped)
