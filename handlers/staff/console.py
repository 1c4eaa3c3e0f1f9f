"""What the console works with, and the way from a request to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Request

from config.contents.console import ConsoleWords
from dialogue import Desk
from handlers.staff.alert_work import AlertWork
from handlers.staff.sheet_work import SheetWork
from handlers.staff.work import CaseWork
from storage.database import Database
from storage.keyring import Keyring
from storage.passwords import Passwords
from storage.sessions import Limits


@dataclass(frozen=True, kw_only=True, slots=True)
class Console:
    """The parts of the program behind the staff's pages. `origin` is the address browsers use, None when unknown;
    `hosts` the names a request may be for (None: any), `networks` from where it may come (empty: from anywhere).
    """

    database: Database
    keyring: Keyring
    passwords: Passwords
    desks: Mapping[str, Desk]
    clock: Callable[[], datetime]
    new_id: Callable[[], UUID]
    origin: str | None = None
    hosts: frozenset[str] | None = None
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    #: What the pages of cases work with; without it there are none of a resident's talk.
    work: CaseWork | None = None
    #: What the pages of sheets work with; without it there are none.
    sheets: SheetWork | None = None
    #: What the pages about telling staff work with; without it nobody is told by mail.
    alerts: AlertWork | None = None
    #: The simulator: nothing is real, and the second factor is waived.
    simulator: bool = False

    @property
    def secure(self) -> bool:
        """Whether browsers come over HTTPS."""
        return self.origin is not None and self.origin.startswith("https://")

    @property
    def words(self) -> ConsoleWords:
        """Limits and areas of the first desk, for what is no desk's own."""
        return next(iter(self.desks.values())).content.console

    @property
    def limits(self) -> Limits:
        """How long a session lasts."""
        return Limits(absolute=self.words.session_lasts, idle=self.words.session_idles)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which pages show times."""
        return ZoneInfo(next(iter(self.desks.values())).content.desk.zone)


def console_of(request: Request) -> Console:
    """The console a request was made to."""
    console: Console = request.app.state.console
    return console


def work_of(request: Request) -> CaseWork:
    """What the pages of cases work with."""
    work = console_of(request).work
    assert work is not None, "this console was made without cases"
    return work


def sheets_of(request: Request) -> SheetWork:
    """What the pages of sheets work with."""
    work = console_of(request).sheets
    assert work is not None, "this console was made without sheets"
    return work


def address_of(request: Request) -> str:
    """Where a request comes from; behind a trusted proxy the server has put the real address in place already."""
    return request.client.host if request.client is not None else "-"
