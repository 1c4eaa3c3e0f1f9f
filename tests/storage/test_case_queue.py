"""The queue: in order, filtered, only what one may see, and by an index however many cases there are."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from case_cast import URGENT, case_of, news, staff_of, told, viewer_of
from cast import NOW, keyring_of
from sqlalchemy import Select, insert, select, text, update

from casework.people import Role, Viewer
from casework.queue import CaseState, Cursor, Filters, Lane, LastWord, Level, SafeContact
from storage import case_queue, cases, offers
from storage.case_tables import Case, CaseTag, Source
from storage.cases import CASES
from storage.database import Connection, Database
from storage.ids import new_id
from storage.tables import Resident, Turn, table_of

pytestmark = pytest.mark.anyio

MANY = 6000


async def numbers(connection: Connection, filters: Filters, viewer: Viewer) -> list[str]:
    return [case.number[-1] for case in (await case_queue.page(connection, "default", filters, viewer)).cases]


async def test_danger_first_then_who_waits_longest_then_who_was_answered(database: Database) -> None:
    keyring = await keyring_of(database)
    (aoki,) = await staff_of(database, "aoki")
    for n, what in enumerate(({}, {"minutes": 1}, {"alarm": URGENT, "level": Level.URGENT}, {"takes_back": True})):
        minutes = what.pop("minutes", 0)
        await case_of(database, keyring, name=bytes([n + 1]), at=NOW + timedelta(minutes=10 * n + minutes), **what)
    async with database.read() as connection:
        assert await numbers(connection, Filters(), viewer_of(aoki)) == ["3", "1", "2", "4"]
        counted = await case_queue.counts(connection, "default", viewer_of(aoki))
    assert (counted.urgent, counted.waiting) == (1, 3)
    assert counted.lanes == {Lane.ALL: 4, Lane.UNCLAIMED: 4, Lane.MINE: 0, Lane.CHILDREN: 0}
    assert counted.waiting_longest == NOW


async def test_filters_and_areas_narrow_the_queue(database: Database) -> None:
    keyring = await keyring_of(database)
    aoki, baba = await staff_of(database, "aoki", "baba")
    what: tuple[dict[str, Any], ...] = (
        {"categories": ("poverty",)},
        {"categories": ("young_carer",), "minor": True, "age": 13},
        {"alarm": URGENT, "level": Level.URGENT, "categories": ("poverty", "debt")},
    )
    made = [await case_of(database, keyring, name=bytes([n + 1]), **one) for n, one in enumerate(what)]
    async with database.write() as connection:
        await connection.execute(update(Case).where(Case.id == made[0][1].id).values(area="hokubu", owner_id=aoki))
        await connection.execute(update(Case).where(Case.id == made[2][1].id).values(area="nanbu"))
    async with database.read() as connection:
        everything = viewer_of(aoki)

        async def shown(filters: Filters, viewer: Viewer = everything) -> list[str]:
            return await numbers(connection, filters, viewer)

        assert await shown(Filters(category="poverty")) == ["3", "1"]
        assert await shown(Filters(lane=Lane.CHILDREN)) == ["2"]
        assert await shown(Filters(lane=Lane.MINE)) == ["1"]
        assert await shown(Filters(lane=Lane.UNCLAIMED)) == ["3", "2"]
        assert await shown(Filters(level=Level.URGENT)) == ["3"]
        assert await shown(Filters(area="nanbu")) == ["3"]
        assert await shown(Filters(owner=str(aoki))) == ["1"]
        assert await shown(Filters(owner="nobody")) == ["3", "1", "2"]
        # The whole name: chance may give two people the same first letters.
        assert await shown(Filters(words=made[1][1].alias)) == ["2"]
        assert await shown(Filters(words="2026-0003")) == ["3"]
        # Without an area a case is everybody's; in another area it is not.
        assert await shown(Filters(), viewer_of(baba, Role.COORDINATOR, "hokubu")) == ["1", "2"]
        assert await shown(Filters(), viewer_of(aoki, Role.COORDINATOR, "nanbu")) == ["3", "1", "2"]
        assert await shown(Filters(), viewer_of(aoki, Role.ADMIN)) == []


async def test_who_asked_to_be_erased_is_hidden_at_once_but_for_the_danger(database: Database) -> None:
    keyring = await keyring_of(database)
    (aoki,) = await staff_of(database, "aoki")
    calm, _ = await case_of(database, keyring, name=b"1")
    danger, _ = await case_of(database, keyring, name=b"2", alarm=URGENT, level=Level.URGENT)
    for resident in (calm, danger):
        await told(database, resident, news(minutes=1, hides=True, hidden=True))
    async with database.read() as connection:
        assert await numbers(connection, Filters(), viewer_of(aoki)) == ["2"]
    await told(database, calm, news(minutes=2, hides=False))
    async with database.read() as connection:
        assert await numbers(connection, Filters(), viewer_of(aoki)) == ["2", "1"]


async def test_who_fell_silent_is_listed(database: Database) -> None:
    keyring = await keyring_of(database)
    (aoki,) = await staff_of(database, "aoki")
    blocked, _ = await case_of(database, keyring, name=b"1")
    await told(database, blocked, news(minutes=1, wrote=False, left=True))
    _, unanswered = await case_of(database, keyring, name=b"2")
    await case_of(database, keyring, name=b"3")
    offered, _ = await case_of(database, keyring, name=b"4")
    turn_id = new_id()
    async with database.write() as connection:
        await connection.execute(update(Case).where(Case.id == unanswered.id).values(last_word=LastWord.STAFF))
        turn = {"id": turn_id, "resident_id": offered.id, "number": 1, "at": NOW}
        await connection.execute(insert(table_of(Turn)), {**turn, "content_version": "", "listener_version": ""})
        await offers.made(connection, resident_id=offered.id, turn_id=turn_id, at=NOW, count=1, new_id=new_id)
        await connection.execute(CaseTag.__table__.delete())  # type: ignore[attr-defined]
        later = NOW + timedelta(days=4)
        listed = await case_queue.silent(connection, "default", viewer_of(aoki), now=later)
        assert {case.resident_id for case in listed} == {blocked.id, unanswered.resident_id}
        assert await case_queue.offered(connection, "default", now=later) == []
        await connection.execute(text("DELETE FROM case_events"))
        await connection.execute(CASES.delete().where(CASES.c.resident_id == offered.id))
        (alone,) = await case_queue.offered(connection, "default", now=later)
        assert (alone.resident_id, alone.count) == (offered.id, 1)


async def filled(database: Database, staff_id: UUID) -> None:
    """Thousands of cases, a third of them open."""
    keyring = await keyring_of(database)
    async with database.write() as connection:
        key_id, _ = await keyring.new_resident_key(connection, now=NOW, new_id=new_id)
        people = [
            {
                "id": new_id(),
                "desk_id": "default",
                "alias": f"しろい ねこ{n}",
                "key_id": key_id,
                "version": 0,
                "messages": 0,
                "created_at": NOW,
            }
            for n in range(MANY)
        ]
        await connection.execute(insert(table_of(Resident)), people)
        rows = [case_row(n, person, staff_id) for n, person in enumerate(people)]
        await connection.execute(insert(CASES), rows)
        tags = [{"case_id": row["id"], "category": "pet"} for row in rows if row["id"].int % 50 == 0]
        await connection.execute(insert(table_of(CaseTag)), tags)
    async with database.write() as connection:
        await connection.execute(text("ANALYZE"))


def case_row(n: int, person: dict[str, Any], staff_id: UUID) -> dict[str, Any]:
    closed = n % 3 != 0
    level = Level.URGENT if n % 97 == 0 else Level.WATCH if n % 11 == 0 else Level.NONE
    since = NOW - timedelta(minutes=n)
    return {
        "id": new_id(),
        "desk_id": "default",
        "number": f"2026-{n:05}",
        "resident_id": person["id"],
        "alias": person["alias"],
        "source": Source.LINE,
        "area": ("hokubu", "chuo", "nanbu", None)[n % 4],
        "state": CaseState.CLOSED if closed else CaseState.WAITING,
        "owner_id": staff_id if n % 9 == 0 else None,
        "opened_at": since,
        "place": 0 if level is Level.URGENT else 1 + n % 2,
        "since": since,
        "last_word": LastWord.RESIDENT,
        "last_word_at": since,
        "risk_level": level,
        "heard_level": level,
        "risk_kinds": [],
        "rule": "accepts_person",
        "danger_now": False,
        "minor": n % 31 == 0,
        "safe_contact": SafeContact.UNKNOWN,
        "child_lane": n % 31 == 0,
        "categories": ["pet"],
        "blocked": False,
        "version": 1,
        "closed_at": since if closed else None,
    }


async def plan_of(connection: Connection, query: Select[Any]) -> str:
    compiled = query.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    prefix = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "
    rows = await connection.exec_driver_sql(prefix + str(compiled).replace("%", "%%"))
    return "\n".join(" ".join(map(str, row)) for row in rows)


async def test_every_page_of_the_queue_is_one_indexed_select(database: Database) -> None:
    (aoki,) = await staff_of(database, "aoki")
    await filled(database, aoki)
    viewers = [viewer_of(aoki), viewer_of(aoki, Role.COORDINATOR, "hokubu"), viewer_of(aoki, Role.SUPERVISOR)]
    asked = [
        Filters(),
        Filters(lane=Lane.MINE),
        Filters(lane=Lane.UNCLAIMED),
        Filters(lane=Lane.CHILDREN),
        Filters(level=Level.WATCH),
        Filters(area="nanbu"),
        Filters(category="pet"),
        Filters(words="しろい ねこ12"),
        Filters(words="2026-0001"),
        Filters(closed=True),
    ]
    async with database.read() as connection:
        first = await case_queue.page(connection, "default", Filters(), viewers[0])
        assert first.more
        last = first.cases[-1]
        asked.append(Filters(after=Cursor(place=last.place, since=last.since, id=str(last.id))))
        second = await case_queue.page(connection, "default", asked[-1], viewers[0])
        assert not {case.id for case in first.cases} & {case.id for case in second.cases}
        order = [(case.place, case.since, case.id) for case in (*first.cases, *second.cases)]
        assert order == sorted(order)
        for viewer in viewers:
            for filters in asked:
                plan = await plan_of(connection, case_queue.queue_query("default", filters, viewer))
                assert "SCAN cases" not in plan, (filters, plan)
                assert "Seq Scan on cases" not in plan, (filters, plan)
        assert len((await connection.execute(select(cases.CASES.c.id))).all()) == MANY
