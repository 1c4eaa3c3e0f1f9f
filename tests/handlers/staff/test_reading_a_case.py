"""What a coordinator reads of a case says it in plain words, and nothing stands chosen before they choose."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from office import Browser, Office, Shown
from plan_cast import with_case
from sqlalchemy import select, update

from casework.people import Role
from casework.queue import Level
from handlers.staff import case_labels
from handlers.staff.kin_labels import RELATIONS, kin_shown
from nlp.findings import Person
from nlp.lexicon import lexicon
from storage.case_tables import Case
from storage.cases import CaseRow

pytestmark = pytest.mark.anyio


def test_every_relation_the_listener_knows_has_a_name_for_staff() -> None:
    known = {label.removeprefix("kin/") for label, _ in lexicon().entries if label.startswith("kin/")}
    assert "mother" in known
    assert known <= set(RELATIONS)


@pytest.mark.parametrize(
    ("person", "shown"),
    [
        (Person(relation="mother", age=80, lives_with=True), "母(80歳・同居)"),
        (Person(relation="son", lives_with=False), "息子(別居)"),
        (Person(relation="husband"), "夫"),
        (Person(relation="somebody_new"), "ほかの人"),
    ],
)
def test_people_are_named_with_what_is_known_of_them(person: Person, shown: str) -> None:
    assert kin_shown(person) == shown


async def case_with(office: Office, **values: Any) -> CaseRow:
    _, case = await with_case(office)
    async with office.console.database.write() as connection:
        await connection.execute(update(Case).where(Case.id == case.id).values(**values))
    return case


async def desk(office: Office, role: Role = Role.COORDINATOR) -> Browser:
    return await office.at_work(await office.person("aoki", role))


async def test_who_is_in_danger_by_nobodys_hand_is_not_said_to_be_on_a_side(office: Office) -> None:
    _, case = await with_case(office)
    hungry = replace(case, risk_kinds=("lifeline",), at_risk="self", safety_role="harmed")
    assert case_labels.danger_shown(hungry) == "危険なのは本人"
    beaten = replace(hungry, risk_kinds=("violence",))
    assert case_labels.danger_shown(beaten) == "危険なのは本人(本人が受けている側)"
    seen = replace(beaten, at_risk="child", safety_role="witness")
    assert case_labels.danger_shown(seen) == "危険なのは子ども(本人は見聞きした側)"
    assert case_labels.danger_shown(replace(case, at_risk=None)) == ""
    assert case_labels.rule_shown("urgent.harmed") == "緊急の言葉"


async def test_nothing_that_ends_or_hides_a_case_is_chosen_beforehand(office: Office) -> None:
    _, case = await with_case(office)
    async with await desk(office, Role.SUPERVISOR) as browser:
        shown = (await browser.get(f"/staff/cases/{case.id}")).text
    for name in ("close-reason", "exclude", "add-tag", "assign-to"):
        found = re.search(rf'<select id="{name}"[^>]* required><option value="">', shown)
        assert found is not None, name


async def test_a_worry_that_is_there_already_cannot_be_added_again(office: Office) -> None:
    _, case = await with_case(office)
    path = f"/staff/cases/{case.id}"
    async with await desk(office) as browser:
        page = await browser.get(path)
        assert '<option value="housing">' in page.text
        assert (await browser.post(f"{path}/tags", page.token, category="housing", verdict="missing")).status == 303
        page = await browser.get(path)
        assert '<option value="housing">' not in page.text
        # Taken off again, it may be missed once more.
        assert (await browser.post(f"{path}/tags", page.token, category="housing", verdict="wrong")).status == 303
        assert '<option value="housing">' in (await browser.get(path)).text


async def test_the_queue_says_in_short_by_how_much_a_deadline_is_over(office: Office) -> None:
    await case_with(office, deadline_at=office.clock())
    office.clock.passes(minutes=22)
    async with await desk(office) as browser:
        shown = (await browser.get("/staff/queue")).text
    assert '<span class="overdue">期限切れ 22分</span>' in shown


# Danger is neither closed over nor missed


async def now(office: Office, case: CaseRow) -> Any:
    query = select(Case.risk_level, Case.heard_level, Case.staff_level, Case.closed_at).where(Case.id == case.id)
    async with office.console.database.read() as connection:
        return (await connection.execute(query)).one()


async def closed_by(browser: Browser, case: CaseRow) -> Shown:
    page = await browser.get(f"/staff/cases/{case.id}")
    version = re.search(r'data-version="(\d+)"', page.text)
    assert version is not None
    return await browser.post(f"/staff/cases/{case.id}/close", page.token, reason="done", version=version[1])


async def test_somebody_in_danger_who_still_waits_is_not_closed(office: Office) -> None:
    case = await case_with(office, risk_level="urgent", heard_level="urgent", waiting_since=office.clock())
    async with await desk(office) as browser:
        refused = await closed_by(browser, case)
        assert (refused.status, (await now(office, case)).closed_at) == (409, None)
        assert "緊急の知らせに、まだ返事をしていない" in refused.text
        page = await browser.get(f"/staff/cases/{case.id}")
        assert (await browser.post(f"/staff/cases/{case.id}/seen", page.token)).status == 303
        assert (await closed_by(browser, case)).status == 303
    assert (await now(office, case)).closed_at is not None


async def test_a_danger_heard_by_telephone_puts_the_case_higher_and_says_why(office: Office) -> None:
    _, case = await with_case(office, level=Level.NONE)
    path = f"/staff/cases/{case.id}"
    async with await desk(office) as browser:
        page = await browser.get(path)
        asked: dict[str, Any] = {"level": "urgent", "reason": "電話で、夫が怒鳴る声がした"}
        done = await browser.post(f"{path}/level", page.token, **asked)
        assert done.location.endswith("done=raised")
        shown = (await browser.get(path)).text
    assert "危険度を上げた理由: 電話で、夫が怒鳴る声がした" in shown
    assert "危険度を上げた" in shown
    assert tuple(await now(office, case))[:3] == (Level.URGENT, Level.URGENT, None)
    assert (await office.acts()).count("risk_raised") == 1


async def test_what_was_lowered_can_be_put_up_again(office: Office) -> None:
    _, case = await with_case(office, level=Level.URGENT)
    path = f"/staff/cases/{case.id}"
    async with await desk(office) as browser:
        for level, done in (("none", "lowered"), ("urgent", "raised")):
            page = await browser.get(path)
            answer = await browser.post(f"{path}/level", page.token, level=level, reason="聞きなおした")
            assert answer.location.endswith(f"done={done}")
    assert tuple(await now(office, case))[:3] == (Level.URGENT, Level.URGENT, None)


async def test_what_kind_of_danger_was_heard_is_said_with_the_level(office: Office) -> None:
    _, case = await with_case(office, level=Level.NONE)
    path = f"/staff/cases/{case.id}"
    async with await desk(office) as browser:
        page = await browser.get(path)
        asked: dict[str, Any] = {"level": "urgent", "reason": "電話で聞いた", "kind": ["violence", "medical"]}
        assert (await browser.post(f"{path}/level", page.token, **asked)).status == 303
        shown = (await browser.get(path)).text
    assert "暴力・虐待" in shown
    assert "体の危険" in shown
    assert "暴力・虐待の話があります。" in shown


async def test_a_case_by_hand_says_what_kind_of_danger_it_is(office: Office) -> None:
    fields: dict[str, Any] = {"source": "phone", "body": "夫に殴られたと電話があった"}
    async with await desk(office) as browser:
        page = await browser.get("/staff/cases/new")
        odd = await browser.post("/staff/cases/new", page.token, **fields, level="none", kind="violence")
        assert odd.status == 422
        assert "危険度も選んでください" in odd.text
        assert "夫に殴られたと電話があった" in odd.text
        assert re.search(r'name="kind" value="violence" checked', odd.text)
        unknown = await browser.post("/staff/cases/new", page.token, **fields, level="urgent", kind="dragon")
        assert unknown.status == 422
        made = await browser.post("/staff/cases/new", page.token, **fields, level="urgent", kind="violence")
        assert made.status == 303
        assert "暴力・虐待の話があります。" in (await browser.get(made.location)).text
        assert "暴力・虐待。職員が登録した" in (await browser.get("/staff/queue")).text


@pytest.mark.parametrize(("level", "status"), [("urgent", 303), ("", 303), ("terrible", 422)])
async def test_a_case_that_came_by_telephone_may_be_in_danger(office: Office, level: str, status: int) -> None:
    async with await desk(office) as browser:
        page = await browser.get("/staff/cases/new")
        fields: dict[str, Any] = {"source": "phone", "body": "夫に殴られたと電話があった", "level": level}
        done = await browser.post("/staff/cases/new", page.token, **fields)
        assert done.status == status
        if status == 303:
            found = 'class="level-urgent"' in (await browser.get("/staff/queue")).text
            assert found == (level == "urgent")
