"""The published description, tried against the running door: nothing breaks, and no answer is missing in it."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from api_cast import Town

from casework.papers.json_file import FORMAT
from handlers.api.app import PREFIX

pytestmark = pytest.mark.anyio

SCHEMATHESIS = Path(sys.executable).with_name("st")
#: Seconds for each run; it ends by itself before.
LONGEST = 15


@asynccontextmanager
async def served(town: Town) -> AsyncIterator[str]:
    """The door on a port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as own:
        config = uvicorn.Config(town.app, lifespan="off", log_config=None, access_log=False)
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve(sockets=[own]))
        try:
            yield f"http://127.0.0.1:{own.getsockname()[1]}{PREFIX}"
        finally:
            server.should_exit = True
            await running


async def tried(folder: Path, url: str, token: str, parameters: dict[str, str]) -> tuple[int | None, str]:
    """What schemathesis says after a run with all its checks."""
    lines = "".join(f'"{name}" = "{value}"\n' for name, value in parameters.items())
    (folder / "schemathesis.toml").write_text(f"[parameters]\n{lines}", encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        SCHEMATHESIS, "run", f"{url}/openapi.json", "--url", url, "--header", f"Authorization: Bearer {token}",
        "--checks", "all", "--max-examples", "8", "--max-time", str(LONGEST), "--generation-deterministic",
        "--phases", "fuzzing" if parameters else "coverage,fuzzing,stateful", "--warnings", "off", "--no-color",
        cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    return process.returncode, said.decode()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("known", [False, True], ids=["any ids", "ids that there are"])
async def test_no_request_breaks_it_and_every_answer_is_described(town: Town, tmp_path: Path, known: bool) -> None:
    town.per_minute = 1_000_000
    given, (_, token) = await town.hand_over(accepted=True), await town.token()
    town.clock.passes(hours=2)
    parameters = {"path.sheet_id": str(given.id), "path.case_id": str(given.case_id)} if known else {}
    async with served(town) as url:
        code, said = await tried(tmp_path, url, token, parameters)
        async with httpx.AsyncClient(headers={"authorization": f"Bearer {token}"}) as program:
            assert (await program.get(f"{url}/sheets/{given.id}")).json()["content"]["format"] == FORMAT
    assert code == 0, said[-6000:]
    assert "GET /sheets" in said or "Test cases" in said, said


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_description_is_published_without_a_token_and_names_all_there_is(town: Town) -> None:
    async with town.program(None) as program:
        answer = await program.get("openapi.json")
    described: dict[str, Any] = answer.json()
    assert described["servers"] == [{"url": PREFIX}]
    assert set(described["paths"]) == {
        "/cases", "/cases/{case_id}", "/sheets", "/sheets/{sheet_id}", "/sheets/{sheet_id}/handover", "/changes",
    }  # fmt: skip
    for path in described["paths"].values():
        for operation in path.values():
            assert operation["security"], operation["summary"]
            assert {"401", "403", "429", "503"} <= set(operation["responses"])
