"""Ending a command that cannot be carried out: one plain line each on stderr, exit code 2."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NoReturn

import typer

from config.content import ContentError
from config.settings import Settings, SettingsError

REFUSED = 2


def refuse(lines: Sequence[str]) -> NoReturn:
    """Say why, and end with exit code 2."""
    for line in lines:
        typer.echo(line, err=True)
    raise typer.Exit(REFUSED)


@contextmanager
def refusing() -> Iterator[None]:
    """Turn settings or content that cannot be used into a refusal."""
    try:
        yield
    except SettingsError as error:
        refuse(error.lines)
    except ContentError as error:
        refuse(str(error).splitlines())


def load_settings(**given: str | int | None) -> Settings:
    """The settings, with options of the command line on top. Refuses when they are wrong."""
    with refusing():
        settings = Settings.load()
        changed = {name: value for name, value in given.items() if value is not None}
        return Settings.model_validate({**settings.model_dump(), **changed}) if changed else settings
