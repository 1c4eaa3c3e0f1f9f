"""Keeping results: `latest.json` (the newest of each benchmark) and `history.jsonl` (every run)."""

from __future__ import annotations

import json
import math
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.figures import Result

FOLDER = Path(__file__).with_name("results")


def conditions() -> dict[str, Any]:
    """What a reader must know of the machine: nothing that names it."""
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "date": datetime.now(UTC).date().isoformat(),
    }


def keep(results: dict[str, Result], machine: dict[str, Any], folder: Path = FOLDER) -> None:
    """Add a run to the history and put it in the place of older results of the same benchmarks."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = {name: {"machine": machine, **_finite(result.to_json())} for name, result in results.items()}
    latest = folder / "latest.json"
    known: dict[str, Any] = json.loads(latest.read_text("utf-8")) if latest.exists() else {}
    merged = dict(sorted({**known, **fresh}.items()))
    latest.write_text(json.dumps(merged, ensure_ascii=False, indent=1) + "\n", "utf-8")
    with (folder / "history.jsonl").open("a", encoding="utf-8") as history:
        line = {"machine": machine, "results": {name: _finite(result.to_json()) for name, result in results.items()}}
        history.write(json.dumps(line, ensure_ascii=False) + "\n")


def _finite(value: Any) -> Any:
    """JSON has no NaN: what could not be measured is null."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
