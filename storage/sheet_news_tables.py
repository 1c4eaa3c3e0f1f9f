"""The tables of what follows from a sheet: what the resident is told, which mails recipients got, the private page.

Nothing here stands in the clear but ids, kinds and times. A handover is named by its id alone, because its row is
written anew with every version of its sheet.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from casework.sheet_news import Held, NewsKind
from storage.notice_tables import NoticeKind
from storage.tables import Base, words

_UNTOLD = text("told_at IS NULL AND held IS NULL")


class SheetNews(Base):
    """Something about a sheet that the resident is to be told: once, when it may be. `held`: why a person has to.

    `words_sealed` are those of a member of staff (`by`), where the program has none of its own.
    """

    __tablename__ = "sheet_news"
    __table_args__ = (
        UniqueConstraint("handover_id", "kind"),
        Index("ix_sheet_news_due", "next_try_at", sqlite_where=_UNTOLD, postgresql_where=_UNTOLD),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    desk_id: Mapped[str] = mapped_column(String(32))
    case_id: Mapped[UUID] = mapped_column(ForeignKey("cases.id"), index=True)
    sheet_id: Mapped[UUID] = mapped_column(ForeignKey("sheets.id"), index=True)
    resident_id: Mapped[UUID] = mapped_column(ForeignKey("residents.id"), index=True)
    handover_id: Mapped[UUID | None]
    kind: Mapped[NewsKind] = mapped_column(words(NewsKind))
    words_sealed: Mapped[bytes | None]
    by: Mapped[UUID | None] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[datetime]
    next_try_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    held: Mapped[Held | None] = mapped_column(words(Held))


class HandoverNotice(Base):
    """A recipient was sent a mail without content about one handover; NULL: it has no address, so people tell it."""

    __tablename__ = "handover_notices"

    handover_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[NoticeKind] = mapped_column(words(NoticeKind), primary_key=True)
    notice_id: Mapped[UUID | None] = mapped_column(ForeignKey("notices.id"))
    at: Mapped[datetime]


class PrivateSession(Base):
    """A browser in which a resident has their sheet before them. `draft_sealed` is what was typed when it ran out."""

    __tablename__ = "private_sessions"
    __table_args__ = (Index("ix_private_sessions_resident_id_created_at", "resident_id", "created_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    desk_id: Mapped[str] = mapped_column(String(32))
    resident_id: Mapped[UUID] = mapped_column(ForeignKey("residents.id"))
    sheet_id: Mapped[UUID] = mapped_column(ForeignKey("sheets.id"))
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    reissued_at: Mapped[datetime | None]
    draft_sealed: Mapped[bytes | None]
