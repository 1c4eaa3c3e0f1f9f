"""SIGHUP to real processes: the desks are read anew under load, and nothing that was asked or begun is lost."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from parts import Part, Parts
from sqlalchemy import func, select
from two_desks import TwoAccounts, two_accounts

from benchmarks.nursery import Nursery
from storage.tables import InboxEvent, InboxState, OutboxMessage, OutboxState, Resident

WRITERS, EACH = 4, 6
PATIENCE = 40.0


@pytest.fixture
def accounts(tmp_path: Path) -> Iterator[TwoAccounts]:
    with two_accounts(tmp_path) as both:
        both.write("minami")
        yield both


@pytest.fixture
def parts(nursery: Nursery, accounts: TwoAccounts, postgres_url: str, tmp_path: Path) -> Iterator[Parts]:
    many = {
        "LINE_CHANNEL_SECRET": "",
        "LINE_CHANNEL_ACCESS_TOKEN": "",
        "DESKS_FILE": str(accounts.file),
        "LINE_API_URL": accounts.line,
    }
    with Parts(nursery, accounts.minami, postgres_url, tmp_path / "parts", more=many) as running:
        yield running


def until(what: Callable[[], bool]) -> None:
    """Wait for something that another process does, asking again and again."""
    pause, tries = threading.Event(), 0
    while not what():
        tries += 1
        assert tries < PATIENCE * 10, "it did not come about"
        pause.wait(0.1)


def hang_up(parts: Parts, running: list[Part], times: int) -> None:
    """Ask all of them to read anew, and wait until each has."""
    for part in running:
        os.kill(part.process.pid, signal.SIGHUP)
    # Once at the start, and once for every asking.
    until(lambda: parts.logged("desks.read") + parts.logged("desks.not_read") >= len(running) * (1 + times))


def webhook(part: Part, desk: str) -> int:
    return httpx.post(f"http://127.0.0.1:{part.port}/line/{desk}/webhook", content=b"{}").status_code


def test_a_new_desk_comes_while_another_is_written_to_and_nothing_is_dropped(
    parts: Parts, accounts: TwoAccounts
) -> None:
    running = parts.start("serve", "worker")
    server = running[0]
    accounts.follow(f"http://127.0.0.1:{server.port}")
    assert webhook(server, "kita") == 404
    residents = [accounts.minami.resident() for _ in range(WRITERS)]

    def write() -> None:
        for number in range(EACH):
            for resident in residents:
                resident.say(f"{number}番目です。眠れません")

    writing = threading.Thread(target=write)
    writing.start()
    accounts.write("minami", "kita")
    for times in range(1, 4):
        hang_up(parts, running, times)
    writing.join()
    assert webhook(server, "kita") == 401
    newcomer = accounts.kita.resident()
    newcomer.say("はじめまして")
    for sim in (accounts.minami, accounts.kita):
        sim.wait_until_delivered()

    def all_answered() -> bool:
        open_events = select(func.count()).where(InboxEvent.state == InboxState.WAITING)
        open_letters = select(func.count()).where(OutboxMessage.state == OutboxState.WAITING)
        return parts.rows(open_events) == parts.rows(open_letters) == [(0,)]

    until(all_answered)
    # Every message, and each person's becoming a friend.
    done = dict(parts.rows(select(InboxEvent.desk_id, func.count()).group_by(InboxEvent.desk_id)))
    assert done["minami"] >= WRITERS * EACH
    assert {row.state for row in parts.rows(select(InboxEvent.state))} == {InboxState.DONE}
    assert dict(parts.rows(select(Resident.desk_id, func.count()).group_by(Resident.desk_id))) == {
        "minami": WRITERS,
        "kita": 1,
    }
    assert newcomer.bubbles[-1].text
    assert [part.process.poll() for part in running] == [None, None]
    assert [part.stop() for part in running] == [0, 0]


def test_a_wrong_file_and_a_desk_taken_out_stop_nobody(parts: Parts, accounts: TwoAccounts) -> None:
    accounts.write("minami", "kita")
    (server,) = parts.start("serve-work")
    accounts.follow(f"http://127.0.0.1:{server.port}")
    accounts.file.write_text("desks: [", encoding="utf-8")
    hang_up(parts, [server], 1)
    assert [webhook(server, desk) for desk in ("minami", "kita")] == [401, 401]
    accounts.write("kita")
    hang_up(parts, [server], 2)
    assert [webhook(server, desk) for desk in ("minami", "kita")] == [404, 401]
    assert server.stop() == 0
    log = server.log.read_text(encoding="utf-8")
    assert "secret-" not in log
    assert "token-" not in log
