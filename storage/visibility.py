"""What a viewer may see, as a where-clause: every select of the console starts with it.

The rules are `casework.permissions`; this module only says the same in SQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, or_, true

from casework.people import Grant, Viewer
from casework.permissions import Action, Scope, reaches


@dataclass(frozen=True, kw_only=True, slots=True)
class Pairs:
    """Two columns of a table that says something about a case: who is barred from it, to whom it was handed."""

    case_id: ColumnElement[Any]
    other_id: ColumnElement[Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseColumns:
    """The columns the rules speak of. Where no case can be handed on, `handed` is None and HANDED shows nothing."""

    id: ColumnElement[Any]
    desk_id: ColumnElement[Any]
    area: ColumnElement[Any]
    owner_id: ColumnElement[Any]
    barred: Pairs
    handed: Pairs | None = None
    #: Areas whose staff the resident keeps away.
    unseen: Pairs | None = None


def visible(columns: CaseColumns, viewer: Viewer, action: Action) -> ColumnElement[bool]:
    """True for exactly the cases for which `allowed(viewer, action, case)` holds."""
    covered = [_covered(columns, viewer, scope, grant) for scope, grant in reaches(viewer, action)]
    if not covered:
        return false()
    return and_(or_(*covered), ~_named(columns.barred, columns, viewer.staff_id))


def _covered(columns: CaseColumns, viewer: Viewer, scope: Scope, grant: Grant) -> ColumnElement[bool]:
    holder = viewer.holder(grant)
    covered = _by_scope(columns, viewer, scope, grant, own=columns.owner_id == holder)
    if columns.unseen is not None and grant.areas:
        kept_away = columns.unseen.other_id.in_(sorted(grant.areas))
        covered = and_(covered, ~exists().where(columns.unseen.case_id == columns.id, kept_away))
    return covered if holder == viewer.staff_id else and_(covered, ~_named(columns.barred, columns, holder))


def _by_scope(
    columns: CaseColumns, viewer: Viewer, scope: Scope, grant: Grant, *, own: ColumnElement[bool]
) -> ColumnElement[bool]:
    by_scope: ColumnElement[bool] = false()
    match scope:
        case Scope.DESK:
            by_scope = true()
        case Scope.AREA:
            by_scope = true() if grant.areas is None else or_(_in_areas(columns, grant.areas), own)
        case Scope.OWN:
            by_scope = own
        case Scope.HANDED if columns.handed is not None:
            by_scope = _named(columns.handed, columns, viewer.organisation_id)
    return by_scope if grant.desk_id is None else and_(columns.desk_id == grant.desk_id, by_scope)


def _in_areas(columns: CaseColumns, areas: frozenset[str]) -> ColumnElement[bool]:
    return or_(columns.area.is_(None), columns.area.in_(sorted(areas)))


def _named(pairs: Pairs, columns: CaseColumns, other_id: UUID) -> ColumnElement[bool]:
    return exists().where(pairs.case_id == columns.id, pairs.other_id == other_id)
