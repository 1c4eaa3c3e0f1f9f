"""LINE's own OpenAPI files and their validator, where the folder beside the repository has them."""

from __future__ import annotations

import importlib.util
import json
from functools import cache
from pathlib import Path
from types import ModuleType

from bot.simulator import SimulatorServer

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "line-openapi"
ABSENT = "LINE's OpenAPI files are not beside this checkout"


@cache
def openapi() -> ModuleType | None:
    """The validator, read once for all tests; None in a clone that stands alone."""
    script = FOLDER / "validate.py"
    if not script.exists():
        return None
    spec = importlib.util.spec_from_file_location("line_openapi_validate", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def wrong_bodies(sim: SimulatorServer) -> list[str]:
    """What LINE's OpenAPI says against the bodies the bot sent; nothing where the files are absent."""
    validator = openapi()
    if validator is None:
        return []
    found: list[str] = []
    for request in sim.requests():
        name = validator.request_schema(
            validator.load(), request.method.lower(), request.path.removeprefix("/simulator/line")
        )
        if name is not None:
            body = json.loads(request.body) if isinstance(request.body, str | bytes) else request.body
            found += validator.errors(validator.load(), name, body)
    return found
