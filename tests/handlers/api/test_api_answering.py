"""How a receiving organisation's program answers a hand-over, and what the desk then sees."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from api_cast import Given, Town

from casework.sheets import Handover
from storage import sheets
from storage.api_tokens import ApiAction

pytestmark = pytest.mark.anyio


async def step(program: httpx.AsyncClient, given: Given, state: str, **more: str) -> httpx.Response:
    return await program.post(f"sheets/{given.id}/handover", json={"state": state, **more})


async def handover(town: Town, given: Given) -> Handover:
    async with town.database.read() as connection:
        stored = await sheets.load(connection, town.keyring, given.case_id, given.id)
    assert stored is not None
    return stored.sheet.handovers[0]


async def test_from_receipt_to_the_meeting_each_step_shows_more(town: Town) -> None:
    given, (token_id, token) = await town.hand_over(), await town.token()
    async with town.program(token) as program:
        received = await step(program, given, "received", by="山田 太郎")
        assert (received.status_code, received.json()["handover"]["state"]) == (200, "received")
        assert received.json()["state"] == "received"
        assert (await program.get(f"sheets/{given.id}")).json()["content"] is None
        accepted = await step(program, given, "accepted")
        assert accepted.json()["readable"] is True
        whole = (await program.get(f"sheets/{given.id}")).json()
        assert any(one["value"] == "山田 太郎" for one in whole["content"]["fields"])
        met = await step(program, given, "met")
        assert met.json()["handover"]["met_on"] is not None
    done = [action for actor, action, _ in await town.acts() if actor == str(token_id)]
    assert [action for action in done if action != "sheet_seen"] == ["sheet_received", "sheet_accepted", "sheet_met"]


async def test_a_refusal_needs_a_reason_which_the_sender_reads(town: Town) -> None:
    given, (_, token) = await town.hand_over(), await town.token()
    async with town.program(token) as program:
        without = await step(program, given, "declined")
        assert without.status_code == 409
        assert without.json()["reasons"] == ["引き受けられない理由を書いてください。"]
        declined = await step(program, given, "declined", reason="圏域の外です")
        assert (declined.status_code, declined.json()["handover"]["state"]) == (200, "declined")
        assert (await program.get(f"sheets/{given.id}")).status_code == 404
    assert (await handover(town, given)).reason == "圏域の外です"


async def test_a_step_whose_answer_was_lost_may_be_asked_again(town: Town) -> None:
    given, (_, token) = await town.hand_over(), await town.token()
    async with town.program(token) as program:
        first, again = await step(program, given, "received"), await step(program, given, "received")
    assert (again.status_code, again.json()) == (200, first.json())
    assert [action for _, action, _ in await town.acts()] == ["sheet_received"]


@pytest.mark.parametrize("state", ["accepted", "met"])
async def test_no_step_is_left_out(town: Town, state: str) -> None:
    given, (_, token) = await town.hand_over(), await town.token()
    async with town.program(token) as program:
        answer = await step(program, given, state)
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert "受領待ち" in answer.json()["reasons"][0]


async def test_after_a_withdrawal_no_step_is_taken(town: Town) -> None:
    given, (_, token) = await town.hand_over(), await town.token()
    await town.withdraw(given)
    async with town.program(token) as program:
        assert (await step(program, given, "received")).status_code == 404


async def test_of_many_at_once_one_changes_the_sheet(town: Town) -> None:
    given, (_, token) = await town.hand_over(), await town.token()
    async with town.program(token) as program:
        answers = await asyncio.gather(*(step(program, given, "received") for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert [action for _, action, _ in await town.acts()] == ["sheet_received"]


async def test_reading_alone_gives_no_right_to_answer(town: Town) -> None:
    given, (_, token) = await town.hand_over(), await town.token(actions=frozenset({ApiAction.READ_SHEETS}))
    async with town.program(token) as program:
        assert (await step(program, given, "received")).status_code == 403
    assert (await handover(town, given)).received_at is None


@pytest.mark.parametrize(
    "body",
    [{}, {"state": "waiting"}, {"state": "met", "more": 1}, [], None, {"state": "declined", "reason": "あ" * 4001}],
)
async def test_what_is_no_answer_is_refused_by_the_name_of_its_field(town: Town, body: object) -> None:
    given, (_, token) = await town.hand_over(), await town.token()
    async with town.program(token) as program:
        answer = await program.post(f"sheets/{given.id}/handover", json=body)
    assert answer.status_code == 422
    assert answer.json()["reasons"][0].startswith("body")
    assert "あああ" not in answer.text
