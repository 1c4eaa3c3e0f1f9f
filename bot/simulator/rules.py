"""Small rules that message objects share, worded as LINE words its errors."""

from __future__ import annotations

from collections.abc import Callable

from bot.simulator.counting import graphemes
from bot.simulator.model import Json


def detail(message: str, at: str) -> Json:
    return {"message": message, "property": at}


def words(value: object, at: str, most: int, *, least: int = 1, count: Callable[[str], int] = graphemes) -> list[Json]:
    if not isinstance(value, str) or (least and not value):
        return [detail("May not be empty", at)]
    return [] if count(value) <= most else [detail(f"Length must be between {least} and {most}", at)]


def optional_words(value: object, at: str, most: int) -> list[Json]:
    return [] if value is None else words(value, at, most, least=0)


def one_of(value: object, at: str, allowed: tuple[str, ...], *, required: bool = False) -> list[Json]:
    if value in allowed or (value is None and not required):
        return []
    return [detail(f"Must be one of the following values: [{', '.join(allowed)}]", at)]


def web_address(value: object, at: str, schemes: tuple[str, ...] = ("https://",), most: int = 2_000) -> list[Json]:
    if not isinstance(value, str) or not value.startswith(schemes) or len(value) > most:
        return [detail("invalid uri", at)]
    return []
