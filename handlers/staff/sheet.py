"""The pages of a case's records: the list, a new one, the sheet with both sides, and writing in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response

from casework.forms import Typed, shown
from casework.people import Viewer
from casework.permissions import RULES, Action, allowed
from casework.sheet_moves import confirm
from casework.sheet_needs import before_submission, due
from casework.sheet_views import Seat, view
from casework.sheets import Change, Origin, Sheet, State, changed_since_consent, changes, consent_items
from config.contents.forms import Form, Needs, Page, SecondPerson
from config.contents.ruby import plain
from handlers.sheet_typed import editable, read_typed, typed_of, written
from handlers.sheet_view import parts_of
from handlers.staff import case_labels
from handlers.staff.access import require
from handlers.staff.acts import note
from handlers.staff.case_view import actor_shown
from handlers.staff.console import console_of, sheets_of
from handlers.staff.forms import text_of, texts_of
from handlers.staff.pages import page
from handlers.staff.sheet_desk import Opened, back, locked, look, open_sheet, save
from handlers.staff.sheet_draft import draft
from handlers.staff.sheet_resident import of_resident
from storage import api_tokens, cases, recipients, sheets, staff
from storage import changes as counters
from storage.database import Connection

router = APIRouter()

Reader = Annotated[Viewer, Depends(require(Action.SEE_SHEET))]
Editor = Annotated[Viewer, Depends(require(Action.EDIT_SHEET))]
DONE: Mapping[str, str] = {
    "created": "下書きを作りました。自動で入った欄を、本人と一緒に確かめてください。",
    "saved": "保存しました。",
    "merged": "保存しました。ほかの職員の変更と合わせました。",
    "named": "つなぎ先を入れました。本人の同意が必要です。",
    "dropped": "つなぎ先を外しました。",
    "excluded": "伝えない項目にしました。画面にも紙にも出ません。",
    "included": "伝えない項目から外しました。",
    "consented": "同意を記録しました。",
    "agreed": "同意を書きとめました。「同意を確かめる」で、シートに付けてください。",
    "tells": "本人への言葉を預かりました。窓口が開いている時間に、トークへ送ります。",
    "offered": "自分のページを開くボタンを、トークに送りました。本人が直すと、ここにも出ます。",
    "anew": "新しい下書きです。変わったことがないか確かめて、つなぎ先と本人の同意を、はじめから入れてください。",
    "begun": "このシートをもとにした下書きは、もうあります。これがその下書きです。",
    "became": "つなぐシートの下書きを作りました。本人と一緒に確かめてください。",
    "asked": "トークで聞きました。答えが来ると、ここに出ます。",
    "withdrawn": "同意の取り消しを記録しました。渡した先に、使わないよう伝えてください。",
    "based": "共有の根拠を記録しました。",
    "seconded": "確認しました。",
    "reopened": "下書きに戻しました。",
    "submitted": "提出しました。これからのことを、本人に伝えてください。",
    "sent": "送りました。",
    "told": "本人に伝えた日を記録しました。",
    "stopped": "使わないよう伝えたことを記録しました。",
    "closed": "終了しました。",
}


@router.get("/cases/{case_id}/sheets")
async def list_of_sheets(request: Request, viewer: Reader, case_id: UUID) -> Response:
    """All records of a case that this viewer may see."""
    case = await look(request, viewer, case_id, Action.SEE_SHEET)
    console, work = console_of(request), sheets_of(request)
    async with console.database.read() as connection:
        listed = [
            one
            for one in await sheets.of_case(connection, case_id)
            if await _may_see(request, connection, viewer, one, case.desk_id)
        ]
        facts = await cases.facts_of(connection, case)
    return page(
        request,
        "sheet_list.html",
        viewer,
        case=case,
        sheets=listed,
        titles=work.form_titles([case.desk_id]),
        forms=work.forms[case.desk_id].by_id,
        may_edit=allowed(viewer, Action.EDIT_SHEET, facts),
    )


async def _may_see(
    request: Request, connection: Connection, viewer: Viewer, listed: sheets.Listed, desk_id: str
) -> bool:
    console, form = console_of(request), sheets_of(request).forms[desk_id][listed.form_id]
    if form.needs is not Needs.BASIS:
        return True
    stored = await sheets.load(connection, console.keyring, listed.case_id, listed.id)
    if stored is None:
        return False
    consents = await sheets_of(request).consents(connection, console.keyring, stored.resident_id)
    seat = Seat(org_id=stored.sheet.org_id, staff_id=viewer.staff_id)
    return view(stored.sheet, form, seat, consents, console.clock()) is not None


@router.post("/cases/{case_id}/sheets")
async def new(request: Request, viewer: Editor, case_id: UUID) -> Response:
    """A draft from the conversation."""
    form_id = await text_of(request, "form")
    seen = await look(request, viewer, case_id, Action.EDIT_SHEET)
    if form_id not in sheets_of(request).forms[seen.desk_id].by_id:
        raise HTTPException(400)
    console = console_of(request)
    async with console.database.write() as connection:
        case = await cases.load(connection, case_id, viewer, Action.EDIT_SHEET, lock=True)
        if case is None or case.hidden_at is not None:
            raise HTTPException(404)
        made = await draft(request, connection, case, form_id)
        detail = {"form": form_id}
        await note(request, connection, "sheet_created", "sheet", made.id, desk_id=case.desk_id, detail=detail)
        await counters.bump(connection, case.desk_id)
    return back(case_id, made.id, "created")


@router.get("/cases/{case_id}/sheets/{sheet_id}")
async def sheet_page(request: Request, viewer: Reader, case_id: UUID, sheet_id: UUID) -> Response:
    """One side of the sheet, with everything that can be done with it. Recorded as seen."""
    opened = await open_sheet(request, viewer, case_id, sheet_id, Action.SEE_SHEET)
    done = DONE.get(request.query_params.get("done", ""))
    if done == DONE["submitted"] and opened.form.needs is not Needs.CONSENT:
        # Whether the resident is told of what goes out without their consent is for people to weigh.
        done = "提出しました。"
    return await show(request, viewer, opened, notice=done, side=request.query_params.get("side", ""))


async def show(
    request: Request,
    viewer: Viewer,
    opened: Opened,
    *,
    status: int = 200,
    side: str = "",
    typed: Mapping[str, Typed] | None = None,
    wrong: Mapping[str, str] | None = None,
    **values: Any,
) -> Response:
    """The page of a sheet."""
    console, sheet, now = console_of(request), opened.sheet, console_of(request).clock()
    async with console.database.write() as connection:
        await note(request, connection, "sheet_seen", "sheet", sheet.id, desk_id=opened.case.desk_id)
        facts = await cases.facts_of(connection, opened.case)
        names = await staff.names(connection)
        places = await recipients.of_desk(connection, opened.case.desk_id)
        grants = await staff.grants(connection, now)
        rights = frozenset(action for action in Action if allowed(viewer, action, facts))
        may_edit = Action.EDIT_SHEET in rights and sheet.closed_at is None and sheet.state is not State.RECALLED
        resident = await of_resident(request, connection, opened, may_edit=may_edit)
        kin = await sheets.of_case(connection, opened.case.id)
        accounts = [one for one in await staff.everybody(connection) if one.disabled_at is None]
        organisations = await staff.organisations(connection)
    reading = _who(grants, sheet.desk_id, Action.SEE_SHEET)
    deciding = _who(grants, sheet.desk_id, Action.EDIT_SHEET)
    common = {
        **_shown(request, opened, side, may_edit=may_edit, typed=typed, wrong=wrong),
        **resident,
        "rights": rights,
        "may_edit": may_edit,
        "earlier": next((one for one in kin if one.id == sheet.earlier), None),
        "begun": [one for one in kin if one.earlier == sheet.id],
        "names": names,
        "places": [one for one in places if _can_be_named(sheet, one.organisation_id)],
        "readers": _named(accounts, reading, organisations),
        "seconds": _named(accounts, deciding, {}),
        "refused": (),
        "others": (),
        "told_words": "",
        "told_step": "",
    }
    return page(request, "sheet.html", viewer, status=status, **{**common, **values})


def _who(grants: Iterable[staff.GivenGrant], desk_id: str, action: Action) -> frozenset[UUID]:
    """Whose role at this desk lets them do that to a sheet at all."""
    return frozenset(one.staff_id for one in grants if one.grant.is_at(desk_id) and action in RULES[one.grant.role])


def _named(
    accounts: Iterable[staff.Account], ids: frozenset[UUID], organisations: Mapping[UUID, str]
) -> list[tuple[str, str]]:
    """For a list to choose from; with `organisations`, whose they are: names are met twice."""
    named = []
    for one in accounts:
        of = organisations.get(one.organisation_id, "")
        if one.id in ids:
            named.append((str(one.id), f"{one.shown_name}（{of}）" if of else one.shown_name))
    return sorted(named, key=_by_name)


def _shown(
    request: Request,
    opened: Opened,
    side: str,
    *,
    may_edit: bool,
    typed: Mapping[str, Typed] | None,
    wrong: Mapping[str, str] | None,
) -> dict[str, Any]:
    """What the page says of the sheet itself."""
    console, form, sheet = console_of(request), opened.form, opened.sheet
    now = console.clock()
    chosen = next((one for one in form.pages if one.key == side), form.pages[0])
    calendar = sheets_of(request).add_workdays(opened.case.desk_id)
    return {
        "case": opened.case,
        "number": opened.stored.number,
        "sheet": sheet,
        "seen": opened.view,
        "form": form,
        "form_title": plain(form.title),
        "side": chosen.key,
        "sides": [(one.key, plain(one.title)) for one in form.pages],
        "parts": parts_of(form, chosen, opened.view, may_edit=may_edit, typed=typed, wrong=wrong),
        "missing": before_submission(sheet, form, opened.consents, now),
        "page_of": {key: one.key for one, key in form.laid_out()},
        "later": [plain(form.fields[key].label) for key in changed_since_consent(sheet, form)],
        "dues": {one.id: due(sheet, form, one, calendar, console.zone_of(sheet.desk_id)) for one in sheet.handovers},
        "today": now.astimezone(console.zone_of(sheet.desk_id)).date(),
        "items": [(item, item_label(form, item)) for item in consent_items(form)],
        "Action": Action,
        "Needs": Needs,
        "SecondPerson": SecondPerson,
    }


def _by_name(pair: tuple[str, str]) -> tuple[str, str]:
    return pair[1], pair[0]


def _can_be_named(sheet: Sheet, org_id: UUID) -> bool:
    known = sheet.handover_of(org_id)
    return org_id != sheet.org_id and (known is None or not known.state.live)


def item_label(form: Form, item: str) -> str:
    """What an item is called: 「世帯の人」, or 「世帯の人：氏名」 for a column of it."""
    key, _, column = item.partition(".")
    label = plain(form.fields[key].label)
    return f"{label}：{plain(form.fields[key].columns[column].label)}" if column else label


@router.post("/cases/{case_id}/sheets/{sheet_id}")
async def write(request: Request, viewer: Editor, case_id: UUID, sheet_id: UUID) -> Response:
    """Write one side. What others wrote meanwhile in other fields is kept; in the same ones, the writer decides."""
    opened = await open_sheet(request, viewer, case_id, sheet_id, Action.EDIT_SHEET)
    side = next((one for one in opened.form.pages if one.key == request.query_params.get("side")), None)
    version = await text_of(request, "version")
    if side is None or not version.isdecimal():
        raise HTTPException(400)
    typed = typed_of(await request.form(), opened.form, editable(opened.form, side, opened.view.excluded))
    base, seen = await _base(request, viewer, opened, int(version))
    reading = read_typed(opened.form, base, seen, typed)
    if reading.wrong:
        problem = f"{len(reading.wrong)}か所、直してください。書いたものはそのまま残っています。"
        return await show(
            request, viewer, opened, status=422, side=side.key, typed=typed, wrong=reading.wrong, problem=problem
        )
    console = console_of(request)
    confirmed = await texts_of(request, "confirm")
    async with console.database.write() as connection:
        now_there = await locked(request, connection, viewer, case_id, sheet_id, Action.EDIT_SHEET)
        others = changes(base, now_there.sheet)
        both = [one for one in others if one.key in reading.changed and _differs(one, reading.changed)]
        if not both:
            await _write(request, connection, viewer, now_there, reading.changed, confirmed)
    if both:
        return await _undecided(request, viewer, case_id, sheet_id, side, typed, both)
    return back(case_id, sheet_id, "merged" if others else "saved", side=side.key)


async def _base(request: Request, viewer: Viewer, opened: Opened, version: int) -> tuple[Sheet, Mapping[str, Any]]:
    """The version the page was made from, as its writer saw it."""
    console = console_of(request)
    base: Sheet | None = opened.sheet
    if version != opened.sheet.version:
        async with console.database.glance() as connection:
            case_id, sheet_id = opened.case.id, opened.sheet.id
            base = await sheets.at_version(connection, console.keyring, case_id, sheet_id, version)
    if base is None:
        raise HTTPException(400)
    seat = Seat(org_id=base.org_id, staff_id=viewer.staff_id)
    seen = view(base, opened.form, seat, opened.consents, console.clock())
    return base, {} if seen is None else seen.entries


def _differs(theirs: Change, mine: Mapping[str, Any]) -> bool:
    after = None if theirs.after is None else theirs.after.value
    return bool(after != mine[theirs.key])


async def _write(
    request: Request,
    connection: Connection,
    viewer: Viewer,
    opened: Opened,
    changed: Mapping[str, Any],
    confirmed: list[str],
) -> None:
    now = console_of(request).clock()
    after = written(opened.sheet, opened.form, changed, at=now, by=viewer.staff_id, origin=Origin.STAFF)
    for key in confirmed:
        if key in after.entries:
            after = confirm(after, key, by=viewer.staff_id, at=now)
    await save(request, connection, opened, after, "written", viewer.staff_id)
    detail = {"fields": len(changed), "confirmed": len(confirmed)}
    desk_id = opened.case.desk_id
    await note(request, connection, "sheet_written", "sheet", opened.sheet.id, desk_id=desk_id, detail=detail)


async def _undecided(
    request: Request,
    viewer: Viewer,
    case_id: UUID,
    sheet_id: UUID,
    side: Page,
    typed: Mapping[str, Typed],
    both: list[Change],
) -> Response:
    """Two people wrote in the same field: the second sees both and decides."""
    opened = await open_sheet(request, viewer, case_id, sheet_id, Action.EDIT_SHEET)
    said = []
    for one in both:
        entry = opened.view.entries.get(one.key)
        label = plain(opened.form.fields[one.key].label)
        said.append((label, "" if entry is None else shown(opened.form, one.key, entry.value)))
    problem = "書いているあいだに、ほかの職員が同じ欄を書きかえました。下で両方を見て、保存し直してください。"
    return await show(request, viewer, opened, status=409, side=side.key, typed=typed, problem=problem, others=said)


@router.get("/cases/{case_id}/sheets/{sheet_id}/history")
async def history(request: Request, viewer: Reader, case_id: UUID, sheet_id: UUID) -> Response:
    """Who changed what when: names of fields, no words."""
    opened = await open_sheet(request, viewer, case_id, sheet_id, Action.SEE_SHEET)
    console = console_of(request)
    async with console.database.read() as connection:
        versions = await sheets.history(connection, case_id, sheet_id)
        names = await staff.names(connection) | await api_tokens.names(connection)
    return page(
        request,
        "sheet_history.html",
        viewer,
        case=opened.case,
        number=opened.stored.number,
        sheet=opened.sheet,
        form_title=plain(opened.form.title),
        versions=[(one, actor_shown(one.actor, names)) for one in versions],
        acts=case_labels.SHEET_ACTS,
    )
