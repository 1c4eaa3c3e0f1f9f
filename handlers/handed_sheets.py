"""A sheet as it lies in another organisation's hands, whoever asks: one of its people, or a program of its own.

A recipient comes to a sheet through what was handed to it, never through the case.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from casework.people import Viewer
from casework.permissions import Action, CaseFacts, allowed
from casework.sheet_views import Seat, Standing, View, view
from casework.sheets import Consents, Handover
from config.contents.forms import Form
from config.sheets import Forms
from storage import cases, sheets
from storage.case_tables import Case
from storage.cases import case_row
from storage.database import Connection
from storage.keyring import Keyring
from storage.sheets import Stored
from storage.tables import Resident

ConsentSource = Callable[[Connection, Keyring, UUID], Awaitable[Consents]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Handed:
    """A sheet in a recipient's hands. `view` is all that it may see now."""

    stored: Stored
    form: Form
    consents: Consents
    view: View
    facts: CaseFacts

    @property
    def own(self) -> Handover | None:
        """The recipient's own handover; none for a member of a meeting."""
        return next(iter(self.view.handovers), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Papers:
    """Where sheets are read from: keys, the desks' forms, and where consents are kept."""

    keyring: Keyring
    forms: Mapping[str, Forms]
    consents: ConsentSource


async def find(
    connection: Connection, papers: Papers, viewer: Viewer, sheet_id: UUID, *, at: datetime, lock: bool = False
) -> Handed | None:
    """The sheet, if it lies with the viewer's organisation and the resident does not keep it from this viewer.

    With `lock`: resident, then sheet, so that a withdrawal and an answer never pass each other.
    """
    case_id = await sheets.handed_case(connection, viewer.organisation_id, sheet_id)
    if case_id is None:
        return None
    row = (await connection.execute(select(Case.__table__).where(Case.id == case_id))).one()
    case = case_row(row)
    if lock:
        await connection.execute(select(Resident.id).where(Resident.id == case.resident_id).with_for_update())
    facts = replace(await cases.facts_of(connection, case), handed_to=await sheets.handed_to(connection, case_id))
    if case.hidden_at is not None or not allowed(viewer, Action.SEE_SHEET, facts):
        # At another desk, too, something may have been handed to the same organisation: not to this person of it.
        return None
    stored = await sheets.load(connection, papers.keyring, case_id, sheet_id, lock=lock)
    if stored is None:
        return None
    form = papers.forms[case.desk_id][stored.sheet.form_id]
    consents = await papers.consents(connection, papers.keyring, stored.resident_id)
    seat = Seat(org_id=viewer.organisation_id, staff_id=viewer.staff_id)
    shown = view(stored.sheet, form, seat, consents, at)
    if shown is None or shown.standing is Standing.HOME:
        return None
    return Handed(stored=stored, form=form, consents=consents, view=shown, facts=facts)
