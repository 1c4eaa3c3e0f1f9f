"""The examination behind `tsunagu doctor`, with the simulator as LINE: every finding in words, nothing changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from bot_cast import KEY, OTHER_KEY, free_port, real_settings, simulator_settings
from sqlalchemy import text

from bot.checkup import Finding, Mark, examine
from bot.key_checkup import escrowed_key
from bot.mode import DEFAULT_DESK
from bot.simulator import FaultKind, SimulatorServer
from casework.people import Grant, Role
from config.settings import JobEngineName, Settings, decode_key
from storage import migrate, staff
from storage.database import Database
from storage.ids import new_id
from storage.keyring import Keyring, add_own_key
from storage.staff import NewAccount
from storage.tables import KeyPurpose
from storage.vault import SealingKey

pytestmark = pytest.mark.anyio

PUBLIC = "https://soudan.example"
WEBHOOK = f"{PUBLIC}/line/{DEFAULT_DESK}/webhook"


@pytest.fixture
def sim() -> Iterator[SimulatorServer]:
    with SimulatorServer(seed=7, webhook_url=WEBHOOK) as server:
        yield server


def settings_for(sim: SimulatorServer, folder: Path, **given: Any) -> Settings:
    line = {"line_channel_secret": sim.secret, "line_channel_access_token": sim.token, "line_api_url": sim.api_url}
    return real_settings(folder, **{**line, "public_url": PUBLIC, **given})


def bad(findings: list[Finding]) -> list[str]:
    return [finding.subject for finding in findings if finding.mark is Mark.BAD]


def of(findings: list[Finding], subject: str) -> list[Finding]:
    return [finding for finding in findings if finding.subject == subject]


async def with_own_keys(url: str) -> None:
    """As the first start leaves it: the database has its keys, wrapped by DATA_KEY."""
    database = Database(url)
    now = datetime(2026, 11, 21, tzinfo=UTC)
    await Keyring.open(database, (SealingKey(decode_key(KEY)),), now=now, new_id=new_id)
    await database.close()


async def change(url: str, *statements: str) -> None:
    database = Database(url)
    async with database.write() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await database.close()


async def test_where_all_is_well_nothing_is_bad(sim: SimulatorServer, database_url: str, tmp_path: Path) -> None:
    await with_own_keys(database_url)
    findings = await examine(settings_for(sim, tmp_path, database_url=database_url))
    assert bad(findings) == []
    assert {f.subject for f in findings if f.mark is Mark.GOOD} == {
        "設定",
        "文面",
        "辞書",
        "データベース",
        "鍵",
        "LINE",
    }


async def test_the_shipped_example_of_a_desk_is_told_to_be_replaced(sim: SimulatorServer, tmp_path: Path) -> None:
    findings = await examine(settings_for(sim, tmp_path))
    assert any(f.mark is Mark.NOTE and "desk.yaml" in f.words for f in of(findings, "文面"))


async def test_nothing_but_questions_goes_to_line(sim: SimulatorServer, tmp_path: Path) -> None:
    await examine(settings_for(sim, tmp_path))
    assert {request.method for request in sim.requests()} == {"GET"}


async def test_a_chat_that_is_on_is_bad(sim: SimulatorServer, tmp_path: Path) -> None:
    sim.platform.chat_mode = "chat"
    (finding,) = [f for f in await examine(settings_for(sim, tmp_path)) if f.mark is Mark.BAD]
    assert "チャットがオン" in finding.words
    assert finding.advice


@pytest.mark.parametrize("public_url", [PUBLIC, None])
async def test_a_webhook_that_leads_elsewhere_is_bad(
    sim: SimulatorServer, tmp_path: Path, public_url: str | None
) -> None:
    sim.webhook_url = "https://elsewhere.example/callback"
    (finding,) = [f for f in await examine(settings_for(sim, tmp_path, public_url=public_url)) if f.mark is Mark.BAD]
    assert "https://elsewhere.example/callback" in finding.words
    assert f"/line/{DEFAULT_DESK}/webhook" in finding.advice


async def test_without_a_public_address_any_host_will_do(sim: SimulatorServer, tmp_path: Path) -> None:
    sim.webhook_url = f"https://elsewhere.example/line/{DEFAULT_DESK}/webhook"
    assert bad(await examine(settings_for(sim, tmp_path, public_url=None))) == []
    assert bad(await examine(settings_for(sim, tmp_path))) == ["LINE"]


async def test_a_webhook_that_is_off_is_bad(sim: SimulatorServer, tmp_path: Path) -> None:
    sim.platform.webhook.active = False
    (finding,) = [f for f in await examine(settings_for(sim, tmp_path)) if f.mark is Mark.BAD]
    assert "Webhookがオフ" in finding.words


async def test_a_webhook_that_was_never_set_is_bad_and_the_rest_is_still_told(
    sim: SimulatorServer, tmp_path: Path
) -> None:
    sim.webhook_url = ""
    findings = await examine(settings_for(sim, tmp_path))
    (finding,) = [f for f in findings if f.mark is Mark.BAD]
    assert "Webhook URL" in finding.words
    assert WEBHOOK in finding.advice
    assert any("アクセストークンが使えます" in f.words for f in findings)


async def test_a_token_that_line_refuses_is_bad_and_not_shown(sim: SimulatorServer, tmp_path: Path) -> None:
    settings = settings_for(sim, tmp_path, line_channel_access_token="an-expired-token")
    (finding,) = [f for f in await examine(settings) if f.mark is Mark.BAD]
    assert "アクセストークンがLINEに断られました" in finding.words
    assert "an-expired-token" not in repr(finding)


async def test_a_line_that_cannot_be_reached_is_bad(sim: SimulatorServer, tmp_path: Path) -> None:
    settings = settings_for(sim, tmp_path, line_api_url=f"http://127.0.0.1:{free_port()}")
    (finding,) = [f for f in await examine(settings) if f.mark is Mark.BAD]
    assert "LINEにつながりません" in finding.words


@pytest.mark.parametrize(
    "fault", [FaultKind.SERVER_ERROR, FaultKind.RATE_LIMIT, FaultKind.DROP_BEFORE, FaultKind.ODD_JSON]
)
@pytest.mark.parametrize("path", ["/v2/bot/info", "/v2/bot/channel/webhook/endpoint"])
async def test_a_line_in_trouble_is_one_bad_finding(
    sim: SimulatorServer, tmp_path: Path, fault: FaultKind, path: str
) -> None:
    # Every time, because the client asks a question once more when its connection was dropped.
    sim.fail_next(fault, None, path=path)
    assert bad(await examine(settings_for(sim, tmp_path))) == ["LINE"]


async def test_a_sqlite_that_is_not_there_yet_is_worth_a_note_and_not_made(
    sim: SimulatorServer, tmp_path: Path
) -> None:
    (finding,) = of(await examine(settings_for(sim, tmp_path)), "データベース")
    assert finding.mark is Mark.NOTE
    assert list(tmp_path.iterdir()) == []


async def test_a_postgresql_without_tables_is_bad(sim: SimulatorServer, postgres: str, tmp_path: Path) -> None:
    (finding,) = of(await examine(settings_for(sim, tmp_path, database_url=postgres)), "データベース")
    assert finding.mark is Mark.BAD
    assert "tsunagu migrate" in finding.advice


async def test_an_older_schema_is_bad(sim: SimulatorServer, database_url: str, tmp_path: Path) -> None:
    database = Database(database_url)
    async with database.write() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0008'")
    await database.close()
    (finding,) = of(await examine(settings_for(sim, tmp_path, database_url=database_url)), "データベース")
    assert (finding.mark, finding.words) == (Mark.BAD, "表がないか、古い形です")


async def test_a_newer_schema_is_bad_only_when_it_shuts_this_code_out(
    sim: SimulatorServer, database_url: str, tmp_path: Path
) -> None:
    settings = settings_for(sim, tmp_path, database_url=database_url)
    await change(database_url, "UPDATE alembic_version SET version_num = '9999'")
    assert bad(await examine(settings)) == []
    await change(database_url, f"UPDATE schema_info SET oldest_code = {migrate.CODE + 1}")
    (finding,) = of(await examine(settings), "データベース")
    assert (finding.mark, finding.words) == (Mark.BAD, "より新しい版のつなぐが使っています")


async def test_a_postgresql_that_cannot_be_reached_is_bad_without_its_password(
    sim: SimulatorServer, tmp_path: Path
) -> None:
    url = f"postgresql+psycopg://somebody:hush@127.0.0.1:{free_port()}/tsunagu"
    (finding,) = of(await examine(settings_for(sim, tmp_path, database_url=url)), "データベース")
    assert finding.mark is Mark.BAD
    assert "サーバーが動いているか" in (finding.advice or "")
    assert "hush" not in repr(finding)


async def test_a_file_that_is_no_database_is_bad(sim: SimulatorServer, tmp_path: Path) -> None:
    (tmp_path / "tsunagu.db").write_bytes(b"the minutes of last year's meeting, kept by mistake" * 40)
    assert bad(await examine(settings_for(sim, tmp_path))) == ["データベース"]


async def test_another_databases_key_is_bad(sim: SimulatorServer, database_url: str, tmp_path: Path) -> None:
    await with_own_keys(database_url)
    settings = settings_for(sim, tmp_path, database_url=database_url, data_key=OTHER_KEY)
    assert bad(await examine(settings)) == ["鍵"]
    rotating = settings_for(sim, tmp_path, database_url=database_url, data_key=f"{OTHER_KEY},{KEY}")
    assert bad(await examine(rotating)) == []


async def test_sealing_anew_that_was_cut_short_is_told_with_the_way_on(
    sim: SimulatorServer, database_url: str, tmp_path: Path
) -> None:
    await with_own_keys(database_url)
    master = SealingKey(decode_key(KEY))
    database = Database(database_url)
    async with database.write() as connection:
        # As `tsunagu rekey` leaves it when it is killed.
        await add_own_key(connection, KeyPurpose.DATA, master, now=datetime(2026, 11, 22, tzinfo=UTC), new_id=new_id)
    await database.close()
    settings = settings_for(sim, tmp_path, database_url=database_url)
    whole, cut_short = of(await examine(settings), "鍵")
    assert (whole.mark, cut_short.mark) == (Mark.GOOD, Mark.NOTE)
    assert "tsunagu rekey" in (cut_short.advice or "")
    safe = tmp_path / "safe.txt"
    safe.write_text(KEY, encoding="utf-8")
    assert (await escrowed_key(settings, safe)).mark is Mark.GOOD


async def test_a_key_from_the_safe_cannot_be_tried_on_a_database_that_is_away(
    sim: SimulatorServer, tmp_path: Path
) -> None:
    safe = tmp_path / "safe.txt"
    safe.write_text(KEY, encoding="utf-8")
    url = f"postgresql+psycopg://somebody:hush@127.0.0.1:{free_port()}/tsunagu"
    for settings in (settings_for(sim, tmp_path, database_url=url), settings_for(sim, tmp_path / "new")):
        finding = await escrowed_key(settings, safe)
        assert (finding.mark, "試せません" in finding.words) == (Mark.BAD, True)
    assert not (tmp_path / "new").exists()


async def test_a_simulators_database_is_bad_in_earnest(sim: SimulatorServer, database_url: str, tmp_path: Path) -> None:
    await change(database_url, "UPDATE schema_info SET simulator = true")
    assert bad(await examine(settings_for(sim, tmp_path, database_url=database_url))) == ["データベース"]


async def test_missing_settings_are_told_and_the_rest_is_looked_at_all_the_same(tmp_path: Path) -> None:
    findings = await examine(real_settings(tmp_path, data_key=None, line_channel_secret=None))
    assert bad(findings) == ["設定", "設定"]
    assert of(findings, "文面")
    assert of(findings, "辞書")


async def test_the_simulator_is_only_a_note_and_asks_no_line(sim: SimulatorServer, tmp_path: Path) -> None:
    findings = await examine(simulator_settings(tmp_path, line_api_url=sim.api_url))
    assert bad(findings) == []
    assert of(findings, "設定")[0].mark is Mark.NOTE
    assert of(findings, "LINE") == []
    assert sim.requests() == []


async def test_an_empty_room_is_told_and_who_is_missing_in_it(
    sim: SimulatorServer, database_url: str, tmp_path: Path
) -> None:
    await with_own_keys(database_url)
    settings = settings_for(sim, tmp_path, database_url=database_url)
    (nobody,) = of(await examine(settings), "職員")
    assert (nobody.mark, "一人もいません" in nobody.words) == (Mark.NOTE, True)
    database, now = Database(database_url), datetime.now(UTC)
    async with database.write() as connection:
        organisation = await staff.organisation(connection, "見本市社協", new_id=new_id)
        account = NewAccount(login="aoki", shown_name="青木", organisation_id=organisation, password_hash="-")
        staff_id = await staff.add(connection, account, now=now, new_id=new_id)
        await staff.grant(connection, staff_id, Grant(role=Role.ADMIN), by=None, now=now, new_id=new_id)
    (missing,) = of(await examine(settings), "職員")
    assert "相談員がいません" in missing.words
    async with database.write() as connection:
        await staff.grant(connection, staff_id, Grant(role=Role.SUPERVISOR), by=None, now=now, new_id=new_id)
    (there,) = of(await examine(settings), "職員")
    assert there.mark is Mark.GOOD
    async with database.write() as connection:
        await staff.set_disabled(connection, staff_id, now)
    await database.close()
    assert [one.mark for one in of(await examine(settings), "職員")] == [Mark.NOTE]


async def test_among_several_processes_it_tells_whether_one_answers(
    sim: SimulatorServer, postgres_url: str, tmp_path: Path
) -> None:
    await with_own_keys(postgres_url)
    settings = settings_for(sim, tmp_path, database_url=postgres_url, job_engine=JobEngineName.PROCRASTINATE)
    (found,) = of(await examine(settings), "プロセス")
    assert (found.mark, "動いていません" in found.words) == (Mark.NOTE, True)
    await change(postgres_url, f"INSERT INTO processes VALUES ('{new_id()}', true, now(), now())")
    (found,) = of(await examine(settings), "プロセス")
    assert (found.mark, "1個" in found.words) == (Mark.GOOD, True)
