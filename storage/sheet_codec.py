"""What is sealed of a sheet, as JSON and back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from casework.forms import from_json, to_json
from casework.sheets import Basis, Entry, Handover, Member, Origin, Sheet


def content_of(sheet: Sheet) -> dict[str, Any]:
    """Everything in a sheet that is words, or tells what somebody wrote."""
    return {
        "entries": entries_json(sheet.entries),
        "excluded": sorted(sheet.excluded),
        "next_step": sheet.next_step,
        "basis": None if sheet.basis is None else _basis(sheet.basis),
    }


def entries_json(entries: Mapping[str, Entry]) -> dict[str, Any]:
    """Entries as JSON."""
    return {key: _entry(entry) for key, entry in entries.items()}


def words_of(handover: Handover) -> dict[str, str]:
    """The words of a recipient."""
    return {"reason": handover.reason, "next_step": handover.next_step, "reply": handover.reply}


def read_entries(raw: dict[str, Any]) -> dict[str, Entry]:
    """The entries behind `content_of`."""
    return {key: _read_entry(entry) for key, entry in raw["entries"].items()}


def read_basis(raw: dict[str, Any] | None) -> Basis | None:
    """The basis behind `content_of`."""
    if raw is None:
        return None
    return Basis(
        kind=raw["kind"],
        reason=raw["reason"],
        members=tuple(_read_member(one) for one in raw["members"]),
        items=frozenset(raw["items"]),
        decided_by=UUID(raw["decided_by"]),
        decided_at=dt.datetime.fromisoformat(raw["decided_at"]),
        second_asked=_id(raw["second_asked"]),
        second_by=_id(raw["second_by"]),
        second_at=_time(raw["second_at"]),
    )


def _entry(entry: Entry) -> dict[str, Any]:
    shown: dict[str, Any] = {"value": to_json(entry.value), "origin": entry.origin.value, "at": entry.at.isoformat()}
    if entry.by is not None:
        shown["by"] = str(entry.by)
    if entry.sources:
        shown["sources"] = sorted(str(source) for source in entry.sources)
    if entry.confirmed_at is not None:
        shown["confirmed_by"] = None if entry.confirmed_by is None else str(entry.confirmed_by)
        shown["confirmed_at"] = entry.confirmed_at.isoformat()
    return shown


def _read_entry(raw: dict[str, Any]) -> Entry:
    return Entry(
        value=from_json(raw["value"]),
        origin=Origin(raw["origin"]),
        at=dt.datetime.fromisoformat(raw["at"]),
        by=_id(raw.get("by")),
        sources=frozenset(UUID(source) for source in raw.get("sources", ())),
        confirmed_by=_id(raw.get("confirmed_by")),
        confirmed_at=_time(raw.get("confirmed_at")),
    )


def _basis(basis: Basis) -> dict[str, Any]:
    return {
        "kind": basis.kind,
        "reason": basis.reason,
        "members": [
            {"org_id": str(one.org_id), "staff_id": str(one.staff_id), "org_name": one.org_name, "name": one.name}
            for one in basis.members
        ],
        "items": sorted(basis.items),
        "decided_by": str(basis.decided_by),
        "decided_at": basis.decided_at.isoformat(),
        "second_asked": None if basis.second_asked is None else str(basis.second_asked),
        "second_by": None if basis.second_by is None else str(basis.second_by),
        "second_at": None if basis.second_at is None else basis.second_at.isoformat(),
    }


def _read_member(raw: dict[str, Any]) -> Member:
    return Member(
        org_id=UUID(raw["org_id"]), staff_id=UUID(raw["staff_id"]), org_name=raw["org_name"], name=raw["name"]
    )


def _id(raw: str | None) -> UUID | None:
    return None if raw is None else UUID(raw)


def _time(raw: str | None) -> dt.datetime | None:
    return None if raw is None else dt.datetime.fromisoformat(raw)
