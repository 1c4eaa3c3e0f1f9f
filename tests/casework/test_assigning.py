"""自動割当: who gets a case is somebody at work who may have it, and the least burdened of these."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from casework_cast import ORGANISATIONS, STAFF, cases, grants
from hypothesis import given
from hypothesis import strategies as st

from casework.alerting import Colleague, Window
from casework.assigning import Candidate, Load, Matter, choose
from casework.people import Grant, Role, Viewer
from casework.permissions import Action, CaseFacts, allowed
from casework.queue import Level
from casework.workdays import Workdays

WEEK = frozenset({"mon", "tue", "wed", "thu", "fri"})
DESK = Workdays(zone=ZoneInfo("Asia/Tokyo"), hours=((WEEK, time(9), time(17)),))
#: Ten in the morning and eleven at night of a Thursday.
OPEN, NIGHT = datetime(2026, 11, 26, 1, 0, tzinfo=UTC), datetime(2026, 11, 26, 14, 0, tzinfo=UTC)
KITA = CaseFacts(desk_id="default", area="kita")
CALM = Matter(facts=KITA, level=Level.NONE)
EVENINGS = Window(starts=time(17), ends=time(9))


def one(
    number: int, *areas: str, role: Role = Role.COORDINATOR, windows: tuple[Window, ...] = (), n: int = 0
) -> Candidate:
    grant = Grant(role=role, desk_id="default", areas=frozenset(areas) or None)
    viewer = Viewer(staff_id=UUID(int=number), organisation_id=ORGANISATIONS[0], grants=(grant,))
    return Candidate(person=Colleague(viewer=viewer, address=None, windows=windows), load=Load(cases=n))


def chosen(*people: Candidate, matter: Matter = CALM, now: datetime = OPEN, most: int | None = None) -> int | None:
    found = choose(matter, people, workdays=DESK, now=now, most=most)
    return None if found is None else found.int


def test_whose_area_it_is_comes_before_who_has_less_to_do() -> None:
    assert chosen(one(1, "minami"), one(2, "kita", n=9), one(3, n=0)) == 2
    assert chosen(one(1, "minami"), one(3, n=0)) == 3
    assert chosen(one(1, "minami")) is None


def test_of_two_the_one_with_less_to_do_gets_it_and_a_danger_weighs_more() -> None:
    burdened = replace(one(1, "kita"), load=Load(cases=2, urgent=1))
    assert chosen(burdened, one(2, "kita", n=3)) == 2
    lately = replace(one(1, "kita"), load=Load(cases=1, given_at=OPEN - timedelta(minutes=1)))
    before = replace(one(2, "kita"), load=Load(cases=1, given_at=OPEN - timedelta(days=1)))
    assert chosen(lately, before) == 2


def test_supervisors_get_what_no_coordinator_can_have() -> None:
    supervisor = one(1, role=Role.SUPERVISOR)
    assert chosen(supervisor, one(2, n=20)) == 2
    assert chosen(supervisor, one(2, n=20), most=20) == 1


def test_nobody_is_given_more_than_enough_but_a_danger() -> None:
    full = one(1, "kita", n=5)
    assert chosen(full, most=5) is None
    assert chosen(full, most=6) == 1
    assert chosen(full, most=5, matter=replace(CALM, level=Level.URGENT)) == 1


def test_outside_the_hours_only_who_is_on_call_gets_a_case() -> None:
    assert chosen(one(1, "kita"), now=NIGHT) is None
    assert chosen(one(1, "kita"), one(2, windows=(EVENINGS,), n=9), now=NIGHT) == 2
    assert chosen(one(1, "kita"), one(2, windows=(EVENINGS,), n=9)) == 1


def test_who_is_away_or_gave_it_back_does_not_get_it() -> None:
    away = replace(one(1, "kita"), away=True)
    assert chosen(away, one(2, n=9)) == 2
    assert chosen(away) is None
    again = replace(CALM, given_back=frozenset({UUID(int=1)}))
    assert chosen(one(1, "kita"), one(2, n=9), matter=again) == 2


@given(
    cases,
    st.lists(st.tuples(grants, st.sampled_from(STAFF), st.integers(0, 3), st.booleans()), max_size=5),
    st.sampled_from(Level),
    st.sampled_from([OPEN, NIGHT]),
    st.none() | st.integers(1, 3),
)
def test_whoever_is_chosen_may_answer_and_is_no_stranger_to_the_case(
    about: CaseFacts,
    people: list[tuple[Grant, UUID, int, bool]],
    level: Level,
    now: datetime,
    most: int | None,
) -> None:
    able = [
        Candidate(
            person=Colleague(
                viewer=Viewer(staff_id=who, organisation_id=ORGANISATIONS[0], grants=(grant,)), address=None
            ),
            load=Load(cases=n),
            away=away,
        )
        for grant, who, n, away in people
    ]
    found = choose(Matter(facts=about, level=level), able, workdays=DESK, now=now, most=most)
    if found is not None:
        assert now is OPEN
        assert found not in about.excluded | about.conflicts
        assert any(
            one.staff_id == found and not one.away and allowed(one.person.viewer, Action.ANSWER, about) for one in able
        )
