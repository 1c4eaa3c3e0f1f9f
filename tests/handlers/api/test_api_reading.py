"""What a program of another organisation can read: what was handed to it, what was agreed to, and nothing else."""

from __future__ import annotations

import pytest
from api_cast import ALL, Town, values
from sheet_cast import ANONYMOUS, FULL
from sqlalchemy import update

from storage.api_tokens import ApiAction
from storage.cases import CASES
from storage.ids import new_id

pytestmark = pytest.mark.anyio

READS = ("cases", "cases/{case}", "sheets", "sheets/{sheet}", "changes")


async def test_a_sheet_that_waits_is_seen_without_a_word_of_it(town: Town) -> None:
    given, (_, token) = await town.hand_over(), await town.token()
    async with town.program(token) as program:
        answer = await program.get(f"sheets/{given.id}")
        assert answer.status_code == 200
        shown = answer.json()
        assert (shown["handover"]["state"], shown["readable"], shown["content"]) == ("waiting", False, None)
        assert shown["handover"]["receive_by"] is not None
        for path in ("cases", "sheets", f"cases/{given.case_id}"):
            text = (await program.get(path)).text
            assert str(given.id) in text
            assert not [word for word in FULL.values() if isinstance(word, str) and len(word) > 10 and word in text]


async def test_once_accepted_it_says_what_the_resident_agreed_to(town: Town) -> None:
    given, (_, token) = await town.hand_over(accepted=True), await town.token()
    async with town.program(token) as program:
        answer = await program.get(f"sheets/{given.id}")
    found = values(answer)
    assert found["words"] == FULL["words"]
    assert found["name"] == FULL["name"]
    assert answer.json()["content"]["format"] == "tsunagu-sheet/1"


async def test_what_was_not_agreed_to_is_in_no_answer(town: Town) -> None:
    given, (_, token) = await town.hand_over(items=ANONYMOUS, accepted=True), await town.token()
    async with town.program(token) as program:
        texts = [(await program.get(path.format(case=given.case_id, sheet=given.id))).text for path in READS]
    found = "".join(texts)
    assert str(FULL["words"]) in found
    for hidden in ("髙﨑", "たかさき", "090-0000-0000", "1974", "ウメ"):
        assert hidden not in found, hidden


@pytest.mark.parametrize(("org", "desk"), [("自立相談支援機関", "default"), ("市福祉相談課", "other")])
async def test_another_organisation_or_desk_finds_nothing(town: Town, org: str, desk: str) -> None:
    given = await town.hand_over(accepted=True)
    _, token = await town.token(org, desk=desk)
    town.clock.passes(hours=2)
    async with town.program(token) as program:
        for path in ("cases", "sheets", "changes"):
            assert (await program.get(path)).json()["items"] == [], path
        for path in (f"cases/{given.case_id}", f"sheets/{given.id}", f"cases/{given.id}", f"sheets/{new_id()}"):
            answer = await program.get(path)
            assert answer.status_code == 404, path
            assert str(given.id) not in answer.text.replace(path, "")
        answer = await program.post(f"sheets/{given.id}/handover", json={"state": "met"})
        assert answer.status_code == 404


async def test_after_a_withdrawal_nothing_is_found_and_the_program_is_told_to_delete_it(town: Town) -> None:
    given, (_, token) = await town.hand_over(accepted=True), await town.token()
    town.clock.passes(hours=2)
    async with town.program(token) as program:
        first = (await program.get("changes")).json()
        assert [item["change"] for item in first["items"]] == ["changed"]
        await town.withdraw(given)
        # Ids carry the real time; the clock of the town is ahead of it.
        second = (await program.get("changes", params={"after": first["cursor"]})).json()
        assert [(item["sheet_id"], item["change"]) for item in second["items"]] == [(str(given.id), "gone")]
        assert (await program.get(f"sheets/{given.id}")).status_code == 404
        assert (await program.get("cases")).json()["items"] == []
        third = (await program.get("changes", params={"after": second["cursor"]})).json()
        assert (third["items"], third["cursor"]) == ([], second["cursor"])


async def test_who_asked_to_be_erased_is_gone_at_once(town: Town) -> None:
    given, (_, token) = await town.hand_over(accepted=True), await town.token()
    town.clock.passes(hours=2)
    async with town.database.write() as connection:
        hidden = update(CASES).where(CASES.c.id == given.case_id).values(hidden_at=town.clock())
        await connection.execute(hidden)
    async with town.program(token) as program:
        assert [item["change"] for item in (await program.get("changes")).json()["items"]] == ["gone"]
        for path in ("cases", "sheets"):
            assert (await program.get(path)).json()["items"] == []
        assert (await program.get(f"sheets/{given.id}")).status_code == 404
        assert (await program.post(f"sheets/{given.id}/handover", json={"state": "met"})).status_code == 404


async def test_what_happens_to_a_sheet_after_it_was_taken_back_is_not_told(town: Town) -> None:
    given, (_, token) = await town.hand_over(), await town.token()
    town.clock.passes(hours=2)
    await town.withdraw(given)
    town.clock.passes(hours=1)
    async with town.program(token) as program:
        before = (await program.get("changes")).json()["items"]
        await town.reopen_and_write(given)
        assert (await program.get("changes")).json()["items"] == before
        assert len(before) == 2


async def test_what_is_a_moment_old_is_told_a_little_later_so_that_nothing_is_passed_over(town: Town) -> None:
    _, (_, token) = await town.hand_over(), await town.token()
    async with town.program(token) as program:
        assert (await program.get("changes")).json()["items"] == []
        town.clock.passes(hours=2)
        assert len((await program.get("changes")).json()["items"]) == 1


@pytest.mark.parametrize("kind", ["cases", "sheets"])
async def test_lists_come_in_pages_that_hold_everything_once(town: Town, kind: str) -> None:
    given = [await town.hand_over() for _ in range(5)]
    _, token = await town.token()
    seen: list[str] = []
    async with town.program(token) as program:
        after: str | None = ""
        while after is not None:
            asked = {"limit": 2} | ({"after": after} if after else {})
            page = (await program.get(kind, params=asked)).json()
            assert len(page["items"]) <= 2
            seen += [item["id"] for item in page["items"]]
            after = page["next"]
    assert seen == [str(one.case_id if kind == "cases" else one.id) for one in given]


async def test_changes_come_in_pages_that_hold_everything_once(town: Town) -> None:
    given = [await town.hand_over() for _ in range(5)]
    await town.edit(given[0], "書き足しました")
    _, token = await town.token()
    town.clock.passes(hours=2)
    seen: list[str] = []
    async with town.program(token) as program:
        page = {"more": True, "cursor": None}
        while page["more"]:
            asked = {"limit": 2} | ({"after": page["cursor"]} if page["cursor"] else {})
            page = (await program.get("changes", params=asked)).json()
            seen += [item["sheet_id"] for item in page["items"]]
    assert seen == [*(str(one.id) for one in given), str(given[0].id)]


async def test_a_sheet_that_has_not_changed_is_not_sent_twice(town: Town) -> None:
    given, (_, token) = await town.hand_over(accepted=True), await town.token()
    path = f"sheets/{given.id}"
    async with town.program(token) as program:
        first = await program.get(path)
        town.clock.passes(minutes=5)
        again = await program.get(path, headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        await town.edit(given, "あたらしい理由")
        changed = await program.get(path, headers={"if-none-match": first.headers["etag"]})
        assert changed.status_code == 200
        assert values(changed)["reason"] == "あたらしい理由"


async def test_every_read_is_written_down_with_the_token_and_the_object(town: Town) -> None:
    given, (token_id, token) = await town.hand_over(accepted=True), await town.token()
    async with town.program(token) as program:
        first = await program.get(f"sheets/{given.id}")
        await program.get(f"sheets/{given.id}", headers={"if-none-match": first.headers["etag"]})
        await program.get(f"sheets/{new_id()}")
        for path in ("cases", f"cases/{given.case_id}", "sheets", "changes"):
            assert (await program.get(path)).status_code == 200
    acts = await town.acts()
    assert {actor for actor, _, _ in acts} == {str(token_id)}
    assert [action for _, action, _ in acts] == [
        "sheet_seen", "sheet_seen", "refused", "api_cases_listed", "api_case_read", "api_sheets_listed",
        "api_changes_read",
    ]  # fmt: skip
    assert acts[0][2] == str(given.id)
    assert acts[4][2] == str(given.case_id)


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("missing", sorted(ALL))
async def test_a_token_may_do_no_more_than_it_was_made_for(town: Town, path: str, missing: ApiAction) -> None:
    given = await town.hand_over()
    _, token = await town.token(actions=ALL - {missing})
    needed = ApiAction.READ_CASES if path.startswith("cases") else ApiAction.READ_SHEETS
    async with town.program(token) as program:
        answer = await program.get(path.format(case=given.case_id, sheet=given.id))
    assert answer.status_code == (403 if missing is needed else 200)
    if missing is needed:
        assert (await town.acts())[-1][1] == "refused"
