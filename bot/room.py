"""The private room's parts, made from a started program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.console import hosts_of, origin_of
from dialogue.per_desk import PerDesk
from handlers.consenting import valid_for
from handlers.room.door import RoomDoor
from handlers.room.limits import Buckets
from handlers.room.private_work import private_work
from storage.ids import new_id

if TYPE_CHECKING:
    from bot.app import Program


def make_room(program: Program) -> RoomDoor:
    """The pages' parts over the program's database, desks and clock."""
    settings = program.settings
    return RoomDoor(
        database=program.database,
        keyring=program.keyring,
        intake=program.intake,
        engine=program.engine,
        desks=program.desks,
        open_desks=program.installation.taking_in,
        refused_desks=program.installation.refused,
        live=program.room_live,
        buckets=Buckets(program.clock),
        clock=program.clock,
        new_id=new_id,
        origin=origin_of(settings),
        hosts=hosts_of(settings),
        private=private_work(
            program.turns,
            program.engine.deliver,
            forms=PerDesk(program.desks, lambda desk: desk.content.forms),
            words=PerDesk(program.desks, lambda desk: desk.content.private_page),
            valid_for=PerDesk(program.desks, valid_for),
        ),
        simulator=program.mode.simulator,
    )


async def no_announcement(_desk_id: str, _address: str) -> None:
    """The page itself shows that somebody reads: nothing has to be sent for that."""
