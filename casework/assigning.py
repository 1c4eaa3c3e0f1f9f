"""自動割当: who gets a case that is nobody's. A pure rule over people, areas, hours and load.

Whoever may answer the case and is at work gets it: those whose own area it is before those who have all areas,
coordinators before supervisors, then whoever has the least to do. Nobody is given what they gave back, nor more than
the desk thinks one person can carry; where nobody is left the case stays in the queue.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from casework.alerting import Colleague
from casework.people import Role
from casework.permissions import Action, CaseFacts, allowed
from casework.queue import Level
from casework.workdays import Workdays


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """What somebody has: cases of theirs that are open, those in danger among them, and when they last got one."""

    cases: int = 0
    urgent: int = 0
    given_at: dt.datetime | None = None

    @property
    def weight(self) -> int:
        """A danger takes the time of several others."""
        return self.cases + 2 * self.urgent


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A colleague with what they have to do. `away`: somebody stands in for them now."""

    person: Colleague
    load: Load = Load()
    away: bool = False

    @property
    def staff_id(self) -> UUID:
        return self.person.viewer.staff_id


@dataclass(frozen=True, kw_only=True, slots=True)
class Matter:
    """What has to be known of the case. `given_back` are those who put it back into the queue."""

    facts: CaseFacts
    level: Level
    given_back: frozenset[UUID] = frozenset()


def choose(
    matter: Matter, people: Sequence[Candidate], *, workdays: Workdays, now: dt.datetime, most: int | None = None
) -> UUID | None:
    """Who gets the case now; None: nobody, it waits in the queue. `most` open cases are enough for one person."""
    able = [one for one in people if _is_able(matter, one, most)]
    at_work = _at_work(able, is_open=workdays.is_open(now), local=workdays.local(now))
    if not at_work:
        return None
    return min(at_work, key=lambda one: _rank(matter.facts, one)).staff_id


def _is_able(matter: Matter, one: Candidate, most: int | None) -> bool:
    if one.away or one.staff_id in matter.given_back or not allowed(one.person.viewer, Action.ANSWER, matter.facts):
        return False
    # A danger is given also to whoever has much: somebody has to look at it.
    return most is None or one.load.cases < most or matter.level is Level.URGENT


def _at_work(able: Sequence[Candidate], *, is_open: bool, local: dt.datetime) -> list[Candidate]:
    """Whoever is on call; while the desk is open and nobody of these is, everybody who is not away."""
    on_call = [one for one in able if any(window.covers(local) for window in one.person.windows)]
    return on_call or (list(able) if is_open else [])


def _rank(about: CaseFacts, one: Candidate) -> tuple[int, int, int, dt.datetime, UUID]:
    here = [grant for grant in one.person.viewer.grants if grant.is_at(about.desk_id)]
    own_area = any(about.area is not None and grant.areas is not None and about.area in grant.areas for grant in here)
    coordinates = any(grant.role is Role.COORDINATOR for grant in here)
    earliest = dt.datetime.min.replace(tzinfo=dt.UTC)
    return (not own_area, not coordinates, one.load.weight, one.load.given_at or earliest, one.staff_id)
