"""The spool: what the database could not take is on the disk, and comes back once."""

from __future__ import annotations

import resource
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.ids import new_id
from storage.inbox import NewEvent, seal_event
from storage.spool import Spool
from storage.tables import Channel
from storage.vault import SealingKey

KEY = SealingKey.fresh()


def event(number: int, *, words: str = "ひみつのことば") -> NewEvent:
    return seal_event(
        KEY,
        id=new_id(),
        desk_id="default",
        channel=Channel.LINE,
        event_id=f"E{number}",
        sender=b"s" * 32 if number else None,
        event_at=number,
        received_at=datetime(2026, 11, 21, tzinfo=UTC),
        body={"text": words},
    )


def test_events_come_back_as_they_were_and_only_once(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", process=new_id())
    events = [event(0), event(1)]
    spool.append(events)
    assert not spool.empty
    with spool.take() as taken:
        assert taken == events
    assert spool.empty


def test_an_error_while_taking_leaves_the_events_for_the_next_time(tmp_path: Path) -> None:
    spool = Spool(tmp_path, process=new_id())
    events = [event(1)]
    spool.append(events)
    with pytest.raises(RuntimeError), spool.take():
        raise RuntimeError
    assert not spool.empty
    with spool.take() as taken:
        assert taken == events


def test_events_spooled_while_others_are_taken_are_not_lost(tmp_path: Path) -> None:
    spool = Spool(tmp_path, process=new_id())
    first, second = event(1), event(2)
    spool.append([first])
    with spool.take() as taken:
        spool.append([second])
        assert taken == [first]
    with spool.take() as taken:
        assert taken == [second]


def test_two_servers_may_share_a_folder_and_take_nothing_that_is_just_being_written(tmp_path: Path) -> None:
    """What is long takes a while to be written: whoever takes meanwhile must not throw half of it away."""
    writer, taker = Spool(tmp_path, process=new_id()), Spool(tmp_path, process=new_id())
    events = [event(number, words="ながいことば" * 100_000) for number in range(24)]
    found: list[NewEvent] = []

    def write() -> None:
        for one in events:
            writer.append([one])

    with ThreadPoolExecutor(1) as apart:
        writing = apart.submit(write)
        while not writing.done():
            with taker.take() as taken:
                found += taken
        writing.result()
    with taker.take() as taken:
        found += taken
    assert [one.event_id for one in found] == [one.event_id for one in events]
    assert taker.empty


def test_two_servers_that_take_at_the_same_time_leave_nothing_and_fail_at_nothing(tmp_path: Path) -> None:
    first, second = Spool(tmp_path, process=new_id()), Spool(tmp_path, process=new_id())
    first.append([event(1)])
    with first.take() as mine, second.take() as theirs:
        # Stored twice it is one row: the event's own name is unique.
        assert mine == theirs
    assert first.empty


def test_a_line_cut_off_by_a_power_cut_is_left_out(tmp_path: Path) -> None:
    spool = Spool(tmp_path, process=new_id())
    events = [event(1), event(2)]
    spool.append(events)
    (file,) = tmp_path.glob("*.spool")
    file.write_bytes(file.read_bytes()[:-20])
    with Spool(tmp_path, process=new_id()).take() as taken:
        assert taken == events[:1]


def test_what_no_longer_fitted_on_the_disk_spoils_nothing_of_what_comes_later(tmp_path: Path) -> None:
    spool = Spool(tmp_path, process=new_id())
    before, too_long, after = event(1), event(2, words="ながいことば" * 1000), event(3)
    spool.append([before])
    (file,) = tmp_path.glob("*.spool")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size + 100, limits[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            spool.append([too_long])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    spool.append([after])
    with spool.take() as taken:
        assert taken == [before, after]


def test_the_file_shows_no_words(tmp_path: Path) -> None:
    spool = Spool(tmp_path, process=new_id())
    spool.append([event(1)])
    (file,) = tmp_path.glob("*.spool")
    assert "ひみつ" not in file.read_text(encoding="utf-8")
    assert "\\u3072" not in file.read_text(encoding="utf-8")
