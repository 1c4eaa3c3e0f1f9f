"""The check-ins of one resident as the pages of their case show them: the plan, the next words, what was sent and why
not, and the answers over time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import Request

from casework.milestones import next_of
from casework.queue import Level, SafeContact
from dialogue import State, decide
from dialogue.effects import CheckInAnswer, Say
from dialogue.events import CheckInDue
from dialogue.followups import CheckInPlan
from dialogue.words import Choices, Text
from handlers.sending_rules import calendar_of
from handlers.sending_words import SHOWN
from handlers.staff import case_labels, check_in_labels
from handlers.staff.console import console_of
from storage import contact_facts, followups, milestones, residents, staff
from storage.cases import CaseRow
from storage.database import Connection
from storage.followup_tables import CheckInKind, CheckInState
from storage.followups import CheckInRow, PlanRow, seed_of
from storage.residents import ResidentRow

#: So many answers stand in the chart.
MOST_ANSWERS = 24
#: From above: how the answers stand in it. The others are marks on the lowest line.
HEIGHTS = {CheckInAnswer.GOOD: 24, CheckInAnswer.SO_SO: 54, CheckInAnswer.HARD: 84}
LEFT, STEP, FOOT = 70, 24, 112
#: As wide as all that fit, so that the letters keep their size.
WIDTH = LEFT + STEP * MOST_ANSWERS + 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Point:
    """One check-in in the chart. `y` None: answered with something that has no height, or not at all."""

    x: int
    y: int | None
    answer: CheckInAnswer | None
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """The answers, the oldest first; `path` joins those that say how somebody is, in the terms of SVG."""

    points: Sequence[Point]
    path: str
    width: int

    @classmethod
    def of(cls, rows: Sequence[CheckInRow]) -> Chart | None:
        """None where nothing was answered yet. `rows` are the newest first."""
        went = [row for row in rows if row.state is CheckInState.QUEUED and not row.undelivered]
        said = [row for row in went if row.kind is not CheckInKind.LOOK]
        if not any(row.answer for row in said):
            return None
        points = [_point(row, LEFT + STEP * place) for place, row in enumerate(reversed(said[:MOST_ANSWERS]))]
        path = " ".join(f"{point.x},{point.y}" for point in points if point.y is not None)
        return cls(points=points, path=path, width=WIDTH)


def _point(row: CheckInRow, x: int) -> Point:
    answer = None if row.answer is None else CheckInAnswer(row.answer)
    return Point(x=x, y=None if answer is None else HEIGHTS.get(answer), answer=answer, at=row.decided_at or row.due_at)


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """What will go out: bubbles, and the buttons below them."""

    bubbles: tuple[str, ...]
    buttons: tuple[str, ...]


async def card(request: Request, case: CaseRow) -> dict[str, Any]:
    """The plan and what waits, for the page of the case."""
    console = console_of(request)
    async with console.database.glance() as connection:
        resident = await residents.by_id(connection, console.keyring, case.resident_id)
        plan = None if resident is None else await followups.live(connection, resident.id, resident.key)
        rows = [] if resident is None else await followups.history(connection, resident.id, resident.key, limit=3)
        age = await milestones.age_of(connection, console.keyring, case.id, case.resident_id)
        following = next((row for row in rows if row.state is CheckInState.WAITING), None)
        paused = await is_paused(connection, case, following, now=console.clock())
    desk, now = console.desks[case.desk_id], console.clock()
    today = desk.local(now).date()
    one = None if age is None else next_of(age, today, ZoneInfo(desk.content.desk.zone))
    near = one is not None and one.is_near(today, desk.content.desk.months_before_milestone)
    shown = {"plan": plan, "following": following, "bulk_paused": paused, "plan_labels": check_in_labels}
    return {**shown, "milestone": one if near else None}


async def is_paused(connection: Connection, case: CaseRow, following: CheckInRow | None, *, now: datetime) -> bool:
    """Whether what comes next falls into a pause of the case's area, or of the whole desk."""
    if following is None:
        return False
    at = max(following.due_at, now)
    pauses = await contact_facts.pauses(connection, case.desk_id, now=now, until=at)
    return any(pause.holds(case.area, at) for pause in pauses)


async def view(request: Request, case: CaseRow) -> dict[str, Any]:
    """All values of the page of check-ins."""
    console, now = console_of(request), console_of(request).clock()
    desk = console.desks[case.desk_id]
    words = desk.content.checkins
    async with console.database.read() as connection:
        resident = await residents.by_id(connection, console.keyring, case.resident_id)
        plans = [] if resident is None else await followups.plans(connection, resident.id, resident.key)
        rows = [] if resident is None else await followups.history(connection, resident.id, resident.key)
        names = await staff.names(connection)
        following = next((row for row in rows if row.state is CheckInState.WAITING), None)
        paused = await is_paused(connection, case, following, now=now)
    live = next((one for one in plans if one.retired_at is None), None)
    exposed = resident is not None and is_exposed(case, resident)
    told = words.answers_told is not None
    return {
        "case": case,
        "plan": live,
        "before": [one for one in plans if one.retired_at is not None],
        "following": following,
        "bulk_paused": paused,
        "rows": [row for row in rows if row.kind is not CheckInKind.LOOK or row.state is CheckInState.LOOKED],
        "preview": None if resident is None or paused else preview(request, case, resident, live, following),
        "exposed": exposed,
        "stopped": resident is not None and is_stopped(resident),
        "told": told,
        "chart": Chart.of(rows) if told else None,
        "FOOT": FOOT,
        "HEIGHTS": HEIGHTS,
        "names": names,
        "skips": SHOWN,
        "labels": check_in_labels,
        "case_labels": case_labels,
        "bands": words.timing.bands,
        "quiet_until": calendar_of(desk),
        "patience": words.timing.second_after_days,
        "now": now,
        "SafeContact": SafeContact,
    }


def is_exposed(case: CaseRow, resident: ResidentRow) -> bool:
    """Whether somebody else may see the screen: then a line of a person is left out, and it has to be asked first."""
    state = _state(resident)
    child = case.minor and case.risk_level is not Level.NONE
    return state.guarded or state.checkins.unwelcome or child or case.safe_contact is SafeContact.NO


def is_stopped(resident: ResidentRow) -> bool:
    """Whether they do not want to hear from us by ourselves, or asked to be erased."""
    state = _state(resident)
    return state.quiet or state.erasing is not None


def preview(
    request: Request, case: CaseRow, resident: ResidentRow, live: PlanRow | None, following: CheckInRow | None
) -> Words | None:
    """The very words that will go out next, if nothing happens before."""
    if live is None or following is None or following.kind is CheckInKind.LOOK:
        return None
    personal = following.personal
    event = CheckInDue(
        occurrence=str(following.id),
        second=following.kind is CheckInKind.SECOND,
        personal="" if personal is None else personal.words,
        signed="" if personal is None else personal.signed,
    )
    desk = console_of(request).desks[case.desk_id]
    decision = decide(desk, _state(resident), event, None, following.due_at, seed_of(following.id))
    said = next((effect for effect in decision.effects if isinstance(effect, Say)), None)
    if said is None:
        return None
    bubbles = tuple(one.text for one in said.messages if isinstance(one, Text | Choices))
    buttons = tuple(option.label for one in said.messages if isinstance(one, Choices) for option in one.options)
    return Words(bubbles=bubbles, buttons=buttons)


def _state(resident: ResidentRow) -> State:
    return State.new() if resident.state is None else State.from_json(resident.state)


def changed(plan: CheckInPlan, held: CheckInPlan | None) -> CheckInPlan:
    """`plan` with what only the resident chooses: their quiet hours, and a rest they are taking."""
    if held is None:
        return plan
    return replace(plan, quiet=held.quiet, paused_until=held.paused_until)
