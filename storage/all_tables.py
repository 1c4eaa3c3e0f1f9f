"""Every module that defines tables, so that `Base.metadata` is whole: for migrations, tests and `tsunagu copy`."""

from __future__ import annotations

from storage import audit_tables, case_tables, consent_tables, notice_tables, sheet_tables, staff_tables, tables
from storage.tables import Base

__all__ = [
    "Base",
    "audit_tables",
    "case_tables",
    "consent_tables",
    "notice_tables",
    "sheet_tables",
    "staff_tables",
    "tables",
]
