"""What the pages of the room work with, and the way from a request to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from fastapi import Request

from config.contents.room import RoomWords
from dialogue import Desk
from handlers.room.limits import Buckets
from handlers.room.live import RoomLive
from storage.database import Database
from storage.intake import Intake
from storage.jobs import JobEngine
from storage.keyring import Keyring
from storage.room_sessions import RoomLimits

if TYPE_CHECKING:
    from handlers.room.private_work import PrivateWork


@dataclass(frozen=True, kw_only=True, slots=True)
class RoomDoor:
    """The parts of the program behind the room. `origin` is the address browsers use, None when unknown; `hosts` the
    names a request may be for (None: any).
    """

    database: Database
    keyring: Keyring
    intake: Intake
    engine: JobEngine
    desks: Mapping[str, Desk]
    live: RoomLive
    buckets: Buckets
    clock: Callable[[], datetime]
    new_id: Callable[[], UUID]
    origin: str | None = None
    hosts: frozenset[str] | None = None
    limits: RoomLimits = field(default_factory=RoomLimits)
    #: The desks that take anything in; None: all.
    open_desks: Mapping[str, object] | None = None
    #: The desks that something is wrong with: they may be away for a while, and have not ended.
    refused_desks: Mapping[str, object] = field(default_factory=dict)
    #: What the private page works with; without it there is none.
    private: PrivateWork | None = None
    #: The simulator: nothing is real, and the page says so.
    simulator: bool = False

    @property
    def secure(self) -> bool:
        """Whether browsers come over HTTPS."""
        return self.origin is not None and self.origin.startswith("https://")

    def desk(self, desk_id: str | None) -> Desk:
        """The desk of this id, or the first one for pages that belong to none."""
        return self.desks.get(desk_id or "", next(iter(self.desks.values())))

    def takes_in(self, desk_id: str) -> bool:
        """Whether this desk is there and not closed."""
        return desk_id in self.desks and (self.open_desks is None or desk_id in self.open_desks)

    def has_ended(self, desk_id: str) -> bool:
        """Whether there was such a desk and it is closed: what is written there would be read by nobody."""
        return desk_id in self.desks and not self.takes_in(desk_id) and desk_id not in self.refused_desks

    def words(self, desk_id: str | None) -> RoomWords:
        """The page's own words at a desk."""
        return self.desk(desk_id).content.room


def door_of(request: Request) -> RoomDoor:
    """The door a request came to."""
    door: RoomDoor = request.app.state.door
    return door


def address_of(request: Request) -> str:
    """Where a request comes from; behind a trusted proxy the server has put the real address in place already."""
    return request.client.host if request.client is not None else "-"
