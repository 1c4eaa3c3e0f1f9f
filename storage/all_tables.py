"""Every module that defines tables, so that `Base.metadata` is whole: for migrations, tests and `tsunagu copy`."""

from __future__ import annotations

from storage import (
    api_tables,
    audit_tables,
    case_tables,
    consent_tables,
    followup_tables,
    household_tables,
    notice_tables,
    process_tables,
    retention_tables,
    room_tables,
    sheet_news_tables,
    sheet_tables,
    staff_tables,
    tables,
    unseen_tables,
)
from storage.tables import Base

__all__ = [
    "Base",
    "api_tables",
    "audit_tables",
    "case_tables",
    "consent_tables",
    "followup_tables",
    "household_tables",
    "notice_tables",
    "process_tables",
    "retention_tables",
    "room_tables",
    "sheet_news_tables",
    "sheet_tables",
    "staff_tables",
    "tables",
    "unseen_tables",
]
