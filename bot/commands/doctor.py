"""`tsunagu doctor`: what is missing or wrong, in plain words."""

from __future__ import annotations

import asyncio

import typer

from bot.checkup import Finding, Mark, examine
from config.settings import Settings, SettingsError

_SIGN = {Mark.GOOD: "○", Mark.NOTE: "△", Mark.BAD: "×"}


def doctor() -> None:
    """設定・データベース・辞書・鍵・LINEの設定を調べ、足りないものを教える。×があれば終了コード1。"""
    try:
        settings = Settings.load()
    except SettingsError as error:
        for line in error.lines:
            typer.echo(f"× {line}")
        raise typer.Exit(1) from None
    findings = asyncio.run(examine(settings))
    for finding in findings:
        typer.echo(_shown(finding))
    if any(finding.mark is Mark.BAD for finding in findings):
        raise typer.Exit(1)


def _shown(finding: Finding) -> str:
    advice = f"\n    → {finding.advice}" if finding.advice else ""
    return f"{_SIGN[finding.mark]} {finding.subject}: {finding.words}{advice}"
