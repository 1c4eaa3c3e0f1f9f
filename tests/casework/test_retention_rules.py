"""How long words are kept: days after the last contact, 年度 after the closing, never while a case is open or held."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.retention import Record, Rule, Stays, Terms, ends_at, judge

TOKYO = ZoneInfo("Asia/Tokyo")
TERMS = Terms(anonymous_days=90, consented_years=5, zone=TOKYO)
TOLD = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
ANONYMOUS = Record(last_contact=TOLD)
CONSENTED = Record(last_contact=TOLD, closed_at=TOLD + timedelta(days=30), consented=True)


def test_words_nobody_was_allowed_to_read_go_ninety_days_after_the_last_of_them() -> None:
    assert judge(ANONYMOUS, TERMS, TOLD + timedelta(days=90) - timedelta(seconds=1)) is Stays.NOT_YET
    assert judge(ANONYMOUS, TERMS, TOLD + timedelta(days=90)) is Rule.ANONYMOUS


def test_a_case_closed_without_consent_is_looked_at_ninety_days_after_its_closing() -> None:
    closed = replace(ANONYMOUS, closed_at=TOLD + timedelta(days=60))
    assert judge(closed, TERMS, TOLD + timedelta(days=120)) is Stays.NOT_YET
    assert judge(closed, TERMS, TOLD + timedelta(days=150)) is Rule.ANONYMOUS


@pytest.mark.parametrize(
    ("closed", "ends"),
    [
        # Closed in 2026年度: kept through 2031年度.
        (datetime(2026, 4, 1, tzinfo=TOKYO), datetime(2032, 4, 1, tzinfo=TOKYO)),
        (datetime(2027, 3, 31, 23, 59, tzinfo=TOKYO), datetime(2032, 4, 1, tzinfo=TOKYO)),
        # A minute later on the desk's wall clock it is another 年度, whatever UTC says.
        (datetime(2027, 4, 1, 0, 0, tzinfo=TOKYO), datetime(2033, 4, 1, tzinfo=TOKYO)),
    ],
)
def test_a_case_with_consent_is_kept_five_years_from_the_next_fiscal_year(closed: datetime, ends: datetime) -> None:
    record = Record(last_contact=closed - timedelta(days=3), closed_at=closed.astimezone(UTC), consented=True)
    assert ends_at(record, TERMS) == ends
    assert judge(record, TERMS, ends - timedelta(seconds=1)) is Stays.NOT_YET
    assert judge(record, TERMS, ends) is Rule.CONSENTED


@pytest.mark.parametrize(
    ("why", "stays"),
    [("open_case", Stays.OPEN_CASE), ("held", Stays.HELD), ("checked_in", Stays.CHECKED_IN)],
)
@pytest.mark.parametrize("record", [ANONYMOUS, CONSENTED])
@given(years=st.integers(min_value=0, max_value=200))
def test_what_is_still_needed_stays_however_old(why: str, stays: Stays, record: Record, years: int) -> None:
    assert judge(replace(record, **{why: True}), TERMS, TOLD + timedelta(days=365 * years)) is stays


@given(
    days=st.integers(min_value=0, max_value=4000),
    more=st.integers(min_value=0, max_value=4000),
    closed=st.none() | st.integers(min_value=-100, max_value=4000),
    consented=st.booleans(),
)
def test_what_may_go_once_may_go_later_and_consent_never_shortens_the_time(
    days: int, more: int, closed: int | None, consented: bool
) -> None:
    closed_at = None if closed is None else TOLD + timedelta(days=closed)
    record = Record(last_contact=TOLD, closed_at=closed_at, consented=consented)
    if isinstance(judge(record, TERMS, TOLD + timedelta(days=days)), Rule):
        assert isinstance(judge(record, TERMS, TOLD + timedelta(days=days + more)), Rule)
    assert ends_at(replace(record, consented=True), TERMS) >= TOLD + timedelta(days=TERMS.anonymous_days)
