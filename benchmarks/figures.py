"""Figures and the small arithmetic behind them: pure functions, tested in `tests/benchmarks/`."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from unicodedata import east_asian_width


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One measured value. `floor` is the same thing done as plainly as can be, measured in the same run.

    `noise` is how far the rounds lay apart (see `spread`); `met` tells whether a target was reached.
    """

    name: str
    value: float
    unit: str = ""
    target: str = ""
    met: bool | None = None
    floor: float | None = None
    ratio: float | None = None
    noise: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Only what is known, in numbers short enough to read."""
        kept = {key: value for key, value in asdict(self).items() if value is not None and value != ""}
        return {key: shortened(value) if isinstance(value, float) else value for key, value in kept.items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What one benchmark found, and what has to be known to read it."""

    figures: tuple[Figure, ...]
    notes: tuple[str, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        return {"figures": [figure.to_json() for figure in self.figures], "notes": list(self.notes)}


def at_least(name: str, value: float, target: float, **more: Any) -> Figure:
    """A figure that should not fall below its target."""
    return Figure(name=name, value=value, target=f"≥ {target:g}", met=value >= target, **more)


def under(name: str, value: float, target: float, **more: Any) -> Figure:
    """A figure that should stay below its target. What could not be measured (NaN) has not met it."""
    return Figure(name=name, value=value, target=f"< {target:g}", met=value < target, **more)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share (0..1) of the values does not exceed; NaN of nothing."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def median(values: Sequence[float]) -> float:
    """The middle value; NaN of nothing."""
    return statistics.median(values) if values else math.nan


def spread(values: Sequence[float]) -> float:
    """The noise of rounds: the distance of the quartiles as a share of the median."""
    middle = median(values)
    if len(values) < 2 or not middle:
        return 0.0
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return (high - low) / middle


def ratios(values: Sequence[float], floors: Sequence[float]) -> list[float]:
    """Round by round: each value over the floor measured next to it, so that a slow minute touches both."""
    return [value / floor for value, floor in zip(values, floors, strict=True)]


def shortened(value: float) -> float:
    """Three significant digits below a thousand, whole numbers above."""
    if not math.isfinite(value) or value == 0:
        return value
    return float(round(value)) if abs(value) >= 1000 else float(f"{value:.3g}")


def table(name: str, result: Result) -> str:
    """A result as lines for people."""
    heads = ["", "value", "floor", "ratio", "noise", "target", ""]
    rows = [heads, *([*_cells(figure)] for figure in result.figures)]
    widths = [max(_width(row[column]) for row in rows) for column in range(len(heads))]
    lines = ["  ".join(_padded(cell, width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(
        [f"== {name}", *(f"  {line.rstrip()}" for line in lines), *(f"  · {note}" for note in result.notes)]
    )


def _cells(figure: Figure) -> tuple[str, ...]:
    return (
        figure.name,
        f"{_number(figure.value)} {figure.unit}".strip(),
        "" if figure.floor is None else f"{_number(figure.floor)} {figure.unit}".strip(),
        "" if figure.ratio is None else _number(figure.ratio),
        "" if figure.noise is None else f"±{figure.noise / 2:.0%}",
        figure.target,
        {True: "ok", False: "MISSED", None: ""}[figure.met],
    )


def _number(value: float) -> str:
    return f"{shortened(value):,.10g}" if math.isfinite(value) else "not measured"


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "FW" else 1 for character in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
