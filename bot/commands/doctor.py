"""`tsunagu doctor`: what is missing or wrong, in plain words."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.checkup import Finding, Mark, examine
from bot.key_checkup import escrowed_key
from bot.mail_checkup import send_trial
from config.settings import Settings, SettingsError

_SIGN = {Mark.GOOD: "○", Mark.NOTE: "△", Mark.BAD: "×"}


def doctor(
    mail_to: Annotated[str | None, typer.Option(help="この宛先に、ためしのメールを一通送る")] = None,
    escrowed: Annotated[
        Path | None,
        typer.Option("--escrowed-key", help="金庫から出した鍵のファイル。このデータベースが開けるかを確かめる"),
    ] = None,
) -> None:
    """設定・データベース・辞書・鍵・LINE・メールの設定を調べ、足りないものを教える。×があれば終了コード1。"""
    try:
        settings = Settings.load()
    except SettingsError as error:
        for line in error.lines:
            typer.echo(f"× {line}")
        raise typer.Exit(1) from None
    findings = asyncio.run(_found(settings, mail_to, escrowed))
    for finding in findings:
        typer.echo(_shown(finding))
    if any(finding.mark is Mark.BAD for finding in findings):
        raise typer.Exit(1)


async def _found(settings: Settings, mail_to: str | None, escrowed: Path | None) -> list[Finding]:
    findings = await examine(settings)
    if mail_to is not None:
        findings.append(await send_trial(settings, mail_to, now=datetime.now(UTC)))
    if escrowed is not None:
        findings.append(await escrowed_key(settings, escrowed))
    return findings


def _shown(finding: Finding) -> str:
    advice = f"\n    → {finding.advice}" if finding.advice else ""
    return f"{_SIGN[finding.mark]} {finding.subject}: {finding.words}{advice}"
