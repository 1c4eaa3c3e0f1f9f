"""A sheet as its page shows it: fields with their inputs, marks and states, from a `View` and from nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from casework.eras import wareki
from casework.forms import Row, Typed, Value, cell_shown, shown
from casework.sheet_views import View
from casework.sheets import Entry, Origin
from config.contents.forms import By, FieldType, Form, Item, Needed, Page
from config.contents.ruby import plain
from handlers.sheet_typed import editable

#: Rows that are empty and wait to be written in; more come with each save.
_SPARE_ROWS = 2
_ORIGINS = {Origin.MACHINE: "自動", Origin.RESIDENT: "本人", Origin.STAFF: "職員"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Input:
    """One field on the page. `text` is what an input holds, `words` what is read; `rows` hold texts by column."""

    key: str
    label: str
    kind: str
    text: str
    words: str
    hint: str
    needed: bool
    editable: bool
    withheld: bool
    machine: bool
    origin: str
    #: The messages it was taken from.
    sources: tuple[str, ...]
    lines: int
    longest: int
    options: tuple[tuple[str, str, bool], ...] = ()
    columns: tuple[tuple[str, str, str, tuple[tuple[str, str], ...]], ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    row_words: tuple[tuple[str, ...], ...] = ()
    wrong: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A headed part of the page."""

    title: str
    note: str
    inputs: tuple[Input, ...]


def parts_of(
    form: Form,
    page: Page,
    seen: View,
    *,
    may_edit: bool,
    typed: Mapping[str, Typed] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> tuple[Part, ...]:
    """One side. What somebody typed and could not be taken stands in the inputs again, with the reason."""
    free = frozenset(editable(form, page, seen.excluded)) if may_edit else frozenset()
    found = []
    for section in page.sections:
        keys = [cell.field for line in section.rows for cell in line if not _on_paper_only(form, cell.field, seen)]
        inputs = tuple(_input(form, key, seen, key in free, typed or {}, (wrong or {}).get(key, "")) for key in keys)
        found.append(Part(title=plain(section.title), note=section.note, inputs=inputs))
    return tuple(found)


def _on_paper_only(form: Form, key: str, seen: View) -> bool:
    """What the program prints by itself stands elsewhere on the page."""
    return form.fields[key].by is By.PROGRAM and key not in seen.entries


def _input(form: Form, key: str, seen: View, free: bool, typed: Mapping[str, Typed], wrong: str) -> Input:
    item, entry = form.fields[key], seen.entries.get(key)
    value = None if entry is None else entry.value
    texts = typed.get(key) if free else None
    rows = _typed_rows(item, texts) if texts is not None else _rows(item, value)
    spare = [("",) * len(item.columns)] * _SPARE_ROWS if free and item.columns else []
    return Input(
        key=key,
        label=plain(item.label),
        kind=item.type.value,
        text=texts if isinstance(texts, str) else _text(value),
        words=shown(form, key, value),
        hint=item.hint,
        needed=item.required in (Needed.SUBMIT, Needed.NAMED) and item.by is not By.PROGRAM,
        editable=free,
        withheld=key in seen.excluded,
        machine=entry is not None and entry.unconfirmed,
        origin=_origin(entry),
        sources=() if entry is None else tuple(sorted(str(one) for one in entry.sources)),
        lines=max(item.lines, 2),
        longest=item.longest,
        options=_options(form, item, texts, value),
        columns=_columns(form, item),
        rows=(*rows, *spare),
        row_words=_row_words(form, item, value),
        wrong=wrong,
    )


def _origin(entry: Entry | None) -> str:
    if entry is None:
        return ""
    who = _ORIGINS[entry.origin]
    return f"{who}・確認済み" if entry.origin is Origin.MACHINE and entry.confirmed_at is not None else who


def _text(value: Value | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, date):
        return wareki(value)
    return "" if value is None or isinstance(value, tuple) else str(value)


def _rows(item: Item, value: Value | None) -> list[tuple[str, ...]]:
    rows = [one for one in value if isinstance(one, Row)] if isinstance(value, tuple) else []
    return [tuple(_text(row.cells.get(name)) for name in item.columns) for row in rows]


def _typed_rows(item: Item, texts: Typed) -> list[tuple[str, ...]]:
    if isinstance(texts, str) or not item.columns:
        return []
    return [
        tuple(str(one.get(name, "")) for name in item.columns)
        for one in texts
        if isinstance(one, Mapping) and any(str(text).strip() for text in one.values())
    ]


def _row_words(form: Form, item: Item, value: Value | None) -> tuple[tuple[str, ...], ...]:
    rows = [one for one in value if isinstance(one, Row)] if isinstance(value, tuple) else []
    return tuple(tuple(cell_shown(form, item, name, row) for name in item.columns) for row in rows)


def _options(form: Form, item: Item, texts: Typed | None, value: Value | None) -> tuple[tuple[str, str, bool], ...]:
    if item.type not in (FieldType.CHOICE, FieldType.MANY) or item.codes is None:
        return ()
    chosen: Sequence[Any] = ()
    if texts is not None:
        chosen = (texts,) if isinstance(texts, str) else texts
    elif value is not None:
        chosen = value if isinstance(value, tuple) else (value,)
    return tuple((code, plain(entry.label), code in chosen) for code, entry in form.codes[item.codes].items())


def _columns(form: Form, item: Item) -> tuple[tuple[str, str, str, tuple[tuple[str, str], ...]], ...]:
    """Name, label, kind and choices of each column."""
    return tuple(
        (
            name,
            plain(column.label),
            column.type.value,
            tuple((code, plain(entry.label)) for code, entry in form.codes.get(column.codes or "", {}).items()),
        )
        for name, column in item.columns.items()
    )
