"""A case as its page shows it: put together from rows, and only with the words that may be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from fastapi import Request

from casework.highlight import showable
from casework.people import Role, Viewer
from casework.permissions import Action, allowed
from casework.queue import Level
from casework.reading import Grant, ReadConsent, readable
from casework.workdays import by_when, span_shown
from config.categories import categories
from handlers.staff import case_labels
from handlers.staff.case_lines import lines_of
from handlers.staff.console import Console, console_of, work_of
from handlers.staff.duty import on_duty
from handlers.staff.kin_labels import kin_shown
from nlp import Known
from storage import (
    case_acts,
    case_history,
    case_talk,
    cases,
    consents,
    corrections,
    households,
    notes,
    reading_grants,
    residents,
    sheet_news,
    spare_tokens,
    staff,
    staff_messages,
)
from storage.case_tables import CloseReason, Verdict
from storage.cases import CaseRow
from storage.corrections import Correction
from storage.database import Connection
from storage.residents import ResidentRow

#: LINE gives a free answer for about a minute; what is shown leaves time to press the button.
FREE_FOR = timedelta(seconds=45)


@dataclass(frozen=True, kw_only=True, slots=True)
class TagShown:
    """A worry with what staff say of it."""

    category: str
    score: float | None
    messages: int
    contested: bool
    verdict: Verdict | None
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What the viewer may read now, and by what right."""

    consents: Sequence[ReadConsent]
    grants: Sequence[Grant]
    now: datetime

    def __call__(self, sent_at: datetime, turn: int | None) -> bool:
        return readable(sent_at, turn, consents=self.consents, grants=self.grants, now=self.now)

    @property
    def agreed(self) -> bool:
        """Whether the resident agreed to be read at all, and still does."""
        return any(c.holds(self.now) for c in self.consents)

    @property
    def everything(self) -> bool:
        """Whether what was told as a whole may be shown, too: the people around the resident, say."""
        consented = any(c.since is None and c.holds(self.now) for c in self.consents)
        return consented or any(grant.turns is None for grant in self.grants)


async def reading_of(connection: Connection, case: CaseRow, viewer: Viewer, now: datetime, *, may: bool) -> Reading:
    """Nothing without the right to read words at all, whatever was agreed."""
    if not may:
        return Reading(consents=(), grants=(), now=now)
    return Reading(
        consents=await cases.consents_of(connection, case.resident_id),
        grants=await reading_grants.open_for(connection, case.id, viewer.staff_id, now=now),
        now=now,
    )


async def rights_of(connection: Connection, viewer: Viewer, case: CaseRow) -> frozenset[Action]:
    """What the viewer may do with this case."""
    facts = await cases.facts_of(connection, case)
    return frozenset(action for action in Action if allowed(viewer, action, facts))


async def view(request: Request, viewer: Viewer, case: CaseRow, *, before: int | None = None) -> dict[str, Any]:
    """All values of the page. Reads only; the caller records that it was looked at."""
    console, now = console_of(request), console_of(request).clock()
    quota = await work_of(request).quotas.of(case.desk_id)
    async with console.database.read() as connection:
        rights = await rights_of(connection, viewer, case)
        names = await staff.names(connection)
        resident = await residents.by_id(connection, console.keyring, case.resident_id)
        values = await _common(connection, case, names, now)
        values["on_duty"] = await on_duty(request, connection, viewer, case)
        if resident is not None and case.hidden_at is None:
            reading = await reading_of(connection, case, viewer, now, may=Action.READ_WORDS in rights)
            values |= await _talk(connection, viewer, resident, reading, names, before)
            if Action.SEE_LOOKERS in rights:
                values["lookers"] = await case_history.lookers(connection, case.id)
            values |= await _side(connection, case, resident, reading, names)
            values["household"] = await _household(connection, viewer, case)
            values |= await _answering(connection, request, viewer, case, resident, names, now)
    values["quota"] = quota
    return {**values, **_words(console, case, now), "case": case, "rights": rights, "names": names, "Action": Action}


def _words(console: Console, case: CaseRow, now: datetime) -> dict[str, Any]:
    return {
        "labels": case_labels,
        "categories": categories(),
        "areas": console.words_of(case.desk_id).areas,
        "area_name": console.words_of(case.desk_id).area_name,
        "deadline": None if case.deadline_at is None else by_when(case.deadline_at, now, console.zone_of(case.desk_id)),
        "overdue": case.deadline_at is not None and case.deadline_at < now,
        "waits": None if case.waiting_since is None else span_shown(now - case.waiting_since),
        "level_options": [level for level in Level if level is not case.risk_level],
        "close_reasons": [reason for reason in CloseReason if reason is not CloseReason.ERASED],
        "note_kinds": case_labels.WRITTEN_KINDS,
        "today": now.astimezone(console.zone_of(case.desk_id)).date(),
        "bare": case.hidden_at is not None,
        "showable": showable,
        "kin_shown": kin_shown,
        "Verdict": Verdict,
        "Level": Level,
    }


async def _common(connection: Connection, case: CaseRow, names: dict[UUID, str], now: datetime) -> dict[str, Any]:
    given = await staff.grants(connection, now)
    accounts = {account.id for account in await staff.everybody(connection) if account.disabled_at is None}
    here = [one for one in given if one.grant.is_at(case.desk_id) and one.staff_id in accounts]
    workers = {one.staff_id for one in here if one.grant.role in {Role.COORDINATOR, Role.SUPERVISOR}}
    seconds = {one.staff_id for one in here if one.grant.role is Role.SUPERVISOR}
    return {
        "events": [(event, actor_shown(event.actor, names)) for event in await cases.events(connection, case.id)][::-1],
        "workers": sorted(((one, names[one]) for one in workers), key=lambda item: item[1]),
        "seconds": sorted(((one, names[one]) for one in seconds or workers), key=lambda item: item[1]),
        "opened_glass": await reading_grants.of_case(connection, case.id),
        "sheet_marks": (await sheet_news.marks(connection, [case.id], now=now)).get(case.id, frozenset()),
    }


def actor_shown(actor: str, names: Mapping[UUID, str]) -> str:
    """Who did something, by the name that the page shows."""
    if actor in {"resident", "program"}:
        return {"resident": "本人", "program": "プログラム"}[actor]
    try:
        return names.get(UUID(actor), "?")
    except ValueError:
        return "?"


async def _talk(
    connection: Connection,
    viewer: Viewer,
    resident: ResidentRow,
    reading: Reading,
    names: dict[UUID, str],
    before: int | None,
) -> dict[str, Any]:
    talk = await case_talk.talk(connection, resident.key, resident.id, reading, before=before)
    written = await staff_messages.of_resident(connection, resident.key, resident.id)
    lines = lines_of(talk, written, viewer, names, newest=before is None)
    return {
        "lines": lines,
        "earlier": talk.earlier,
        "before": before,
        "total": talk.total,
        "unreadable": sum(line.hidden for line in lines if line.by == "resident" and not line.button),
        "seen": await case_talk.mark(connection, resident.id),
        "reading": reading,
    }


async def _side(
    connection: Connection, case: CaseRow, resident: ResidentRow, reading: Reading, names: dict[UUID, str]
) -> dict[str, Any]:
    said = await corrections.of_case(connection, case.id)
    found = await case_talk.tags_of(connection, resident.id)
    known = Known.from_json(resident.known) if resident.known else Known()
    return {
        "tags": _tags(found, said, case, names),
        "corrections": [(one, names.get(one.by, "?")) for one in reversed(said)],
        "facts": known.assessment.facts if reading.everything else None,
        "lowered_reason": await case_acts.lowered_reason(connection, case, resident.key),
        "notes": [
            (one, names.get(one.author_id, "?")) for one in await notes.of_case(connection, resident.key, case.id)
        ],
        "tasks": await notes.tasks_of(connection, resident.key, case.id),
        "consents": reading.consents,
        "told": await _told(connection, resident, reading),
        "grants": reading.grants,
        "glass_reasons": {
            row.id: row.written_reason(resident.key) for row in await reading_grants.of_case(connection, case.id)
        },
    }


async def _household(connection: Connection, viewer: Viewer, case: CaseRow) -> list[households.Member]:
    """The others of the household whom the viewer may see."""
    found = await households.members(connection, case.resident_id, viewer)
    return [one for one in found if one.resident_id != case.resident_id]


async def _told(connection: Connection, resident: ResidentRow, reading: Reading) -> list[tuple[str, str]]:
    """What the resident answered to the questions of the program, while they agree to be read."""
    if not reading.agreed:
        return []
    told = await consents.told_by(connection, resident.id, resident.key)
    return [(label, told[field] or case_labels.UNSAID) for field, label in case_labels.TOLD.items() if field in told]


def _tags(
    found: list[case_talk.OpenTag], said: list[Correction], case: CaseRow, names: dict[UUID, str]
) -> list[TagShown]:
    newest = {one.category: one for one in said}
    heard = {tag.category: tag for tag in found}
    shown = []
    for category in dict.fromkeys((*heard, *case.categories, *newest)):
        tag, verdict = heard.get(category), newest.get(category)
        shown.append(
            TagShown(
                category=category,
                score=None if tag is None else tag.score,
                messages=0 if tag is None else tag.messages,
                contested=tag is not None and tag.contested,
                verdict=None if verdict is None else verdict.verdict,
                by="" if verdict is None else names.get(verdict.by, "?"),
                at=None if verdict is None else verdict.at,
            )
        )
    return shown


async def _answering(
    connection: Connection,
    request: Request,
    viewer: Viewer,
    case: CaseRow,
    resident: ResidentRow,
    names: dict[UUID, str],
    now: datetime,
) -> dict[str, Any]:
    work = work_of(request)
    token = await spare_tokens.look(connection, resident.id, resident.key)
    free_left = 0 if token is None else int((token.at + FREE_FOR - now).total_seconds())
    typing = await case_acts.typing_now(connection, case.id, since=now - work.typing_lasts, but=viewer.staff_id)
    return {
        "reachable": await case_talk.may_be_reached(connection, resident.id),
        "free_left": max(free_left, 0),
        "typing": [names.get(one, "?") for one in typing],
        "present": None if case.present_id is None else names.get(case.present_id, "?"),
        "present_is_me": case.present_id == viewer.staff_id,
        "work": work.words[case.desk_id],
        "easy": case.minor or case.language not in {None, "ja"},
        "earlier_cases": await cases.earlier_cases(connection, case, viewer),
        "typed_words": "",
    }
