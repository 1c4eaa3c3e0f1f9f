"""Two desks that hold the same rows: whoever works at one finds nothing of the other, by no route and no query."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from access import ACCESS, GRANTS, Who
from office import Office
from second_desk import MARK, copy_desk
from sqlalchemy import select

import storage
from casework.people import Viewer
from casework.queue import Filters
from handlers.staff.app import every_route
from storage import (
    api_reading,
    api_tokens,
    assigning,
    calls,
    case_queue,
    changes,
    check_in_board,
    check_in_claims,
    contact_facts,
    contact_pauses,
    copying,
    due_work,
    households,
    kept_counts,
    milestones,
    notices,
    reading_grants,
    recipients,
    retention,
    room_joining,
    rota,
    set_aside,
    sheet_news,
    silences,
    staff,
    watchwords,
)
from storage.case_tables import Case
from storage.database import Connection, Database
from storage.keyring import Keyring
from storage.tables import table_of

pytestmark = pytest.mark.anyio

HERE = [who for who, grants in GRANTS.items() if {grant.desk_id for grant in grants} == {"default"}]
PAIRS = [(method, route.path) for route in every_route() for method in sorted(route.methods)]


@pytest.fixture
async def copied(town: Office) -> tuple[Office, dict[UUID, UUID]]:
    async with town.console.database.write() as connection:
        ids = await copy_desk(connection, desk="default", to="other")
    assert UUID(town.ids["case_id"]) in ids
    return town, ids


@pytest.mark.parametrize("path", [path for method, path in PAIRS if method == "GET" and "{" not in path])
async def test_no_page_shows_anything_of_the_other_desk(copied: tuple[Office, dict[UUID, UUID]], path: str) -> None:
    office, ids = copied
    if path.endswith(("/stream", "/live")):
        return
    for who in (Who.SUPERVISOR, Who.ADMIN, Who.AUDITOR, Who.OWNER, Who.TRIAGER, Who.RECIPIENT):
        async with await office.at_work(office.people[who.value]) as browser:
            for asked in ("", "?desk=other"):
                shown = await browser.get(f"/staff{path}{asked}")
                assert shown.status < 500, f"{who} at {path}{asked}"
                assert MARK not in shown.text, f"{who} at {path}{asked}"
                assert not [new for new in ids.values() if str(new) in shown.text], f"{who} at {path}{asked}"


@pytest.mark.parametrize(("method", "path"), [pair for pair in PAIRS if "{" in pair[1]])
async def test_no_route_reaches_what_is_the_other_desks(
    copied: tuple[Office, dict[UUID, UUID]], method: str, path: str
) -> None:
    office, ids = copied
    theirs = {name: str(ids[UUID(value)]) for name, value in office.ids.items() if _is_id(value) and UUID(value) in ids}
    needed = {part.split("}")[0] for part in path.split("{")[1:]}
    if not needed & theirs.keys():
        return
    at = f"/staff{path.format(**{**office.ids, **theirs})}"
    for who in HERE:
        async with await office.at_work(office.people[who.value]) as browser:
            if method == "GET":
                shown = await browser.get(at)
            else:
                token = (await browser.get("/staff/account")).token
                shown = await browser.post(at, token, **ACCESS[method, path].form)
        assert shown.status in {403, 404}, f"{who} at {method} {path}: {shown.status}"


async def test_a_database_of_two_desks_is_copied_row_by_row(
    copied: tuple[Office, dict[UUID, UUID]], database: Database
) -> None:
    office, _ = copied
    async with office.console.database.read() as old, database.write() as new:
        rows = await copying.copy(old, new)
        assert await copying.differences(old, new) == []
        desks = {row.desk_id for row in await new.execute(select(table_of(Case).c.desk_id))}
    assert (rows["cases"] > 1, desks) == (True, {"default", "other"})


async def test_nobody_is_named_who_works_at_the_other_desk_only(town: Office) -> None:
    for who, paths in {Who.SUPERVISOR: ["/queue", "/hand-over", "/silent"], Who.ADMIN: ["/rota", "/people"]}.items():
        async with await town.at_work(town.people[who.value]) as browser:
            for path in paths:
                shown = await browser.get(f"/staff{path}")
                assert shown.status == 200
                assert Who.OTHER_DESK.value not in shown.text, path


def _is_id(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True


Read = Callable[[Connection, Keyring, Viewer, datetime], Awaitable[Any]]
DESK = "default"
LONG_AGO, FAR = timedelta(days=400), timedelta(days=60)

#: Every select of storage that is about one desk, or about what one person may see.
READS: dict[str, Read] = {
    "api_reading.sheet_ids": lambda c, _k, v, _n: api_reading.sheet_ids(c, v, DESK, limit=99),
    "api_reading.case_ids": lambda c, _k, v, _n: api_reading.case_ids(c, v, DESK, limit=99),
    "api_reading.changed": lambda c, _k, v, n: api_reading.changed(c, v, DESK, after=None, now=n, limit=99),
    "api_tokens.names": lambda c, _k, _v, _n: api_tokens.names(c, [DESK]),
    "api_tokens.of_desk": lambda c, _k, _v, _n: api_tokens.of_desk(c, DESK),
    "assigning.nobodys": lambda c, _k, _v, _n: assigning.nobodys(c, [DESK]),
    "assigning.candidates": lambda c, k, _v, n: assigning.candidates(c, k, DESK, now=n),
    "calls.ringing": lambda c, _k, v, n: calls.ringing(c, DESK, v, since=n - LONG_AGO),
    "case_queue.page": lambda c, _k, v, _n: case_queue.page(c, DESK, Filters(), v),
    "case_queue.counts": lambda c, _k, v, _n: case_queue.counts(c, DESK, v),
    "case_queue.handed": lambda c, _k, v, _n: case_queue.handed(c, DESK, v),
    "case_queue.silent": lambda c, _k, v, n: case_queue.silent(c, DESK, v, now=n + FAR),
    "case_queue.offered": lambda c, _k, _v, n: case_queue.offered(c, DESK, now=n + FAR),
    "check_in_board.standings": lambda c, _k, v, _n: check_in_board.standings(c, DESK, v),
    "check_in_claims.first_in_line": lambda c, _k, _v, _n: check_in_claims.first_in_line(c, DESK),
    "check_in_claims.is_anything_due": lambda c, _k, _v, n: check_in_claims.is_anything_due(c, DESK, now=n + FAR),
    "check_in_claims.due": lambda c, _k, _v, n: check_in_claims.due(c, DESK, now=n + FAR, limit=99),
    "check_in_claims.upcoming": lambda c, _k, _v, n: check_in_claims.upcoming(c, DESK, until=n + FAR),
    "check_in_claims.sent_since": lambda c, _k, _v, n: check_in_claims.sent_since(c, DESK, n - LONG_AGO, n),
    "check_in_claims.due_under_watch": lambda c, _k, _v, n: check_in_claims.due_under_watch(c, DESK, n + FAR),
    "check_in_claims.unpushed": lambda c, _k, _v, _n: check_in_claims.unpushed(c, DESK),
    "contact_facts.pauses": lambda c, _k, _v, n: contact_facts.pauses(c, DESK, now=n, until=n + FAR),
    "contact_pauses.recent": lambda c, _k, _v, n: contact_pauses.recent(c, DESK, since=n - LONG_AGO),
    "due_work.due_cases": lambda c, _k, _v, n: due_work.due_cases(
        c, DESK, today=n.date() + FAR, near_since=n - LONG_AGO
    ),
    "households.find": lambda c, _k, v, _n: households.find(c, DESK, "2026-0001", v),
    "kept_counts.of_desk": lambda c, _k, _v, _n: kept_counts.of_desk(c, DESK),
    "milestones.unsaid": lambda c, _k, _v, n: milestones.unsaid(c, DESK, now=n),
    "notices.last_of_days": lambda c, _k, _v, n: notices.last_of_days(c, DESK, since=n - timedelta(days=9)),
    "notices.recent": lambda c, _k, _v, _n: notices.recent(c, DESK),
    "reading_grants.report": lambda c, _k, v, _n: reading_grants.report(c, v),
    "recipients.of_desk": lambda c, _k, _v, _n: recipients.of_desk(c, DESK),
    "retention.quiet": lambda c, _k, _v, n: retention.quiet(c, DESK, before=n + FAR),
    "retention.runs": lambda c, _k, _v, _n: retention.runs(c, DESK, limit=99),
    "retention.last_run": lambda c, _k, _v, _n: retention.last_run(c, DESK),
    "retention.whose": lambda c, _k, _v, _n: retention.whose(c, DESK, "2026-0001"),
    "room_joining.find": lambda c, _k, v, _n: room_joining.find(c, DESK, "2026-0001", v),
    "rota.windows": lambda c, _k, _v, _n: rota.windows(c, DESK),
    "rota.addresses": lambda c, k, _v, _n: rota.addresses(c, k, DESK),
    "rota.lists": lambda c, k, _v, _n: rota.lists(c, k, DESK),
    "rota.colleagues": lambda c, k, _v, n: rota.colleagues(c, k, DESK, now=n),
    "rota.is_reachable": lambda c, k, _v, n: rota.is_reachable(c, k, DESK, now=n),
    "set_aside.count": lambda c, _k, _v, _n: set_aside.count(c, [DESK]),
    "set_aside.of_desks": lambda c, _k, _v, _n: set_aside.of_desks(c, [DESK], limit=99),
    "sheet_news.mail_of": lambda c, _k, v, _n: sheet_news.mail_of(c, DESK, v.organisation_id),
    "silences.cases_of_silent": lambda c, _k, v, n: silences.cases_of_silent(c, DESK, v, now=n + FAR),
    "silences.without_case": lambda c, _k, _v, n: silences.without_case(c, DESK, now=n + FAR),
    "staff.names_at": lambda c, _k, _v, _n: staff.names_at(c, [DESK]),
    "watchwords.named": lambda c, _k, _v, _n: watchwords.named(c, DESK, "なみのかもめ"),
    "changes.counters": lambda c, _k, _v, _n: _of_desk(c),
}
#: They write, or start from a row that is one desk's already.
OTHERS = {
    "api_tokens": "issue end",
    "cases": "load earlier_cases note_turn add",
    "changes": "bump",
    "check_in_claims": "claim",
    "contact_pauses": "add end one",
    "households": "members cases_of",
    "private_page": "begin",
    "reading_grants": "find",
    "recipients": "add change end",
    "residents": "find create add_identity create_unreached",
    "retention": "note_run",
    "room_joining": "joined",
    "room_links": "issue",
    "room_talk": "talk",
    "rooms": "open_anonymous",
    "rota": "add_window remove_window add_address remove_address",
    "set_aside": "again close",
    "sheet_news": "answer",
}


async def _of_desk(connection: Connection) -> object:
    return (await changes.counters(connection)).get(DESK)


def test_every_select_of_storage_that_is_about_a_desk_is_tried() -> None:
    about = {"desk_id", "desk_ids", "desks", "viewer", "whose", "sender"}
    found = {
        f"{module.name}.{name}"
        for module in pkgutil.iter_modules(storage.__path__)
        if not module.ispkg
        for name, work in vars(importlib.import_module(f"storage.{module.name}")).items()
        if inspect.iscoroutinefunction(work)
        and work.__module__ == f"storage.{module.name}"
        and not name.startswith("_")
        and about & inspect.signature(work).parameters.keys()
    }
    others = {f"{module}.{name}" for module, names in OTHERS.items() for name in names.split()}
    assert found == others | (READS.keys() - {"changes.counters"})


@pytest.mark.parametrize("name", READS)
async def test_no_select_tells_another_desks_rows(town: Office, name: str) -> None:
    console, now = town.console, town.clock()

    async def read() -> list[str]:
        found = []
        async with console.database.read() as connection:
            for who in HERE:
                person = town.people[who.value]
                viewer = Viewer(staff_id=person.id, organisation_id=UUID(int=1), grants=GRANTS[who])
                found.append(repr(await READS[name](connection, console.keyring, viewer, now)))
        return found

    before = await read()
    async with console.database.write() as connection:
        await copy_desk(connection, desk=DESK, to="other")
    assert await read() == before
