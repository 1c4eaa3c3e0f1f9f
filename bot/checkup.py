"""Examining an installation: each check gives findings with a mark, plain words, and what to do."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import aiohttp
from linebot.v3.messaging import ApiException
from pydantic.v1 import ValidationError
from sqlalchemy.exc import DBAPIError

from bot.backup_checkup import last_backup
from bot.database import sqlite_path
from bot.desks import words_of
from bot.findings import Finding, Mark
from bot.key_checkup import examine_keys, inner_keys
from bot.mail_checkup import examine_mail
from bot.mode import Mode, choose_mode
from bot.reasons import advice_for_database
from bot.staff_checkup import examine_staff
from config.content import Content, ContentError, load_content
from config.settings import JobEngineName, Settings, SettingsError
from handlers.line.client import LineClient
from nlp import Listener
from storage import desks, migrate, processes
from storage.database import Connection, Database
from storage.processes import Company

#: What a closed desk cannot do itself.
_SAY_SO = "LINEの応答メッセージをオンにして、終わったことと、かけられる電話番号を出してください"

__all__ = ["Finding", "Mark", "examine"]


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything; nothing is changed, and nothing but LINE and the mail server is asked."""
    try:
        mode = choose_mode(settings)
    except SettingsError as error:
        return [Finding(Mark.BAD, "設定", line) for line in error.lines] + _shipped_words() + _dictionary()
    findings = [_mode(mode), *_words(settings, mode), *_dictionary(), *await _database(settings, mode)]
    findings += await examine_mail(settings, simulator=mode.simulator)
    if not mode.simulator:
        findings += [last_backup(settings, datetime.now(UTC)), *await _accounts(settings, mode)]
    return findings


def _mode(mode: Mode) -> Finding:
    if mode.simulator:
        advice = "本番では LINE_CHANNEL_SECRET・LINE_CHANNEL_ACCESS_TOKEN・DATA_KEY を設定してください"
        return Finding(Mark.NOTE, "設定", "LINEの設定がないので、シミュレーターで動きます", advice)
    return Finding(Mark.GOOD, "設定", "LINEの設定と鍵がそろっています")


def _shipped_words() -> list[Finding]:
    try:
        return _content(load_content(), "文面")
    except ContentError as error:
        return [Finding(Mark.BAD, "文面", str(error))]


def _words(settings: Settings, mode: Mode) -> list[Finding]:
    """The words of each desk, and what of the file of desks cannot be used."""
    if mode.file is None:
        return _shipped_words()
    found = words_of(settings, mode)
    advice = "直して「kill -HUP」で読み直すと、ほかの窓口を止めずに動きます"
    findings = [Finding(Mark.BAD, "窓口", line, advice) for lines in found.refused.values() for line in lines]
    for name, desk in found.desks.items():
        findings += _content(desk.content, f"文面({name})")
    closed = [entry.name for entry in mode.file.entries if entry.closed]
    return findings + [Finding(Mark.NOTE, f"窓口({name})", "この窓口は閉じています", _SAY_SO) for name in closed]


def _content(content: Content, subject: str) -> list[Finding]:
    today = datetime.now(UTC).date()
    return [Finding(Mark.GOOD, subject, "読めます")] + [
        Finding(Mark.NOTE, subject, warning) for warning in content.warnings(today)
    ]


def _dictionary() -> list[Finding]:
    try:
        Listener.load()
    except (OSError, ImportError, RuntimeError) as error:
        advice = "make setup をもう一度実行してください"
        return [Finding(Mark.BAD, "辞書", f"日本語の辞書が読めません({type(error).__name__})", advice)]
    return [Finding(Mark.GOOD, "辞書", "日本語の辞書が読めます")]


async def _database(settings: Settings, mode: Mode) -> list[Finding]:
    path = sqlite_path(settings)
    if path is not None and not path.exists():
        return [Finding(Mark.NOTE, "データベース", f"{path} はまだありません(最初の起動で作られます)")]
    database = Database(settings.database_url)
    try:
        async with database.read() as connection:
            await migrate.check(connection)
            keys = await inner_keys(connection)
            marked = await migrate.is_simulator(connection)
            people = [*await _not_in_file(connection, mode), *await examine_staff(connection, datetime.now(UTC))]
            shared = settings.job_engine is JobEngineName.PROCRASTINATE
            people += [_company(await processes.company(connection))] if shared else []
    except migrate.SchemaMissing:
        return [Finding(Mark.BAD, "データベース", "表がないか、古い形です", "tsunagu migrate を実行してください")]
    except migrate.SchemaTooNew:
        return [Finding(Mark.BAD, "データベース", "より新しい版のつなぐが使っています", "新しい版で動かしてください")]
    except (DBAPIError, OSError) as error:
        words = f"開けません({type(error).__name__})"
        advice = advice_for_database(settings.database_url)
        return [Finding(Mark.BAD, "データベース", words, f"DATABASE_URL: {advice}")]
    finally:
        await database.close()
    findings = [Finding(Mark.GOOD, "データベース", "開けます。表はこの版の形です"), *people]
    if marked and not mode.simulator:
        findings.append(Finding(Mark.BAD, "データベース", "シミュレーターで使ったものです", "別のものにしてください"))
    return findings + examine_keys(mode.masters, keys)


async def _not_in_file(connection: Connection, mode: Mode) -> list[Finding]:
    """Desks that have residents and were taken out of the file: who writes to them in LINE is heard by nobody."""
    if mode.file is None:
        return []
    named = {entry.name for entry in mode.file.entries} | mode.file.refused.keys()
    gone = sorted(await desks.known(connection) - named)
    return [Finding(Mark.NOTE, f"窓口({name})", "窓口の一覧にありません", _SAY_SO) for name in gone]


def _company(company: Company) -> Finding:
    """Who shares the work."""
    if not company.working:
        advice = "tsunagu worker を動かしてください(動くまで、届いた相談には答えません)"
        return Finding(Mark.NOTE, "プロセス", "返事と送信をするプロセスが、いま動いていません", advice)
    words = f"サーバーとワーカーが{company.all}個動いています(返事と送信をするもの{company.working}個)"
    return Finding(Mark.GOOD, "プロセス", words)


async def _accounts(settings: Settings, mode: Mode) -> list[Finding]:
    """The LINE account of each desk; a closed one is asked nothing."""
    findings = []
    for name in mode.secrets:
        found = await _line(settings, mode, name)
        findings += found if mode.file is None else [replace(one, subject=f"LINE({name})") for one in found]
    return findings


async def _line(settings: Settings, mode: Mode, desk: str) -> list[Finding]:
    client = LineClient(access_token=mode.tokens[desk], host=mode.line_host)
    try:
        chat_mode, (endpoint, active) = await asyncio.gather(client.chat_mode(), client.webhook_endpoint())
    except (ApiException, ValidationError, aiohttp.ClientError, TimeoutError) as error:
        return [_no_answer(error)]
    finally:
        await client.close()
    return [
        Finding(Mark.GOOD, "LINE", "アクセストークンが使えます"),
        _chat(chat_mode),
        *_webhook(settings, desk, endpoint, active),
    ]


def _no_answer(error: Exception) -> Finding:
    """LINE did not tell what it was asked."""
    if isinstance(error, ApiException) and error.status in {401, 403}:
        advice = "LINE Developersでチャネルアクセストークンを確かめてください"
        return Finding(Mark.BAD, "LINE", "アクセストークンがLINEに断られました", advice)
    if isinstance(error, ApiException):
        return Finding(Mark.BAD, "LINE", f"LINEが {error.status} と答えました", "時間をおいて、もう一度調べてください")
    if isinstance(error, ValidationError):
        return Finding(Mark.BAD, "LINE", "LINEの答えが読めません", "つなぐの新しい版があれば、新しくしてください")
    advice = "このコンピューターから api.line.me へつながるか確かめてください"
    return Finding(Mark.BAD, "LINE", f"LINEにつながりません({type(error).__name__})", advice)


def _chat(chat_mode: str) -> Finding:
    if chat_mode == "bot":
        return Finding(Mark.GOOD, "LINE", "チャットはオフです(相談がLINEの管理画面に残りません)")
    advice = "LINE Official Account Managerの応答設定で「チャット」をオフにしてください"
    return Finding(Mark.BAD, "LINE", "チャットがオンなので、相談がLINEの管理画面にも残ります", advice)


def _webhook(settings: Settings, desk: str, endpoint: str, active: bool) -> list[Finding]:
    path = f"/line/{desk}/webhook"
    wanted = f"{settings.public_url}{path}" if settings.public_url else None
    advice = f"LINE DevelopersのWebhook URLを {wanted or 'https://(公開アドレス)' + path} にしてください"
    if not endpoint:
        return [Finding(Mark.BAD, "LINE", "Webhook URLがまだ入っていません", advice)]
    findings = []
    if (wanted and endpoint != wanted) or not endpoint.endswith(path):
        findings.append(Finding(Mark.BAD, "LINE", f"Webhook URLが違います({endpoint})", advice))
    if not active:
        advice = "LINE Developersで「Webhookの利用」をオンにしてください"
        findings.append(Finding(Mark.BAD, "LINE", "Webhookがオフです", advice))
    return findings or [Finding(Mark.GOOD, "LINE", f"Webhookが届く設定です({endpoint})")]
