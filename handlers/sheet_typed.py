"""What a form of a sheet brings: typed texts by field, what somebody changed, and how it meets what others changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from starlette.datastructures import FormData

from casework.forms import Row, Typed, Value, WrongValue, read_value
from casework.sheet_moves import put
from casework.sheet_views import MASK
from casework.sheets import Entry, Origin, Sheet
from config.contents.forms import By, FieldType, Fill, Form, Page

_ROW = re.compile(r"r\.([a-z][a-z0-9_]*)\.(\d{1,2})\.([a-z][a-z0-9_]*)")
#: Numbered and named by the program itself.
_OURS = frozenset({Fill.SHEET_NO, Fill.VERSION})
MASKED = f"本人がふせた言葉が入っている欄です。書きかえるときは、{MASK}の部分を消してください。"


def editable(form: Form, page: Page, excluded: frozenset[str]) -> Iterator[str]:
    """The fields of a side that staff write, in reading order."""
    for key in page.fields():
        item = form.fields[key]
        ours = item.fill in _OURS or (item.by is By.PROGRAM and item.fill is None)
        if key not in excluded and item.by is not By.RECIPIENT and not ours:
            yield key


def typed_of(data: FormData, form: Form, keys: Iterator[str]) -> dict[str, Typed]:
    """The texts of these fields as typed: nothing for a box that was not ticked."""
    rows: dict[str, dict[int, dict[str, Any]]] = {}
    for name, text in data.multi_items():
        if isinstance(text, str) and (found := _ROW.fullmatch(name)):
            rows.setdefault(found[1], {}).setdefault(int(found[2]), {})[found[3]] = text
    typed: dict[str, Typed] = {}
    for key in keys:
        values = [value for value in data.getlist(f"f.{key}") if isinstance(value, str)]
        kind = form.fields[key].type
        if kind is FieldType.ROWS:
            given = rows.get(key, {})
            typed[key] = [given[number] for number in sorted(given)]
        elif kind is FieldType.MANY:
            typed[key] = values
        else:
            typed[key] = values[0] if values else ("no" if kind is FieldType.YES_NO else "")
    return typed


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What was typed, as values: only what differs from what its writer saw; and what cannot be read, by field."""

    changed: Mapping[str, Value | None] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)


def read_typed(form: Form, base: Sheet, seen: Mapping[str, Entry], typed: Mapping[str, Typed]) -> Reading:
    """Compare what was typed with what the page showed (`seen`) of the version it was made from (`base`)."""
    changed: dict[str, Value | None] = {}
    wrong: dict[str, str] = {}
    for key, texts in typed.items():
        shown = seen.get(key)
        try:
            value = _told(form, key, texts)
        except WrongValue as error:
            wrong[key] = str(error)
            continue
        before = None if shown is None else shown.value
        if _bare(value) == _bare(before):
            continue
        if MASK in str(value):
            wrong[key] = MASKED
            continue
        changed[key] = _with_hidden(value, texts, base.value(key), before)
    return Reading(changed=changed, wrong=wrong)


def _told(form: Form, key: str, texts: Typed) -> Value | None:
    value = read_value(form, key, texts)
    unsaid = value is False and form.fields[key].type is FieldType.YES_NO
    return None if value == () or unsaid else value


def _bare(value: Value | None) -> Any:
    """A value without what pages do not show: where its rows come from, and a plain no that nobody said."""
    if isinstance(value, tuple) and any(isinstance(one, Row) for one in value):
        return tuple(dict(one.cells) for one in value if isinstance(one, Row))
    return None if value is False or value == () else value


def _with_hidden(value: Value | None, texts: Typed, base: Value | None, shown: Value | None) -> Value | None:
    """Rows with what the page did not show of them: their source, and columns the resident keeps from everybody."""
    rows = isinstance(value, tuple) and any(isinstance(one, Row) for one in value)
    if not rows or not isinstance(value, tuple) or not isinstance(base, tuple) or isinstance(texts, str):
        return value
    places = [number for number, one in enumerate(texts) if isinstance(one, Mapping) and _says(one)]
    whole = []
    for place, row in zip(places, (one for one in value if isinstance(one, Row)), strict=False):
        old = base[place] if place < len(base) else None
        seen = shown[place] if isinstance(shown, tuple) and place < len(shown) else None
        if not isinstance(old, Row):
            whole.append(row)
            continue
        visible = seen.cells if isinstance(seen, Row) else {}
        hidden = {name: cell for name, cell in old.cells.items() if name not in visible}
        whole.append(Row(cells={**hidden, **row.cells}, source=old.source))
    return tuple(whole)


def _says(texts: Mapping[str, Any]) -> bool:
    return any(str(text).strip() for text in texts.values())


def written(
    sheet: Sheet, form: Form, changed: Mapping[str, Value | None], *, at: datetime, by: UUID, origin: Origin
) -> Sheet:
    """The sheet with these fields written."""
    for key, value in changed.items():
        sheet = put(sheet, form, key, value, origin=origin, at=at, by=by)
    return sheet
