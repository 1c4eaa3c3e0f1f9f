"""Writing to a resident from the case: coming and leaving, sending, the second pair of eyes, and what is seen of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import JSONResponse, Response

from casework import plain_words
from casework.people import Viewer
from casework.permissions import Action
from dialogue.events import StaffCame, StaffLeft, StaffRead
from handlers.staff import doing
from handlers.staff.access import require, signed_of
from handlers.staff.acts import note
from handlers.staff.case import back, change, look, overtaken, show
from handlers.staff.console import console_of, work_of
from handlers.staff.forms import text_of
from handlers.staff.withheld import withheld
from handlers.staff_turn import NobodyThere, StaffEvent, Turned
from storage import case_acts, case_talk, cases, changes, residents, staff, staff_messages
from storage.case_acts import By
from storage.case_tables import MessageState
from storage.cases import CaseRow
from storage.database import Connection
from storage.staff_messages import Written

log = structlog.get_logger(__name__)
router = APIRouter()

_NEW_WORDS = "画面を開いたあとに、新しい言葉がありました。会話を見てから、もう一度押してください。まだ送っていません。"
_LOOK_AGAIN = "下の会話を見てから、もう一度送ってください。書いた言葉は残っています。"
Answerer = Annotated[Viewer, Depends(require(Action.ANSWER))]


class _Changed(Exception):
    """The case is not any more as it was looked at."""


def shown_as(request: Request, desk_id: str, author: str) -> str:
    """How somebody is introduced to residents, as their desk decides."""
    title = console_of(request).desks[desk_id].content.desk.staff
    if work_of(request).words[desk_id].signed == "role" or not author:
        return title
    return author if author.startswith(title) else f"{title}の{author}"


def signed(words: str, shown: str) -> str:
    """What the resident reads: nobody has to guess who writes."""
    return f"{words}\n（{shown}）"


Then = Callable[[Connection, CaseRow, By, UUID | None], Awaitable[bool]]


async def _in_talk(
    request: Request,
    viewer: Viewer,
    seen: CaseRow,
    event: StaffEvent | None,
    then: Then,
    *,
    name: str,
    words: str | None = None,
) -> bool:
    """One act in the talk with its change of the case, in one transaction; then ask for the delivery."""
    console, work = console_of(request), work_of(request)

    async def within(connection: Connection, turned: Turned) -> None:
        case = await cases.load(connection, seen.id, viewer, Action.ANSWER, lock=True)
        if case is None or case.hidden_at is not None or case.present_id != seen.present_id:
            raise _Changed
        by = By(staff_id=viewer.staff_id, at=turned.at, new_id=console.new_id)
        if not await then(connection, case, by, turned.letter_id):
            raise _Changed
        await note(request, connection, name, "case", case.id, desk_id=case.desk_id)
        await changes.bump(connection, case.desk_id)

    try:
        turned = await work.turns.staff(seen.resident_id, event, words=words, within=within)
    except (_Changed, NobodyThere):
        return False
    if turned.letter_id is not None:
        work.deliver(seen.resident_id)
        work.quotas.forget(seen.desk_id)
    return True


@router.post("/cases/{case_id}/come")
async def come(request: Request, viewer: Answerer, case_id: UUID) -> Response:
    """Tell the resident who writes from now on; the program is silent."""
    case = await look(request, viewer, case_id, Action.ANSWER)
    if (why := await withheld(request, case)) is not None:
        return await overtaken(request, viewer, case_id, why)
    shown = shown_as(request, case.desk_id, signed_of(request).account.shown_name)
    if case.present_id is not None and case.present_id != viewer.staff_id and not await _forced(request):
        return await overtaken(request, viewer, case_id, await _who_writes(request, case))

    async def then(connection: Connection, case: CaseRow, by: By, _letter: UUID | None) -> bool:
        return await case_acts.came(connection, case, by)

    done = await _reachable(request, case) and await _in_talk(
        request, viewer, case, StaffCame(shown=shown), then, name="talk_entered"
    )
    return back(case_id, "came", "#answer") if done else await overtaken(request, viewer, case_id)


@router.post("/cases/{case_id}/leave")
async def leave(request: Request, viewer: Answerer, case_id: UUID) -> Response:
    """The program answers again, and says so."""
    case = await look(request, viewer, case_id, Action.ANSWER)

    async def then(connection: Connection, case: CaseRow, by: By, _letter: UUID | None) -> bool:
        return await case_acts.left(connection, case, by, at=by.at, new_id=by.new_id)

    done = case.present_id is not None and await _in_talk(
        request, viewer, case, StaffLeft(silent=False), then, name="talk_left"
    )
    return back(case_id, "left", "#answer") if done else await overtaken(request, viewer, case_id)


@router.post("/cases/{case_id}/told-read")
async def told_read(request: Request, viewer: Answerer, case_id: UUID) -> Response:
    """Tell the resident that a person has read it. Dialogue decides whether that may be said."""
    case = await look(request, viewer, case_id, Action.ANSWER)
    if (why := await withheld(request, case)) is not None:
        return await overtaken(request, viewer, case_id, why)
    shown = shown_as(request, case.desk_id, signed_of(request).account.shown_name)

    async def then(connection: Connection, case: CaseRow, by: By, letter: UUID | None) -> bool:
        if letter is not None:
            await cases.add_event(connection, case.id, kind="told_read", actor=by.staff_id, at=by.at, new_id=by.new_id)
        return letter is not None

    done = await _reachable(request, case) and await _in_talk(
        request, viewer, case, StaffRead(shown=shown), then, name="told_read"
    )
    why = "いまは伝えません。もう伝えてあるか、ほかの人が画面を見るおそれがあるためです。"
    return back(case_id, "told_read", "#answer") if done else await overtaken(request, viewer, case_id, why)


@router.post("/cases/{case_id}/messages")
async def send(request: Request, viewer: Answerer, case_id: UUID) -> Response:
    """Send an answer, or leave it to a second person where the desk asks for one."""
    case = await look(request, viewer, case_id, Action.ANSWER)
    words = await text_of(request, "words")
    if (problem := await _objection(request, case, words)) is not None:
        return await show(request, viewer, case, status=422, problem=problem, typed_words=words)
    if case.present_id not in {None, viewer.staff_id} and not await _forced(request):
        problem = await _who_writes(request, case)
        return await show(request, viewer, case, status=409, problem=problem, typed_words=words, ask_force=True)
    if work_of(request).words[case.desk_id].second_person:
        return await _draft(request, viewer, case, words)
    done = await _send(request, viewer, case, words, console_of(request).new_id())
    if not done:
        fresh = await look(request, viewer, case_id, Action.ANSWER)
        problem = f"送る前に、この相談に変化がありました。{_LOOK_AGAIN}"
        return await show(request, viewer, fresh, status=409, problem=problem, typed_words=words)
    return back(case_id, "sent", "#answer")


async def _objection(request: Request, case: CaseRow, words: str) -> str | None:
    """Why these words are not sent as they are."""
    limit = work_of(request).words[case.desk_id].most_letters
    if not words:
        return "送る言葉を書いてください。"
    if plain_words.length_on_line(words) > limit:
        over = plain_words.length_on_line(words) - limit
        return f"一度に送れるのは{limit}文字までです({over}文字多い)。分けて送ってください。"
    if case.hidden_at is not None or case.closed_at is not None or not await _reachable(request, case):
        return "この相談には、いまLINEで書けません。"
    if (why := await withheld(request, case)) is not None:
        return why
    if not await _unchanged(request, case, await text_of(request, "seen")):
        return f"書いているあいだに、新しい言葉がありました。{_LOOK_AGAIN}"
    return None


async def _unchanged(request: Request, case: CaseRow, seen: str) -> bool:
    """Whether nothing was said since the page was made; an answer must not pass by what it does not know."""
    console = console_of(request)
    async with console.database.glance() as connection:
        return not seen or seen == await case_talk.mark(connection, case.resident_id)


async def _reachable(request: Request, case: CaseRow) -> bool:
    async with console_of(request).database.glance() as connection:
        return await case_talk.may_be_reached(connection, case.resident_id)


async def _forced(request: Request) -> bool:
    return await text_of(request, "instead") == "yes"


async def _who_writes(request: Request, case: CaseRow) -> str:
    async with console_of(request).database.glance() as connection:
        names = await staff.names(connection)
    name = names.get(case.present_id, "ほかの人") if case.present_id else "ほかの人"
    return f"いま{name}さんが書くと、本人に伝わっています。{name}さんに声をかけてから「代わって書く」を押してください。"


async def _send(request: Request, viewer: Viewer, case: CaseRow, words: str, message_id: UUID) -> bool:
    """The words go out, with the word on who writes where that is new."""
    shown = shown_as(request, case.desk_id, signed_of(request).account.shown_name)
    event = None if case.present_id == viewer.staff_id else StaffCame(shown=shown)

    async def then(connection: Connection, locked: CaseRow, by: By, letter: UUID | None) -> bool:
        return await doing.keep_answer(
            connection,
            console_of(request).keyring,
            locked,
            by,
            words=words,
            message_id=message_id,
            letter_id=letter,
            comes=event is not None,
        )

    return await _in_talk(request, viewer, case, event, then, name="message_sent", words=signed(words, shown))


async def _draft(request: Request, viewer: Viewer, case: CaseRow, words: str) -> Response:
    console = console_of(request)

    async def work(connection: Connection, locked: CaseRow, by: By) -> bool:
        return await doing.keep_draft(connection, console.keyring, locked, by, words=words)

    _, done = await change(request, viewer, case.id, Action.ANSWER, "message_drafted", work)
    return back(case.id, "drafted", "#answer") if done else await overtaken(request, viewer, case.id)


async def _message(request: Request, case: CaseRow, message_id: UUID) -> tuple[Written, str]:
    """A message of this case, and whose it is; 404 when the case has none of that id."""
    console = console_of(request)
    async with console.database.glance() as connection:
        resident = await residents.by_id(connection, console.keyring, case.resident_id)
        found = None if resident is None else await staff_messages.one(connection, resident.key, message_id, case.id)
        names = await staff.names(connection)
    if found is None:
        raise HTTPException(404)
    return found, names.get(found.author_id, "")


@router.post("/cases/{case_id}/messages/{message_id}/release")
async def release(request: Request, viewer: Answerer, case_id: UUID, message_id: UUID) -> Response:
    """A second person has read a draft and lets it go: signed by whoever wrote it."""
    case = await look(request, viewer, case_id, Action.ANSWER)
    draft, author_name = await _message(request, case, message_id)
    if (why := await withheld(request, case)) is not None:
        return await overtaken(request, viewer, case_id, why)
    if draft.state is not MessageState.DRAFT or draft.author_id == viewer.staff_id:
        why = "自分の下書きは、ほかの人に確かめてもらってください。"
        return await overtaken(request, viewer, case_id, why if draft.author_id == viewer.staff_id else None)
    if not await _unchanged(request, case, await text_of(request, "seen")):
        return await overtaken(request, viewer, case_id, _NEW_WORDS)
    shown = shown_as(request, case.desk_id, author_name)
    event = None if case.present_id is not None else StaffCame(shown=shown)

    async def then(connection: Connection, locked: CaseRow, by: By, letter: UUID | None) -> bool:
        author = By(staff_id=draft.author_id, at=by.at, new_id=by.new_id)
        if event is not None and not await case_acts.came(connection, locked, author):
            return False
        released = letter is not None and await staff_messages.release(
            connection, message_id, second_id=by.staff_id, letter_id=letter, at=by.at
        )
        return released and await case_acts.wrote(connection, locked, author, message_id)

    done = await _in_talk(request, viewer, case, event, then, name="message_released", words=signed(draft.text, shown))
    return back(case_id, "sent", "#answer") if done else await overtaken(request, viewer, case_id)


@router.post("/cases/{case_id}/messages/{message_id}/drop")
async def drop(request: Request, viewer: Answerer, case_id: UUID, message_id: UUID) -> Response:
    """A draft is not sent."""

    async def work(connection: Connection, case: CaseRow, by: By) -> bool:
        dropped = await staff_messages.drop(connection, message_id, case.id, by=by.staff_id, at=by.at)
        return dropped and await case_acts.dropped(connection, case, by, message_id)

    _, done = await change(request, viewer, case_id, Action.ANSWER, "message_dropped", work)
    return back(case_id, "dropped", "#answer") if done else await overtaken(request, viewer, case_id)


@router.post("/cases/{case_id}/messages/{message_id}/again")
async def send_again(request: Request, viewer: Answerer, case_id: UUID, message_id: UUID) -> Response:
    """What LINE did not take is sent once more, by whoever presses."""
    case = await look(request, viewer, case_id, Action.ANSWER)
    written, author_name = await _message(request, case, message_id)
    if (why := await withheld(request, case)) is not None:
        return await overtaken(request, viewer, case_id, why)
    if not await _unchanged(request, case, await text_of(request, "seen")):
        return await overtaken(request, viewer, case_id, _NEW_WORDS)
    words = signed(written.text, shown_as(request, case.desk_id, author_name))

    async def then(connection: Connection, locked: CaseRow, by: By, letter: UUID | None) -> bool:
        again = letter is not None and await staff_messages.send_again(connection, message_id, letter_id=letter)
        return again and await case_acts.wrote(connection, locked, by, message_id)

    done = await _in_talk(request, viewer, case, None, then, name="message_again", words=words)
    return back(case_id, "sent", "#answer") if done else await overtaken(request, viewer, case_id)


@router.post("/cases/{case_id}/typing")
async def typing(
    request: Request, viewer: Annotated[Viewer, Depends(require(Action.ANSWER, quiet=True))], case_id: UUID
) -> Response:
    """Somebody is writing: colleagues see it, and the words are looked at for what could be said more simply. The
    words are not kept."""
    console, work = console_of(request), work_of(request)
    words = await text_of(request, "words", strip=False)
    async with console.database.write() as connection:
        case = await cases.load(connection, case_id, viewer, Action.ANSWER)
        if case is None:
            raise HTTPException(404)
        by = By(staff_id=viewer.staff_id, at=console.clock(), new_id=console.new_id)
        await case_acts.typing(connection, case, by)
        since = by.at - work.typing_lasts
        others = await case_acts.typing_now(connection, case_id, since=since, but=viewer.staff_id)
        names = await staff.names(connection)
    return JSONResponse(
        {
            "hints": plain_words.hints(words, long_sentence=work.words[case.desk_id].long_sentence),
            "length": plain_words.length_on_line(words),
            "typing": [names.get(one, "?") for one in others],
        }
    )
