"""The buttons a resident presses, kept as what they said: with the words on them, in the turn that answers them."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from config.richmenu import RichMenuWords
from handlers.incoming import Pressed
from handlers.segments import Segment
from storage import presses
from storage.database import Connection
from storage.residents import ResidentRow


async def keep(
    connection: Connection,
    resident: ResidentRow,
    segment: Segment,
    *,
    turn_id: UUID,
    menu: RichMenuWords,
    ref_of: Callable[[str], bytes],
) -> None:
    """Keep the words of the button this turn is about; a button without words of ours leaves none."""
    read = segment.reads[0]
    pressed = read.incoming.what
    if not isinstance(pressed, Pressed):
        return
    shown = pressed.shown or await _words_on(connection, resident, segment, pressed, menu)
    if shown:
        ref = ref_of(pressed.ref or read.event.event_id)
        await presses.add(connection, resident, turn_id=turn_id, ref=ref, shown=shown, at=read.incoming.sent_at)


async def _words_on(
    connection: Connection, resident: ResidentRow, segment: Segment, pressed: Pressed, menu: RichMenuWords
) -> str:
    """LINE tells what a button means and not what stands on it."""
    said = await presses.words_on(connection, resident, segment.channel, pressed.action, pressed.argument)
    cells = (cell.shown for cell in menu.cells if (cell.action, "") == (pressed.action, pressed.argument))
    return said or next(cells, "")
