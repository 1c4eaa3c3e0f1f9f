"""Who is told, and when: each step once, none after a reaction, nobody of a case they may not see."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.alerting import (
    Alert,
    Circle,
    Colleague,
    Due,
    Ladder,
    Lists,
    Recipient,
    Step,
    Urgency,
    Window,
    due_steps,
    has_reaction,
    joins,
    next_due,
    opening,
    plan,
    urgency_of,
    whom,
)
from casework.people import Grant, Role, Viewer
from casework.permissions import CaseFacts
from casework.queue import Level
from casework.standing import Alarm, News
from casework.workdays import Workdays

TOKYO = ZoneInfo("Asia/Tokyo")
WEEK = frozenset({"mon", "tue", "wed", "thu", "fri"})
DESK = Workdays(zone=TOKYO, hours=((WEEK, time(9), time(12)), (WEEK, time(13), time(17))))
#: A Thursday.
START = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)
LADDER = Ladder(
    urgent=tuple(
        Step(circle=circle, after=timedelta(minutes=minutes))
        for circle, minutes in ((Circle.ON_CALL, 0), (Circle.SUPERVISORS, 10), (Circle.DESK, 20))
    ),
    calm=tuple(
        Step(circle=circle, after=timedelta(hours=hours)) for circle, hours in ((Circle.AREA, 0), (Circle.DESK, 24))
    ),
    again=timedelta(minutes=30),
)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def here(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TOKYO)


@st.composite
def alerts(draw: st.DrawFn) -> Alert:
    gaps = draw(st.lists(st.integers(0, 60), min_size=1, max_size=6))
    times = [sum(gaps[: number + 1]) for number in range(len(gaps))]
    steps = tuple(Due(circle=draw(st.sampled_from(Circle)), at=at(minutes)) for minutes in times)
    reached = tuple(draw(st.lists(st.integers(0, 3), max_size=len(steps))))
    return Alert(raised_at=START, plan=steps, reached=reached)


moments = st.integers(-30, 400).map(at)


@given(alerts(), st.lists(moments, max_size=3), moments)
def test_after_a_reaction_nobody_is_told(alert: Alert, reactions: list[datetime], now: datetime) -> None:
    if any(moment >= alert.raised_at for moment in reactions):
        assert due_steps(alert, reactions, now) == ()
        assert next_due(alert, reactions) is None
    else:
        assert not has_reaction(alert, reactions)


@given(alerts(), moments, st.lists(st.integers(0, 3), max_size=12))
def test_each_step_is_taken_once_and_in_order(alert: Alert, now: datetime, people: list[int]) -> None:
    taken: list[int] = []
    for count in [*people, *[1] * len(alert.plan)]:
        due = due_steps(alert, [], now)
        if not due:
            break
        taken.append(due[0])
        alert = alert.told(count)
    assert taken == list(range(len(alert.reached) - len(taken), len(alert.reached)))
    assert not due_steps(alert, [], now)


@given(alerts(), moments)
def test_nothing_is_told_before_its_time_unless_the_step_before_reached_nobody(alert: Alert, now: datetime) -> None:
    due = due_steps(alert, [], now)
    for number in due:
        early = number == len(alert.reached) and alert.reached[-1:] == (0,)
        assert alert.plan[number].at <= now or early
    following = next_due(alert, [])
    assert (following is None) == (len(alert.reached) == len(alert.plan))
    if following is not None:
        assert (following <= now) == bool(due) or alert.reached[-1:] == (0,)


@given(alerts(), st.lists(moments, min_size=1, max_size=8))
def test_looking_often_or_seldom_tells_the_same_in_the_end(alert: Alert, looks: list[datetime]) -> None:
    """A process that was down for an hour catches up."""
    often = alert
    for now in sorted(looks):
        while due_steps(often, [], now):
            often = often.told(1)
    seldom = alert
    while due_steps(seldom, [], max(looks)):
        seldom = seldom.told(1)
    assert often == seldom


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-26 11:00", "2026-11-26 11:00"),
        ("2026-11-26 12:30", "2026-11-26 13:00"),
        ("2026-11-26 08:00", "2026-11-26 09:00"),
        ("2026-11-26 22:00", "2026-11-27 09:00"),
        ("2026-11-27 17:00", "2026-11-30 09:00"),
        # 勤労感謝の日 is a Monday.
        ("2026-11-22 03:00", "2026-11-24 09:00"),
    ],
)
def test_what_can_wait_waits_until_the_desk_opens(moment: str, opens: str) -> None:
    assert opening(here(moment), DESK) == here(opens)
    assert [due.at for due in plan(Urgency.URGENT, here(moment), LADDER, DESK)] == [
        here(moment) + timedelta(minutes=minutes) for minutes in (0, 10, 20)
    ]
    assert plan(Urgency.HAND_OFF, here(moment), LADDER, DESK)[0].at == here(opens)


@given(st.integers(0, 500_000).map(at))
def test_calm_steps_are_always_in_opening_hours_and_never_go_back(now: datetime) -> None:
    steps = plan(Urgency.WATCH, now, LADDER, DESK)
    assert all(DESK.is_open(due.at) for due in steps)
    assert [now, *(due.at for due in steps)] == sorted([now, *(due.at for due in steps)])


def test_a_desk_that_never_opens_is_told_at_once() -> None:
    assert opening(START, Workdays(zone=TOKYO, hours=())) == START


@pytest.mark.parametrize(
    ("news", "opened", "urgency"),
    [
        ({"alarm": Alarm(level=Level.URGENT, kinds=(), rule="r")}, True, Urgency.URGENT),
        ({"alarm": Alarm(level=Level.WATCH, kinds=(), rule="r"), "asks": "asks_for_person"}, True, Urgency.WATCH),
        ({"asks": "asks_for_person"}, True, Urgency.HAND_OFF),
        ({}, True, Urgency.WATCH),
        ({"wrote": True}, False, None),
    ],
)
def test_what_a_turn_means_for_those_who_are_told(
    news: dict[str, object], opened: bool, urgency: Urgency | None
) -> None:
    assert urgency_of(News(at=START, turn=1, **news), opened=opened) is urgency  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("new", "open_call", "minutes", "reacted", "covered"),
    [
        (Urgency.URGENT, Urgency.URGENT, 5, False, True),
        (Urgency.WATCH, Urgency.URGENT, 5, False, True),
        (Urgency.URGENT, Urgency.WATCH, 5, False, False),
        (Urgency.URGENT, Urgency.URGENT, 30, False, False),
        (Urgency.URGENT, Urgency.URGENT, 5, True, False),
    ],
)
def test_a_call_covers_what_is_no_more_urgent_for_a_while(
    new: Urgency, open_call: Urgency, minutes: int, reacted: bool, covered: bool
) -> None:
    assert joins(new, open_call, START, reacted=reacted, now=at(minutes), again=LADDER.again) is covered


# On call


@pytest.mark.parametrize(
    ("moment", "on"),
    [
        ("2026-11-26 16:59", False),
        ("2026-11-26 17:00", True),
        ("2026-11-27 08:59", True),
        ("2026-11-27 09:00", False),
        ("2026-11-28 02:00", False),
    ],
)
def test_a_night_belongs_to_the_day_on_which_it_begins(moment: str, on: bool) -> None:
    """On call on Thursdays, over night."""
    window = Window(starts=time(17), ends=time(9), weekdays=frozenset({3}))
    assert window.covers(datetime.fromisoformat(moment)) is on


def test_dates_bound_a_window_and_the_same_hour_twice_is_a_whole_day() -> None:
    window = Window(starts=time(9), ends=time(9), first=date(2026, 11, 26), last=date(2026, 11, 26))
    covered = [hour for hour in range(72) if window.covers(here("2026-11-25 00:00") + timedelta(hours=hour))]
    assert covered == list(range(33, 57))


@given(st.times(), st.times(), st.integers(0, 500_000).map(at))
def test_a_window_every_day_and_its_rest_share_the_clock(starts: time, ends: time, moment: datetime) -> None:
    if starts != ends:
        one, other = Window(starts=starts, ends=ends), Window(starts=ends, ends=starts)
        assert one.covers(moment) != other.covers(moment)


# Whom

CASE = CaseFacts(desk_id="default", area="hokubu")


def person(
    number: int,
    role: Role = Role.COORDINATOR,
    *areas: str,
    desk: str = "default",
    address: str | None = "",
    windows: tuple[Window, ...] = (),
) -> Colleague:
    grant = Grant(role=role, desk_id=desk, areas=frozenset(areas) or None)
    viewer = Viewer(staff_id=UUID(int=number), organisation_id=UUID(int=99), grants=(grant,))
    return Colleague(viewer=viewer, address=f"{number}@x.example" if address == "" else address, windows=windows)


DAY, NIGHT = here("2026-11-26 11:00"), here("2026-11-26 22:00")
ALWAYS = (Window(starts=time(0), ends=time(0)),)


def boxes(
    circle: Circle, people: list[Colleague], now: datetime, case: CaseFacts = CASE, **lists: tuple[str, ...]
) -> list[str]:
    return [one.address for one in whom(circle, case, people, Lists(**lists), DESK, now)]


def test_by_day_whoever_is_on_call_and_who_has_the_case() -> None:
    people = [person(1, windows=ALWAYS), person(2), person(3)]
    owned = CaseFacts(desk_id="default", area="hokubu", owner_id=UUID(int=3))
    assert boxes(Circle.ON_CALL, people, DAY, owned) == ["1@x.example", "3@x.example"]
    assert boxes(Circle.ON_CALL, people[1:], DAY) == ["2@x.example", "3@x.example"]


def test_at_night_only_whoever_is_on_call_and_the_night_list() -> None:
    people = [person(1, windows=ALWAYS), person(2)]
    assert boxes(Circle.ON_CALL, people, NIGHT, night=("n@x.example",)) == ["1@x.example", "n@x.example"]
    assert boxes(Circle.ON_CALL, people[1:], NIGHT) == []
    assert boxes(Circle.DESK, people, NIGHT, desk=("d@x.example",), night=("n@x.example",)) == [
        "d@x.example",
        "n@x.example",
    ]


def test_the_last_step_of_a_desk_without_lists_tells_everybody_who_could_look() -> None:
    people = [person(1), person(2, Role.ADMIN), person(3, Role.COORDINATOR, "nanbu")]
    assert boxes(Circle.DESK, people, NIGHT) == ["1@x.example"]
    assert boxes(Circle.DESK, people, NIGHT, desk=("d@x.example",)) == ["d@x.example"]


def test_nobody_is_told_of_a_case_they_may_not_see() -> None:
    people = [
        person(1, Role.COORDINATOR, "nanbu", windows=ALWAYS),
        person(2, Role.ADMIN, windows=ALWAYS),
        person(3, desk="other", windows=ALWAYS),
        person(4, windows=ALWAYS),
    ]
    barred = CaseFacts(desk_id="default", area="hokubu", excluded=frozenset({UUID(int=4)}))
    for circle in (Circle.ON_CALL, Circle.AREA, Circle.SUPERVISORS):
        assert boxes(circle, people, NIGHT, barred) == []


def test_the_people_of_the_area_or_the_one_who_has_it() -> None:
    people = [person(1, Role.COORDINATOR, "hokubu"), person(2, Role.COORDINATOR, "nanbu"), person(3, Role.SUPERVISOR)]
    assert boxes(Circle.AREA, people, DAY) == ["1@x.example"]
    assert boxes(Circle.SUPERVISORS, people, DAY) == ["3@x.example"]
    owned = CaseFacts(desk_id="default", area="hokubu", owner_id=UUID(int=3))
    assert boxes(Circle.AREA, people, DAY, owned) == ["3@x.example"]


def test_a_mail_box_is_told_once_whatever_its_spelling() -> None:
    people = [person(1, windows=ALWAYS), person(2, windows=ALWAYS, address="1@X.example"), person(3, address=None)]
    found = whom(Circle.ON_CALL, CASE, people, Lists(night=("1@x.EXAMPLE",)), DESK, NIGHT)
    assert found == (Recipient(address="1@x.example", staff_id=UUID(int=1)),)
