"""The JSON of a sheet, for programs of other organisations, after a published schema (`sheet.schema.json`)."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from casework.papers.printed import Field, Printed

FORMAT = "tsunagu-sheet/1"
SCHEMA = Path(__file__).parent / "sheet.schema.json"


def json_file(paper: Printed) -> bytes:
    """The paper as UTF-8 JSON. Keys of a later format are added, never changed."""
    return (json.dumps(as_json(paper), ensure_ascii=False, indent=1) + "\n").encode()


def as_json(paper: Printed) -> dict[str, Any]:
    """The JSON value: what the paper says of itself, and every field with its typed value and its words."""
    return {
        "format": FORMAT,
        "sheet_id": paper.sheet_id,
        "form": paper.form,
        "kind": paper.kind,
        "title": paper.title,
        "mark": paper.mark,
        "state": paper.state,
        "version": paper.version,
        "printed_at": paper.printed_at,
        "desk": paper.desk,
        "fields": [_field(field) for field in paper.fields()],
    }


def _field(field: Field) -> dict[str, Any]:
    return {
        "key": field.key,
        "label": field.label,
        "type": field.kind,
        "value": None if field.withheld else field.value,
        "text": "" if field.withheld else field.text,
        "filled_by": field.filled_by,
        "confirmed": not field.machine,
        "withheld": field.withheld,
    }


@lru_cache(maxsize=1)
def schema() -> dict[str, Any]:
    """The published JSON schema (draft 2020-12)."""
    read: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return read
