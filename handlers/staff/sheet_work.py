"""What the pages of sheets work with beside the console's own parts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from casework.papers.printed import Given
from casework.sheets import Consents, NoConsents
from casework.workdays import Workdays
from config.contents.ruby import plain
from config.sheets import Forms
from handlers.sheet_telling import SheetTelling, workdays_added
from storage.database import Connection
from storage.keyring import Keyring
from storage.sheets import Stored


class ConsentSource(Protocol):
    """Where the consents of a resident are kept."""

    async def __call__(self, connection: Connection, keyring: Keyring, resident_id: UUID, /) -> Consents: ...


GivenSource = Callable[[Connection, Stored, datetime], Awaitable[Mapping[UUID, Given]]]


async def nobody_agreed(_connection: Connection, _keyring: Keyring, _resident_id: UUID, /) -> Consents:
    """Until residents can be asked, nobody has agreed to anything, and nothing leaves the desk."""
    return NoConsents()


async def nothing_given(_connection: Connection, _stored: Stored, _now: datetime, /) -> Mapping[UUID, Given]:
    """How consents were given, for the paper: none yet."""
    return {}


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetWork:
    """The forms, where consents are kept, and the desks' calendars."""

    forms: Mapping[str, Forms]
    workdays: Mapping[str, Workdays]
    consents: ConsentSource = nobody_agreed
    given: GivenSource = nothing_given
    #: Tells residents at once what may be told at once; without it the clock does.
    telling: SheetTelling | None = None

    def form_titles(self, desk_ids: Iterable[str]) -> dict[str, str]:
        """How the forms of some desks are called, by id; where two desks call one differently, the first counts."""
        found: dict[str, str] = {}
        for desk_id in desk_ids:
            for form_id, form in self.forms[desk_id].by_id.items():
                found.setdefault(form_id, plain(form.title))
        return found

    def add_workdays(self, desk_id: str) -> Callable[[date, int], date]:
        """The desk's own way to count working days. A desk without any counts all days."""
        return workdays_added(self.workdays[desk_id])
