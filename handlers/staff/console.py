"""What the console works with, and the way from a request to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Request

from casework.people import Grant
from config.contents.console import Area, ConsoleWords
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
    #: Where a trusted proxy tells which client certificate a browser showed; None: nobody is asked for one.
    certificate_header: str | None = None
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

    def words_of(self, desk_id: str) -> ConsoleWords:
        """Areas of a desk."""
        return self.desks[desk_id].content.console

    def areas(self, desk_ids: Iterable[str] | None) -> tuple[Area, ...]:
        """The areas of some desks (None: of all), each id once, as the first desk that has it calls it."""
        found: dict[str, Area] = {}
        for desk_id in self.desks if desk_ids is None else desk_ids:
            desk = self.desks.get(desk_id)
            for area in () if desk is None else desk.content.console.areas:
                found.setdefault(area.id, area)
        return tuple(found.values())

    def area_name(self, area_id: str) -> str:
        """How an area is called at the first desk that has it; its id when none has."""
        return next((area.name for area in self.areas(None) if area.id == area_id), area_id)

    def limits_of(self, grants: Iterable[Grant]) -> Limits:
        """How long a session lasts for somebody with these roles: as short as the strictest of their desks says.
        Who has none yet, or none of these desks, is held to the strictest of all.
        """
        at = {grant.desk_id for grant in grants}
        theirs = [desk for desk_id, desk in self.desks.items() if None in at or desk_id in at]
        words = [desk.content.console for desk in theirs or self.desks.values()]
        return Limits(absolute=min(one.session_lasts for one in words), idle=min(one.session_idles for one in words))

    def zone_of(self, desk_id: str | None) -> ZoneInfo:
        """The time zone in which a desk's times are shown; that of the first desk where it is about none of these."""
        desk = self.desks.get(desk_id or "") or next(iter(self.desks.values()))
        return ZoneInfo(desk.content.desk.zone)


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
