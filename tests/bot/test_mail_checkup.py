"""What `tsunagu doctor` says of mail, with a real server that lets it in or not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from bot_cast import real_settings, shared_listener, simulator_settings
from post_office import Fault, Mailbox

from bot.app import create_app, start_program
from bot.findings import Mark
from bot.mail_checkup import examine_mail, send_trial
from bot.mode import DEFAULT_DESK, choose_mode
from bot.simulator.mails import SimulatedPost
from casework.alerting import Recipient
from config.settings import SettingsError
from storage import notices
from storage.ids import new_id
from storage.notice_tables import NoticeKind
from storage.notices import About

pytestmark = pytest.mark.anyio

FROM = "つなぐ <tsunagu@shakyo.example>"
NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with Mailbox() as running:
        yield running


async def test_without_a_mail_server_it_warns(tmp_path: Path) -> None:
    (found,) = await examine_mail(real_settings(tmp_path), simulator=False)
    assert (found.mark, "だれにも届きません" in found.words) == (Mark.NOTE, True)
    (found,) = await examine_mail(simulator_settings(tmp_path), simulator=True)
    assert "画面に並べます" in found.words


@pytest.mark.parametrize("given", [{"smtp_url": "smtp://mail.example"}, {"mail_from": FROM}])
async def test_half_of_the_settings_is_wrong_and_stops_the_start(tmp_path: Path, given: dict[str, str]) -> None:
    settings = real_settings(tmp_path, **given)
    (found,) = await examine_mail(settings, simulator=False)
    assert found.mark is Mark.BAD
    with pytest.raises(SettingsError, match=r"SMTP_URL|MAIL_FROM"):
        async with start_program(settings, choose_mode(settings), listener=shared_listener()):
            raise AssertionError("it started")


async def test_the_way_in_and_a_mail_to_try_it(tmp_path: Path, box: Mailbox) -> None:
    url = box.url.replace("smtp://", "smtp://u:secret@")
    settings = real_settings(tmp_path, smtp_url=url, mail_from=FROM, public_url="https://soudan.example")
    (found,) = await examine_mail(settings, simulator=False)
    assert found.mark is Mark.GOOD
    assert (await send_trial(settings, "aoki@shakyo.example", now=NOW)).mark is Mark.GOOD
    (taken,) = box.taken
    assert "ためしのメール" in str(taken.message["Subject"])
    assert "https://soudan.example/staff/" in taken.message.get_content()
    assert (await send_trial(settings, "aoki", now=NOW)).mark is Mark.BAD
    box.fail(Fault.NO_ENTRY, Fault.UNKNOWN)
    (found,) = await examine_mail(settings, simulator=False)
    assert (found.mark, "パスワードが断られました" in found.words) == (Mark.BAD, True)
    assert "550" in (await send_trial(settings, "aoki@shakyo.example", now=NOW)).words
    assert "secret" not in found.words + found.advice


async def test_the_simulator_keeps_its_mails(tmp_path: Path) -> None:
    settings = simulator_settings(tmp_path)
    async with start_program(settings, choose_mode(settings), listener=shared_listener()) as program:
        assert isinstance(program.alerts.post, SimulatedPost)
        assert program.alerts.health.configured


async def test_metrics_and_links_tell_of_mail_and_of_nobody(tmp_path: Path, box: Mailbox) -> None:
    given = {"smtp_url": box.url, "mail_from": FROM, "public_url": "https://soudan.example/", "metrics_token": "m"}
    settings = real_settings(tmp_path, **given)
    box.fail(Fault.UNKNOWN)
    async with start_program(settings, choose_mode(settings), listener=shared_listener()) as program:
        async with program.database.write() as connection:
            about = About(desk_id=DEFAULT_DESK, kind=NoticeKind.TEST)
            await notices.add(
                connection,
                program.keyring,
                about,
                Recipient(address="aoki@shakyo.example"),
                now=program.clock(),
                expires_at=program.clock() + timedelta(hours=1),
                domain="shakyo.example",
                new_id=new_id,
            )
        await program.alerts.mails.send()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(create_app(program)), base_url="http://bot") as http:
            text = (await http.get("/metrics", headers={"Authorization": "Bearer m"})).text
        assert program.alerts.health.in_vain == {DEFAULT_DESK: 1}
        assert program.alerts.health.unreachable == (DEFAULT_DESK,)
    assert f'tsunagu_staff_mails{{desk="{DEFAULT_DESK}",state="failed"}} 1.0' in text
    assert f'tsunagu_staff_mails_in_vain_24h{{desk="{DEFAULT_DESK}"}} 1.0' in text
    assert f'tsunagu_staff_mails_stuck{{desk="{DEFAULT_DESK}"}} 0.0' in text
    assert f'tsunagu_staff_mails_oldest_waiting_seconds{{desk="{DEFAULT_DESK}"}} 0.0' in text
    assert f'tsunagu_urgent_unanswered{{desk="{DEFAULT_DESK}"}} 0.0' in text
    assert "aoki" not in text
    assert program.alerts.mails.envelope.site == "https://soudan.example"
