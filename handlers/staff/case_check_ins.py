"""お便り on the case: setting, changing and ending the plan of a resident who wishes it, and a line for the next."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from casework import plain_words
from casework.people import Viewer
from casework.permissions import Action, allowed
from casework.unnamed import giving_away
from config.categories import categories
from dialogue.effects import CheckInsEnded, PlanCheckIns
from dialogue.events import CheckInsCalledOff, CheckInSet
from dialogue.followups import ONCE, Band, CheckInPlan, QuietHours, Rhythm, first_day
from handlers.staff import check_in_labels as labels
from handlers.staff import doing
from handlers.staff.access import require, signed_of
from handlers.staff.acts import note
from handlers.staff.answering import shown_as
from handlers.staff.case import look
from handlers.staff.case_plan import changed, view
from handlers.staff.console import console_of, work_of
from handlers.staff.foresight import foresights
from handlers.staff.forms import line_of, text_of
from handlers.staff.pages import page
from handlers.staff.withheld import untold
from handlers.staff_turn import NobodyThere, StaffEvent, Turned
from storage import cases, changes, followups, residents
from storage.case_acts import By
from storage.case_tables import NoteKind
from storage.cases import CaseRow
from storage.database import Connection
from storage.followups import Personal

router = APIRouter()

Reader = Annotated[Viewer, Depends(require(Action.SEE_CASE))]
Answerer = Annotated[Viewer, Depends(require(Action.ANSWER))]

#: A line, not a letter: on the screen of a phone it is read without opening it.
LONGEST_LINE = 80
LONGEST_AHEAD = 366
MOST_TIMES = 60
FIELDS = ("rhythm", "band", "on", "until", "times", "wish", "seen")
DONE = {
    "set": "お便りを決めました。本人に、決まったことと、変え方・終わり方をLINEで伝えました。",
    "ended": "お便りを終わりにしました。",
    "ended_quietly": "お便りを終わりにしました。いまは知らせられないので、本人には伝えていません。",
    "line": "次のお便りに、ひとことを添えます。",
    "no_line": "ひとことを取りました。",
}
REFUSED = (
    "いまは決められません。本人が「連絡しないでほしい」と言っているか、消すことを望んでいるか、"
    "通知を見られるおそれがあり「この時間に通知が来ても大丈夫ですか」をまだ聞いていない方です。"
)
OVER = "この相談は終了しています。"


Then = Callable[[Connection, CaseRow, By, Turned], Awaitable[None]]


class _Refused(Exception):
    """The talk did not take it; nothing has changed."""


@router.get("/cases/{case_id}/check-ins")
async def plan_page(request: Request, viewer: Reader, case_id: UUID) -> Response:
    """The plan, the next words as they will go out, what was sent or not and why, and the answers."""
    case = await look(request, viewer, case_id, Action.SEE_CASE)
    return await _show(request, viewer, case, notice=DONE.get(request.query_params.get("done", "")))


async def _show(request: Request, viewer: Viewer, case: CaseRow, *, status: int = 200, **values: Any) -> Response:
    console = console_of(request)
    shown = await view(request, case) if case.hidden_at is None else {"case": case}
    async with console.database.write() as connection:
        facts = await cases.facts_of(connection, case)
        await note(request, connection, "plan_seen", "case", case.id, desk_id=case.desk_id)
    may = case.hidden_at is None and case.closed_at is None and allowed(viewer, Action.ANSWER, facts)
    typed = dict.fromkeys((*FIELDS, "line"), "")
    why = await untold(request, case) if may else None
    return page(
        request,
        "case_check_ins.html",
        viewer,
        status=status,
        **{
            **shown,
            "may": may,
            "withheld": why,
            "typed": typed,
            "sure": False,
            "giving": [],
            "rhythms": list(Rhythm),
            "band_list": list(Band),
            "ONCE": ONCE,
            "LONGEST_LINE": LONGEST_LINE,
            "MOST_TIMES": MOST_TIMES,
            "signature": shown_as(request, case.desk_id, signed_of(request).account.shown_name),
            **values,
        },
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Wanted:
    """A plan as the form says it, and the resident's wish in the words of whoever asked."""

    plan: CheckInPlan
    wish: str


@router.post("/cases/{case_id}/check-ins")
async def set_plan(request: Request, viewer: Answerer, case_id: UUID) -> Response:
    """Put a plan in the place of what holds. The resident is told so at once, with the way to change it."""
    case = await look(request, viewer, case_id, Action.ANSWER)
    typed = {name: await text_of(request, name) for name in FIELDS}
    wanted = _wanted(request, case, typed)
    if isinstance(wanted, str):
        return await _show(request, viewer, case, status=422, problem=wanted, typed={**typed, "line": ""})
    if (why := await _closed(request, case)) is not None:
        return await _show(request, viewer, case, status=409, problem=why, typed={**typed, "line": ""})
    plan = await _with_theirs(request, case, wanted.plan)
    shown = shown_as(request, case.desk_id, signed_of(request).account.shown_name)

    async def then(connection: Connection, locked: CaseRow, by: By, _turned: Turned) -> None:
        body = f"お便りを決めた({_said(plan)})。本人の希望: {wanted.wish}"
        if plan.agreed_to_be_seen:
            body += "\n「この時間に通知が来ても大丈夫ですか」と聞き、大丈夫との答え。"
        await doing.add_note(connection, console_of(request).keyring, locked, by, kind=NoteKind.NOTE, body=body)

    event = CheckInSet(plan=plan, shown=shown)
    if await _in_talk(request, viewer, case, event, then, name="plan_set"):
        return _back(case_id, "set")
    return await _show(request, viewer, case, status=409, problem=REFUSED, typed={**typed, "line": ""})


def _wanted(request: Request, case: CaseRow, typed: dict[str, str]) -> _Wanted | str:
    """The plan of a form, or what is wrong with it."""
    console = console_of(request)
    desk = console.desks[case.desk_id]
    today = console.clock().astimezone(ZoneInfo(desk.content.desk.zone)).date()
    if typed["rhythm"] not in set(Rhythm) or typed["band"] not in set(Band):
        return "どのくらいの間で、いつごろ届けるかを選んでください。"
    if not typed["wish"]:
        return "本人の希望(どう聞いたか)を書いてください。本人が望まないお便りは、送りません。"
    rhythm = Rhythm(typed["rhythm"])
    try:
        on, until = (date.fromisoformat(typed[name]) if typed[name] else None for name in ("on", "until"))
        times = int(typed["times"]) if typed["times"] else None
    except ValueError:
        return "日付と回数を確かめてください。"
    starts = on or first_day(rhythm, today)
    if (problem := _dates(rhythm, today, starts, on, until)) is not None:
        return problem
    if times is not None and not 1 <= times <= MOST_TIMES:
        return f"回数は1から{MOST_TIMES}までにしてください。"
    quiet = desk.content.checkins.timing.quiet
    plan = CheckInPlan(
        rhythm=rhythm,
        band=Band(typed["band"]),
        starts=starts,
        on_day=on if rhythm is Rhythm.ON_DAY else None,
        until=until,
        count_left=times,
        quiet=QuietHours(begins=quiet.begins, ends=quiet.ends),
        minor=case.minor,
        agreed_to_be_seen=typed["seen"] == "yes",
    )
    return _Wanted(plan=plan, wish=typed["wish"][:500])


def _dates(rhythm: Rhythm, today: date, starts: date, on: date | None, until: date | None) -> str | None:
    if rhythm is Rhythm.ON_DAY and on is None:
        return "「この日に1回」のときは、日を選んでください。"
    if not 0 < (starts - today).days <= LONGEST_AHEAD:
        return "最初の日は、あすから1年のあいだで選んでください。"
    return None if until is None or until >= starts else "終わりの日は、最初の日よりあとにしてください。"


def _said(plan: CheckInPlan) -> str:
    """A plan in words, for the note."""
    ends = f"、{plan.until:%Y年%-m月%-d日}まで" if plan.until else ""
    times = f"、{plan.count_left}回" if plan.count_left else ""
    return f"{labels.RHYTHMS[plan.rhythm]}・{labels.BANDS[plan.band]}、{plan.starts:%-m月%-d日}から{ends}{times}"


async def _with_theirs(request: Request, case: CaseRow, plan: CheckInPlan) -> CheckInPlan:
    console = console_of(request)
    async with console.database.glance() as connection:
        resident = await residents.by_id(connection, console.keyring, case.resident_id)
        held = None if resident is None else await followups.live(connection, resident.id, resident.key)
    return changed(plan, None if held is None else held.plan)


async def _closed(request: Request, case: CaseRow) -> str | None:
    """Why nothing can be set here now."""
    return OVER if case.closed_at is not None or case.hidden_at is not None else await untold(request, case)


async def _in_talk(
    request: Request,
    viewer: Viewer,
    seen: CaseRow,
    event: StaffEvent | None,
    then: Then,
    *,
    name: str,
) -> bool:
    """One act with what stands on the case, the resident being locked first. False when the talk did not take it."""
    console, work = console_of(request), work_of(request)

    async def within(connection: Connection, turned: Turned) -> None:
        taken = any(isinstance(effect, PlanCheckIns | CheckInsEnded) for effect in turned.effects)
        if event is not None and not taken:
            raise _Refused
        case = await cases.load(connection, seen.id, viewer, Action.ANSWER, lock=True)
        if case is None or case.closed_at is not None or case.hidden_at is not None:
            raise _Refused
        by = By(staff_id=viewer.staff_id, at=turned.at, new_id=console.new_id)
        await then(connection, case, by, turned)
        await cases.add_event(connection, case.id, kind=name, actor=by.staff_id, at=by.at, new_id=by.new_id)
        await note(request, connection, name, "case", case.id, desk_id=case.desk_id)
        await changes.bump(connection, case.desk_id)

    try:
        turned = await work.turns.staff(seen.resident_id, event, within=within, by=viewer.staff_id)
    except (_Refused, NobodyThere):
        return False
    if turned.letter_id is not None:
        work.deliver(seen.resident_id)
        work.quotas.forget(seen.desk_id)
    foresights(request).forget(seen.desk_id)
    return True


@router.post("/cases/{case_id}/check-ins/end")
async def end_plan(request: Request, viewer: Answerer, case_id: UUID) -> Response:
    """No check-in any more. Where the screen may be seen, contact was stopped, or at night, it ends without a word."""
    case = await look(request, viewer, case_id, Action.ANSWER)
    shown = shown_as(request, case.desk_id, signed_of(request).account.shown_name)

    async def then(_connection: Connection, _case: CaseRow, _by: By, _turned: Turned) -> None:
        return

    quietly = await untold(request, case) is not None
    event = CheckInsCalledOff(shown=shown, quietly=quietly)
    if await _in_talk(request, viewer, case, event, then, name="plan_ended"):
        return _back(case_id, "ended_quietly" if quietly else "ended")
    return await _show(request, viewer, case, status=409, problem="お便りは、もう終わっています。")


@router.post("/cases/{case_id}/check-ins/line")
async def add_line(request: Request, viewer: Answerer, case_id: UUID) -> Response:
    """A line of a person for the next one, signed; empty takes it out. What names a matter has to be meant."""
    case = await look(request, viewer, case_id, Action.ANSWER)
    words = await line_of(request, "line", longest=1000)
    typed = {**dict.fromkeys(FIELDS, ""), "line": words}
    if (over := plain_words.length_on_line(words) - LONGEST_LINE) > 0:
        problem = f"ひとことは{LONGEST_LINE}文字までです({over}文字多い)。"
        return await _show(request, viewer, case, status=422, problem=problem, typed=typed)
    giving = await _giving_away(request, words)
    if giving and await text_of(request, "sure") != "yes":
        problem = "画面をほかの人が見るかもしれません。相談の中身が分かる言葉がないか、もう一度見てください。"
        return await _show(request, viewer, case, status=422, problem=problem, typed=typed, giving=giving, sure=True)
    signed = shown_as(request, case.desk_id, signed_of(request).account.shown_name)

    async def then(connection: Connection, _case: CaseRow, _by: By, turned: Turned) -> None:
        personal = Personal(words=words, signed=signed) if words else None
        if not await followups.add_personal(connection, turned.resident, personal):
            raise _Refused

    if await _in_talk(request, viewer, case, None, then, name="line_added" if words else "line_taken"):
        return _back(case_id, "line" if words else "no_line")
    problem = "いま待っているお便りがないので、ひとことを添えられません。"
    return await _show(request, viewer, case, status=409, problem=problem, typed=typed)


async def _giving_away(request: Request, words: str) -> list[str]:
    if not words:
        return []
    named = {name: one.label for name, one in categories().items()}
    return giving_away(words, named, await work_of(request).turns.worries_in(words))


def _back(case_id: UUID, done: str) -> Response:
    return RedirectResponse(f"/staff/cases/{case_id}/check-ins?done={done}", status_code=303)
