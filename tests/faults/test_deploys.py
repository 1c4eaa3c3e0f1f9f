"""Deploys in the middle of a sweep, in short. The run in full and what came of it: docs/reliability.md."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from benchmarks.deploying import main, run, sends_today
from benchmarks.nursery import Nursery


def test_whoever_deploys_in_the_middle_of_a_sweep_each_check_in_goes_out_once(
    nursery: Nursery, database_url: str, tmp_path: Path
) -> None:
    if not sends_today():
        pytest.skip("a quiet day of the shipped desk: no check-in goes out today")
    name = "sqlite" if database_url.startswith("sqlite") else "postgresql"
    report = asyncio.run(run(name, database_url, tmp_path, nursery, residents=40, deploys=1))
    print(report.to_json())
    assert report.wrong == {}
    assert report.line.total() >= report.residents


def test_a_database_that_nobody_knows_is_refused_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["oracle"])
    assert "oracle is none of sqlite, postgresql" in capsys.readouterr().err
