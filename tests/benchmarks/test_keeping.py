"""Results are kept: the newest of each benchmark, and the history of all."""

from __future__ import annotations

import json
import math
from pathlib import Path

from benchmarks.figures import Figure, Result
from benchmarks.keeping import conditions, keep


def test_a_run_replaces_only_its_own_benchmarks_and_the_history_grows(tmp_path: Path) -> None:
    keep({"a": _result(1.0), "b": _result(2.0)}, {"cores": 2}, tmp_path)
    keep({"b": _result(3.0)}, {"cores": 4}, tmp_path)
    latest = json.loads((tmp_path / "latest.json").read_text("utf-8"))
    assert [latest[name]["figures"][0]["value"] for name in ("a", "b")] == [1.0, 3.0]
    assert [latest[name]["machine"]["cores"] for name in ("a", "b")] == [2, 4]
    assert len((tmp_path / "history.jsonl").read_text("utf-8").splitlines()) == 2


def test_what_could_not_be_measured_is_null(tmp_path: Path) -> None:
    keep({"a": _result(math.nan)}, {}, tmp_path)
    assert json.loads((tmp_path / "latest.json").read_text("utf-8"))["a"]["figures"][0]["value"] is None


def test_the_conditions_name_no_machine() -> None:
    assert conditions().keys() == {"cores", "load_before", "python", "date"}


def _result(value: float) -> Result:
    return Result(figures=(Figure(name="figure", value=value),))
