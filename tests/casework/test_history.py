"""The history of a case: one order, the talk a line a day, nothing lost and nothing doubled."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from casework.history import Line, Said, Strand, days_of, merged, strand_of

TOKYO = ZoneInfo("Asia/Tokyo")
START = datetime(2026, 11, 26, 14, 30, tzinfo=UTC)
moments = st.integers(0, 10_000).map(lambda minutes: START + timedelta(minutes=minutes))
lines = st.builds(
    Line, at=moments, strand=st.sampled_from(Strand), kind=st.sampled_from(["noted", "wrote"]), actor=st.just("program")
)


def test_a_day_of_the_talk_is_a_day_of_the_desk() -> None:
    before, after = START + timedelta(minutes=29), START + timedelta(minutes=30)
    said = [Said(at=before, by="resident"), Said(at=after, by="resident"), Said(at=after, by="program")]
    first, second = days_of(said, TOKYO)
    assert (first.at, first.note) == (before, "本人1通")
    assert (second.at, second.note) == (after, "本人1通、自動の返事1通")


@given(st.lists(st.builds(Said, at=moments, by=st.sampled_from(["resident", "program", "staff"])), max_size=30))
def test_every_word_is_counted_once(said: list[Said]) -> None:
    found = days_of(said, TOKYO)
    assert len({line.at.astimezone(TOKYO).date() for line in found}) == len(found)
    counted: Counter[str] = Counter()
    for line in found:
        for part in line.note.split("、"):
            for by, name in (("resident", "本人"), ("program", "自動の返事"), ("staff", "相談員")):
                if part.startswith(name):
                    counted[by] += int(part.removeprefix(name).removesuffix("通"))
    assert counted == Counter(one.by for one in said)


@given(st.lists(lines, max_size=20), st.none() | st.sampled_from(Strand))
def test_the_newest_comes_first_and_only_what_was_asked_for(found: list[Line], only: Strand | None) -> None:
    shown = merged(found, only)
    assert [line.at for line in shown] == sorted((line.at for line in shown), reverse=True)
    assert Counter(shown) == Counter(line for line in found if only in {None, line.strand})


def test_what_is_not_known_is_about_the_case_itself() -> None:
    assert strand_of("glass") is Strand.READING
    assert strand_of("told") is Strand.CALL
    assert strand_of("something_new") is Strand.CASE
