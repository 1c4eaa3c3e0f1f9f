"""What the pages of both doors are drawn with: templates, and files whose addresses change with their content."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined


@cache
def version_of(file: Path) -> str:
    """A short hash of a file's content, so that browsers may keep what stands under an address with it."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]


def environment_of(templates: Path) -> Environment:
    """Templates that escape everything, and fail on a name that was not given."""
    return Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # A new version that is laid over a running one must not mix with it.
        auto_reload=False,
    )
