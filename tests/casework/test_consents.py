"""Consent: nothing is covered that was not named, a withdrawal always wins, some consents cannot even be written."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sheet_cast import FORM, HOUKATSU, JIRITSU, NOW

from casework.consents import (
    Consent,
    ConsentBook,
    ConsentKind,
    Ended,
    Method,
    Scope,
    Unfit,
    about_another,
    items_for,
    under_16,
    wording_hash,
)
from casework.reading import readable
from casework.sheets import identifying_items

HOUR = dt.timedelta(hours=1)
STAFF = UUID(int=9)
WORDING = wording_hash("聞いてみていいですか。")
ORGS = st.sampled_from([HOUKATSU, JIRITSU])
ITEMS = st.sampled_from(["topics", "words", "name", "urgency"])
TIMES = st.integers(-48, 48).map(lambda hours: NOW + hours * HOUR)


@st.composite
def consents(draw: st.DrawFn) -> Consent:
    kind = draw(st.sampled_from([ConsentKind.READ, ConsentKind.ASK_AROUND, ConsentKind.TELL_NAME]))
    scope = Scope(org_id=draw(ORGS), items=draw(st.frozensets(ITEMS, min_size=1))) if kind.shares else Scope()
    given_at = draw(TIMES)
    return Consent(
        id=draw(st.uuids()),
        kind=kind,
        method=Method.CHAT,
        given_at=given_at,
        wording=WORDING,
        scope=scope,
        since=None if kind.shares else draw(st.none() | st.just(given_at)),
        expires_at=draw(st.none() | TIMES),
    )


BOOKS = st.lists(consents(), max_size=8, unique_by=lambda one: one.id).map(
    lambda some: ConsentBook(consents=tuple(some))
)


@given(BOOKS, ORGS, ITEMS, TIMES)
def test_nothing_is_covered_that_was_not_named(book: ConsentBook, org: UUID, item: str, at: dt.datetime) -> None:
    named = [c for c in book.consents if c.scope.org_id == org and item in c.scope.items and c.given_at <= at]
    assert not book.covers(org, item, at) or named
    assert not book.covers(UUID(int=7), item, at)


@given(BOOKS, TIMES, ORGS, ITEMS, TIMES)
def test_after_a_withdrawal_nothing_is_covered_and_nothing_readable(
    book: ConsentBook, end: dt.datetime, org: UUID, item: str, sent_at: dt.datetime
) -> None:
    after = book.withdrawn(None, at=end, reason=Ended.RESIDENT)
    for later in (end, end + HOUR):
        assert not after.covers(org, item, later)
        assert not readable(sent_at, 1, consents=after.readings(), grants=(), now=later)
    assert after.withdrawn(None, at=end + HOUR, reason=Ended.STAFF) == after


@given(BOOKS, ORGS, ITEMS)
def test_ending_one_consent_leaves_the_others(book: ConsentBook, org: UUID, item: str) -> None:
    for one in book.consents:
        rest = ConsentBook(consents=tuple(c for c in book.consents if c.id != one.id))
        ended = book.withdrawn([one.id], at=NOW, reason=Ended.RESIDENT)
        assert ended.covers(org, item, NOW) == rest.covers(org, item, NOW)


@given(BOOKS, ORGS, ITEMS)
def test_a_new_yes_after_a_withdrawal_covers_only_what_it_names(book: ConsentBook, org: UUID, item: str) -> None:
    new = Consent(
        id=UUID(int=77), kind=ConsentKind.TELL_NAME, method=Method.PAPER, by=STAFF, given_at=NOW, wording=WORDING,
        scope=Scope(org_id=HOUKATSU, items=frozenset({"words"})),
    )  # fmt: skip
    after = book.withdrawn(None, at=NOW - HOUR, reason=Ended.RESIDENT).given(new)
    assert after.covers(org, item, NOW) == ((org, item) == (HOUKATSU, "words"))


def test_reading_is_for_what_was_agreed_to_and_runs_out() -> None:
    consent = Consent(
        id=UUID(int=1), kind=ConsentKind.READ, method=Method.CHAT, given_at=NOW, since=NOW, wording=WORDING,
        expires_at=NOW + HOUR,
    )  # fmt: skip
    readings = ConsentBook(consents=(consent,)).readings()
    assert readable(NOW, 1, consents=readings, grants=(), now=NOW)
    assert not readable(NOW - HOUR, 1, consents=readings, grants=(), now=NOW)
    assert not readable(NOW, 1, consents=readings, grants=(), now=NOW + HOUR)


def test_the_name_is_told_to_whom_it_was_agreed_and_no_consent_is_for_all() -> None:
    whole, without = (items_for(kind, FORM) for kind in (ConsentKind.TELL_NAME, ConsentKind.ASK_AROUND))
    assert "name" in whole
    assert without == whole - identifying_items(FORM)
    assert not items_for(ConsentKind.READ, FORM)
    # Nobody can agree for somebody else to be named.
    assert "household" in whole
    assert "household.name" not in whole


@pytest.mark.parametrize(
    ("kind", "method", "scope", "by"),
    [
        (ConsentKind.ASK_AROUND, Method.CHAT, Scope(items=frozenset({"words"})), None),
        (ConsentKind.TELL_NAME, Method.CHAT, Scope(org_id=HOUKATSU), None),
        (ConsentKind.READ, Method.CHAT, Scope(org_id=HOUKATSU), None),
        (ConsentKind.MEETING, Method.CHAT, Scope(org_id=HOUKATSU, items=frozenset({"words"})), None),
        (ConsentKind.READ, Method.ORAL, Scope(), None),
    ],
)
def test_a_consent_that_names_nobody_or_that_nobody_took_cannot_be_written(
    kind: ConsentKind, method: Method, scope: Scope, by: UUID | None
) -> None:
    with pytest.raises(Unfit):
        Consent(id=UUID(int=1), kind=kind, method=method, given_at=NOW, wording=WORDING, scope=scope, by=by)


def test_the_widest_consent_that_holds_is_the_one_on_paper() -> None:
    scope = Scope(org_id=HOUKATSU, items=frozenset({"words"}))
    both = ConsentBook(
        consents=tuple(
            Consent(id=UUID(int=n), kind=kind, method=Method.CHAT, given_at=NOW, wording=WORDING, scope=scope)
            for n, kind in enumerate([ConsentKind.TELL_NAME, ConsentKind.ASK_AROUND])
        )
    )
    assert both.named_to(NOW)[HOUKATSU].kind is ConsentKind.TELL_NAME
    assert both.withdrawn([UUID(int=0)], at=NOW, reason=Ended.STAFF).named_to(NOW)[HOUKATSU].kind.value == "ask_around"
    assert both.named_to(NOW - HOUR) == {}


def test_children_and_those_who_write_of_others_are_for_people_to_ask() -> None:
    assert under_16(age=15, minor=True)
    assert not under_16(age=16, minor=True)
    assert under_16(age=None, minor=True)
    assert not under_16(age=None, minor=False)
    assert all(about_another(role) for role in ("neighbour", "professional", "family"))
    assert not about_another("self")
    assert not about_another(None)
