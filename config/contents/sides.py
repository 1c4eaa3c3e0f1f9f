"""The sides of a worry: a category is broad, and what fits most of it may be wrong for some.

Whoever lost a dog is not asked how many there are, and whoever asks about papers years later is not told that tears are
all right. A side is heard in the resident's own words, and is said in the place of its topic's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import Field

from config.contents.models import Part, Voiced
from config.contents.patterned import Patterned


class Side(Part):
    """One side: patterns over one folded sentence, what is said to it, what is asked."""

    heard: Annotated[tuple[str, ...], Field(min_length=1)]
    take_up: Voiced
    ask: Voiced


class Sides(Patterned):
    """By category, the more telling first: the first that is heard counts."""

    of: Mapping[str, Mapping[str, Side]]

    def patterns(self) -> Iterator[tuple[str, str]]:
        """Every pattern, with the name of its side."""
        for category, sides in self.of.items():
            yield from ((f"{category}.{name}", pattern) for name, side in sides.items() for pattern in side.heard)
