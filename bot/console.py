"""The staff console's parts, made from a started program, and the simulator's first account."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.simulator.mails import SimulatedPost
from casework.standing import Terms
from casework.workdays import Workdays
from config.casework import CaseWords
from config.settings import Settings
from config.sheets import load_forms
from dialogue import Desk
from handlers.staff.alert_work import AlertWork
from handlers.staff.console import Console
from handlers.staff.sheet_consents import given_of
from handlers.staff.sheet_work import SheetWork
from handlers.staff.work import CaseWork
from storage import consents
from storage.ids import new_id
from storage.passwords import Passwords

if TYPE_CHECKING:
    from bot.app import Program

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def make_console(program: Program, passwords: Passwords | None = None) -> Console:
    """The console over the program's database, desks and clock."""
    settings = program.settings
    return Console(
        database=program.database,
        keyring=program.keyring,
        passwords=passwords or Passwords(),
        desks=program.desks,
        clock=program.clock,
        new_id=new_id,
        origin=_origin(settings),
        hosts=_hosts(settings),
        networks=tuple(ip_network(entry, strict=False) for entry in settings.staff_addresses),
        work=CaseWork(
            turns=program.turns,
            deliver=program.engine.deliver,
            quotas=program.quotas,
            words=program.case_words,
            terms={desk.id: case_terms(desk, program.case_words) for desk in program.desks.values()},
            live=program.live,
        ),
        sheets=SheetWork(
            forms=load_forms(),
            workdays={desk.id: Workdays.of(desk.content.desk) for desk in program.desks.values()},
            consents=consents.of_resident,
            given=given_of,
        ),
        alerts=AlertWork(
            health=program.alerts.health,
            words=program.alerts.telling.words,
            domain=program.alerts.telling.domain,
            practice="/simulator/mails/" if isinstance(program.alerts.post, SimulatedPost) else None,
        ),
        simulator=program.mode.simulator,
    )


def case_terms(desk: Desk, words: CaseWords) -> Terms:
    """What a desk promises about its cases."""
    urgent_within = timedelta(minutes=words.urgent_minutes)
    return Terms(urgent_within=urgent_within, workdays=Workdays.of(desk.content.desk))


def _origin(settings: Settings) -> str | None:
    if settings.public_url is None:
        return None
    parts = urlsplit(settings.public_url)
    return f"{parts.scheme}://{parts.netloc}"


def _hosts(settings: Settings) -> frozenset[str] | None:
    """The names under which the console answers: a foreign name that was pointed at this machine gets nothing."""
    if settings.public_url is not None:
        return _LOOPBACK | {urlsplit(settings.public_url).hostname or "", settings.host}
    return _LOOPBACK if settings.host_is_loopback else None
