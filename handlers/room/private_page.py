"""The private page: a resident sees the front of their own sheet, corrects it, and says who may be told what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select

from casework.consents import ConsentBook, ConsentKind
from casework.sheet_views import View
from casework.sheets import Sheet, changes
from config.contents.forms import Form
from config.private_page import PrivateWords
from handlers.room.door import door_of
from handlers.room.looks import Look
from handlers.room.pages import look_of
from handlers.room.private_consents import Choosing, Place, choose, may_choose, places_of, withdraw_all
from handlers.room.private_form import (
    OF_OTHERS,
    Sent,
    applied,
    code_labels,
    covered_by,
    front_of,
    item_words,
    labels,
    own_fields,
    parts,
    read_sent,
    seen_by_resident,
    sent_of,
    tickable,
)
from handlers.room.private_session import Mine, fits, leave, mine_of, over, shown, too_large
from handlers.room.private_work import private_of
from handlers.room.security import look_cookie, set_cookie
from handlers.staff_turn import NobodyThere, Turned
from storage import audit, cases, consents, private_page, residents, sheets
from storage import changes as counters
from storage.database import Connection
from storage.residents import ResidentRow
from storage.sheets import Saving, Stored
from storage.tables import Resident

router = APIRouter()

#: A second button is not sent while the first may still be on its way.
AGAIN_AFTER = timedelta(minutes=1)
SHARES = (ConsentKind.ASK_AROUND, ConsentKind.TELL_NAME)
_DONE = ("saved", "changed", "withdrawn")


@dataclass(frozen=True, kw_only=True, slots=True)
class Opened:
    """A resident's sheet as it stands, with all that its page says."""

    mine: Mine
    resident: ResidentRow
    stored: Stored
    form: Form
    book: ConsentBook
    view: View
    places: list[Place]

    @property
    def sheet(self) -> Sheet:
        return self.stored.sheet

    @property
    def asks(self) -> bool:
        """Whether consent may be given here."""
        return may_choose(self.resident.known)


async def _opened(request: Request, connection: Connection, mine: Mine, *, lock: bool = False) -> Opened | None:
    door, session = door_of(request), mine.session
    if lock:
        # Resident, case, sheet, and the audit at the end: the order in which staff lock them.
        await connection.execute(select(Resident.id).where(Resident.id == session.resident_id).with_for_update())
        await cases.locked(connection, session.case_id)
    resident = await residents.by_id(connection, door.keyring, session.resident_id)
    if resident is None or await private_page.sheet_for(connection, session.resident_id, session.sheet_id) is None:
        return None
    stored = await sheets.load(connection, door.keyring, session.case_id, session.sheet_id, lock=lock)
    if stored is None:
        return None
    form, at = private_of(request).forms[session.desk_id][stored.sheet.form_id], door.clock()
    book = await consents.book(connection, resident.id)
    return Opened(
        mine=mine,
        resident=resident,
        stored=stored,
        form=form,
        book=book,
        view=seen_by_resident(stored.sheet, form, book, at),
        places=await places_of(connection, stored.sheet, book, at),
    )


@router.get("/mine")
async def own_page(request: Request) -> Response:
    """The sheet. Recorded as seen by its resident."""
    mine = await mine_of(request)
    if mine is None:
        return over(request, 401)
    if not mine.session.open:
        return shown(request, "private_closed.html", mine.session.desk_id, mine, said="")
    door = door_of(request)
    async with door.database.write() as connection:
        opened = await _opened(request, connection, mine)
        draft = None
        if opened is not None:
            key, now = opened.resident.key, door.clock()
            draft = await private_page.draft_for(connection, key, opened.resident.id, opened.sheet.id, now=now)
            await _record(request, connection, opened, "sheet_seen")
    said = request.query_params.get("done", "")
    if opened is None:
        return shown(request, "private_none.html", mine.session.desk_id, said=said)
    sent = None if draft is None else Sent.from_json(draft)
    return _page(request, opened, sent=sent, said=said if said in _DONE else "")


async def _record(
    request: Request,
    connection: Connection,
    opened: Opened,
    action: str,
    detail: Mapping[str, audit.Detail] | None = None,
) -> None:
    door = door_of(request)
    act = audit.Act(
        action=action,
        object_kind="sheet",
        object_id=opened.sheet.id,
        actor=audit.RESIDENT,
        desk_id=opened.sheet.desk_id,
        detail=detail or {},
    )
    await audit.record(connection, door.keyring, act, at=door.clock(), new_id=door.new_id)


def _page(
    request: Request,
    opened: Opened,
    *,
    status: int = 200,
    sent: Sent | None = None,
    wrong: Mapping[str, str] | None = None,
    said: str = "",
    problem: Any = None,
) -> Response:
    form, sheet = opened.form, opened.sheet
    excluded = sheet.excluded if sent is None else sent.kept
    kinds = {kind: item_words(form, covered_by(kind, form, excluded, None)) for kind in SHARES}
    return shown(
        request,
        "private_page.html",
        sheet.desk_id,
        opened.mine,
        status=status,
        problem=problem,
        form_title=form.title,
        version=sheet.version if sent is None else sent.version,
        parts=parts(form, opened.view, sent, wrong or {}),
        titles=[one.title for one in front_of(form).sections],
        own=set(own_fields(form, sheet.excluded)),
        of_others=OF_OTHERS,
        labels=labels(form),
        codes=code_labels(form),
        tickable=set(tickable(form)),
        kept=excluded,
        names={item.partition(".")[0] for item in tickable(form) if "." in item},
        places=opened.places if opened.asks else [],
        asks=opened.asks,
        choices={} if sent is None else sent.choices,
        covers=kinds,
        wrong=wrong or {},
        said=said,
        returns_at=opened.mine.session.expires_at,
    )


@router.post("/mine")
async def write(request: Request) -> Response:
    """What the resident wrote, ticked off and chose: taken as a whole, or shown again with nothing lost."""
    mine = await mine_of(request)
    if mine is None:
        return over(request, 401)
    if too_large(request):
        raise HTTPException(413)
    ours = await fits(request, mine)
    door = door_of(request)
    async with door.database.glance() as connection:
        opened = await _opened(request, connection, mine)
    if opened is None:
        return shown(request, "private_none.html", mine.session.desk_id)
    data = await request.form(max_fields=2000, max_files=0)
    sent = sent_of(data, opened.form, opened.sheet.excluded, [place.key for place in opened.places])
    if not mine.session.open:
        async with door.database.write() as connection:
            await private_page.keep_draft(connection, opened.resident.key, mine.session.id, sent.to_json())
        return shown(request, "private_closed.html", mine.session.desk_id, mine, said="")
    if not ours:
        return _page(request, opened, status=403, sent=sent, said="stale")
    return await _taken(request, mine, opened, sent)


async def _taken(request: Request, mine: Mine, opened: Opened, sent: Sent) -> Response:
    door, at = door_of(request), door_of(request).clock()
    base = await _base(request, opened, sent.version)
    reading = read_sent(opened.form, base, opened.book, sent, at)
    if reading.wrong:
        return _page(request, opened, status=422, sent=sent, wrong=reading.wrong, said="wrong")
    async with door.database.write() as connection:
        there = await _opened(request, connection, mine, lock=True)
        if there is None:
            raise HTTPException(404)
        others = changes(base, there.sheet)
        after = applied(there.sheet, there.form, reading.changed, sent.kept, at)
        version = private_of(request).forms[there.sheet.desk_id].version
        saving = Saving(actor="resident", action="written", at=at, forms_version=version)
        saved = await sheets.save(connection, door.keyring, there.stored, after, saving, new_id=door.new_id)
        chosen = 0
        if there.asks:
            given = _choosing(request, there, at)
            chosen = await choose(connection, there.resident, saved, sent.choices, given)
        await cases.add_event(
            connection, there.stored.case_id, kind="page_saved", actor=cases.RESIDENT, at=at, new_id=door.new_id,
            object_id=saved.id,
        )  # fmt: skip
        await private_page.forget_drafts(connection, there.resident.id, saved.id)
        detail: dict[str, audit.Detail] = {"fields": len(reading.changed), "chosen": chosen}
        await _record(request, connection, there, "sheet_written", detail)
        await counters.bump(connection, saved.desk_id)
    return RedirectResponse(f"/room/mine?done={'changed' if others else 'saved'}", status_code=303)


async def _base(request: Request, opened: Opened, version: int) -> Sheet:
    """The version that the resident saw; the newest where it is none of this sheet's."""
    if version in (0, opened.sheet.version):
        return opened.sheet
    door = door_of(request)
    async with door.database.glance() as connection:
        case_id, sheet_id = opened.stored.case_id, opened.sheet.id
        found = await sheets.at_version(connection, door.keyring, case_id, sheet_id, version)
    return opened.sheet if found is None else replace(found, excluded=opened.sheet.excluded)


def _choosing(request: Request, opened: Opened, at: datetime) -> Choosing:
    door, work = door_of(request), private_of(request)
    return Choosing(
        keyring=door.keyring,
        forms=work.forms[opened.sheet.desk_id],
        form=opened.form,
        words=_words(request, opened.sheet.desk_id).consent,
        valid_for=work.valid_for[opened.sheet.desk_id],
        at=at,
        new_id=door.new_id,
    )


def _words(request: Request, desk_id: str) -> PrivateWords:
    look = look_of(request)
    return private_of(request).words_at(desk_id).words(easy=look.easy is True or look.language != "ja")


@router.post("/mine/again")
async def again(request: Request) -> Response:
    """The half hour is over: one press sends a new button to the talk, and what was typed waits there."""
    mine = await mine_of(request)
    if mine is None:
        return over(request, 401)
    if not await fits(request, mine):
        return shown(request, "private_closed.html", mine.session.desk_id, mine, status=403, said="")
    door = door_of(request)
    async with door.database.write() as connection:
        free = await private_page.reissued(connection, mine.session.id, now=door.clock(), pause=AGAIN_AFTER)
    went = free and await private_of(request).offer(mine.session.resident_id)
    said = "sent" if went or not free else "not_sent"
    return shown(request, "private_closed.html", mine.session.desk_id, mine, said=said)


@router.post("/mine/withdraw")
async def withdraw(request: Request) -> Response:
    """Everything the resident has agreed to ends now, in the talk as well."""
    mine = await mine_of(request)
    if mine is None or not mine.session.open:
        return over(request, 401)
    if not await fits(request, mine):
        return RedirectResponse("/room/mine", status_code=303)
    door, at = door_of(request), door_of(request).clock()

    async def within(connection: Connection, turned: Turned) -> None:
        case = await cases.open_case_of(connection, turned.resident.id, lock=True)
        there = await _opened(request, connection, mine, lock=True)
        if there is None:
            raise NobodyThere
        await withdraw_all(connection, turned.resident.id, _choosing(request, there, at))
        if case is not None:
            await cases.add_event(
                connection, case.id, kind="consent_withdrawn", actor=cases.RESIDENT, at=at, new_id=door.new_id
            )
        await _record(request, connection, there, "consent_withdrawn")
        await counters.bump(connection, there.sheet.desk_id)

    try:
        await private_of(request).withdraw(mine.session.resident_id, within)
    except NobodyThere:
        return over(request)
    return RedirectResponse("/room/mine?done=withdrawn", status_code=303)


@router.post("/mine/finish")
async def finish(request: Request) -> Response:
    """Done: this browser has nothing before it any more."""
    mine = await mine_of(request)
    if mine is None:
        return over(request, 401)
    await fits(request, mine)
    answer = shown(request, "private_finished.html", mine.session.desk_id)
    await leave(request, answer)
    return answer


@router.post("/mine/look")
async def look(request: Request) -> Response:
    """How the page looks from now on, in this browser."""
    mine = await mine_of(request)
    if mine is None:
        return over(request, 401)
    await fits(request, mine)
    door, given = door_of(request), look_of(request)
    chosen = Look.chosen({"language": given.language, **dict(await request.form())})
    answer = RedirectResponse("/room/mine", status_code=303)
    set_cookie(door, answer, look_cookie(door), chosen.cookie())
    return answer
