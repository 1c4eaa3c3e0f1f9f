"""Who may do what: each rule once in words, and what holds for all of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from casework_cast import ORGANISATIONS, STAFF, cases, viewer, viewers
from hypothesis import given
from hypothesis import strategies as st

from casework.people import Grant, Role, Viewer, for_absent
from casework.permissions import (
    RULES,
    Action,
    CaseFacts,
    Scope,
    allowed,
    allowed_at,
    allowed_somewhere,
    desks_for,
)

KITA = CaseFacts(desk_id="default", area="kita", owner_id=STAFF[0])
WORDS = {Action.READ_WORDS, Action.ANSWER, Action.BREAK_GLASS}


def test_a_coordinator_sees_the_cases_of_their_areas_and_those_without_one() -> None:
    colleague = viewer(Role.COORDINATOR, staff=1, areas=frozenset({"kita"}))
    assert allowed(colleague, Action.SEE_CASE, KITA)
    assert allowed(colleague, Action.SEE_CASE, replace(KITA, area=None))
    assert not allowed(colleague, Action.SEE_CASE, replace(KITA, area="minami"))


def test_an_owner_keeps_a_case_that_moved_to_another_area() -> None:
    owner = viewer(Role.COORDINATOR, areas=frozenset({"minami"}))
    assert allowed(owner, Action.READ_WORDS, KITA)


def test_a_coordinator_hands_over_only_their_own_case() -> None:
    assert allowed(viewer(Role.COORDINATOR), Action.HAND_OVER, KITA)
    assert not allowed(viewer(Role.COORDINATOR, staff=1), Action.HAND_OVER, KITA)
    assert allowed(viewer(Role.SUPERVISOR, staff=1), Action.HAND_OVER, KITA)


def test_a_grant_at_one_desk_says_nothing_of_another() -> None:
    supervisor = viewer(Role.SUPERVISOR, desk="other")
    assert not allowed(supervisor, Action.SEE_CASE, KITA)
    assert allowed(supervisor, Action.SEE_CASE, replace(KITA, desk_id="other"))
    assert allowed(viewer(Role.SUPERVISOR, desk=None), Action.SEE_CASE, KITA)


@pytest.mark.parametrize("role", [Role.TRIAGER, Role.MEETING_MEMBER, Role.RECIPIENT])
def test_other_organisations_see_only_what_was_handed_to_them(role: Role) -> None:
    reader = viewer(role, staff=1)
    assert not allowed(reader, Action.SEE_SHEET, KITA)
    assert allowed(reader, Action.SEE_SHEET, replace(KITA, handed_to=frozenset({ORGANISATIONS[0]})))
    assert not allowed(reader, Action.SEE_SHEET, replace(KITA, handed_to=frozenset({ORGANISATIONS[1]})))


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR, Role.TRIAGER, Role.MEETING_MEMBER, Role.RECIPIENT])
def test_only_those_who_talk_with_residents_read_their_words(role: Role) -> None:
    assert not WORDS & RULES[role].keys()


def test_who_keeps_the_accounts_sees_no_case() -> None:
    assert set(RULES[Role.ADMIN]) == {Action.MANAGE_STAFF, Action.MANAGE_DESK, Action.SEE_SET_ASIDE}


def test_nobody_who_keeps_accounts_reads_the_audit_by_the_same_role() -> None:
    for rules in RULES.values():
        assert not {Action.MANAGE_STAFF, Action.SEE_AUDIT} <= rules.keys()


def test_every_role_has_rules_and_every_action_somebody() -> None:
    assert set(RULES) == set(Role)
    assert {action for rules in RULES.values() for action in rules} == set(Action)


@given(viewers, cases, st.sampled_from(Action))
def test_who_is_excluded_or_has_a_conflict_never_may(who: Viewer, case: CaseFacts, action: Action) -> None:
    assert not allowed(who, action, replace(case, excluded=frozenset({who.staff_id})))
    assert not allowed(who, action, replace(case, conflicts=frozenset({who.staff_id})))


@given(viewers, cases, st.sampled_from(Action))
def test_a_page_that_is_closed_opens_no_case(who: Viewer, case: CaseFacts, action: Action) -> None:
    if allowed(who, action, case):
        assert allowed_somewhere(who, action)
        assert allowed_at(who, action, case.desk_id)
        desks = desks_for(who, action)
        assert desks is None or case.desk_id in desks


@given(viewers, cases, st.sampled_from(Action))
def test_without_grants_nothing_is_allowed(who: Viewer, case: CaseFacts, action: Action) -> None:
    nobody = replace(who, grants=())
    assert not allowed(nobody, action, case)
    assert not allowed_somewhere(nobody, action)
    assert desks_for(nobody, action) == frozenset()


@given(viewers, cases, st.sampled_from(Action), st.sampled_from(Role))
def test_a_further_grant_takes_nothing_away(who: Viewer, case: CaseFacts, action: Action, role: Role) -> None:
    more = replace(who, grants=(*who.grants, Grant(role=role, desk_id="default")))
    assert allowed(more, action, case) or not allowed(who, action, case)


@given(viewers, cases)
def test_whose_words_may_be_read_that_case_may_be_seen(who: Viewer, case: CaseFacts) -> None:
    if allowed(who, Action.READ_WORDS, case):
        assert allowed(who, Action.SEE_CASE, case)


def test_no_scope_is_none_in_the_table() -> None:
    assert all(scope is not Scope.NONE for rules in RULES.values() for scope in rules.values())


def test_a_stand_in_sees_what_the_absent_one_sees_and_no_more() -> None:
    absent = viewer(Role.COORDINATOR, areas=frozenset({"kita"}))
    theirs = tuple(held for grant in absent.grants if (held := for_absent(grant, absent.staff_id)) is not None)
    own = viewer(Role.COORDINATOR, staff=1, areas=frozenset({"minami"}))
    stand_in = replace(own, grants=(*own.grants, *theirs))
    for about in (KITA, replace(KITA, area="nishi"), replace(KITA, area="nishi", owner_id=STAFF[2])):
        for action in Action:
            assert allowed(stand_in, action, about) is (allowed(absent, action, about) or allowed(own, action, about))
    assert allowed(stand_in, Action.HAND_OVER, KITA)
    assert not allowed(own, Action.SEE_CASE, KITA)


def test_a_stand_in_does_not_see_what_is_kept_from_the_absent_one_or_from_themselves() -> None:
    grant = Grant(role=Role.SUPERVISOR, desk_id="default", absent_id=STAFF[0])
    stand_in = Viewer(staff_id=STAFF[1], organisation_id=ORGANISATIONS[0], grants=(grant,))
    assert allowed(stand_in, Action.SEE_CASE, KITA)
    for barred in STAFF[:2]:
        assert not allowed(stand_in, Action.SEE_CASE, replace(KITA, excluded=frozenset({barred})))
        assert not allowed(stand_in, Action.SEE_CASE, replace(KITA, conflicts=frozenset({barred})))


def test_nobody_stands_in_for_who_keeps_accounts_or_reads_the_record() -> None:
    for role in Role:
        held = for_absent(Grant(role=role), STAFF[0])
        assert (held is None) is (role in {Role.ADMIN, Role.AUDITOR})
