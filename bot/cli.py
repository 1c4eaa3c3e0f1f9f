"""The command line `tsunagu`. Each command lives in `bot/commands/`; here they only get their names."""

from __future__ import annotations

from bot.commands import (
    audit,
    backup,
    database,
    demo,
    doctor,
    followups,
    keys,
    listening,
    retention,
    richmenu,
    serving,
    staff,
    talk,
    working,
)
from bot.commands.japanese import CommandLine

app = CommandLine(help="つなぐ: LINEのなんでも相談。")
app.command("serve")(serving.serve)
app.command("worker")(working.worker)
app.command("demo")(demo.demo)
app.command("migrate")(database.migrate)
app.command("doctor")(doctor.doctor)
app.command("followups")(followups.followups)
app.command("assess")(listening.assess)
app.command("evaluate")(listening.evaluate)
app.command("talk")(talk.talk)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("copy")(backup.copy)
app.command("rekey")(keys.rekey)
app.add_typer(audit.app, name="audit")
app.add_typer(keys.app, name="key")
app.add_typer(retention.app, name="retention")
app.add_typer(richmenu.app, name="richmenu")
app.add_typer(staff.app, name="staff")


def main() -> None:
    """Entry point of the `tsunagu` script."""
    app()
