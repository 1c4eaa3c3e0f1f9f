"""What a field of a form holds: typed values, read from what people type, shown to them, and stored as JSON."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from casework.eras import read_day, wareki
from config.contents.forms import Column, FieldType, Form, Item
from config.contents.ruby import plain

Plain = str | bool | int | dt.date | tuple[str, ...]
#: What a web form sends: one text, several, or rows of texts.
Typed = str | Sequence[str] | Sequence[Mapping[str, Any]]

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x80-\x9f\u2028\u2029\ufeff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
#: Marks that turn the direction of writing: they could make a paper read otherwise than it was typed.
_TURNING = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
LARGEST_NUMBER = 100_000


class WrongValue(ValueError):
    """What was typed does not fit the field. The text is a Japanese sentence without what was typed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row of a field of type R. `source` is the message it was taken from, when the program took it."""

    cells: Mapping[str, Plain] = field(default_factory=dict)
    source: UUID | None = None


Value = Plain | tuple[Row, ...]


def neat(text: str) -> str:
    """Text as it may be stored and printed: one kind of line end, no control characters, no lone surrogates.

    Nothing else changes: variants of a character (異体字セレクタ) belong to a name.
    """
    text = _SURROGATE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _TURNING.sub("", _CONTROL.sub("", text)).strip()


def read_value(form: Form, key: str, typed: Typed) -> Value | None:
    """The value of a field from what was typed; None for nothing. Raises WrongValue."""
    item = form.fields[key]
    if item.type is FieldType.ROWS:
        return _read_rows(form, item, typed)
    if item.type is FieldType.MANY:
        chosen = [typed] if isinstance(typed, str) else [str(one) for one in typed]
        return _read_many(form, item.codes, [one for one in chosen if one])
    if not isinstance(typed, str):
        typed = str(typed[0]) if typed else ""
    return _read_plain(form, item.type, item.codes, item.longest, typed)


def _read_plain(form: Form, kind: FieldType, codes: str | None, longest: int, typed: str) -> Plain | None:
    text = neat(typed)
    if not text:
        return None
    if kind in (FieldType.CHOICE, FieldType.MANY):
        chosen = _read_many(form, codes, [text] if kind is FieldType.CHOICE else text.split())
        return chosen[0] if kind is FieldType.CHOICE else chosen
    if (reader := _READERS.get(kind)) is not None:
        return reader(text)
    if len(text) > longest:
        raise WrongValue(f"{longest}文字までで書いてください（今は{len(text)}文字です）。")
    return text if kind is FieldType.LONG else " ".join(text.split("\n"))


def _read_day(text: str) -> dt.date:
    try:
        return read_day(text)
    except ValueError:
        raise WrongValue("日付は「令和8年11月26日」や「2026-11-26」のように書いてください。") from None


def _read_number(text: str) -> int:
    found = re.fullmatch(r"(\d{1,6})[人回歳]?", text)
    if found is None or int(found[1]) > LARGEST_NUMBER:
        raise WrongValue("数字で書いてください。")
    return int(found[1])


def _read_yes(text: str) -> bool:
    return text in {"yes", "true", "on", "1"}


_READERS: Mapping[FieldType, Callable[[str], Plain]] = {
    FieldType.DAY: _read_day,
    FieldType.NUMBER: _read_number,
    FieldType.YES_NO: _read_yes,
}


def _read_many(form: Form, table: str | None, codes: Sequence[str]) -> tuple[str, ...]:
    known = form.codes[table or ""]
    if set(codes) - known.keys():
        raise WrongValue("選べるものの中から選んでください。")
    return tuple(code for code in known if code in codes)


def _read_rows(form: Form, item: Item, typed: Typed) -> tuple[Row, ...]:
    if isinstance(typed, str):
        raise WrongValue("表の形で書いてください。")
    rows = [_read_row(form, item.columns, row) for row in typed if isinstance(row, Mapping)]
    full = tuple(row for row in rows if row.cells)
    if len(full) > item.longest:
        raise WrongValue(f"{item.longest}行までで書いてください。")
    return full


def _read_row(form: Form, columns: Mapping[str, Column], typed: Mapping[str, Any]) -> Row:
    cells: dict[str, Plain] = {}
    for name, column in columns.items():
        try:
            value = _read_plain(form, column.type, column.codes, column.max, str(typed.get(name) or ""))
        except WrongValue as error:
            raise WrongValue(f"「{plain(column.label)}」：{error}") from None
        if value is not None and value != ():
            cells[name] = value
    source = typed.get("source")
    return Row(cells=cells, source=source if isinstance(source, UUID) else None)


def is_empty(value: Value | None) -> bool:
    """Whether nothing was said. A plain no and a zero are something."""
    return value is None or value in ("", ())


def shown(form: Form, key: str, value: Value | None) -> str:
    """The value in words: labels for codes, 和暦 for days, one line for each row."""
    item = form.fields.get(key)
    if value is None:
        return ""
    if isinstance(value, tuple) and value and isinstance(value[0], Row):
        return "\n".join(row_shown(form, item, row) for row in value if isinstance(row, Row))
    return _plain_shown(form, item.codes if item else None, value)


def row_shown(form: Form, item: Item | None, row: Row) -> str:
    """One row in one line: 「母　82　同居」."""
    return "　".join(cell for name in row.cells if (cell := cell_shown(form, item, name, row)))


def cell_shown(form: Form, item: Item | None, name: str, row: Row) -> str:
    """One cell of a row in words."""
    value = row.cells.get(name)
    column = item.columns.get(name) if item else None
    return "" if value is None else _plain_shown(form, column.codes if column else None, value)


def _plain_shown(form: Form, table: str | None, value: Value) -> str:
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, dt.date):
        return wareki(value)
    if isinstance(value, tuple):
        return "、".join(form.code_label(table, str(code)) for code in value)
    return form.code_label(table, value) if isinstance(value, str) and table else str(value)


def to_json(value: Value) -> Any:
    """The value as plain JSON; what kind it was is told by the field's type, or by its shape."""
    if isinstance(value, dt.date):
        return {"day": value.isoformat()}
    if isinstance(value, tuple):
        return [_row_json(one) if isinstance(one, Row) else one for one in value]
    return value


def _row_json(row: Row) -> dict[str, Any]:
    shown_row: dict[str, Any] = {"cells": {name: to_json(cell) for name, cell in row.cells.items()}}
    return shown_row if row.source is None else {**shown_row, "source": str(row.source)}


def from_json(raw: Any) -> Value:
    """The value behind `to_json`. Raises ValueError on anything else."""
    if isinstance(raw, dict) and raw.keys() == {"day"}:
        return dt.date.fromisoformat(raw["day"])
    if isinstance(raw, list):
        if all(isinstance(one, str) for one in raw):
            return tuple(raw)
        return tuple(_row_from_json(one) for one in raw)
    if isinstance(raw, str | bool | int):
        return raw
    raise ValueError("not a stored value")


def _row_from_json(raw: Any) -> Row:
    cells: dict[str, Plain] = {}
    for name, cell in raw["cells"].items():
        value = from_json(cell)
        if isinstance(value, tuple):
            raise TypeError("a cell holds no rows")
        cells[name] = value
    return Row(cells=cells, source=UUID(raw["source"]) if "source" in raw else None)
