"""The page of a case, and what is done with the case as a whole: whose it is, where, how urgent, until when."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from casework.people import Viewer
from casework.permissions import Action
from casework.queue import Level
from handlers.staff import case_labels, case_plan
from handlers.staff.access import refused, require
from handlers.staff.acts import note
from handlers.staff.case_view import view
from handlers.staff.console import console_of, work_of
from handlers.staff.forms import id_of, text_of, texts_of
from handlers.staff.pages import page
from storage import case_acts, cases, changes, staff
from storage.assigning import can_have as staff_can_have
from storage.audit import Detail
from storage.case_acts import By
from storage.case_tables import CloseReason, ExclusionKind
from storage.cases import CaseRow
from storage.database import Connection

router = APIRouter()

UNANSWERED = (
    "緊急の知らせに、まだ返事をしていないため、終了できません。"
    "先に返事をするか、「返事はいらない」を押すか、理由を書いて危険度を下げてください。"
)

Change = Callable[[Connection, CaseRow, By], Awaitable[bool]]
#: What is said after an act, by the name in the address.
DONE: Mapping[str, str] = {
    "claimed": "引き受けました。",
    "returned": "一覧に戻しました。",
    "assigned": "割り当てました。",
    "joined": "世帯に入れました。",
    "parted": "世帯から外しました。",
    "rooms_joined": "前の部屋とつなぎました。前の部屋は閉じました。",
    "area": "圏域を決めました。",
    "snoozed": "あとでにしました。本人が書くか、その日になると一覧に戻ります。",
    "seen_to": "返事はいらないことにしました。本人がまた書くと、待っている方に戻ります。",
    "lowered": "危険度を下げました。新しい危険の言葉があれば、また上がります。",
    "raised": "危険度を上げました。理由は記録に残しました。",
    "closed": "終了しました。",
    "reopened": "もう一度開きました。",
    "excluded": "この相談の担当から外しました。",
    "noted": "記録しました。",
    "task": "予定を入れました。",
    "task_done": "予定を終えました。",
    "tagged": "困りごとを直しました。",
    "sent": "送信を頼みました。届き方は下に出ます。",
    "drafted": "下書きしました。もう一人が確かめると送られます。",
    "dropped": "下書きをやめました。",
    "came": "これから書くことを本人に伝えました。自動の返事は休んでいます。",
    "left": "自動の返事に戻しました。",
    "told_read": "読んだことを本人に伝えました。",
    "glass": "開きました。開いたことは記録され、あとでほかの人が確かめます。",
}


async def look(request: Request, viewer: Viewer, case_id: UUID, action: Action) -> CaseRow:
    """The case, for who may do this to it; for all others there is none, and the try is kept."""
    async with console_of(request).database.glance() as connection:
        case = await cases.load(connection, case_id, viewer, action)
    if case is None:
        await refused(request, action, case_id)
        raise HTTPException(404)
    return case


async def change(
    request: Request,
    viewer: Viewer,
    case_id: UUID,
    action: Action,
    name: str,
    work: Change,
    *,
    detail: Mapping[str, Detail] | None = None,
    after_erasing: bool = False,
) -> tuple[CaseRow, bool]:
    """Carry an act out on the locked case, with its line in the audit. False when somebody else was first."""
    await look(request, viewer, case_id, action)
    console = console_of(request)
    async with console.database.write() as connection:
        case = await cases.load(connection, case_id, viewer, action, lock=True)
        if case is None:
            raise HTTPException(404)
        by = By(staff_id=viewer.staff_id, at=console.clock(), new_id=console.new_id)
        done = (after_erasing or case.hidden_at is None) and await work(connection, case, by)
        if done:
            await note(request, connection, name, "case", case_id, desk_id=case.desk_id, detail=detail)
            await changes.bump(connection, case.desk_id)
    return case, done


def back(case_id: UUID, done: str, part: str = "") -> Response:
    """To the case's page, which says what was done."""
    return RedirectResponse(f"/staff/cases/{case_id}?done={done}{part}", status_code=303)


#: Fields in which people write: what was not carried out is given back to them.
_TYPED = ("words", "body", "reason", "reason_words", "title")


async def overtaken(request: Request, viewer: Viewer, case_id: UUID, problem: str | None = None) -> Response:
    """409: somebody else was first; who it was, and how the case stands now."""
    console = console_of(request)
    async with console.database.glance() as connection:
        case = await cases.load(connection, case_id, viewer, Action.SEE_QUEUE)
        names = await staff.names(connection)
        latest = (await cases.events(connection, case_id))[-1:]
    if case is None:
        raise HTTPException(404)
    return page(
        request,
        "taken.html",
        viewer,
        status=409,
        case=case,
        names=names,
        latest=latest,
        why=problem,
        labels=case_labels,
        typed=[words for name in _TYPED for words in await texts_of(request, name) if words.strip()],
    )


@router.get("/cases/{case_id}")
async def case_page(
    request: Request, viewer: Annotated[Viewer, Depends(require(Action.SEE_CASE))], case_id: UUID
) -> Response:
    """Everything about a case in one place."""
    case = await look(request, viewer, case_id, Action.SEE_CASE)
    return await show(request, viewer, case)


async def show(request: Request, viewer: Viewer, case: CaseRow, *, status: int = 200, **values: Any) -> Response:
    """The page of a case, recorded as seen."""
    console = console_of(request)
    before = request.query_params.get("before", "")
    shown = await view(request, viewer, case, before=int(before) if before.isascii() and before.isdigit() else None)
    shown |= await case_plan.card(request, case)
    async with console.database.write() as connection:
        detail = {"words": bool(shown.get("reading") and (shown["reading"].agreed or shown["grants"]))}
        if "again" in request.query_params:
            # The page renewed itself: nobody need be looking at it.
            detail["by_itself"] = True
        await note(request, connection, "case_seen", "case", case.id, desk_id=case.desk_id, detail=detail)
    done = DONE.get(request.query_params.get("done", ""))
    return page(request, "case.html", viewer, status=status, **{"notice": done, **shown, **values})


@router.get("/cases/{case_id}/live")
async def live(
    request: Request, viewer: Annotated[Viewer, Depends(require(Action.SEE_CASE, quiet=True))], case_id: UUID
) -> Response:
    """What an open page asks after every change: is it still as shown, and who is writing?"""
    console, now = console_of(request), console_of(request).clock()
    async with console.database.glance() as connection:
        case = await cases.load(connection, case_id, viewer, Action.SEE_CASE)
        if case is None:
            raise HTTPException(404)
        names = await staff.names(connection)
        since = now - work_of(request).typing_lasts
        typing = await case_acts.typing_now(connection, case_id, since=since, but=viewer.staff_id)
    return JSONResponse(
        {
            "version": case.version,
            "owner": names.get(case.owner_id) if case.owner_id else None,
            "typing": [names.get(one, "?") for one in typing],
        }
    )


@router.post("/cases/{case_id}/claim")
async def claim(request: Request, viewer: Annotated[Viewer, Depends(require(Action.CLAIM))], case_id: UUID) -> Response:
    """Take a case that is nobody's."""
    _, done = await change(request, viewer, case_id, Action.CLAIM, "case_claimed", case_acts.claim)
    return back(case_id, "claimed") if done else await overtaken(request, viewer, case_id)


@router.post("/cases/{case_id}/return")
async def give_back(
    request: Request, viewer: Annotated[Viewer, Depends(require(Action.CLAIM))], case_id: UUID
) -> Response:
    """Put a case back into the queue. Who is announced in the talk leaves it first."""

    async def work(connection: Connection, case: CaseRow, by: By) -> bool:
        return case.present_id is None and await case_acts.give_back(connection, case, by)

    case, done = await change(request, viewer, case_id, Action.CLAIM, "case_returned", work)
    if done:
        return back(case_id, "returned")
    why = (
        None
        if case.present_id is None
        else "まだ人が書くと本人に伝わっています。先に「自動の返事に戻す」を押してください。"
    )
    return await overtaken(request, viewer, case_id, why)


@router.post("/cases/{case_id}/assign")
async def assign(
    request: Request, viewer: Annotated[Viewer, Depends(require(Action.ASSIGN))], case_id: UUID
) -> Response:
    """Give a case to somebody who may see it."""
    to = id_of(await text_of(request, "to"))
    async with console_of(request).database.glance() as connection:
        possible = to is not None and await staff_can_have(connection, to, case_id, console_of(request).clock())
    if to is None or not possible:
        return await overtaken(
            request,
            viewer,
            case_id,
            "この人には割り当てられません。役割か圏域、または担当から外した設定を確かめてください。",
        )
    _, done = await change(
        request,
        viewer,
        case_id,
        Action.ASSIGN,
        "case_assigned",
        lambda connection, case, by: case_acts.assign(connection, case, by, to),
        detail={"to": str(to)},
    )
    return back(case_id, "assigned") if done else await overtaken(request, viewer, case_id)


@router.post("/cases/{case_id}/area")
async def set_area(
    request: Request, viewer: Annotated[Viewer, Depends(require(Action.CLAIM))], case_id: UUID
) -> Response:
    """In which part of the town it is."""
    seen = await look(request, viewer, case_id, Action.CLAIM)
    area = await text_of(request, "area") or None
    if area is not None and area not in {one.id for one in console_of(request).words_of(seen.desk_id).areas}:
        raise HTTPException(400)
    _, done = await change(
        request,
        viewer,
        case_id,
        Action.CLAIM,
        "case_area",
        lambda connection, case, by: case_acts.set_area(connection, case, by, area),
        detail={"area": area},
    )
    return back(case_id, "area") if done else await overtaken(request, viewer, case_id)


@router.post("/cases/{case_id}/snooze")
async def snooze(
    request: Request, viewer: Annotated[Viewer, Depends(require(Action.CLAIM))], case_id: UUID
) -> Response:
    """Put a case off until the morning of a day."""
    console = console_of(request)
    day = await text_of(request, "until")

    async def work(connection: Connection, case: CaseRow, by: By) -> bool:
        until = _morning(day, console.clock().astimezone(console.zone_of(case.desk_id)))
        calm = case.risk_level is not Level.URGENT or case.waiting_since is None
        return until is not None and calm and await case_acts.snooze(connection, case, by, until)

    _, done = await change(request, viewer, case_id, Action.CLAIM, "case_snoozed", work)
    why = "あす以降の日を選んでください。緊急で待っている方は、あとでにできません。"
    return back(case_id, "snoozed") if done else await overtaken(request, viewer, case_id, why)


def _morning(text: str, now: datetime) -> datetime | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    if not now.date() < day <= now.date() + timedelta(days=400):
        return None
    return datetime.combine(day, time(8), now.tzinfo)


@router.post("/cases/{case_id}/seen")
async def seen_to(
    request: Request, viewer: Annotated[Viewer, Depends(require(Action.ANSWER))], case_id: UUID
) -> Response:
    """Somebody has looked, and nothing has to be answered."""
    _, done = await change(request, viewer, case_id, Action.ANSWER, "case_seen_to", case_acts.seen_to)
    return back(case_id, "seen_to") if done else await overtaken(request, viewer, case_id)


@router.post("/cases/{case_id}/close")
async def close(request: Request, viewer: Annotated[Viewer, Depends(require(Action.CLOSE))], case_id: UUID) -> Response:
    """Close the case as the page showed it."""
    await look(request, viewer, case_id, Action.CLOSE)
    reason, version = await text_of(request, "reason"), await text_of(request, "version")
    if reason not in set(CloseReason) - {CloseReason.ERASED}:
        raise HTTPException(400)

    async def work(connection: Connection, case: CaseRow, by: By) -> bool:
        as_seen = version == str(case.version)
        may_end = as_seen and not _unanswered_danger(case)
        return may_end and await case_acts.close(connection, case, by, CloseReason(reason))

    case, done = await change(
        request, viewer, case_id, Action.CLOSE, "case_closed", work, detail={"reason": reason}, after_erasing=True
    )
    if done:
        return back(case_id, "closed")
    present = "まだ人が書くと本人に伝わっています。先に「自動の返事に戻す」を押してください。"
    changed = "画面を開いてから、この相談に変化がありました。もう一度見てから終了してください。"
    if _unanswered_danger(case):
        return await overtaken(request, viewer, case_id, UNANSWERED)
    return await overtaken(request, viewer, case_id, present if case.present_id else changed)


def _unanswered_danger(case: CaseRow) -> bool:
    """Whether somebody in danger still waits: no reason of a list ends that. Who wished to be erased is let go."""
    return case.risk_level is Level.URGENT and case.waiting_since is not None and case.hidden_at is None


@router.post("/cases/{case_id}/reopen")
async def reopen(
    request: Request, viewer: Annotated[Viewer, Depends(require(Action.CLOSE))], case_id: UUID
) -> Response:
    """Open a closed case again."""
    _, done = await change(request, viewer, case_id, Action.CLOSE, "case_reopened", case_acts.reopen)
    why = "開いたままの相談が、この方にもう一つあります。"
    return back(case_id, "reopened") if done else await overtaken(request, viewer, case_id, why)


@router.post("/cases/{case_id}/exclusions")
async def exclude(
    request: Request, viewer: Annotated[Viewer, Depends(require(Action.EXCLUDE))], case_id: UUID
) -> Response:
    """Keep somebody away from a case."""
    await look(request, viewer, case_id, Action.EXCLUDE)
    who = id_of(await text_of(request, "who"))
    if who is None:
        raise HTTPException(400)
    return await _barred(request, viewer, case_id, Action.EXCLUDE, who, ExclusionKind.EXCLUDED)


@router.post("/cases/{case_id}/conflict")
async def declare_conflict(
    request: Request, viewer: Annotated[Viewer, Depends(require(Action.DECLARE_CONFLICT))], case_id: UUID
) -> Response:
    """Say that one knows these people: from now on one does not see the case."""
    return await _barred(request, viewer, case_id, Action.DECLARE_CONFLICT, viewer.staff_id, ExclusionKind.CONFLICT)


async def _barred(
    request: Request, viewer: Viewer, case_id: UUID, action: Action, who: UUID, kind: ExclusionKind
) -> Response:
    async def work(connection: Connection, case: CaseRow, by: By) -> bool:
        known = await staff.by_id(connection, who) is not None
        return known and await case_acts.exclude(connection, case, by, who, kind)

    _, done = await change(
        request, viewer, case_id, action, f"case_{kind.value}", work, detail={"who": str(who)}, after_erasing=True
    )
    if not done:
        return await overtaken(request, viewer, case_id)
    if who == viewer.staff_id:
        return RedirectResponse("/staff/queue", status_code=303)
    return back(case_id, "excluded")
