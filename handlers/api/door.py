"""What the door for programs works with, and the way from a request to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Request

from casework.papers.printed import Given
from casework.workdays import Workdays
from config.sheets import Forms
from dialogue import Desk
from handlers.handed_sheets import ConsentSource, Papers
from storage.database import Connection, Database
from storage.keyring import Keyring
from storage.sheets import Stored

#: Requests of one token in one minute, whatever process answers them.
PER_MINUTE = 120

GivenSource = Callable[[Connection, Stored, datetime], Awaitable[Mapping[UUID, Given]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiDoor:
    """The parts of the program behind `/api/v1`. `hosts`: the names a request may be for (None: any)."""

    database: Database
    keyring: Keyring
    desks: Mapping[str, Desk]
    consents: ConsentSource
    given: GivenSource
    clock: Callable[[], datetime]
    new_id: Callable[[], UUID]
    hosts: frozenset[str] | None = None
    secure: bool = False
    per_minute: int = PER_MINUTE

    def forms(self, desk_id: str) -> Forms:
        """The forms of a desk."""
        return self.desks[desk_id].content.forms

    @property
    def papers(self) -> Papers:
        """Where sheets are read from."""
        forms = {desk_id: desk.content.forms for desk_id, desk in self.desks.items()}
        return Papers(keyring=self.keyring, forms=forms, consents=self.consents)

    def zone(self, desk_id: str) -> ZoneInfo:
        """The time zone of a desk's days."""
        return ZoneInfo(self.desks[desk_id].content.desk.zone)

    def workdays(self, desk_id: str) -> Workdays:
        """The calendar of a desk."""
        return Workdays.of(self.desks[desk_id].content.desk)


def door_of(request: Request) -> ApiDoor:
    """The door a request came to."""
    door: ApiDoor = request.app.state.door
    return door


def address_of(request: Request) -> str:
    """Where a request comes from; behind a trusted proxy the server has put the real address in place already."""
    return request.client.host if request.client is not None else "-"
