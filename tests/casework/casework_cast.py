"""Helpers for tests of casework: viewers, and what hypothesis may make of viewers and cases."""

from __future__ import annotations

from uuid import UUID

from hypothesis import strategies as st

from casework.people import Grant, Role, Viewer
from casework.permissions import CaseFacts

STAFF = tuple(UUID(int=n) for n in range(1, 4))
ORGANISATIONS = tuple(UUID(int=n) for n in range(11, 13))
DESKS = ("default", "other")
AREAS = ("kita", "minami", "nishi")

grants = st.builds(
    Grant,
    role=st.sampled_from(Role),
    desk_id=st.none() | st.sampled_from(DESKS),
    areas=st.none() | st.frozensets(st.sampled_from(AREAS)),
    absent_id=st.none() | st.sampled_from(STAFF),
)
viewers = st.builds(
    Viewer,
    staff_id=st.sampled_from(STAFF),
    organisation_id=st.sampled_from(ORGANISATIONS),
    grants=st.lists(grants, max_size=3).map(tuple),
    on_call=st.booleans(),
)
cases = st.builds(
    CaseFacts,
    desk_id=st.sampled_from(DESKS),
    area=st.none() | st.sampled_from(AREAS),
    owner_id=st.none() | st.sampled_from(STAFF),
    excluded=st.frozensets(st.sampled_from(STAFF), max_size=1),
    conflicts=st.frozensets(st.sampled_from(STAFF), max_size=1),
    handed_to=st.frozensets(st.sampled_from(ORGANISATIONS), max_size=1),
    unseen_areas=st.frozensets(st.sampled_from(AREAS), max_size=2),
)


def viewer(role: Role, *, staff: int = 0, desk: str | None = "default", areas: frozenset[str] | None = None) -> Viewer:
    """Somebody with one role."""
    grant = Grant(role=role, desk_id=desk, areas=areas)
    return Viewer(staff_id=STAFF[staff], organisation_id=ORGANISATIONS[0], grants=(grant,))
