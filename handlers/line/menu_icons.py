"""The signs of the menu's cells, as simple lines. Each is drawn in a square of 100 units, scaled to any size."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from PIL import ImageDraw

Point = tuple[float, float]
LINE = 6.5


class Pen:
    """Draws round-ended lines and closed shapes in units of a hundredth of the square."""

    def __init__(self, draw: ImageDraw.ImageDraw, size: int, ink: str, paper: str) -> None:
        self._draw = draw
        self._unit = size / 100
        self._ink = ink
        self._paper = paper

    def line(self, *points: Point, width: float = LINE) -> None:
        """A line with round corners and ends, which Pillow's own lines have not."""
        self._draw.line(self._scaled(points), fill=self._ink, width=round(width * self._unit))
        for x, y in points:
            self.dot(x, y, width / 2)

    def arc(self, x: float, y: float, radius: float, start: float, end: float, *, width: float = LINE) -> None:
        """A part of a circle, from `start` to `end` in degrees, clockwise from three o'clock."""
        steps = max(8, round(abs(end - start) / 3))
        turns = (math.radians(start + (end - start) * step / steps) for step in range(steps + 1))
        self.line(*((x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in turns), width=width)

    def dot(self, x: float, y: float, radius: float, *, hollow: bool = False) -> None:
        box = self._scaled([(x - radius, y - radius), (x + radius, y + radius)])
        self._draw.ellipse(box, fill=self._paper if hollow else self._ink)

    def box(self, left: float, top: float, right: float, bottom: float, *, corner: float, filled: bool = False) -> None:
        """A rectangle with round corners."""
        place = self._scaled([(left, top), (right, bottom)])
        fill = self._ink if filled else None
        width = round(LINE * self._unit)
        self._draw.rounded_rectangle(place, corner * self._unit, fill=fill, outline=self._ink, width=width)

    def shape(self, *points: Point) -> None:
        """A filled shape with slightly rounded corners."""
        self._draw.polygon(self._scaled(points), fill=self._ink)
        self.line(*points, points[0], width=LINE / 2)

    def _scaled(self, points: Sequence[Point]) -> list[Point]:
        return [(x * self._unit, y * self._unit) for x, y in points]


def _bubble(pen: Pen) -> None:
    pen.box(14, 20, 86, 70, corner=16)
    pen.shape((30, 68), (49, 68), (33, 86))
    for x in (34, 50, 66):
        pen.dot(x, 45, 4.6)


def _envelope(pen: Pen) -> None:
    pen.box(13, 25, 87, 77, corner=7)
    pen.line((18, 31), (50, 56), (82, 31))


def _signpost(pen: Pen) -> None:
    pen.line((50, 14), (50, 88))
    pen.shape((24, 22), (70, 22), (81, 31), (70, 40), (24, 40))
    pen.shape((76, 51), (30, 51), (19, 60), (30, 69), (76, 69))


def _sliders(pen: Pen) -> None:
    for y, x in ((28, 64), (50, 36), (72, 58)):
        pen.line((16, y), (84, y))
        pen.dot(x, y, 10)
        pen.dot(x, y, 5, hollow=True)


def _telephone(pen: Pen) -> None:
    """A handset held aslant that rings: the grip is part of a ring, ear and mouth are thick ends turned inwards."""
    pen.arc(73, 27, 43, 97, 173, width=14)
    pen.line((29, 37), (37, 29), width=23)
    pen.line((63, 71), (71, 63), width=23)
    pen.arc(56, 44, 16, -80, -10)
    pen.arc(56, 44, 31, -80, -10)


def _stop(pen: Pen) -> None:
    pen.arc(50, 50, 36, 0, 360)
    pen.box(37, 37, 63, 63, corner=5, filled=True)


ICONS: dict[str, Callable[[Pen], None]] = {
    "talk": _bubble,
    "letters": _envelope,
    "guide": _signpost,
    "settings": _sliders,
    "urgent": _telephone,
    "stop": _stop,
}
