"""The SQL of the rules says the same as the rules, on both databases."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from casework_cast import cases, viewers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, String, Table, Uuid, delete, insert, select, update

from casework.people import Viewer
from casework.permissions import Action, CaseFacts, allowed
from storage.database import Connection, Database
from storage.visibility import CaseColumns, Pairs, visible

METADATA = MetaData()
CASES = Table(
    "tried_cases",
    METADATA,
    Column("id", Uuid(), primary_key=True),
    Column("desk_id", String()),
    Column("area", String()),
    Column("owner_id", Uuid()),
)
BARRED = Table("tried_barred", METADATA, Column("case_id", Uuid()), Column("staff_id", Uuid()))
HANDED = Table("tried_handed", METADATA, Column("case_id", Uuid()), Column("organisation_id", Uuid()))
UNSEEN = Table("tried_unseen", METADATA, Column("case_id", Uuid()), Column("area", String()))
COLUMNS = CaseColumns(
    id=CASES.c.id,
    desk_id=CASES.c.desk_id,
    area=CASES.c.area,
    owner_id=CASES.c.owner_id,
    barred=Pairs(case_id=BARRED.c.case_id, other_id=BARRED.c.staff_id),
    handed=Pairs(case_id=HANDED.c.case_id, other_id=HANDED.c.organisation_id),
    unseen=Pairs(case_id=UNSEEN.c.case_id, other_id=UNSEEN.c.area),
)


async def stored(connection: Connection, number: int, case: CaseFacts) -> None:
    case_id = UUID(int=number)
    row = {"id": case_id, "desk_id": case.desk_id, "area": case.area, "owner_id": case.owner_id}
    await connection.execute(insert(CASES), row)
    for staff_id in case.excluded | case.conflicts:
        await connection.execute(insert(BARRED), {"case_id": case_id, "staff_id": staff_id})
    for area in case.unseen_areas:
        await connection.execute(insert(UNSEEN), {"case_id": case_id, "area": area})
    for organisation_id in case.handed_to:
        await connection.execute(insert(HANDED), {"case_id": case_id, "organisation_id": organisation_id})


def test_the_clause_shows_what_the_rules_allow_and_nothing_else(database_url: str) -> None:
    with asyncio.Runner() as runner:
        database = Database(database_url)

        async def prepared() -> None:
            async with database.write() as connection:
                await connection.run_sync(METADATA.create_all)

        async def shown(viewer: Viewer, action: Action, facts: list[CaseFacts]) -> tuple[set[int], set[int]]:
            async with database.write() as connection:
                for table in METADATA.sorted_tables:
                    await connection.execute(delete(table))
                for number, case in enumerate(facts):
                    await stored(connection, number, case)
                clause = visible(COLUMNS, viewer, action)
                seen = {row.id.int for row in await connection.execute(select(CASES.c.id).where(clause))}
                await connection.execute(update(CASES).where(clause).values(area="seen"))
                changed = {row.id.int for row in await connection.execute(select(CASES.c.id).filter_by(area="seen"))}
            return seen, changed

        @given(viewers, st.sampled_from(Action), st.lists(cases, max_size=4))
        @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
        def agree(viewer: Viewer, action: Action, facts: list[CaseFacts]) -> None:
            wanted = {number for number, case in enumerate(facts) if allowed(viewer, action, case)}
            assert runner.run(shown(viewer, action, facts)) == (wanted, wanted)

        runner.run(prepared())
        agree()
        runner.run(database.close())


@pytest.mark.parametrize("action", list(Action))
def test_whoever_has_no_grant_sees_nothing_without_asking_a_table(action: Action) -> None:
    nobody = Viewer(staff_id=UUID(int=1), organisation_id=UUID(int=2))
    assert str(visible(COLUMNS, nobody, action)) == "false"
