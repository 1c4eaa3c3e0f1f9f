"""The door for other organisations' programs, made from a started program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.console import hosts_of, origin_of
from handlers.api.door import ApiDoor
from handlers.staff.sheet_consents import given_of
from storage import consents
from storage.ids import new_id

if TYPE_CHECKING:
    from bot.app import Program


def make_api(program: Program) -> ApiDoor:
    """The routes' parts over the program's database, desks and clock."""
    origin = origin_of(program.settings)
    return ApiDoor(
        database=program.database,
        keyring=program.keyring,
        desks=program.desks,
        consents=consents.of_resident,
        given=given_of,
        clock=program.clock,
        new_id=new_id,
        hosts=hosts_of(program.settings),
        secure=origin is not None and origin.startswith("https://"),
    )
