"""The job queue's own tables, made by Procrastinate's own steps, in the order of our migrations.

Each of our migrations names the versions of Procrastinate whose steps it takes. A newer Procrastinate with steps of
its own needs a migration of ours: until there is one, a test says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib import resources

from sqlalchemy import Connection as SyncConnection

#: The version up to which our migrations have taken Procrastinate's steps.
TAKEN = "03.10"
#: All its tables begin with this.
PREFIX = "procrastinate_"

_MADE = re.compile(r"CREATE TYPE (?P<type>\w+) AS ENUM \([^)]*\);")
_ADDED = re.compile(
    r"ALTER TYPE (?P<type>\w+) ADD VALUE (?P<value>'\w+')(?: (?P<side>BEFORE|AFTER) (?P<other>'\w+'))?;\n"
)


def steps(*, after: str, upto: str) -> list[str]:
    """The names of the steps of the versions after one ("" for all) up to another, in order."""
    folder = resources.files("procrastinate.sql") / "migrations"
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".sql"))
    return [name for name in names if (not after or name[: len(after)] > after) and name[: len(upto)] <= upto]


def apply(connection: SyncConnection, *, after: str, upto: str) -> None:
    """Take the steps, in the connection's transaction."""
    folder = resources.files("procrastinate.sql") / "migrations"
    written = "\n".join((folder / name).read_text(encoding="utf-8") for name in steps(after=after, upto=upto))
    cursor = connection.connection.cursor()
    try:
        # Without SQLAlchemy: the files hold many statements, and per cent signs that mean themselves.
        cursor.execute(in_one_transaction(written))
    finally:
        cursor.close()


def in_one_transaction(written: str) -> str:
    """The same statements, with each enum made with all the values that are added to it later.

    Before version 18 PostgreSQL does not let a transaction use a value it has added to an enum, though it lets it use
    those of an enum it has made. Values of an enum that was there before stay as they are written.
    """
    added = list(_ADDED.finditer(written))

    def whole(made: re.Match[str]) -> str:
        return _with_values(made[0], (one for one in added if one["type"] == made["type"]))

    made = {found["type"] for found in _MADE.finditer(written)}
    written = _MADE.sub(whole, written)
    return _ADDED.sub(lambda one: "" if one["type"] in made else one[0], written)


def _with_values(made: str, added: Iterable[re.Match[str]]) -> str:
    for one in added:
        value, other = one["value"], one["other"]
        match one["side"]:
            case "BEFORE":
                made = made.replace(other, f"{value}, {other}")
            case "AFTER":
                made = made.replace(other, f"{other}, {value}")
            case _:
                made = made.removesuffix(");") + f", {value});"
    return made
