"""What stands on the paper, in reading order: words only, no markup. PDF, xlsx and JSON all show this."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from casework.eras import wareki
from casework.forms import Row, Value, cell_shown, is_empty, neat, shown, to_json
from casework.sheet_views import Standing, View
from casework.sheets import Entry, Handed, Handover, Origin, State
from config.contents.forms import Cell, Column, FieldType, Fill, Form, Item, Page, Section, SeenBy
from config.contents.ruby import plain, segments

Words = tuple[tuple[str, str], ...]
_FILLED_BY = {Origin.MACHINE: "自動", Origin.RESIDENT: "本人", Origin.STAFF: "職員"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """How an organisation came to be agreed to: with the name or without, when, by which way (a code of `methods`)."""

    named: bool
    on: dt.date
    method: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Print:
    """The circumstances of one print: when, who prints, and what the desk calls itself."""

    at: dt.datetime
    on: dt.date
    by: str
    desk: str
    furigana: bool = True
    given: Mapping[UUID, Given] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One box to tick. `top`: the heaviest of all (◎)."""

    words: Words
    on: bool
    top: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One field as it is shown. `kind` is the letter of its type; `machine`: filled by the program, unconfirmed.

    `text` is the whole content in words; `value` the typed content as JSON, None where nothing stands.
    """

    key: str
    label: str
    words: Words
    kind: str
    width: int
    lines: int
    text: str
    value: object
    choices: tuple[Choice, ...] = ()
    columns: tuple[tuple[Words, int], ...] = ()
    column_labels: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    machine: bool = False
    filled_by: str = ""
    withheld: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A headed part: lines of fields side by side."""

    title: str
    words: Words
    note: str
    sign: str
    lines: tuple[tuple[Field, ...], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """One side of the paper. On a `roomy` one empty fields keep room for writing by hand."""

    title: str
    roomy: bool
    words: Words
    parts: tuple[Part, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Printed:
    """The whole paper. `sheet_id` is None for a blank form."""

    sheet_id: str | None
    form: str
    kind: str
    title: str
    mark: str
    state: str
    draft: bool
    version: int
    number: str
    made_on: str
    made_by: str
    printed_on: str
    printed_at: str
    printed_by: str
    desk: str
    unconfirmed: bool
    notes: tuple[str, ...]
    sides: tuple[Side, ...]

    def fields(self) -> tuple[Field, ...]:
        """All fields in reading order."""
        return tuple(field for side in self.sides for part in side.parts for line in part.lines for field in line)


def printed(view: View, form: Form, how: Print) -> Printed:
    """The paper of what one viewer may see. What tells who informed the desk is on no paper."""
    entries = dict(view.entries) | _program_entries(view, form, how)
    entries = {key: entry for key, entry in entries.items() if not form.fields[key].concealed}
    numbers = {
        key: shown(form, key, entries[key].value) for key in ("sheet_no", "from_org", "from_person") if key in entries
    }
    made = entries.get("created_on")
    author = " ".join(filter(None, (numbers.get("from_org"), numbers.get("from_person"))))
    return Printed(
        sheet_id=str(view.sheet_id),
        form=view.form_id,
        kind=form.kind.value,
        title=plain(form.title),
        mark=form.mark,
        state=view.state.label,
        draft=view.state in (State.DRAFT, State.CONSENTED, State.BASIS_ONLY),
        version=view.version,
        number=numbers.get("sheet_no", ""),
        made_on=shown(form, "created_on", made.value) if made else "",
        made_by=author,
        printed_on=wareki(how.on),
        printed_at=how.at.isoformat(),
        printed_by=how.by,
        desk=how.desk,
        unconfirmed=any(entry.unconfirmed for entry in entries.values()),
        notes=form.notes,
        sides=tuple(_side(page, form, entries, view.excluded, how) for page in form.pages),
    )


def blank(form_id: str, form: Form, how: Print) -> Printed:
    """The empty form, to be filled in by hand. Quotes are the program's: by hand they stand with the worry itself."""
    form = form.model_copy(update={"pages": tuple(_without_quotes(page, form) for page in form.pages)})
    return Printed(
        sheet_id=None,
        form=form_id,
        kind=form.kind.value,
        title=plain(form.title),
        mark=form.mark,
        state="",
        draft=False,
        version=0,
        number="",
        made_on="",
        made_by="",
        printed_on=wareki(how.on),
        printed_at=how.at.isoformat(),
        printed_by=how.by,
        desk=how.desk,
        unconfirmed=False,
        notes=form.notes,
        sides=tuple(_side(page, form, {}, frozenset(), how) for page in form.pages),
    )


def _without_quotes(page: Page, form: Form) -> Page:
    def by_hand(line: tuple[Cell, ...]) -> tuple[Cell, ...]:
        return tuple(cell for cell in line if form.fields[cell.field].fill is not Fill.QUOTES)

    sections = tuple(
        section.model_copy(update={"rows": tuple(kept for line in section.rows if (kept := by_hand(line)))})
        for section in page.sections
    )
    return page.model_copy(update={"sections": sections})


def _program_entries(view: View, form: Form, how: Print) -> dict[str, Entry]:
    """What the program itself knows of the paper: its version, and to whom it goes. A recipient sees only itself."""
    found: dict[str, Value] = {"version": f"第{view.version}版"}
    rows = tuple(_to_org(one, form, (how.given or {}).get(one.org_id)) for one in view.handovers if _goes(one))
    if rows:
        found["to_org"] = rows
    if view.standing is Standing.PENDING:
        return {}
    return {
        key: Entry(value=value, origin=Origin.STAFF, at=how.at) for key, value in found.items() if key in form.fields
    }


def _goes(one: Handover) -> bool:
    return one.state not in (Handed.PROPOSED, Handed.DECLINED, Handed.RETURNED, Handed.RECALLED)


def _to_org(one: Handover, form: Form, given: Given | None) -> Row:
    cells: dict[str, str | dt.date] = {"place": one.name}
    if given is not None:
        cells |= {"named": "伝える" if given.named else "伝えない", "given_on": given.on, "method": given.method}
    known = form.fields["to_org"].columns
    return Row(cells={name: cell for name, cell in cells.items() if name in known})


def _side(page: Page, form: Form, entries: Mapping[str, Entry], excluded: frozenset[str], how: Print) -> Side:
    kana = how.furigana and page.seen_by is SeenBy.RESIDENT
    parts = tuple(_part(section, form, entries, excluded, kana=kana) for section in page.sections)
    return Side(
        title=plain(page.title),
        roomy=page.seen_by is SeenBy.AGENCIES,
        words=_words(page.title, kana=kana),
        parts=tuple(part for part in parts if part.lines),
    )


def _part(section: Section, form: Form, entries: Mapping[str, Entry], excluded: frozenset[str], *, kana: bool) -> Part:
    lines = [
        tuple(
            _field(cell, form, entries, excluded, kana=kana) for cell in line if not form.fields[cell.field].concealed
        )
        for line in section.rows
    ]
    return Part(
        title=plain(section.title),
        words=_words(section.title, kana=kana),
        note=section.note,
        sign=section.sign,
        lines=tuple(line for line in lines if line),
    )


def _words(text: str, *, kana: bool) -> Words:
    return tuple((one.text, one.reading) for one in segments(text)) if kana else ((plain(text), ""),)


def _field(cell: Cell, form: Form, entries: Mapping[str, Entry], excluded: frozenset[str], *, kana: bool) -> Field:
    item, entry = form.fields[cell.field], entries.get(cell.field)
    value = None if entry is None else entry.value
    rows = tuple(one for one in value if isinstance(one, Row)) if isinstance(value, tuple) else ()
    return Field(
        key=cell.field,
        label=plain(item.label),
        words=_words(item.label, kana=kana),
        kind=item.type.value,
        width=cell.width,
        lines=item.lines,
        text=neat(shown(form, cell.field, value)),
        value=None if value is None or is_empty(value) else to_json(_without_sources(value)),
        choices=_choices(form, cell.field, item, entries, kana=kana),
        columns=tuple((_words(column.label, kana=kana), column.width) for column in item.columns.values()),
        column_labels=tuple(plain(column.label) for column in item.columns.values()),
        rows=_rows(form, item, item.columns, rows),
        machine=entry is not None and entry.unconfirmed,
        filled_by=_FILLED_BY[entry.origin] if entry else "",
        withheld=cell.field in excluded,
    )


def _without_sources(value: Value) -> Value:
    """Ids of messages stay in the house."""
    if isinstance(value, tuple) and any(isinstance(one, Row) for one in value):
        return tuple(Row(cells=one.cells) for one in value if isinstance(one, Row))
    return value


def _rows(form: Form, item: Item, columns: Mapping[str, Column], rows: tuple[Row, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(neat(cell_shown(form, item, name, row)) for name in columns) for row in rows)


def _choices(form: Form, key: str, item: Item, entries: Mapping[str, Entry], *, kana: bool) -> tuple[Choice, ...]:
    if item.type not in (FieldType.CHOICE, FieldType.MANY) or item.codes is None:
        return ()
    entry = entries.get(key)
    chosen = () if entry is None else (entry.value if isinstance(entry.value, tuple) else (entry.value,))
    top = entries.get("top_topic") if key == "topics" else None
    return tuple(
        Choice(
            words=_words(code.label, kana=kana),
            on=name in chosen,
            top=top is not None and top.value == name and name in chosen,
        )
        for name, code in form.codes[item.codes].items()
    )
