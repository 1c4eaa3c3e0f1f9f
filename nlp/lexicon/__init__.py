"""The listener's words, as YAML files, and their loading into one spotter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from nlp.spotter import Spotter

ROOT = Path(__file__).parent
_PLAIN = (("idioms", "idiom"), ("cues", "cue"), ("kin", "kin"), ("marks", "mark"), ("voids", "void"))
#: What says a worry by itself.
PLAIN = "plain"
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Lexicon:
    """The spotter over all entries. Labels read `concern/<id>/<strength>`, `risk/<kind>/<strength>`,
    `idiom/<name>`, `cue/<name>`, `kin/<relation>`, `mark/<name>`, `void/<name>`.
    Other languages have phrases of their own (`nlp.foreign_phrases`).

    The strengths of a concern: `plain` says the worry by itself, `sure` speaks for it, `topic` is its name, which can
    be denied, and `hint` occurs beside it."""

    spotter: Spotter
    entries: tuple[tuple[str, str], ...]


def read(name: str) -> Any:
    """One YAML file of this folder."""
    with (ROOT / name).open(encoding="utf-8") as file:
        return yaml.load(file, Loader=_Loader)  # noqa: S506 — a safe loader, the C one where it is built


def _entries() -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for path in sorted(ROOT.glob("*/*.yaml")):
        if path.parent.name == "foreign":
            continue
        kind = "concern" if path.parent.name == "concerns" else path.parent.name
        for strength, entries in read(f"{path.parent.name}/{path.name}").items():
            found += [(f"{kind}/{path.stem}/{strength}", str(entry)) for entry in entries]
    for name, label in _PLAIN:
        for key, entries in read(f"{name}.yaml").items():
            found += [(f"{label}/{key}", str(entry)) for entry in entries]
    return found


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The lexicon, read once per process."""
    entries = tuple(_entries())
    return Lexicon(Spotter(entries), entries)
