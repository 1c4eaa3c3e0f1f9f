"""Living through the town: each act at its time, by the road that every message and every act at the console goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from bot.console import case_terms
from bot.demo import beside, letters
from bot.demo import office as acts
from bot.demo import papers as sheets
from bot.demo.clockwork import Clockwork, wind_up
from bot.demo.moving import MovedClock, SeededIds
from bot.demo.office import Colleague, NotDone, Office
from bot.demo.papers import Papers
from bot.demo.people import Login, hire
from bot.demo.phones import Events, Phones
from bot.demo.replies import Replies
from bot.demo.rooms import Rooms
from bot.demo.script import Act, Moment, Person, Town, WrongTown, everything
from bot.mode import DEFAULT_DESK
from bot.room import no_announcement
from casework.sheets import Refused
from config.content import load_content
from config.sheets import load_forms
from dialogue import Desk
from handlers.clock.retention import Retention
from handlers.deliver import Deliveries
from handlers.line.deliver import Delivery
from handlers.line.events import read_event
from handlers.links import Links
from handlers.room.events import read_event as read_room_event
from handlers.turn import Turns
from nlp import Listener
from storage import erasure, fiction, inbox, residents
from storage.database import Database
from storage.ids import NewId
from storage.jobs import Conversation, DeliveryWork
from storage.keyring import Keyring
from storage.residents import Sender
from storage.tables import Channel

SEED = 20260401
#: Accounts are older than the first word of a resident.
_BEFORE = timedelta(weeks=22)


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
    desks, terms, organisation = {desk.id: desk}, case_terms(desk), desk.content.desk.organisation
    zone, clock, phones = terms.workdays.zone, MovedClock(now - _BEFORE), Phones()
    new_id = SeededIds(clock, seed)
    base: dict[str, Any] = {"database": database, "keyring": keyring, "process": new_id(), "clock": clock}
    turns = Turns(
        **base,
        listener=listener,
        desks=desks,
        pauses={desk.id: timedelta(0)},
        terms={desk.id: terms},
        announce=dict.fromkeys(Channel, no_announcement),
        readers={Channel.LINE: lambda body, at: read_event(body, received_at=at), Channel.ROOM: read_room_event},
        new_id=new_id,
    )
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
    papers = Papers(office, load_forms(), organisation, desk.content.desk.account, staffing.recipients, town.sheet)
    played = _Played(
        office=office,
        papers=papers,
        clock=clock,
        events=Events(phones, seed),
        delivery=_delivery(base, new_id, desks, phones),
        clockwork=wind_up(office, desks, phones),
        people=town.people,
        old_words=Retention(database=database, keyring=keyring, desks=desks, clock=clock, new_id=new_id),
    )
    for moment in everything(town, now, zone, seed):
        await played.play(moment)
    await played.end(now)
    return Filled(residents=len(played.known), letters=phones.taken, logins=staffing.logins)


def _delivery(base: dict[str, Any], new_id: NewId, desks: Mapping[str, Desk], phones: Phones) -> DeliveryWork:
    """The ways of a letter, as the running program has them; nobody has a page open."""
    # The chance is for the pause before another try, which never comes.
    over_line = {name: base[name] for name in ("database", "keyring", "clock")}
    links = Links(**over_line, desks=desks, site="", new_id=new_id)
    line = Delivery(**base, clients=dict.fromkeys(desks, phones), chance=lambda: 0.0, links=links)
    return Deliveries(**base, desks=desks, line=line, is_open=lambda _room: False, new_id=new_id)


@dataclass(kw_only=True, slots=True)
class _Played:
    """The town in the middle of its weeks: who is known already, and which day it is."""

    office: Office
    papers: Papers
    clock: MovedClock
    events: Events
    delivery: DeliveryWork
    clockwork: Clockwork
    people: Sequence[Person]
    old_words: Retention
    known: dict[int, UUID] = field(default_factory=dict)
    today: date = date.min
    rooms: Rooms = field(init=False)
    replies: Replies = field(init=False)

    def __post_init__(self) -> None:
        self.rooms = Rooms(self.office)
        self.replies = Replies({number: one.answers for number, one in enumerate(self.people)})

    async def play(self, moment: Moment) -> None:
        """Let one thing happen at its time. Raises WrongTown when the program does not let it happen."""
        await self._pass_time(moment.at)
        try:
            await (self._by_staff(moment) if moment.act.by else self._by_resident(moment))
        except (NotDone, Refused) as error:
            raise WrongTown(f"{moment.act.what} {dict(moment.act.given)}: {error}") from error

    async def end(self, now: datetime) -> None:
        """Whatever is due until the moment of the demo."""
        await self._pass_time(now)
        await self._new_day(now.date(), anyhow=True)

    async def _pass_time(self, to: datetime) -> None:
        """Until then the clock does its work, and people answer what it sent them."""
        while True:
            moments = [at for at in (await self.clockwork.next_at(), self.replies.next_at()) if at is not None]
            if not moments or min(moments) >= to:
                break
            await self._move(min(moments))
            answers_at = self.replies.next_at()
            if answers_at is not None and answers_at <= self.clock():
                await self._answer()
            else:
                await self._by_the_clock()
        await self._move(to)

    async def _move(self, to: datetime) -> None:
        self.clock.move(to)
        if to.date() != self.today:
            await self._new_day(to.date())

    async def _new_day(self, today: date, *, anyhow: bool = False) -> None:
        self.today = today
        await self.erase_due()
        await self.clockwork.look_for_ages(today, anyhow=anyhow)

    async def _by_the_clock(self) -> None:
        numbers = {resident_id: number for number, resident_id in self.known.items()}
        for resident_id in await self.clockwork.look():
            await self.delivery(resident_id)
            self.replies.word_came(numbers[resident_id], self.clock())

    async def _answer(self) -> None:
        """Somebody presses what stands below a check-in, if nothing came between."""
        person, label = self.replies.take()
        if self.events.shows(person, label):
            await self._event(person, "press", {"label": label})

    async def erase_due(self) -> None:
        """What the clock does every minute."""
        office, now = self.office, self.clock()
        async with office.database.read() as connection:
            due = await erasure.due(connection, now=now)
        for resident_id in due:
            async with office.database.write() as connection:
                await erasure.erase(connection, office.keyring, resident_id, now=now)

    async def _by_resident(self, moment: Moment) -> None:
        person = moment.person
        if person < len(self.people) and self.people[person].room:
            await self._in_room(person, moment.act.given["words"])
            return
        if person not in self.known:
            await self._event(person, "follow", {})
            await self._meet(person)
        what, given = moment.act.what, dict(moment.act.given)
        if what == "press" and not self.events.shows(person, given["label"]):
            # What is offered when is for the listener to say, and it learns: then the person types the same words.
            what, given = "says", {"words": given["label"]}
        await self._event(person, what, given)

    async def _in_room(self, person: int, words: str) -> None:
        if person not in self.known:
            resident_id, conversation = await self.rooms.enter(person)
            await self._mark(person, resident_id)
            await self._worked(conversation)
        await self._worked(await self.rooms.say(person, words))

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
        await self._worked(Conversation(office.desk_id, event.sender))

    async def _worked(self, conversation: Conversation) -> None:
        worked = await self.office.turns(conversation)
        for resident_id in sorted(worked.deliver):
            await self.delivery(resident_id)

    def _sender(self, person: int) -> Sender:
        index = self.office.keyring.index.of(self.office.desk_id, Channel.LINE.value, self.events.address(person))
        return Sender(desk_id=self.office.desk_id, channel=Channel.LINE, index=index)

    async def _meet(self, person: int) -> None:
        """Somebody new: marked before anything is told of them."""
        office = self.office
        async with office.database.read() as connection:
            found = await residents.find(connection, office.keyring, self._sender(person))
        if found is None:
            raise NotDone("nobody came")
        await self._mark(person, found.id)

    async def _mark(self, person: int, resident_id: UUID) -> None:
        async with self.office.database.write() as connection:
            await fiction.mark(connection, resident_id)
        self.known[person] = resident_id

    async def _by_staff(self, moment: Moment) -> None:
        act, office = moment.act, self.office
        who = office.colleagues[act.by]
        if act.what == "opens":
            await self._mark(moment.person, await acts.open_by_hand(office, who, act.given))
            return
        resident_id = self.known[moment.person]
        if act.what == "sheet":
            await sheets.carry_on(self.papers, who, resident_id, act.given)
        elif act.what in beside.ACTS:
            await self._beside(who, resident_id, act)
        elif act.what in letters.ACTS:
            await letters.act(office, who, resident_id, act.what, act.given)
            await self.delivery(resident_id)
        else:
            await acts.act(office, who, resident_id, act.what, act.given)
            if act.what in acts.TALK:
                await self.delivery(resident_id)

    async def _beside(self, who: Colleague, resident_id: UUID, act: Act) -> None:
        named = {self.people[number].who: known for number, known in self.known.items() if number < len(self.people)}
        one = beside.Beside(
            office=self.office,
            who=who,
            resident_id=resident_id,
            given=act.given,
            known=named,
            old_words=self.old_words,
        )
        await beside.ACTS[act.what](one)
