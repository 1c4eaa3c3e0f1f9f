"""A plan of check-ins that holds, changed in words: another day of the week, an end."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from dialogue import checkin_plan as plans
from dialogue import checkins, dates
from dialogue.checkin_plan import live, today
from dialogue.followups import ONCE, Rhythm, next_due
from dialogue.intents import found_in
from dialogue.scene import Answer, Scene
from dialogue.state import State

#: Those that stay on one day of the week.
BY_WEEKS = frozenset({Rhythm.WEEKLY, Rhythm.FORTNIGHTLY})


def weekday_changed(scene: Scene, state: State) -> Answer | None:
    """「火曜にして」: the rhythm goes on from the next such day near its next turn, read back. None where no other
    weekday is named, or none can be kept: once a month is a day of the month."""
    plan, now, calendar = live(scene, state), scene.moment.now, plans.calendar_of(scene)
    wanted = next((found for text in scene.texts if (found := dates.weekday_in(text)) is not None), None)
    said = found_in(scene.voice.desk.content.intents.check_in, scene.texts)
    named = {name for name in said if name in (*checkins.TURNS, *checkins.BANDS)}
    if plan is None or wanted is None or plan.rhythm not in BY_WEEKS or named - {plan.rhythm.value, plan.band.value}:
        return None
    turn = next_due(plan, now, calendar)
    if turn is None or plan.starts.weekday() == wanted:
        return None
    near = turn.astimezone(calendar.zone).date()
    day = near + dt.timedelta(days=(wanted - near.weekday() + 3) % 7 - 3)
    moved = replace(plan, starts=day if day > today(scene) else day + dt.timedelta(days=7))
    return None if next_due(moved, now, calendar) is None else plans.limit(scene, state, moved)


def limited(scene: Scene, state: State) -> Answer | None:
    """「あと3回で」, 「12月20日まで」: an end for the plan that holds, read back. None where no such end is said."""
    plan = live(scene, state)
    if plan is None or plan.rhythm in ONCE:
        return None
    times = next((count for text in scene.texts if (count := dates.times_in(text)) is not None), None)
    ends = (dates.last_day_in(text, today(scene)) for text in scene.texts)
    until = next((day for day in ends if day is not None), None)
    if times is None and until is None:
        return None
    return plans.limit(scene, state, replace(plan, count_left=times, until=until))
