"""Whom alerts are told to: mail addresses of staff, who is on call when, the desk's addresses, and how mail goes."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from casework.alerting import Recipient, Window
from casework.people import Viewer
from casework.permissions import Action
from config.mail import is_address
from handlers.staff import people, words
from handlers.staff.access import require
from handlers.staff.acts import note
from handlers.staff.console import console_of
from handlers.staff.desk_choice import desk_here
from handlers.staff.forms import text_of, texts_of
from handlers.staff.pages import page
from handlers.staff.roles import keeps
from storage import notices, rota, staff
from storage.notice_tables import AddressList, NoticeKind, NoticeState
from storage.notices import About

router = APIRouter()

Admin = Annotated[Viewer, Depends(require(Action.MANAGE_DESK))]

_DONE = {
    "contact": "メールの宛先を変えました。",
    "on_call": "当番を入れました。",
    "off_call": "当番を外しました。",
    "listed": "窓口の宛先を加えました。",
    "unlisted": "窓口の宛先を外しました。",
    "test": "ためしのメールを出しました。数秒で、下の一覧に結果が出ます。",
}
BAD_WINDOW = "当番の時刻と日付を確かめてください。"
NOBODY = "メールの宛先がまだ一つもありません。"
STATES = {
    NoticeState.WAITING: "送信待ち",
    NoticeState.SENT: "メールサーバーが受け取りました",
    NoticeState.FAILED: "断られました",
    NoticeState.EXPIRED: "時間切れ",
    NoticeState.DROPPED: "いらなくなりました",
}
KINDS = {
    NoticeKind.URGENT: "緊急",
    NoticeKind.WATCH: "要注意",
    NoticeKind.HAND_OFF: "人を望む方",
    NoticeKind.TEST: "ためし",
    NoticeKind.DAY: "きょうの予定",
    NoticeKind.HANDED: "シートが届いた",
    NoticeKind.RECALLED: "シートの取り消し",
}
LISTS = {AddressList.DESK: "窓口の宛先", AddressList.NIGHT: "時間外の宛先"}


@router.get("/rota")
async def rota_page(request: Request, viewer: Admin) -> Response:
    """All of it, for one desk."""
    return await _show(request, viewer, notice=_DONE.get(request.query_params.get("done", "")))


async def _show(request: Request, viewer: Viewer, *, status: int = 200, **values: Any) -> Response:
    console, now = console_of(request), console_of(request).clock()
    desk_id = _desk(request, viewer)
    async with console.database.read() as connection:
        accounts = [one for one in await staff.everybody(connection) if one.disabled_at is None]
        grants = await staff.grants(connection, now)
        contacts = await rota.contacts(connection, console.keyring)
        windows = await rota.windows(connection, desk_id)
        addresses = await rota.addresses(connection, console.keyring, desk_id)
        told = await notices.recent(connection, desk_id)
        names = await staff.names(connection)
        if console.alerts is not None:
            # This page is where it is put right: its own banner is never an old one.
            missing = [] if await rota.is_reachable(connection, console.keyring, desk_id, now=now) else [desk_id]
            others = [one for one in console.alerts.health.unreachable if one != desk_id]
            console.alerts.health.unreachable = (*others, *missing)
    given = {one.id: [held for held in grants if held.staff_id == one.id] for one in accounts}
    shown = [one for one in accounts if given[one.id] and keeps(viewer, one, given[one.id])]
    alerts = console.alerts
    return page(
        request,
        "rota.html",
        viewer,
        status=status,
        **{
            "accounts": shown,
            "given": given,
            "contacts": contacts,
            "windows": {one.id: [held for held in windows if held.staff_id == one.id] for one in shown},
            "window_words": window_words,
            "lists": {which: [one for one in addresses if one.list is which] for which in AddressList},
            "list_names": LISTS,
            "told": told,
            "names": names,
            "states": STATES,
            "kinds": KINDS,
            "weekdays": [words.weekday(number) for number in range(7)],
            "configured": alerts is not None and alerts.health.configured,
            "practice": None if alerts is None else alerts.practice,
            "area_name": console.area_name,
            **values,
        },
    )


def _desk(request: Request, viewer: Viewer) -> str:
    return desk_here(request, viewer, Action.MANAGE_DESK)


def window_words(window: Window) -> str:
    """「月・火 17:00から翌9:00 (12月1日から)」."""
    days = "・".join(words.weekday(number) for number in sorted(window.weekdays)) or "毎日"
    over = "翌" if window.ends <= window.starts else ""
    first = "" if window.first is None else f"{window.first:%Y年%-m月%-d日}から"
    last = "" if window.last is None else f"{window.last:%Y年%-m月%-d日}まで"
    span = f" ({first}{last})" if first or last else ""
    return f"{days} {window.starts:%H:%M}から{over}{window.ends:%H:%M}{span}"


@router.post("/rota/people/{staff_id}/contact")
async def set_contact(request: Request, viewer: Admin, staff_id: UUID) -> Response:
    """Where mail reaches somebody; empty: nowhere."""
    console, address = console_of(request), await text_of(request, "address")
    if address and not is_address(address):
        return await _show(request, viewer, status=422, problem=words.BAD_ADDRESS)
    async with console.database.write() as connection:
        await people.kept_account(request, connection, viewer, staff_id)
        await rota.set_contact(connection, console.keyring, staff_id, address or None, now=console.clock())
        await note(request, connection, "contact_set", "staff", staff_id, detail={"given": bool(address)})
    return _done("contact")


@router.post("/rota/people/{staff_id}/windows")
async def add_window(request: Request, viewer: Admin, staff_id: UUID) -> Response:
    """Put somebody on call."""
    console, desk_id, window = console_of(request), _desk(request, viewer), await _window(request)
    if window is None:
        return await _show(request, viewer, status=422, problem=BAD_WINDOW)
    async with console.database.write() as connection:
        await people.kept_account(request, connection, viewer, staff_id)
        await rota.add_window(connection, staff_id, desk_id, window, new_id=console.new_id)
        await note(request, connection, "on_call_set", "staff", staff_id, desk_id=desk_id)
    return _done("on_call")


async def _window(request: Request) -> Window | None:
    try:
        days = frozenset(int(day) for day in await texts_of(request, "weekday"))
        starts, ends = [dt.time.fromisoformat(await text_of(request, name)) for name in ("starts", "ends")]
        first, last = [
            dt.date.fromisoformat(text) if (text := await text_of(request, name)) else None
            for name in ("first", "last")
        ]
    except ValueError:
        return None
    plain = starts.tzinfo is None and ends.tzinfo is None
    if not plain or not days <= frozenset(range(7)) or (first and last and last < first):
        return None
    return Window(starts=starts, ends=ends, weekdays=days, first=first, last=last)


@router.post("/rota/windows/{window_id}/remove")
async def remove_window(request: Request, viewer: Admin, window_id: UUID) -> Response:
    """Take somebody off."""
    console, desk_id = console_of(request), _desk(request, viewer)
    async with console.database.write() as connection:
        who = await rota.remove_window(connection, desk_id, window_id)
        if who is None:
            raise HTTPException(404)
        await note(request, connection, "on_call_removed", "staff", who, desk_id=desk_id)
    return _done("off_call")


@router.post("/rota/addresses")
async def add_address(request: Request, viewer: Admin) -> Response:
    """Put an address on one of the desk's lists."""
    console, desk_id, address = console_of(request), _desk(request, viewer), await text_of(request, "address")
    asked = await text_of(request, "list")
    which = next((one for one in AddressList if one.value == asked), None)
    if which is None or not is_address(address):
        return await _show(request, viewer, status=422, problem=words.BAD_ADDRESS)
    async with console.database.write() as connection:
        await rota.add_address(connection, console.keyring, desk_id, which, address, new_id=console.new_id)
        await note(request, connection, "list_added", "desk", desk_id, desk_id=desk_id, detail={"list": which.value})
    return _done("listed")


@router.post("/rota/addresses/{address_id}/remove")
async def remove_address(request: Request, viewer: Admin, address_id: UUID) -> Response:
    """Take an address off."""
    console, desk_id = console_of(request), _desk(request, viewer)
    async with console.database.write() as connection:
        if not await rota.remove_address(connection, desk_id, address_id):
            raise HTTPException(404)
        await note(request, connection, "list_removed", "desk", desk_id, desk_id=desk_id)
    return _done("unlisted")


@router.post("/rota/test")
async def send_test(request: Request, viewer: Admin) -> Response:
    """A mail to everybody whom an alert could reach, by the way an alert takes."""
    console, desk_id, now = console_of(request), _desk(request, viewer), console_of(request).clock()
    alerts = console.alerts
    if alerts is None:
        return await _show(request, viewer, status=409, problem="メールの設定がありません。")
    async with console.database.write() as connection:
        boxes = [
            Recipient(address=one.address, staff_id=one.viewer.staff_id)
            for one in await rota.colleagues(connection, console.keyring, desk_id, now=now)
            if one.address is not None
        ]
        listed = await rota.addresses(connection, console.keyring, desk_id)
        boxes += [Recipient(address=one.address) for one in listed]
        for box in {one.address.casefold(): one for one in boxes}.values():
            await notices.add(
                connection,
                console.keyring,
                About(desk_id=desk_id, kind=NoticeKind.TEST),
                box,
                now=now,
                expires_at=now + alerts.words[desk_id].expires(NoticeKind.TEST.value),
                domain=alerts.domain,
                new_id=console.new_id,
            )
        await note(request, connection, "test_mail", "desk", desk_id, desk_id=desk_id, detail={"people": len(boxes)})
    return _done("test") if boxes else await _show(request, viewer, status=409, problem=NOBODY)


def _done(what: str) -> Response:
    return RedirectResponse(f"/staff/rota?done={what}", status_code=303)
