"""What a sheet's page says of the resident's own part: what they were asked in the talk, and what they answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import Request

from casework.consents import ConsentKind
from casework.forms import Row, cell_shown
from casework.sheet_news import Held, NewsKind
from casework.sheets import Handed, Sheet
from config.contents.forms import Needs
from handlers.staff.console import console_of
from handlers.staff.sheet_desk import Opened
from storage import consents, recipients, residents, sheet_news
from storage.database import Connection

_KINDS = {
    ConsentKind.READ: "読んでいいか",
    ConsentKind.ASK_AROUND: "名前を出さずに聞いてみていいか",
    ConsentKind.TELL_NAME: "お名前を伝えていいか",
}
NEWS: Mapping[NewsKind, str] = {
    NewsKind.SUBMITTED: "つないだこと",
    NewsKind.ANSWERED: "つなぎ先の回答",
    NewsKind.OVERDUE: "返事が遅れていること",
}
#: Why the program did not tell the resident; a person finds another way.
HELD: Mapping[Held, str] = {
    Held.DANGER: "危険にかかわる話のあとなので、あとで伝えます。",
    Held.GUARDED: "だれかが画面を見ているおそれがあるため、自動では伝えていません。安全な方法で伝えてください。",
    Held.UNSAFE: "トークに書かないでほしいと言っているため、伝えていません。安全な方法で伝えてください。",
    Held.OUT_OF_REACH: "トークが届かないため、伝えていません。ほかの方法で伝えてください。",
    Held.ERASING: "すべて消すことを希望しているため、伝えていません。",
    Held.BY_PEOPLE: "16歳になっていない方（らしい方）です。会って一緒に確かめてください。",
    Held.OVER: "伝える前に、状況が変わりました。",
}
_OPEN = frozenset({Handed.NAMED, Handed.PROPOSED, Handed.WAITING, Handed.RECEIVED, Handed.ACCEPTED, Handed.MET})


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A question in the talk, and what came of it: yes, no, or nothing yet (None)."""

    place: str
    what: str
    by: UUID
    at: datetime
    agreed: bool | None
    answered_at: datetime | None


async def _chosen(connection: Connection, opened: Opened, resident_id: UUID, now: datetime) -> list[tuple[UUID, str]]:
    """Places the resident said yes to by themselves and that this sheet does not name yet: recipient and name."""
    book = (await consents.book(connection, resident_id)).since(opened.sheet.agreed_from)
    named = book.named_to(now)
    known = {one.org_id for one in opened.sheet.handovers if one.state in _OPEN}
    places = await recipients.of_desk(connection, opened.case.desk_id)
    return [(one.id, one.name) for one in places if one.organisation_id in named and one.organisation_id not in known]


def _is_past(line: sheet_news.Line, sheet: Sheet) -> bool:
    """Whether it was to be told that an answer is late, and the answer has come meanwhile."""
    if line.kind is not NewsKind.OVERDUE or line.told_at is not None:
        return False
    expected = any(one.id == line.handover_id and one.state in sheet_news.EXPECTED for one in sheet.handovers)
    return not expected or sheet.state not in sheet_news.OUT


def family_of(opened: Opened) -> list[tuple[str, str, bool]]:
    """Each person of the household with what they themselves agreed to: nobody agrees for them."""
    form, entry = opened.form, opened.view.entries.get("household")
    item = form.fields.get("household")
    if entry is None or item is None or "agrees" not in item.columns or not isinstance(entry.value, tuple):
        return []
    rows = [row for row in entry.value if isinstance(row, Row)]
    unasked = form.code_label(item.columns["agrees"].codes, "not_asked")
    return [
        (
            cell_shown(form, item, "relation", row) or "家族",
            cell_shown(form, item, "agrees", row) or unasked,
            row.cells.get("agrees") == "yes",
        )
        for row in rows
    ]


async def of_resident(request: Request, connection: Connection, opened: Opened, *, may_edit: bool) -> Mapping[str, Any]:
    """For the template: the questions of this sheet's places, the newest first, and where one may still be put."""
    keyring, sheet = console_of(request).keyring, opened.sheet
    resident = await residents.by_id(connection, keyring, opened.case.resident_id)
    if resident is None or opened.form.needs is not Needs.CONSENT:
        return {"questions": [], "ask_places": [], "news": [], "family": [], "chosen": []}
    orgs, since = {one.org_id for one in sheet.handovers}, sheet.agreed_from
    asked = await consents.asked_of(connection, resident.id, resident.key)
    return {
        "questions": [
            Question(
                place=one.place,
                what=_KINDS[one.kind],
                by=one.asked_by,
                at=one.asked_at,
                agreed=one.agreed,
                answered_at=one.answered_at,
            )
            for one in reversed(asked)
            if one.org_id in orgs and one.kind in _KINDS and (since is None or one.asked_at >= since)
        ],
        "ask_places": [one for one in sheet.handovers if one.state in _OPEN] if may_edit else [],
        "family": family_of(opened),
        "chosen": await _chosen(connection, opened, resident.id, console_of(request).clock()),
        "news": [one for one in await sheet_news.of_sheet(connection, sheet.id) if not _is_past(one, sheet)],
        "news_kinds": NEWS,
        "held_words": HELD,
    }
