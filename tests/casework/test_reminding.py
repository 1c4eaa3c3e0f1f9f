"""Who is reminded of what is due by the calendar: whoever has the case, else the coordinators, else the supervisors."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from casework.alerting import Colleague, Recipient
from casework.people import Grant, Role, Viewer
from casework.permissions import CaseFacts
from casework.reminding import reminded, since_last_opening
from casework.workdays import Workdays

TOKYO = ZoneInfo("Asia/Tokyo")
WEEK = frozenset({"mon", "tue", "wed", "thu", "fri"})
DESK = Workdays(zone=TOKYO, hours=((WEEK, time(9), time(17)),), closed_every_year=frozenset({"12-29", "12-30"}))
THURSDAY = datetime(2026, 11, 26, 0, 5, tzinfo=UTC)
OWNER, NEIGHBOUR, CHIEF, ABSENT = (UUID(int=number) for number in range(1, 5))


def colleague(
    staff_id: UUID, role: Role, *, areas: set[str] | None = None, stands_for: UUID | None = None
) -> Colleague:
    within = None if areas is None else frozenset(areas)
    grant = Grant(role=role, desk_id="default", areas=within, absent_id=stands_for)
    viewer = Viewer(staff_id=staff_id, organisation_id=UUID(int=99), grants=(grant,))
    return Colleague(viewer=viewer, address=f"{staff_id.int}@shakyo.example")


def case(owner: UUID | None = None, *, excluded: set[UUID] | None = None, area: str | None = "north") -> CaseFacts:
    return CaseFacts(
        desk_id="default", area=area, owner_id=owner, excluded=frozenset(excluded or ()), unseen_areas=frozenset()
    )


PEOPLE = (
    colleague(OWNER, Role.COORDINATOR),
    colleague(NEIGHBOUR, Role.COORDINATOR),
    colleague(CHIEF, Role.SUPERVISOR),
)


def ids(recipients: tuple[Recipient, ...]) -> list[UUID | None]:
    return [one.staff_id for one in recipients]


def test_the_owner_gets_one_mail_for_all_their_cases() -> None:
    assert ids(reminded([case(OWNER), case(OWNER)], PEOPLE, DESK, THURSDAY)) == [OWNER]


def test_of_a_case_nobody_has_the_coordinators_are_told() -> None:
    assert ids(reminded([case()], PEOPLE, DESK, THURSDAY)) == [OWNER, NEIGHBOUR]


def test_without_coordinators_the_supervisors_are_told() -> None:
    assert ids(reminded([case()], PEOPLE[2:], DESK, THURSDAY)) == [CHIEF]


def test_whoever_stands_in_is_told_instead() -> None:
    people = (PEOPLE[1], colleague(OWNER, Role.COORDINATOR, stands_for=ABSENT))
    assert ids(reminded([case(ABSENT)], people, DESK, THURSDAY)) == [OWNER]


def test_nobody_is_told_of_a_case_they_may_not_see() -> None:
    south = colleague(OWNER, Role.COORDINATOR, areas={"south"})
    assert reminded([case()], (south,), DESK, THURSDAY) == ()
    assert ids(reminded([case(excluded={OWNER})], PEOPLE, DESK, THURSDAY)) == [NEIGHBOUR]


def test_without_a_mail_box_nobody_is_told() -> None:
    nowhere = Colleague(viewer=PEOPLE[0].viewer, address=None)
    assert reminded([case(OWNER)], (nowhere,), DESK, THURSDAY) == ()


def test_nothing_due_tells_nobody() -> None:
    assert reminded([], PEOPLE, DESK, THURSDAY) == ()


@pytest.mark.parametrize(
    ("now", "day"),
    [
        (date(2026, 11, 26), date(2026, 11, 25)),
        # Over a weekend with a public holiday (勤労感謝の日) on the Monday.
        (date(2026, 11, 24), date(2026, 11, 20)),
        # Over the days a desk is closed every year.
        (date(2026, 12, 31), date(2026, 12, 28)),
    ],
)
def test_what_came_up_on_closed_days_is_not_forgotten(now: date, day: date) -> None:
    morning = datetime.combine(now, time(9, 5), TOKYO)
    assert since_last_opening(DESK, morning) == datetime.combine(day, time(9), TOKYO)
