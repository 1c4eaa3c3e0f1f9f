"""Tokens, limits, headers and ways to fail of the door for programs."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest
from api_cast import Town
from sqlalchemy import select, update

from handlers.api.app import PREFIX, api_app
from handlers.api.door import ApiDoor
from handlers.api.security import LARGEST_BODY
from storage.api_tables import ApiToken
from storage.tables import table_of

pytestmark = pytest.mark.anyio

TOKENS = table_of(ApiToken)


async def status(town: Town, token: str | None, path: str = "cases") -> int:
    async with town.program(token) as program:
        return (await program.get(path)).status_code


async def test_only_an_open_token_opens(town: Town) -> None:
    token_id, token = await town.token(days=1)
    assert await status(town, token) == 200
    for wrong in (None, "", token[:-1], token + "x", token.upper(), "tsunagu_", "x" * 5000):
        assert await status(town, wrong) == 401, wrong
    assert await town.end(token_id, desk="other") is False
    assert await status(town, token) == 200
    assert await town.end(token_id) is True
    assert await status(town, token) == 401
    assert await town.end(token_id) is False


async def test_a_token_ends_by_itself(town: Town) -> None:
    _, token = await town.token(days=1)
    town.clock.passes(hours=23)
    assert await status(town, token) == 200
    town.clock.passes(hours=1)
    assert await status(town, token) == 401


async def test_a_token_of_a_desk_that_is_none_opens_nothing(town: Town) -> None:
    _, token = await town.token(desk="gone")
    assert await status(town, token) == 401


async def test_a_copy_of_the_database_holds_no_token(town: Town) -> None:
    _, token = await town.token()
    async with town.database.read() as connection:
        row = (await connection.execute(select(TOKENS))).one()
    assert token not in str(row._asdict())
    assert token.encode() not in row.token_hash


async def test_other_ways_of_signing_in_are_none(town: Town) -> None:
    _, token = await town.token()
    async with town.program(None) as program:
        for headers in ({"authorization": f"Basic {token}"}, {"cookie": f"tsunagu={token}"}, {"x-api-key": token}):
            assert (await program.get("cases", headers=headers)).status_code == 401
        assert (await program.get(f"cases?access_token={token}")).status_code == 401


async def test_too_many_in_a_minute_wait_for_the_next_whichever_process_answers(town: Town) -> None:
    town.per_minute = 3
    _, token = await town.token()
    _, other = await town.token("自立相談支援機関")
    # Each `status` is a door of its own: what they share is the database.
    assert [await status(town, token) for _ in range(5)] == [200, 200, 200, 429, 429]
    assert await status(town, other) == 200
    async with town.program(token) as program:
        answer = await program.get("cases")
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        town.clock.passes(seconds=int(answer.headers["retry-after"]))
        assert (await program.get("cases")).status_code == 200


async def test_requests_that_are_refused_count_too(town: Town) -> None:
    town.per_minute = 3
    _, token = await town.token(actions=frozenset())
    assert [await status(town, token) for _ in range(4)] == [403, 403, 403, 429]


async def test_every_answer_has_the_headers_and_every_failure_is_a_problem_in_japanese(town: Town) -> None:
    given, (_, token) = await town.hand_over(), await town.token()
    async with town.program(token) as program:
        answers = [
            await program.get("cases"),
            await program.get("openapi.json"),
            await program.get("nothing"),
            await program.get("cases/no-id"),
            await program.get("cases", params={"limit": 0}),
            await program.get("cases", params={"after": "x"}),
            await program.delete(f"sheets/{given.id}"),
            await program.post(f"sheets/{given.id}/handover", content=b"{" * 3000),
            await program.post(f"sheets/{given.id}/handover", content=b"x" * (LARGEST_BODY + 1)),
            await program.get("cases", headers={"authorization": ""}),
        ]
    assert [answer.status_code for answer in answers] == [200, 200, 404, 422, 422, 422, 405, 422, 413, 401]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "private, no-cache"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        if answer.status_code >= 400:
            problem = answer.json()
            assert answer.headers["content-type"] == "application/problem+json"
            assert problem["status"] == answer.status_code
            assert not problem["detail"].isascii()
    assert "allow" in answers[6].headers
    assert answers[-1].headers["www-authenticate"] == "Bearer"


async def test_a_foreign_name_for_this_machine_gets_nothing(town: Town) -> None:
    _, token = await town.token()
    app = api_app(replace(door_of(town), hosts=frozenset({"127.0.0.1"}), secure=True))
    for host, expected in (("127.0.0.1:8000", 200), ("rebind.example", 421), ("[", 421)):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1") as program:
            answer = await program.get("/cases", headers={"host": host, "authorization": f"Bearer {token}"})
        assert answer.status_code == expected, host
        assert answer.headers["strict-transport-security"]


def door_of(town: Town) -> ApiDoor:
    mounted = next(route for route in town.app.routes if getattr(route, "path", "") == PREFIX)
    door: ApiDoor = mounted.app.state.door  # type: ignore[attr-defined]
    return door


async def test_a_clock_that_was_set_back_lets_nobody_count_anew(town: Town) -> None:
    town.per_minute = 2
    _, token = await town.token()
    assert [await status(town, token) for _ in range(2)] == [200, 200]
    town.clock.passes(minutes=-3)
    assert await status(town, token) == 429


async def test_what_broke_is_said_without_a_word_of_it(town: Town) -> None:
    _, token = await town.token()
    async with town.database.write() as connection:
        await connection.execute(update(TOKENS).values(actions=["no such action"]))
    async with town.program(token) as program:
        answer = await program.get("cases")
    assert (answer.status_code, answer.json()["type"]) == (500, "urn:tsunagu:problem:failed")
    assert "no such action" not in answer.text
