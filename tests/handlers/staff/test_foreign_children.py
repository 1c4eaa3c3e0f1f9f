"""What hangs on somebody else's case is not reached through one's own: children are looked up through their parent."""

from __future__ import annotations

import re

import pytest
from access import ACCESS, Who, endangered
from office import Office
from sqlalchemy import select

from handlers.staff.app import every_route
from storage import case_acts
from storage.case_acts import By
from storage.ids import new_id
from storage.sheet_tables import SheetRow
from storage.tables import Base, table_of

pytestmark = pytest.mark.anyio

#: Routes whose path names a case and something that hangs on it.
NESTED = sorted(
    (method, route.path)
    for route in every_route()
    for method in route.methods
    if route.path.startswith("/cases/{case_id}/") and len(re.findall(r"_id\}", route.path)) > 1
)


def test_there_are_such_routes() -> None:
    assert len(NESTED) > 10


async def own_case(town: Office, who: Who) -> str:
    """A case in another area, of somebody who may not see the one of the table."""
    console, person = town.console, town.people[who.value].id
    async with console.database.write() as connection:
        _, case = await endangered(connection, console, now=town.clock())
        by = By(staff_id=person, at=town.clock(), new_id=new_id)
        await case_acts.set_area(connection, case, by, "nanbu")
        await case_acts.claim(connection, case, by)
    return str(case.id)


async def everything(town: Office) -> dict[str, list[str]]:
    """All rows there are, but for who was here and what they tried."""
    async with town.console.database.read() as connection:
        tables = [name for name in Base.metadata.tables if not name.startswith(("audit", "staff_sessions"))]
        return {name: sorted(map(str, await connection.exec_driver_sql(f'SELECT * FROM "{name}"'))) for name in tables}


@pytest.mark.parametrize(("method", "path"), NESTED)
async def test_a_child_of_another_case_is_not_there(town: Office, method: str, path: str) -> None:
    mine = await own_case(town, Who.OTHER_AREA)
    async with await town.at_work(town.people[Who.OTHER_AREA.value]) as browser:
        token = (await browser.get("/staff/account")).token
        before = await everything(town)
        full = f"/staff{path.format(**{**town.ids, 'case_id': mine})}"
        if method == "GET":
            shown = await browser.get(full)
        else:
            shown = await browser.post(full, token, **ACCESS[method, path].form)
    # 409: “somebody was faster” is what one is told of a task or a draft that one's own case does not have.
    assert shown.status in {404, 409}, f"{method} {full}: {shown.status}"
    assert await everything(town) == before


async def test_the_case_of_ones_own_is_there(town: Office) -> None:
    mine = await own_case(town, Who.OTHER_AREA)
    async with await town.at_work(town.people[Who.OTHER_AREA.value]) as browser:
        assert (await browser.get(f"/staff/cases/{mine}")).status == 200
        assert (await browser.get(f"/staff/cases/{town.ids['case_id']}")).status == 404
    rows = table_of(SheetRow)
    async with town.console.database.read() as connection:
        owners = (await connection.execute(select(rows.c.case_id))).scalars()
        assert mine not in {str(one) for one in owners}
