"""What the pages of sheets work with beside the console's own parts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol
from uuid import UUID

from casework.papers.printed import Given
from casework.sheets import Consents, NoConsents
from casework.workdays import Workdays
from config.sheets import Forms
from storage.database import Connection
from storage.keyring import Keyring


class ConsentSource(Protocol):
    """Where the consents of a resident are kept."""

    async def __call__(self, connection: Connection, keyring: Keyring, resident_id: UUID, /) -> Consents: ...


GivenSource = Callable[[Connection, UUID], Awaitable[Mapping[UUID, Given]]]


async def nobody_agreed(_connection: Connection, _keyring: Keyring, _resident_id: UUID, /) -> Consents:
    """Until residents can be asked, nobody has agreed to anything, and nothing leaves the desk."""
    return NoConsents()


async def nothing_given(_connection: Connection, _resident_id: UUID, /) -> Mapping[UUID, Given]:
    """How consents were given, for the paper: none yet."""
    return {}


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetWork:
    """The forms, where consents are kept, and the desks' calendars."""

    forms: Forms
    workdays: Mapping[str, Workdays]
    consents: ConsentSource = nobody_agreed
    given: GivenSource = nothing_given

    def add_workdays(self, desk_id: str) -> Callable[[date, int], date]:
        """The desk's own way to count working days. A desk without any counts all days."""
        calendar = self.workdays[desk_id]

        def add(day: date, count: int) -> date:
            for _ in range(count):
                day = calendar.workday_after(day) or day + timedelta(days=1)
            return day

        return add
