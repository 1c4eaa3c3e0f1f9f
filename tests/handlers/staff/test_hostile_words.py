"""Words that want to be more than words, in every place where somebody may write, on every page there is."""

from __future__ import annotations

import json
import re

import pytest
from access import ACCESS, Who
from office import Office
from sqlalchemy import Table, update

from handlers.staff.app import every_route
from storage.api_tables import ApiToken
from storage.case_tables import Case, CaseTag
from storage.sheet_tables import Recipient, SheetRow
from storage.staff_tables import Staff
from storage.tables import Base, Organisation, Resident, table_of

pytestmark = pytest.mark.anyio

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\r\nset-cookie: a=b"
#: What must never stand in a page: the same, but for the quotes that a page writes as signs.
RAW = ("<script>alert", "<img src=x")
#: Columns in the clear that hold what somebody typed, or what is shown of it.
COLUMNS: tuple[tuple[type[Base], str], ...] = (
    (Resident, "alias"),
    (Case, "alias"),
    (Staff, "shown_name"),
    (Organisation, "name"),
    (Recipient, "name"),
    (ApiToken, "name"),
    (SheetRow, "number"),
)
PAGES = sorted({route.path for route in every_route() if "GET" in (route.methods or ())} - {"/stream"})
SEEN_BY = (Who.OWNER, Who.SUPERVISOR, Who.ADMIN, Who.AUDITOR, Who.RECIPIENT)


async def poisoned(town: Office) -> None:
    """Every name in the database is hostile now, and so is what was noted."""
    console = town.console
    async with console.database.write() as connection:
        for model, column in COLUMNS:
            table: Table = table_of(model)
            for number, row in enumerate((await connection.execute(table.select())).all()):
                longest = getattr(table.c[column].type, "length", None) or 120
                value = f"{number}{HOSTILE}"[:longest]
                await connection.execute(update(table).where(table.c.id == row.id).values({column: value}))
        cases, tags = table_of(Case), table_of(CaseTag)
        await connection.execute(update(cases).values(categories=[HOSTILE[:24]], rule=HOSTILE[:24]))
        await connection.execute(update(tags).values(category=HOSTILE[:24]))


def test_every_table_named_here_has_its_column() -> None:
    for model, column in COLUMNS:
        assert column in table_of(model).c


@pytest.mark.parametrize("who", SEEN_BY)
async def test_no_page_lets_words_become_more_than_words(town: Office, who: Who) -> None:
    await poisoned(town)
    shown = 0
    async with await town.at_work(town.people[who.value]) as browser:
        for path in PAGES:
            answer = await browser.get(f"/staff{path.format(**town.ids)}")
            if who in ACCESS["GET", path].may and answer.status == 200:
                shown += 1
            assert answer.status in {200, 303, 403, 404}, (path, answer.status)
            if answer.answer.headers.get("content-type", "").startswith("application/json"):
                # Data for a script of ours, which sets it as text; no browser takes it for a page.
                assert answer.answer.headers["x-content-type-options"] == "nosniff", path
            else:
                assert not [mark for mark in RAW if mark in answer.text], path
            assert "set-cookie: a=b" not in str(answer.answer.headers.raw), path
            assert answer.answer.headers.get("set-cookie", "").find("a=b") == -1, path
    assert shown >= 3


async def test_the_name_of_a_file_stays_in_its_header(town: Office) -> None:
    await poisoned(town)
    ids = town.ids
    async with await town.at_work(town.people["owner"]) as browser:
        for kind in ("pdf", "xlsx", "json"):
            answer = (await browser.get(f"/staff/cases/{ids['case_id']}/sheets/{ids['sheet_id']}/files/{kind}")).answer
            assert answer.status_code == 200, kind
            named = answer.headers["content-disposition"]
            assert re.fullmatch(r"(inline|attachment); filename=\"sheet\.\w+\"; filename\*=UTF-8''[\w%.~-]+", named)
            assert answer.headers["x-content-type-options"] == "nosniff"


async def test_what_is_noted_is_shown_as_it_was_typed_wherever_it_is_shown(town: Office) -> None:
    case = f"/staff/cases/{town.ids['case_id']}"
    async with await town.at_work(town.people["owner"]) as browser:
        await browser.send(case, f"{case}/notes", kind="note", body=HOSTILE)
        await browser.send(case, f"{case}/tasks", title=HOSTILE.split("\r", maxsplit=1)[0])
        await browser.send(case, f"{case}/household", part="child", own_part="parent", note=HOSTILE)
        for path in (case, f"{case}/timeline", f"{case}/household"):
            text = (await browser.get(path)).text
            assert not [mark for mark in RAW if mark in text], path
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in (await browser.get(case)).text


async def test_the_export_of_corrections_is_data_whatever_the_tags_are(town: Office) -> None:
    case = f"/staff/cases/{town.ids['case_id']}"
    async with await town.at_work(town.people["supervisor"]) as browser:
        await browser.send(case, f"{case}/tags", category="pet", verdict="wrong")
        answer = (await browser.get("/staff/corrections.jsonl")).answer
    assert answer.headers["content-type"].startswith(("application/jsonl", "application/x-ndjson", "application/json"))
    assert [json.loads(line) for line in answer.text.splitlines()]
