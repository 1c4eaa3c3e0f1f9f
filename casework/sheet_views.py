"""Who sees what of a sheet. Every page, paper and file is made from a `View`, and from nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from casework.forms import Plain, Row, Value
from casework.sheet_needs import TELLING, covered
from casework.sheets import Consents, Entry, Handover, Sheet, State
from config.contents.forms import Form, Item, Needs, SecondPerson

#: Stands where free text held a name or number that the resident keeps from this viewer.
MASK = "〔ふせています〕"


class Standing(StrEnum):
    """What a viewer is to a sheet."""

    HOME = "home"
    PENDING = "pending"
    RECIPIENT = "recipient"
    MEMBER = "member"


@dataclass(frozen=True, kw_only=True, slots=True)
class Seat:
    """Who looks: one person of one organisation. Whether the desk's rules let them near the case is asked before."""

    org_id: UUID
    staff_id: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """What one viewer may see now. A pending recipient has no entries. `handover` is the viewer's own, if any."""

    sheet_id: UUID
    form_id: str
    standing: Standing
    state: State
    version: int
    entries: Mapping[str, Entry]
    handovers: tuple[Handover, ...]
    excluded: frozenset[str]


def view(sheet: Sheet, form: Form, seat: Seat, consents: Consents, at: dt.datetime) -> View | None:
    """What `seat` may see at `at`; None when the sheet does not exist for them."""
    if sheet.needs is Needs.BASIS:
        return _named_only(sheet, form, seat)
    if seat.org_id == sheet.org_id:
        return _view(sheet, form, Standing.HOME, _all_items(form), sheet.handovers)
    return _recipients(sheet, form, seat, consents, at)


def _recipients(sheet: Sheet, form: Form, seat: Seat, consents: Consents, at: dt.datetime) -> View | None:
    own = sheet.handover_of(seat.org_id)
    if own is None or not own.state.live or sheet.state.at_desk:
        return None
    items = covered(sheet, form, seat.org_id, consents, at)
    if not items:
        return None
    if not own.state.sees:
        return _view(sheet, form, Standing.PENDING, frozenset(), (own,))
    return _view(sheet, form, Standing.RECIPIENT, items, (own,))


def _named_only(sheet: Sheet, form: Form, seat: Seat) -> View | None:
    """A record that rests on a law: the two who decided, and once it is submitted those named, nobody else."""
    if seat.staff_id == sheet.created_by and sheet.org_id == seat.org_id:
        return _view(sheet, form, Standing.HOME, _all_items(form), ())
    basis = sheet.basis
    if basis is None:
        return None
    if seat.org_id == sheet.org_id and seat.staff_id in basis.deciding:
        return _view(sheet, form, Standing.HOME, _all_items(form), ())
    agreed = sheet.second_person is not SecondPerson.BEFORE or basis.second_by is not None
    named = any(one.staff_id == seat.staff_id and one.org_id == seat.org_id for one in basis.members)
    if not named or not agreed or sheet.state not in (State.SUBMITTED, State.CLOSED):
        return None
    return _view(sheet, form, Standing.MEMBER, basis.items, ())


def _all_items(form: Form) -> frozenset[str]:
    columns = {f"{key}.{name}" for key, item in form.fields.items() for name in item.columns}
    return frozenset(form.fields) | columns


def _view(sheet: Sheet, form: Form, standing: Standing, items: frozenset[str], handovers: tuple[Handover, ...]) -> View:
    home = standing is Standing.HOME
    entries: dict[str, Entry] = {}
    for key, item in form.fields.items():
        entry = sheet.entries.get(key)
        along = key in items or (not item.item and standing is not Standing.PENDING)
        if entry is None or not along or key in sheet.excluded or (item.concealed and not home):
            continue
        if (shown := _columns(entry, key, item, items, sheet.excluded, home=home)) is not None:
            entries[key] = shown
    kept = tuple(word for key, word in told_by(sheet, form) if key not in entries)
    if kept:
        entries = {key: replace(entry, value=masked(entry.value, kept)) for key, entry in entries.items()}
    return View(
        sheet_id=sheet.id,
        form_id=sheet.form_id,
        standing=standing,
        state=sheet.state,
        version=sheet.version,
        entries=entries,
        handovers=handovers,
        excluded=sheet.excluded,
    )


def _columns(
    entry: Entry, key: str, item: Item, items: frozenset[str], excluded: frozenset[str], *, home: bool
) -> Entry | None:
    """Rows without the columns that tell who somebody is, unless those were agreed to.

    At home emptied rows keep their place, so that whoever writes in the others does not shift what is hidden.
    """
    hidden = {
        name
        for name, column in item.columns.items()
        if f"{key}.{name}" in excluded or (column.identifies and item.item and f"{key}.{name}" not in items)
    }
    if not hidden or not isinstance(entry.value, tuple):
        return entry
    rows = [
        Row(cells={name: cell for name, cell in one.cells.items() if name not in hidden}, source=one.source)
        for one in entry.value
        if isinstance(one, Row)
    ]
    left = tuple(row for row in rows if row.cells or home)
    return replace(entry, value=left) if left else None


def told_by(sheet: Sheet, form: Form) -> Iterator[tuple[str, str]]:
    """Names and numbers that stand in fields of their own, with the field: they may also stand in free text."""
    for key in form.fields:
        value = sheet.value(key)
        if form.fields[key].identifies and isinstance(value, str) and len(value) >= TELLING:
            yield key, value


def masked(value: Value, kept: tuple[str, ...]) -> Value:
    """Free text without words that this viewer must not see."""
    if isinstance(value, str):
        for word in kept:
            value = value.replace(word, MASK)
        return value
    if isinstance(value, tuple) and any(isinstance(one, Row) for one in value):
        return tuple(_masked_row(one, kept) for one in value if isinstance(one, Row))
    return value


def _masked_row(row: Row, kept: tuple[str, ...]) -> Row:
    cells: dict[str, Plain] = {}
    for name, cell in row.cells.items():
        shown = masked(cell, kept)
        cells[name] = shown if isinstance(shown, str) else cell
    return replace(row, cells=cells)
