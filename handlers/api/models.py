"""What the API says and takes, as the OpenAPI document describes it. Keys are added later, never changed."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from casework.sheets import Handed, State


class HandoverAnswer(BaseModel):
    """Where the sheet stands with one's own organisation."""

    state: Handed
    label: str = Field(description="画面での呼び方")
    sent_at: datetime | None
    received_at: datetime | None
    answered_at: datetime | None
    met_on: date | None
    receive_by: date | None = Field(description="受領のめやす（窓口の開庁日で数えます）")
    reply_by: date | None = Field(description="回答のめやす")


class SheetSummary(BaseModel):
    """A sheet without its words."""

    id: UUID
    case_id: UUID
    number: str
    form: str
    title: str
    sender: str = Field(description="送り元の機関")
    state: State
    label: str = Field(description="画面での呼び方")
    version: int
    readable: bool = Field(description="引き受けたので、中身（content）が読める")
    handover: HandoverAnswer


class SheetAnswer(SheetSummary):
    """A sheet with what the resident agreed to tell this organisation; before it is accepted, without content."""

    content: dict[str, Any] | None = Field(description="tsunagu-sheet/1。引き受けるまでは null")


class CaseAnswer(BaseModel):
    """A case, as far as it was handed to this organisation: its sheets, and nothing else of it."""

    id: UUID
    number: str
    sheets: list[SheetSummary]


class CasePage(BaseModel):
    """Cases in the order in which they were opened. `next` is the `after` of the following page."""

    items: list[CaseAnswer]
    next: UUID | None


class SheetPage(BaseModel):
    """Sheets in the order in which they were made. `next` is the `after` of the following page."""

    items: list[SheetSummary]
    next: UUID | None


class ChangeKind(StrEnum):
    """What a program has to do about a changed sheet."""

    CHANGED = "changed"
    GONE = "gone"


class ChangeAnswer(BaseModel):
    """A sheet that was changed. GONE: it must not be used any more; what was copied of it is to be deleted."""

    sheet_id: UUID
    number: str
    at: datetime
    change: ChangeKind


class ChangePage(BaseModel):
    """Changes, the oldest first. `cursor` is the `after` of the next question, also when nothing has changed."""

    items: list[ChangeAnswer]
    cursor: UUID | None
    more: bool


class Step(StrEnum):
    """How a receiving organisation answers."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    MET = "met"
    DECLINED = "declined"


Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=64)]
Words = Annotated[str, StringConstraints(max_length=4000)]


class HandoverStep(BaseModel):
    """The answer to a hand-over."""

    model_config = ConfigDict(extra="forbid")

    state: Step
    reason: Words = Field(default="", description="declined のときは要ります。送り元の相談員が読みます")
    by: Line = Field(default="", description="受領した担当者の名前（なければトークンの名前）")
