"""The cases of tests that stand in YAML. Some are long, so they are read by the loader that is written in C."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def read_yaml(path: Path) -> Any:
    """What the file holds: the same object for everybody, so nobody changes it."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)  # the safe one, in C
