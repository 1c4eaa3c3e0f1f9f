"""The staff console's parts, made from a started program, and the simulator's first account."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bot.handovers import sheet_telling
from bot.simulator.mails import SimulatedPost
from casework.standing import Terms
from casework.workdays import Workdays
from config.settings import Settings
from dialogue import Desk
from dialogue.per_desk import PerDesk
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
        origin=origin_of(settings),
        hosts=hosts_of(settings),
        certificate_header=settings.staff_certificate_header,
        networks=tuple(ip_network(entry, strict=False) for entry in settings.staff_addresses),
        work=CaseWork(
            turns=program.turns,
            deliver=program.engine.deliver,
            quotas=program.quotas,
            words=PerDesk(program.desks, lambda desk: desk.content.casework),
            terms=PerDesk(program.desks, case_terms),
            live=program.live,
        ),
        sheets=SheetWork(
            forms=PerDesk(program.desks, lambda desk: desk.content.forms),
            workdays=PerDesk(program.desks, lambda desk: Workdays.of(desk.content.desk)),
            consents=consents.of_resident,
            given=given_of,
            telling=sheet_telling(program),
        ),
        alerts=AlertWork(
            health=program.alerts.health,
            words=program.alerts.telling.words,
            domain=program.alerts.telling.domain,
            refused=program.installation.refused,
            practice="/simulator/mails/" if isinstance(program.alerts.post, SimulatedPost) else None,
        ),
        simulator=program.mode.simulator,
    )


def case_terms(desk: Desk) -> Terms:
    """What a desk promises about its cases."""
    urgent_within = timedelta(minutes=desk.content.casework.urgent_minutes)
    return Terms(urgent_within=urgent_within, workdays=Workdays.of(desk.content.desk))


def origin_of(settings: Settings) -> str | None:
    """The address browsers use, None when unknown."""
    if settings.public_url is None:
        return None
    parts = urlsplit(settings.public_url)
    return f"{parts.scheme}://{parts.netloc}"


def hosts_of(settings: Settings) -> frozenset[str] | None:
    """The names under which the console answers: a foreign name that was pointed at this machine gets nothing."""
    if settings.public_url is not None:
        return _LOOPBACK | {urlsplit(settings.public_url).hostname or "", settings.host}
    return _LOOPBACK if settings.host_is_loopback else None
