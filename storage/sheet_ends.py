"""What ends in sheets when the resident acts: a withdrawal calls back, an unsent message goes, an erasure destroys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update

from casework.sheet_moves import withdrawn
from casework.sheets import Consents, Handed, State, entries_without
from config.contents.forms import Form, Needs
from storage import sheets
from storage.database import Connection
from storage.ids import NewId
from storage.keyring import Keyring
from storage.sheet_codec import entries_json, read_entries
from storage.sheet_tables import HandedTo, HandoverRow, SheetRow, SheetVersion
from storage.tables import ResidentMessage, table_of
from storage.vault import SealingKey

_MESSAGES = table_of(ResidentMessage)
_SHEETS = table_of(SheetRow)
_VERSIONS = table_of(SheetVersion)
_HANDOVERS = table_of(HandoverRow)
_HANDED = table_of(HandedTo)
_OVER = (State.RECALLED,)


async def withdraw(
    connection: Connection,
    keyring: Keyring,
    resident_id: UUID,
    consents: Consents,
    form_of: Callable[[str], Form],
    *,
    at: datetime,
    forms_version: str,
    new_id: NewId,
) -> list[sheets.Stored]:
    """Call back every sheet of a resident that consent no longer covers, whatever its state. Returns those changed.

    In the transaction that stores the withdrawal: the resident's row is locked by it, then the sheets here.
    """
    saving = sheets.Saving(actor="resident", action="withdrawn", at=at, forms_version=forms_version)
    query = (
        select(_SHEETS.c.id, _SHEETS.c.case_id)
        .where(_SHEETS.c.resident_id == resident_id, _SHEETS.c.needs == Needs.CONSENT, _SHEETS.c.state.not_in(_OVER))
        .order_by(_SHEETS.c.id)
    )
    changed = []
    for row in (await connection.execute(query)).all():
        stored = await sheets.load(connection, keyring, row.case_id, row.id, lock=True)
        if stored is None:
            continue
        after = withdrawn(stored.sheet, form_of(stored.sheet.form_id), consents, at=at)
        if after != stored.sheet:
            saved = await sheets.save(connection, keyring, stored, after, saving, new_id=new_id)
            changed.append(replace(stored, sheet=saved))
    return changed


async def unsend(connection: Connection, key: SealingKey, resident_id: UUID, ref: bytes) -> int:
    """Take what was read from a message out of every version of every sheet. Returns how many versions changed.

    `ref` is the keyed index of the channel's message id. Records that rest on a law hold no words of the talk but
    those a person typed: they stay as they were written.
    """
    of_ref = select(_MESSAGES.c.id).where(_MESSAGES.c.resident_id == resident_id, _MESSAGES.c.ref == ref)
    message_id = (await connection.execute(of_ref)).scalar_one_or_none()
    if message_id is None:
        return 0
    query = (
        select(_VERSIONS.c.id, _VERSIONS.c.content_sealed)
        .join(_SHEETS, _SHEETS.c.id == _VERSIONS.c.sheet_id)
        .where(_SHEETS.c.resident_id == resident_id, _SHEETS.c.needs != Needs.BASIS)
    )
    count = 0
    for row in (await connection.execute(query.where(_VERSIONS.c.content_sealed.is_not(None)))).all():
        place = sheets.content_place(row.id)
        content = key.open_json(place, row.content_sealed)
        entries = read_entries(content)
        left = entries_without(entries, message_id)
        if left != entries:
            sealed = key.seal_json(place, {**content, "entries": entries_json(left)})
            mine = update(_VERSIONS).where(_VERSIONS.c.id == row.id)
            await connection.execute(mine.values(content_sealed=sealed))
            count += 1
    return count


async def erase(connection: Connection, resident_id: UUID, *, now: datetime) -> None:
    """Destroy every word of a resident's sheets; recipients see nothing any more. What a law made staff write stays."""
    theirs = select(_SHEETS.c.id).where(_SHEETS.c.resident_id == resident_id, _SHEETS.c.needs != Needs.BASIS)
    ids = theirs.scalar_subquery()
    await connection.execute(delete(_HANDED).where(_HANDED.c.sheet_id.in_(ids)))
    await connection.execute(update(_VERSIONS).where(_VERSIONS.c.sheet_id.in_(ids)).values(content_sealed=None))
    live = [state for state in Handed if state.live or state in (Handed.NAMED, Handed.PROPOSED)]
    own = _HANDOVERS.c.sheet_id.in_(ids)
    await connection.execute(update(_HANDOVERS).where(own).values(words_sealed=None))
    ended = {"state": Handed.RECALLED, "recalled_at": now}
    await connection.execute(update(_HANDOVERS).where(own, _HANDOVERS.c.state.in_(live)).values(ended))
    open_ones = update(_SHEETS).where(_SHEETS.c.id.in_(ids), _SHEETS.c.state.not_in([State.CLOSED, State.RECALLED]))
    await connection.execute(open_ones.values(state=State.RECALLED, recalled_at=now))
