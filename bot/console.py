"""The staff console's parts, made from a started program, and the simulator's first account."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from config.settings import Settings
from handlers.staff.console import Console
from storage.ids import new_id
from storage.passwords import Passwords

if TYPE_CHECKING:
    from bot.app import Program

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def make_console(program: Program, passwords: Passwords | None = None) -> Console:
    """The console over the program's database, desks and clock."""
    settings = program.settings
    return Console(
        database=program.database,
        keyring=program.keyring,
        passwords=passwords or Passwords(),
        desks=program.desks,
        clock=program.clock,
        new_id=new_id,
        origin=_origin(settings),
        hosts=_hosts(settings),
        networks=tuple(ip_network(entry, strict=False) for entry in settings.staff_addresses),
        simulator=program.mode.simulator,
    )


def _origin(settings: Settings) -> str | None:
    if settings.public_url is None:
        return None
    parts = urlsplit(settings.public_url)
    return f"{parts.scheme}://{parts.netloc}"


def _hosts(settings: Settings) -> frozenset[str] | None:
    """The names under which the console answers: a foreign name that was pointed at this machine gets nothing."""
    if settings.public_url is not None:
        return _LOOPBACK | {urlsplit(settings.public_url).hostname or "", settings.host}
    return _LOOPBACK if settings.host_is_loopback else None
