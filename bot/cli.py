"""The command line `tsunagu`. Each command lives in `bot/commands/`; here they only get their names."""

from __future__ import annotations

import typer

from bot.commands import audit, database, demo, doctor, keys, listening, richmenu, serving, staff, talk

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="つなぐ: LINEのなんでも相談。",
)
app.command("serve")(serving.serve)
app.command("demo")(demo.demo)
app.command("migrate")(database.migrate)
app.command("doctor")(doctor.doctor)
app.command("assess")(listening.assess)
app.command("evaluate")(listening.evaluate)
app.command("talk")(talk.talk)
app.add_typer(audit.app, name="audit")
app.add_typer(keys.app, name="key")
app.add_typer(richmenu.app, name="richmenu")
app.add_typer(staff.app, name="staff")


def main() -> None:
    """Entry point of the `tsunagu` script."""
    app()
