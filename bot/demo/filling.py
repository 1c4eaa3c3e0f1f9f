"""Living through the town: each act at its time, by the road that every message and every act at the console goes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from bot.console import case_terms
from bot.demo import office as acts
from bot.demo import papers as sheets
from bot.demo.moving import MovedClock, SeededIds
from bot.demo.office import NotDone, Office
from bot.demo.papers import Papers
from bot.demo.people import Login, hire
from bot.demo.phones import Events, Phones
from bot.demo.script import Moment, Town, WrongTown, everything
from bot.mode import DEFAULT_DESK
from casework.sheets import Refused
from config.casework import case_words
from config.content import load_content
from config.sheets import load_forms
from dialogue import Desk
from handlers.line.deliver import Delivery
from handlers.line.events import read_event
from handlers.turn import Turns
from nlp import Listener
from storage import erasure, fiction, inbox, residents
from storage.database import Database
from storage.jobs import Conversation
from storage.keyring import Keyring
from storage.residents import Sender
from storage.tables import Channel

SEED = 20260401
#: Accounts are older than the first word of a resident.
_BEFORE = timedelta(weeks=8)


@dataclass(frozen=True, kw_only=True, slots=True)
class Filled:
    """What was made."""

    residents: int
    letters: int
    logins: tuple[Login, ...]


async def fill(
    database: Database, keyring: Keyring, listener: Listener, town: Town, *, now: datetime, seed: int = SEED
) -> Filled:
    """Fill an empty database with the town as it is at `now`. Raises WrongTown and `staff.LoginTaken`."""
    desk = Desk(id=DEFAULT_DESK, content=load_content())
    terms, organisation = case_terms(desk, case_words()), desk.content.desk.organisation
    zone, clock, phones = terms.workdays.zone, MovedClock(now - _BEFORE), Phones()
    new_id = SeededIds(clock, seed)
    base: dict[str, Any] = {"database": database, "keyring": keyring, "process": new_id(), "clock": clock}
    turns = Turns(
        **base,
        listener=listener,
        desks={desk.id: desk},
        pauses={desk.id: timedelta(0)},
        terms={desk.id: terms},
        announce={},
        readers={Channel.LINE: lambda body, at: read_event(body, received_at=at)},
        new_id=new_id,
    )
    # The chance is for the pause before another try, which never comes.
    delivery = Delivery(**base, clients={desk.id: phones}, chance=lambda: 0.0)
    staffing = await hire(database, keyring, town, organisation, clock, new_id)
    office = Office(
        database=database,
        keyring=keyring,
        turns=turns,
        desk_id=desk.id,
        title=desk.content.desk.staff,
        terms=terms,
        zone=zone,
        clock=clock,
        new_id=new_id,
        colleagues=staffing.colleagues,
    )
    papers = Papers(office, load_forms(), organisation, staffing.recipients, town.sheet)
    played = _Played(office, papers, clock, Events(phones, seed), turns, delivery)
    for moment in everything(town, now, zone, seed):
        await played.play(moment)
    clock.move(now)
    await played.erase_due()
    return Filled(residents=len(played.known), letters=phones.taken, logins=staffing.logins)


@dataclass(slots=True)
class _Played:
    """The town in the middle of its weeks: who is known already, and which day it is."""

    office: Office
    papers: Papers
    clock: MovedClock
    events: Events
    turns: Turns
    delivery: Delivery
    known: dict[int, UUID] = field(default_factory=dict)
    today: date = date.min

    async def play(self, moment: Moment) -> None:
        """Let one thing happen at its time. Raises WrongTown when the program does not let it happen."""
        self.clock.move(moment.at)
        if moment.at.date() != self.today:
            self.today = moment.at.date()
            await self.erase_due()
        try:
            await (self._by_staff(moment) if moment.act.by else self._by_resident(moment))
        except (NotDone, Refused) as error:
            raise WrongTown(f"{moment.act.what} {dict(moment.act.given)}: {error}") from error

    async def erase_due(self) -> None:
        """What the clock does every minute."""
        office, now = self.office, self.clock()
        async with office.database.read() as connection:
            due = await erasure.due(connection, now=now)
        for resident_id in due:
            async with office.database.write() as connection:
                await erasure.erase(connection, office.keyring, resident_id, now=now)

    async def _by_resident(self, moment: Moment) -> None:
        if moment.person not in self.known:
            await self._event(moment.person, "follow", {})
            await self._meet(moment.person)
        what, given = moment.act.what, dict(moment.act.given)
        if what == "press" and not self.events.shows(moment.person, given["label"]):
            # What is offered when is for the listener to say, and it learns: then the person types the same words.
            what, given = "says", {"words": given["label"]}
        await self._event(moment.person, what, given)

    async def _event(self, person: int, what: str, given: dict[str, str]) -> None:
        """What LINE would bring, and everything that comes of it."""
        now, office = self.clock(), self.office
        body = self.events.make(person, what, given, now)
        event = inbox.seal_event(
            office.keyring.data,
            id=office.new_id(),
            desk_id=office.desk_id,
            channel=Channel.LINE,
            event_id=body["webhookEventId"],
            sender=self._sender(person).index,
            event_at=body["timestamp"],
            received_at=now,
            body=body,
        )
        async with office.database.write() as connection:
            await inbox.add(connection, [event])
        worked = await self.turns(Conversation(office.desk_id, event.sender))
        for resident_id in worked.deliver:
            await self.delivery(resident_id)

    def _sender(self, person: int) -> Sender:
        index = self.office.keyring.index.of(self.office.desk_id, Channel.LINE.value, self.events.address(person))
        return Sender(desk_id=self.office.desk_id, channel=Channel.LINE, index=index)

    async def _meet(self, person: int) -> None:
        """Somebody new: marked before anything is told of them."""
        office = self.office
        async with office.database.write() as connection:
            found = await residents.find(connection, office.keyring, self._sender(person))
            if found is None:
                raise NotDone("nobody came")
            await fiction.mark(connection, found.id)
        self.known[person] = found.id

    async def _by_staff(self, moment: Moment) -> None:
        act, office = moment.act, self.office
        who = office.colleagues[act.by]
        if act.what == "opens":
            self.known[moment.person] = resident_id = await acts.open_by_hand(office, who, act.given)
            async with office.database.write() as connection:
                await fiction.mark(connection, resident_id)
            return
        resident_id = self.known[moment.person]
        if act.what == "sheet":
            await sheets.carry_on(self.papers, who, resident_id, act.given)
            return
        await acts.act(office, who, resident_id, act.what, act.given)
        if act.what in acts.TALK:
            await self.delivery(resident_id)
