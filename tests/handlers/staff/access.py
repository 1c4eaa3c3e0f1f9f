"""Who may come to which route: one row for each. A route without a row fails `test_access.py`.

A new route gets a row here: who is let in, what its form needs to be taken, and — for `{…}` in its path — where the
id is found in `Office.ids`. People who are not let in get 403 or 404; a stranger is sent to the sign-in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from office import Office
from sheet_access import ROWS, furnish_sheet

from casework.alerting import Window
from casework.people import Grant, Role
from casework.queue import Level
from casework.reading import Reason
from casework.standing import Alarm, News
from handlers.staff.console import Console
from storage import (
    api_tokens,
    case_acts,
    cases,
    contact_pauses,
    inbox,
    notes,
    reading_grants,
    residents,
    rota,
    staff,
    staff_messages,
    stand_ins,
)
from storage.api_tokens import ApiAction
from storage.case_acts import By
from storage.cases import CaseRow, Whose
from storage.database import Connection
from storage.followup_tables import PauseReason
from storage.ids import new_id
from storage.notice_tables import AddressList
from storage.residents import ResidentRow, Sender
from storage.tables import Channel, InboxState


class Who(StrEnum):
    """Somebody seen from the case of `OWNER`: at the desk `default`, in the area hokubu."""

    OWNER = "owner"
    COLLEAGUE = "colleague"
    OTHER_AREA = "other_area"
    SUPERVISOR = "supervisor"
    OTHER_DESK = "other_desk"
    ADMIN = "admin"
    AUDITOR = "auditor"
    TRIAGER = "triager"
    RECIPIENT = "recipient"
    STRANGER = "stranger"


GRANTS: Mapping[Who, tuple[Grant, ...]] = {
    Who.OWNER: (Grant(role=Role.COORDINATOR, desk_id="default", areas=frozenset({"hokubu"})),),
    Who.COLLEAGUE: (Grant(role=Role.COORDINATOR, desk_id="default", areas=frozenset({"hokubu"})),),
    Who.OTHER_AREA: (Grant(role=Role.COORDINATOR, desk_id="default", areas=frozenset({"nanbu"})),),
    Who.SUPERVISOR: (Grant(role=Role.SUPERVISOR, desk_id="default"),),
    # Everything there is, at another desk.
    Who.OTHER_DESK: tuple(Grant(role=role, desk_id="other") for role in (Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)),
    Who.ADMIN: (Grant(role=Role.ADMIN, desk_id="default"),),
    Who.AUDITOR: (Grant(role=Role.AUDITOR, desk_id="default"),),
    Who.TRIAGER: (Grant(role=Role.TRIAGER, desk_id="default"),),
    Who.RECIPIENT: (Grant(role=Role.RECIPIENT, desk_id="default"),),
}

EVERYBODY = frozenset(Who)
SIGNED_IN = EVERYBODY - {Who.STRANGER}
ADMINS = frozenset({Who.ADMIN, Who.OTHER_DESK})
#: Accounts of the desk `default` are kept by its own admin.
OWN_ADMIN = frozenset({Who.ADMIN})


@dataclass(frozen=True, kw_only=True)
class Row:
    """`may` are let in; `form` is what is sent; `answers` what those who may can get (a form with nothing in it is
    refused, but not for want of a right); `halfway`: only between password and code, all others are sent on.
    """

    may: frozenset[Who]
    form: Mapping[str, str] = field(default_factory=dict)
    answers: frozenset[int] = frozenset({200, 303})
    halfway: bool = False


def row(*may: Who, answers: frozenset[int] = frozenset({200, 303}), **form: str) -> Row:
    """A row for some."""
    return Row(may=frozenset(may), form=form, answers=answers)


PERSON = "/people/{staff_id}"
CASE = "/cases/{case_id}"
TEAM = frozenset({Who.OWNER, Who.COLLEAGUE, Who.SUPERVISOR})
QUEUE = TEAM | {Who.OTHER_AREA, Who.OTHER_DESK, Who.AUDITOR, Who.TRIAGER}
GIVERS = TEAM | {Who.OTHER_AREA, Who.OTHER_DESK}
#: Let in, and perhaps told that somebody else was first: the case changes under all these hands.
OVERTAKEN = frozenset({200, 303, 409})
ACCESS: dict[tuple[str, str], Row] = {
    ("GET", "/"): Row(may=SIGNED_IN),
    ("GET", "/sign-in"): Row(may=EVERYBODY),
    ("POST", "/sign-in"): Row(may=EVERYBODY, answers=frozenset({401, 403, 429})),
    ("GET", "/sign-in/code"): Row(may=frozenset(), halfway=True),
    ("POST", "/sign-in/code"): Row(may=frozenset(), halfway=True),
    ("GET", "/sign-in/set-up"): Row(may=frozenset(), halfway=True),
    ("POST", "/sign-in/set-up"): Row(may=frozenset(), halfway=True),
    ("POST", "/sign-in/key"): Row(may=frozenset(), halfway=True),
    ("POST", "/sign-in/set-up/key"): Row(may=frozenset(), halfway=True),
    ("GET", "/account/keys"): Row(may=SIGNED_IN),
    ("POST", "/account/keys"): Row(may=SIGNED_IN, answers=frozenset({422})),
    # One's own keys only: the id in the path is nobody's.
    ("POST", "/account/keys/{key_id}/remove"): Row(may=SIGNED_IN, answers=frozenset({404})),
    ("POST", "/sign-in/leave"): Row(may=frozenset(), halfway=True),
    ("POST", "/sign-out"): Row(may=SIGNED_IN),
    # Only a desk at which one works: the others are not there.
    ("POST", "/desk"): Row(may=SIGNED_IN, answers=frozenset({404})),
    ("GET", "/kept"): Row(may=SIGNED_IN),
    ("POST", "/kept/drop"): Row(may=SIGNED_IN),
    ("GET", "/account"): Row(may=SIGNED_IN),
    ("POST", "/account/contact"): Row(may=SIGNED_IN),
    ("GET", "/account/password"): Row(may=SIGNED_IN),
    ("POST", "/account/password"): Row(may=SIGNED_IN, answers=frozenset({422})),
    ("POST", "/account/sign-out-elsewhere"): Row(may=SIGNED_IN),
    ("GET", "/account/recovery-codes"): Row(may=SIGNED_IN),
    ("POST", "/account/recovery-codes"): Row(may=SIGNED_IN, answers=frozenset({422})),
    ("GET", "/people"): Row(may=ADMINS),
    ("POST", "/people"): Row(may=ADMINS, answers=frozenset({422})),
    ("GET", PERSON): Row(may=OWN_ADMIN),
    ("POST", f"{PERSON}/name"): Row(may=OWN_ADMIN, form={"shown_name": "山田"}),
    ("POST", f"{PERSON}/disable"): Row(may=OWN_ADMIN),
    ("POST", f"{PERSON}/enable"): Row(may=OWN_ADMIN),
    ("POST", f"{PERSON}/password"): Row(may=OWN_ADMIN),
    ("POST", f"{PERSON}/factor"): Row(may=OWN_ADMIN),
    ("POST", f"{PERSON}/certificate"): Row(may=OWN_ADMIN),
    ("POST", f"{PERSON}/grants"): Row(may=OWN_ADMIN, form={"role": "auditor", "desk": "default"}),
    ("POST", f"{PERSON}/grants/{{grant_id}}/remove"): Row(may=OWN_ADMIN),
    ("GET", "/rota"): Row(may=ADMINS),
    ("POST", "/rota/people/{staff_id}/contact"): Row(may=OWN_ADMIN, form={"address": "taro@shakyo.example"}),
    ("POST", "/rota/people/{staff_id}/windows"): Row(may=OWN_ADMIN, form={"starts": "17:00", "ends": "09:00"}),
    ("POST", "/rota/windows/{window_id}/remove"): Row(may=OWN_ADMIN),
    ("POST", "/rota/addresses"): Row(may=ADMINS, form={"list": "desk", "address": "desk@shakyo.example"}),
    ("POST", "/rota/addresses/{address_id}/remove"): Row(may=OWN_ADMIN),
    # Without a mail server there is nothing to try.
    ("POST", "/rota/test"): Row(may=ADMINS, answers=frozenset({409})),
    ("GET", "/upkeep"): Row(may=ADMINS),
    ("GET", "/audit"): row(Who.AUDITOR, Who.OTHER_DESK),
    # The queue, each at their own desk.
    ("GET", "/queue"): Row(may=QUEUE),
    ("GET", "/queue/rows"): Row(may=QUEUE),
    ("GET", "/changes"): Row(may=QUEUE),
    ("GET", "/stream"): Row(may=QUEUE),
    ("GET", "/bell"): Row(may=QUEUE),
    ("GET", "/silent"): Row(may=QUEUE),
    ("GET", "/cases/new"): Row(may=TEAM | {Who.OTHER_AREA, Who.OTHER_DESK}),
    ("POST", "/cases/new"): Row(may=TEAM | {Who.OTHER_AREA, Who.OTHER_DESK}, form={"source": "phone", "body": "電話"}),
    # A case of the owner's, in their area.
    ("GET", CASE): Row(may=TEAM),
    ("GET", f"{CASE}/live"): Row(may=TEAM),
    ("POST", f"{CASE}/claim"): Row(may=TEAM, answers=OVERTAKEN),
    ("POST", f"{CASE}/return"): Row(may=TEAM, answers=OVERTAKEN),
    ("POST", f"{CASE}/assign"): row(Who.SUPERVISOR, answers=OVERTAKEN),
    ("GET", f"{CASE}/timeline"): Row(may=TEAM),
    ("GET", f"{CASE}/lookers"): row(Who.OWNER, Who.SUPERVISOR, Who.AUDITOR),
    ("GET", f"{CASE}/household"): Row(may=TEAM),
    ("POST", f"{CASE}/household"): Row(may=TEAM, form={"part": "child", "own_part": "parent"}, answers=OVERTAKEN),
    ("POST", f"{CASE}/household/leave"): Row(may=TEAM, answers=OVERTAKEN),
    ("GET", f"{CASE}/room"): Row(may=TEAM),
    # A room is put together with another by whoever talks with the resident, or by the supervisor.
    ("POST", f"{CASE}/room"): row(Who.OWNER, Who.SUPERVISOR, answers=frozenset({422})),
    ("GET", "/room-cards"): Row(may=TEAM | {Who.OTHER_AREA, Who.OTHER_DESK}),
    # お便り: what goes out at one's own desk; who has another area pauses that one only.
    ("GET", "/check-ins"): Row(may=GIVERS),
    ("POST", "/check-ins/pauses"): Row(
        may=GIVERS,
        form={"area": "hokubu", "reason": "disaster", "from": "", "until": "2026-11-30"},
        answers=frozenset({303, 422}),
    ),
    ("POST", "/check-ins/pauses/{pause_id}/end"): Row(may=TEAM, answers=OVERTAKEN),
    ("GET", f"{CASE}/check-ins"): Row(may=TEAM),
    # Whose notice was not read yet has no plan: nothing is set, ended, or added to.
    ("POST", f"{CASE}/check-ins"): Row(
        may=TEAM, form={"rhythm": "weekly", "band": "noon", "wish": "電話で聞いた"}, answers=frozenset({409})
    ),
    ("POST", f"{CASE}/check-ins/end"): Row(may=TEAM, answers=frozenset({409})),
    ("POST", f"{CASE}/check-ins/line"): Row(may=TEAM, form={"line": "こんにちは"}, answers=frozenset({409})),
    # 引継ぎ: whoever has cases somewhere comes to the page; which cases are given on is decided by the rows.
    ("GET", "/hand-over"): Row(may=GIVERS),
    ("POST", "/hand-over"): Row(may=GIVERS, answers=frozenset({422})),
    ("POST", "/stand-ins"): Row(may=GIVERS, answers=frozenset({422})),
    # The period of the owner, who is away; another desk's people find none.
    ("POST", "/stand-ins/{standing_id}/end"): row(Who.SUPERVISOR, Who.OWNER, answers=frozenset({303, 404})),
    ("POST", f"{CASE}/area"): Row(may=TEAM, form={"area": "hokubu"}),
    ("POST", f"{CASE}/snooze"): Row(may=TEAM, form={"until": "2026-12-01"}, answers=OVERTAKEN),
    ("POST", f"{CASE}/seen"): Row(may=TEAM, answers=OVERTAKEN),
    ("POST", f"{CASE}/level"): Row(may=TEAM, answers=OVERTAKEN),
    ("POST", f"{CASE}/tags"): Row(may=TEAM, form={"category": "pet", "verdict": "wrong"}),
    ("POST", f"{CASE}/notes"): Row(may=TEAM, form={"kind": "note", "body": "会った"}),
    ("POST", f"{CASE}/tasks"): Row(may=TEAM, form={"title": "電話する"}),
    ("POST", f"{CASE}/tasks/{{task_id}}/done"): Row(may=TEAM, answers=OVERTAKEN),
    ("POST", f"{CASE}/come"): Row(may=TEAM, answers=OVERTAKEN),
    ("POST", f"{CASE}/leave"): Row(may=TEAM, answers=OVERTAKEN),
    ("POST", f"{CASE}/told-read"): Row(may=TEAM, answers=OVERTAKEN),
    ("POST", f"{CASE}/messages"): Row(may=TEAM, form={"words": "読みました"}, answers=OVERTAKEN),
    ("POST", f"{CASE}/messages/{{message_id}}/release"): Row(may=TEAM, answers=OVERTAKEN),
    ("POST", f"{CASE}/messages/{{message_id}}/drop"): Row(may=TEAM, answers=OVERTAKEN),
    ("POST", f"{CASE}/messages/{{message_id}}/again"): Row(may=TEAM, answers=OVERTAKEN),
    ("POST", f"{CASE}/typing"): Row(may=TEAM),
    ("POST", f"{CASE}/glass"): Row(may=TEAM, form={"reason": "life"}),
    ("POST", f"{CASE}/exclusions"): Row(may=frozenset({Who.SUPERVISOR}), answers=frozenset({400})),
    ("POST", f"{CASE}/close"): Row(may=TEAM, form={"reason": "done"}, answers=OVERTAKEN),
    ("POST", f"{CASE}/reopen"): Row(may=TEAM, answers=OVERTAKEN),
    **{
        route: Row(may=frozenset(Who(name) for name in may), form=form, answers=answers)
        for route, (may, answers, form) in ROWS.items()
    },
    # Programs of つなぎ先, and what was never worked off.
    ("GET", "/tokens"): Row(may=ADMINS),
    ("POST", "/tokens"): Row(may=ADMINS, answers=frozenset({422})),
    ("POST", "/tokens/{token_id}/end"): Row(may=OWN_ADMIN),
    ("GET", "/set-aside"): Row(may=ADMINS | {Who.SUPERVISOR}),
    # Whoever of the two comes first; the other finds nothing more to do.
    ("POST", "/set-aside/{event_id}/again"): row(Who.SUPERVISOR, Who.ADMIN, answers=frozenset({303, 404})),
    ("POST", "/set-aside/{event_id}/close"): row(Who.SUPERVISOR, Who.ADMIN, answers=frozenset({303, 404})),
    # Last: whoever says it does not see the case any more.
    ("POST", f"{CASE}/conflict"): Row(may=TEAM),
    ("GET", "/glass"): row(Who.SUPERVISOR, Who.OTHER_DESK),
    ("POST", "/glass/{glass_id}/review"): Row(may=frozenset({Who.SUPERVISOR}), form={"verdict": "fine"}),
    ("GET", "/corrections.jsonl"): row(Who.SUPERVISOR, Who.OTHER_DESK),
}


async def furnish(office: Office) -> None:
    """All people of the table, and what the ids in paths stand for. Done once; every test has a copy."""
    for who, grants in GRANTS.items():
        elsewhere = "となりの機関" if who in {Who.RECIPIENT, Who.OTHER_DESK} else "見本市社会福祉協議会"
        await office.person(who.value, *grants, organisation=elsewhere)
    someone = await office.person("someone", Grant(role=Role.COORDINATOR, desk_id="default"))
    async with office.console.database.read() as connection:
        (grant,) = await staff.grants(connection, office.clock(), someone.id)
    office.ids |= {"staff_id": str(someone.id), "grant_id": str(grant.id), "key_id": str(grant.id)}
    office.ids |= await furnish_stand_in(office)
    office.ids |= await furnish_rota(office, someone.id)
    office.ids |= await furnish_pause(office)
    office.ids |= await furnish_case(office)
    office.ids |= await furnish_sheet(office, UUID(office.ids["case_id"]))
    office.ids |= await furnish_token(office)
    office.ids |= await furnish_set_aside(office)


async def furnish_stand_in(office: Office) -> dict[str, str]:
    """The owner is away next week."""
    owner, now = office.people[Who.OWNER.value].id, office.clock()
    async with office.console.database.write() as connection:
        standing_id = await stand_ins.add(
            connection,
            absent_id=owner,
            stand_in_id=office.people[Who.SUPERVISOR.value].id,
            starts_at=now + timedelta(days=7),
            ends_at=now + timedelta(days=9),
            by=owner,
            now=now,
            new_id=new_id,
        )
    return {"standing_id": str(standing_id)}


async def furnish_token(office: Office) -> dict[str, str]:
    """A program of the recipient's organisation."""
    async with office.console.database.write() as connection:
        there = await staff.by_id(connection, office.people[Who.RECIPIENT.value].id)
        assert there is not None
        token_id, _ = await api_tokens.issue(
            connection,
            desk_id="default",
            organisation_id=there.organisation_id,
            name="市の重層システム",
            actions=frozenset(ApiAction),
            by=office.people[Who.ADMIN.value].id,
            now=office.clock(),
            expires_at=office.clock() + timedelta(days=90),
            new_id=new_id,
        )
    return {"token_id": str(token_id)}


async def furnish_set_aside(office: Office) -> dict[str, str]:
    """An event of somebody on LINE that could not be read."""
    event_id = await laid_aside(office.console, "event-1", reason="unreadable: no type", now=office.clock())
    return {"event_id": str(event_id)}


async def laid_aside(
    console: Console,
    name: str,
    *,
    reason: str,
    now: datetime,
    state: InboxState = InboxState.ASIDE,
    desk: str = "default",
    sender: bytes | None = None,
) -> UUID:
    """An event that came in and was set aside."""
    event = inbox.seal_event(
        console.keyring.data,
        id=new_id(),
        desk_id=desk,
        channel=Channel.LINE,
        event_id=name,
        sender=sender,
        event_at=1,
        received_at=now,
        body={"text": "ひみつの言葉"},
    )
    async with console.database.write() as connection:
        await inbox.add(connection, [event])
        assert await inbox.finish(connection, [event.id], state=state, reason=reason)
    return event.id


async def furnish_rota(office: Office, staff_id: UUID) -> dict[str, str]:
    """Somebody on call, and an address of the desk."""
    console = office.console
    async with console.database.write() as connection:
        window = Window(starts=time(17), ends=time(9))
        window_id = await rota.add_window(connection, staff_id, "default", window, new_id=new_id)
        address = "night@shakyo.example"
        await rota.add_address(connection, console.keyring, "default", AddressList.NIGHT, address, new_id=new_id)
        (listed,) = await rota.addresses(connection, console.keyring, "default")
    return {"window_id": str(window_id), "address_id": str(listed.id)}


async def furnish_pause(office: Office) -> dict[str, str]:
    """Nothing goes out to the owner's area."""
    console, now = office.console, office.clock()
    async with console.database.write() as connection:
        pause_id = await contact_pauses.add(
            connection,
            "default",
            area="hokubu",
            reason=PauseReason.CLOSED,
            starts_at=now,
            ends_at=now + timedelta(days=9),
            by=office.people[Who.SUPERVISOR.value].id,
            at=now,
            new_id=new_id,
        )
    return {"pause_id": str(pause_id)}


async def furnish_case(office: Office) -> dict[str, str]:
    """A case in danger in the owner's area, with one of everything that hangs on it."""
    console, now = office.console, office.clock()
    owner, colleague = office.people[Who.OWNER.value].id, office.people[Who.COLLEAGUE.value].id
    async with console.database.write() as connection:
        resident, case = await endangered(connection, console, now=now)
        by = By(staff_id=owner, at=now, new_id=new_id)
        await case_acts.set_area(connection, case, by, "hokubu")
        await case_acts.claim(connection, case, by)
        task_id = await notes.add_task(
            connection,
            resident.key,
            case_id=case.id,
            author_id=owner,
            title="訪問する",
            due_on=None,
            at=now,
            new_id=new_id,
        )
        message_id = new_id()
        await staff_messages.add(
            connection,
            resident.key,
            message_id=message_id,
            case_id=case.id,
            resident_id=resident.id,
            author_id=owner,
            text="読みました",
            at=now,
            letter_id=None,
        )
        glass_id = await reading_grants.add(
            connection,
            resident.key,
            case_id=case.id,
            staff_id=colleague,
            reason=Reason.LIFE,
            words=None,
            told_id=None,
            turns=frozenset({1}),
            at=now,
            ends_at=now + timedelta(hours=1),
            new_id=new_id,
        )
    found = {"case_id": case.id, "task_id": task_id, "message_id": message_id, "glass_id": glass_id}
    return {name: str(value) for name, value in found.items()}


async def endangered(connection: Connection, console: Console, *, now: datetime) -> tuple[ResidentRow, CaseRow]:
    """Somebody who wrote of danger on LINE."""
    sender = Sender(desk_id="default", channel=Channel.LINE, index=new_id().bytes * 2)
    resident = await residents.create(
        connection, console.keyring, sender, address="U" + "1" * 32, now=now, new_id=new_id
    )
    alarm = Alarm(level=Level.URGENT, kinds=("lifeline",), rule="urgent.unknown.first")
    news = News(at=now, turn=1, wrote=True, answered=True, alarm=alarm, level=Level.URGENT, categories=("poverty",))
    whose = Whose(id=resident.id, desk_id="default", alias=resident.alias)
    assert console.work is not None
    case = await cases.note_turn(connection, whose, news, console.work.terms["default"], new_id=new_id)
    assert case is not None
    return resident, case
