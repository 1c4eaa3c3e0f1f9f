"""Handing sheets over, put together: what residents are told of it, and what the clock does about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from casework.workdays import Workdays
from dialogue.per_desk import PerDesk
from handlers.clock.handovers import Handovers
from handlers.sending_rules import calendar_of
from handlers.sheet_telling import SheetTelling
from storage.ids import new_id

if TYPE_CHECKING:
    from bot.app import Program


def sheet_telling(program: Program) -> SheetTelling:
    """What tells residents about their sheets."""
    return SheetTelling(
        database=program.database,
        keyring=program.keyring,
        turns=program.turns,
        deliver=program.engine.deliver,
        forms=PerDesk(program.desks, lambda desk: desk.content.forms),
        workdays=PerDesk(program.desks, lambda desk: Workdays.of(desk.content.desk)),
        calendars=PerDesk(program.desks, calendar_of),
        clock=program.clock,
        new_id=new_id,
    )


def handovers(program: Program) -> Handovers:
    """The clock's work over what was handed over."""
    return Handovers(
        database=program.database,
        keyring=program.keyring,
        engine=program.engine,
        telling=sheet_telling(program),
        forms=PerDesk(program.desks, lambda desk: desk.content.forms),
        workdays=PerDesk(program.desks, lambda desk: Workdays.of(desk.content.desk)),
        words=program.alerts.telling.words,
        domain=program.alerts.telling.domain,
        clock=program.clock,
        new_id=new_id,
    )
