"""What `tsunagu doctor` says of mail, with a real server that lets it in or not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bot_cast import real_settings, shared_listener, simulator_settings
from post_office import Fault, Mailbox

from bot.app import start_program
from bot.findings import Mark
from bot.mail_checkup import examine_mail, send_trial
from bot.mode import choose_mode
from bot.simulator.mails import SimulatedPost
from config.settings import SettingsError

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
