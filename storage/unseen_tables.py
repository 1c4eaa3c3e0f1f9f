"""The table of areas whose staff a resident does not want to be seen by."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables import Base


class UnseenArea(Base):
    """Whoever works for this area does not see this case. Like an exclusion it has no author: it is the resident's."""

    __tablename__ = "case_unseen_areas"

    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    area: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime]
