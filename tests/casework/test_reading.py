"""What may be read: nothing without a consent or broken glass that covers just these words at just this time."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.reading import Grant, ReadConsent, around, readable

NOW = dt.datetime(2026, 11, 21, 3, 0, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
times = st.timedeltas(-DAY, DAY).map(lambda offset: NOW + offset)


def reads(
    sent_at: dt.datetime, turn: int | None = 3, *, consent: ReadConsent | None = None, grant: Grant | None = None
) -> bool:
    consents, grants = [consent] if consent else [], [grant] if grant else []
    return readable(sent_at, turn, consents=consents, grants=grants, now=NOW)


@given(times, st.none() | st.integers(0, 9))
def test_without_consent_nothing_is_read(sent_at: dt.datetime, turn: int | None) -> None:
    assert not reads(sent_at, turn)


@given(times)
def test_a_consent_to_everything_covers_everything_until_it_is_withdrawn(sent_at: dt.datetime) -> None:
    assert reads(sent_at, consent=ReadConsent(given_at=NOW - DAY))
    assert not reads(sent_at, consent=ReadConsent(given_at=NOW - DAY, withdrawn_at=NOW))


def test_a_consent_from_now_on_leaves_what_was_written_before_unread() -> None:
    consent = ReadConsent(given_at=NOW - HOUR, since=NOW - HOUR)
    assert reads(NOW, consent=consent)
    assert reads(NOW - HOUR, consent=consent)
    assert not reads(NOW - HOUR - dt.timedelta(microseconds=1), consent=consent)


@pytest.mark.parametrize(("turn", "open_"), [(1, False), (2, True), (3, True), (4, True), (5, False), (None, False)])
def test_broken_glass_on_danger_shows_the_turn_that_raised_it_with_one_on_each_side(
    turn: int | None, open_: bool
) -> None:
    grant = Grant(opened_at=NOW - HOUR, ends_at=NOW + HOUR, turns=around(3))
    assert reads(NOW, turn, grant=grant) is open_


def test_broken_glass_closes_by_itself() -> None:
    assert reads(NOW, grant=Grant(opened_at=NOW, ends_at=NOW + HOUR, turns=None))
    assert not reads(NOW, grant=Grant(opened_at=NOW - HOUR, ends_at=NOW, turns=None))
    assert not reads(NOW, grant=Grant(opened_at=NOW + HOUR, ends_at=NOW + DAY, turns=None))
