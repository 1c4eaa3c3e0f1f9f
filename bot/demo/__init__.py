"""`tsunagu demo`: a small town that does not exist, written as data and lived through by the program itself."""

from bot.demo.filling import Filled, fill
from bot.demo.script import Town, load_town

__all__ = ["Filled", "Town", "fill", "load_town"]
