"""Telling staff, put together: where mails go, the clock's work over calls and mails, and how it goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bot.mail import NO_DOMAIN, smtp_post
from bot.mode import Mode
from bot.simulator.mails import SimulatedPost
from casework.workdays import Workdays
from config.settings import Settings
from dialogue import Desk
from dialogue.per_desk import PerDesk
from handlers.clock.calls import Calls, Telling
from handlers.clock.mails import Envelope, Mails
from handlers.clock.reminders import Reminders
from handlers.mail import MailHealth, Post
from storage.database import Database
from storage.ids import new_id
from storage.jobs import JobEngine
from storage.keyring import Keyring


@dataclass(frozen=True, kw_only=True, slots=True)
class Alerts:
    """The parts by which staff are told."""

    post: Post | None
    calls: Calls
    mails: Mails
    reminders: Reminders
    health: MailHealth
    telling: Telling

    def register(self, engine: JobEngine) -> None:
        """Hand the work to the engine."""
        self.calls.register()
        self.mails.register()
        self.reminders.register(engine)


def start_alerts(
    settings: Settings,
    mode: Mode,
    database: Database,
    keyring: Keyring,
    engine: JobEngine,
    desks: Mapping[str, Desk],
    *,
    process: UUID,
    clock: Callable[[], datetime],
) -> Alerts:
    """All of it over one database. Raises SettingsError and ContentError."""
    words = PerDesk(desks, lambda desk: desk.content.notices)
    post: Post | None = smtp_post(settings) or (SimulatedPost() if mode.simulator else None)
    health = MailHealth(configured=post is not None)
    telling = Telling(
        words=words,
        workdays=PerDesk(desks, lambda desk: Workdays.of(desk.content.desk)),
        domain=NO_DOMAIN if post is None else post.sender.domain,
    )
    envelope = Envelope(
        words=words,
        accounts=PerDesk(desks, lambda desk: desk.content.desk.account),
        site=settings.public_url or settings.own_address,
    )
    calls = Calls(database=database, keyring=keyring, engine=engine, telling=telling, clock=clock, new_id=new_id)
    reminders = Reminders(database=database, keyring=keyring, telling=telling, clock=clock, new_id=new_id)
    mails = Mails(
        database=database,
        keyring=keyring,
        engine=engine,
        post=post,
        envelope=envelope,
        health=health,
        process=process,
        clock=clock,
    )
    return Alerts(post=post, calls=calls, mails=mails, reminders=reminders, health=health, telling=telling)
