"""Which side of a worry somebody tells of, and the words for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from config.contents.sides import Side, Sides
from dialogue.intents import holds

#: So many are remembered; a talk has few.
KEPT = 20


def prepare(sides: Sides) -> None:
    """Read all patterns (a quarter of a second), so that nobody's first word waits for it."""
    for side in (side for named_sides in sides.of.values() for side in named_sides.values()):
        holds(side.heard, ("",))


def told(sides: Sides, category: str, said: Sequence[str]) -> str | None:
    """The side of a category that these folded sentences tell of, as `category.side`."""
    found = (name for name, side in sides.of.get(category, {}).items() if holds(side.heard, said))
    return next((f"{category}.{name}" for name in found), None)


def of(sides: Sides, known: Sequence[str], category: str, said: Sequence[str]) -> Side | None:
    """The side told now, else the one of this category told last."""
    earlier = (name for name in reversed(known) if name.partition(".")[0] == category)
    return named(sides, told(sides, category, said) or next(earlier, ""))


def named(sides: Sides, name: str) -> Side | None:
    """The side called `category.side`; None where a desk's own words do not have it any more."""
    category, _, side = name.partition(".")
    return sides.of.get(category, {}).get(side)


def remembered(sides: Sides, known: tuple[str, ...], categories: Iterable[str], said: Sequence[str]) -> tuple[str, ...]:
    """`known` with the sides of these categories that are told now, the latest last."""
    fresh = [name for category in categories if (name := told(sides, category, said)) is not None]
    return (*(name for name in known if name not in fresh), *fresh)[-KEPT:] if fresh else known
