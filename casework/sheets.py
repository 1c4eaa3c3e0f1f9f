"""The つなぐシート and its relatives as values: typed entries with where they came from, recipients, states.

How a sheet moves is in `sheet_moves`, what is missing in `sheet_needs`, who sees what in `sheet_views`. Nothing here
knows a database or a clock; ids and times are arguments.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from casework.forms import Row, Value
from config.contents.forms import By, Form, Kind, Needs, SecondPerson

#: Adds working days to a day: the desk's calendar.
AddWorkdays = Callable[[dt.date, int], dt.date]


class Consents(Protocol):
    """What the resident agreed to. `item` is one of `consent_items(form)`; withdrawn means not covered."""

    def covers(self, org_id: UUID, item: str, at: dt.datetime, /) -> bool: ...

    def since(self, moment: dt.datetime | None, /) -> Consents:
        """What was agreed to from then on, and nothing before (None: all of it)."""
        ...


class NoConsents:
    """Nobody may see anything."""

    def covers(self, org_id: UUID, item: str, at: dt.datetime, /) -> bool:
        return False

    def since(self, moment: dt.datetime | None, /) -> NoConsents:
        return self


class Origin(StrEnum):
    """Who said what stands in a field."""

    MACHINE = "machine"
    RESIDENT = "resident"
    STAFF = "staff"


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """What stands in a field, since when, from whom. `sources` are the messages it was taken from.

    What the program filled in counts as unconfirmed until a person, or the resident, says that it is right.
    """

    value: Value
    origin: Origin
    at: dt.datetime
    by: UUID | None = None
    sources: frozenset[UUID] = frozenset()
    confirmed_by: UUID | None = None
    confirmed_at: dt.datetime | None = None

    @property
    def unconfirmed(self) -> bool:
        """Filled by the program, looked at by nobody yet."""
        return self.origin is Origin.MACHINE and self.confirmed_at is None


class State(StrEnum):
    """Where a sheet stands. `RECALLED`: the resident withdrew before it was closed."""

    DRAFT = "draft"
    CONSENTED = "consented"
    BASIS_ONLY = "basis_only"
    SUBMITTED = "submitted"
    RECEIVED = "received"
    TRIAGED = "triaged"
    REPLIED = "replied"
    CLOSED = "closed"
    RECALLED = "recalled"

    @property
    def label(self) -> str:
        """As staff see it."""
        return _STATES[self]

    @property
    def at_desk(self) -> bool:
        """Nothing has left the desk, or everything was called back."""
        return self in (State.DRAFT, State.CONSENTED, State.BASIS_ONLY, State.RECALLED)


_STATES = {
    State.DRAFT: "下書き",
    State.CONSENTED: "同意あり",
    State.BASIS_ONLY: "根拠による（同意なし）",
    State.SUBMITTED: "提出済み",
    State.RECEIVED: "受領",
    State.TRIAGED: "振り分け済み",
    State.REPLIED: "回答あり",
    State.CLOSED: "終了",
    State.RECALLED: "取り消し（本人の撤回）",
}


class Handed(StrEnum):
    """Where one recipient stands. Before `ACCEPTED` a recipient sees no item at all."""

    NAMED = "named"
    PROPOSED = "proposed"
    WAITING = "waiting"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    MET = "met"
    DECLINED = "declined"
    RETURNED = "returned"
    RECALLED = "recalled"

    @property
    def label(self) -> str:
        """As staff see it."""
        return _HANDED[self]

    @property
    def live(self) -> bool:
        """It is on its way, or in the recipient's hands."""
        return self in (Handed.WAITING, Handed.RECEIVED, Handed.ACCEPTED, Handed.MET)

    @property
    def sees(self) -> bool:
        """The recipient took responsibility, and so sees what the resident agreed to."""
        return self in (Handed.ACCEPTED, Handed.MET)


_HANDED = {
    Handed.NAMED: "つなぎ先の候補",
    Handed.PROPOSED: "提案（本人の同意待ち）",
    Handed.WAITING: "受領待ち",
    Handed.RECEIVED: "受領",
    Handed.ACCEPTED: "引き受け",
    Handed.MET: "本人と会った",
    Handed.DECLINED: "引き受けられない",
    Handed.RETURNED: "つなぎ戻し",
    Handed.RECALLED: "取り消し",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Handover:
    """One recipient of a sheet: who named it, how far it came, what it answered.

    `fields` limits what it may see whatever was agreed (None: no limit). `name` is the organisation's name as it was
    shown to the resident. `told_to_stop_at`: when it was told not to use the sheet any more.
    """

    id: UUID
    org_id: UUID
    name: str
    named_by: UUID
    named_at: dt.datetime
    state: Handed = Handed.NAMED
    fields: frozenset[str] | None = None
    sent_at: dt.datetime | None = None
    received_at: dt.datetime | None = None
    answered_at: dt.datetime | None = None
    met_on: dt.date | None = None
    reason: str = ""
    next_step: str = ""
    reply: str = ""
    recalled_at: dt.datetime | None = None
    told_to_stop_at: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """Somebody named to see a record that rests on a law: one person of an organisation."""

    org_id: UUID
    staff_id: UUID
    org_name: str
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Basis:
    """The ground in law for a record without consent: which, why, who decided, who agreed, who sees which items.

    `second_asked` is the colleague asked to look at it: they see it before they agree.
    """

    kind: str
    reason: str
    members: tuple[Member, ...]
    items: frozenset[str]
    decided_by: UUID
    decided_at: dt.datetime
    second_asked: UUID | None = None
    second_by: UUID | None = None
    second_at: dt.datetime | None = None

    @property
    def deciding(self) -> frozenset[UUID | None]:
        """Those who decide about it, and so see all of it."""
        return frozenset({self.decided_by, self.second_asked, self.second_by})


@dataclass(frozen=True, kw_only=True, slots=True)
class Sheet:
    """A record about a resident, made by one organisation.

    `excluded` are items the resident ticked off: they are in nobody's view and on no paper. `version` counts stored
    changes. `told_on` is when the resident was told the answer. `earlier` is the closed sheet it was begun from.
    """

    id: UUID
    form_id: str
    kind: Kind
    needs: Needs
    second_person: SecondPerson
    desk_id: str
    org_id: UUID
    created_by: UUID
    created_at: dt.datetime
    state: State = State.DRAFT
    version: int = 0
    entries: Mapping[str, Entry] = field(default_factory=dict)
    excluded: frozenset[str] = frozenset()
    handovers: tuple[Handover, ...] = ()
    basis: Basis | None = None
    consented_at: dt.datetime | None = None
    submitted_at: dt.datetime | None = None
    told_on: dt.date | None = None
    next_step: str = ""
    closed_at: dt.datetime | None = None
    recalled_at: dt.datetime | None = None
    earlier: UUID | None = None

    @property
    def agreed_from(self) -> dt.datetime | None:
        """What was agreed to before is not for this sheet: begun from an earlier one, it is asked for anew."""
        return None if self.earlier is None else self.created_at

    def value(self, key: str) -> Value | None:
        """What stands in a field; None when nothing does."""
        entry = self.entries.get(key)
        return None if entry is None else entry.value

    def handover_of(self, org_id: UUID) -> Handover | None:
        """The last handover to an organisation."""
        return next((one for one in reversed(self.handovers) if one.org_id == org_id), None)

    def live(self) -> tuple[Handover, ...]:
        """What is on its way or in a recipient's hands."""
        return tuple(one for one in self.handovers if one.state.live)


def new_sheet(
    form_id: str, form: Form, *, sheet_id: UUID, desk_id: str, org_id: UUID, by: UUID, now: dt.datetime
) -> Sheet:
    """An empty draft of a form. Nothing is seen by anybody else yet."""
    return Sheet(
        id=sheet_id,
        form_id=form_id,
        kind=form.kind,
        needs=form.needs,
        second_person=form.second_person,
        desk_id=desk_id,
        org_id=org_id,
        created_by=by,
        created_at=now,
    )


def consent_items(form: Form) -> Iterator[str]:
    """What a consent can name: each item of the form, and each column of rows that tells who somebody is."""
    for key, item in form.fields.items():
        if item.item and not item.concealed:
            yield key
            yield from (f"{key}.{name}" for name, column in item.columns.items() if column.identifies)


def identifying_items(form: Form) -> frozenset[str]:
    """Items that tell who the person is: never part of a consent without a name."""
    columns = {
        f"{key}.{name}" for key, item in form.fields.items() for name, col in item.columns.items() if col.identifies
    }
    return frozenset(key for key, item in form.fields.items() if item.identifies) | columns


class Refused(Exception):
    """A step cannot be taken. Each reason is a Japanese sentence that says what is missing."""

    def __init__(self, *reasons: str) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One field that differs between two versions."""

    key: str
    before: Entry | None
    after: Entry | None


def changes(old: Sheet, new: Sheet) -> tuple[Change, ...]:
    """What fields say otherwise in `new` than in `old`."""
    keys = [*old.entries, *(key for key in new.entries if key not in old.entries)]
    pairs = ((key, old.entries.get(key), new.entries.get(key)) for key in keys)
    return tuple(
        Change(key=key, before=before, after=after)
        for key, before, after in pairs
        if (before and before.value) != (after and after.value)
    )


def changed_since_consent(sheet: Sheet, form: Form) -> tuple[str, ...]:
    """Fields written after the resident said yes: to be read to them before it goes, or told afterwards. What the
    recipient answers comes back to them in words of its own, and a stamp tells them nothing.
    """
    since = sheet.consented_at
    if since is None:
        return ()
    theirs = {key for key, item in form.fields.items() if item.by in (By.RESIDENT, By.STAFF)}
    return tuple(key for key, entry in sheet.entries.items() if key in theirs and entry.at > since)


def without_message(sheet: Sheet, message_id: UUID) -> Sheet:
    """The sheet after a message was unsent: what came from it alone goes, rows taken from it too, confirmed or not."""
    return replace(sheet, entries=entries_without(sheet.entries, message_id))


def entries_without(entries: Mapping[str, Entry], message_id: UUID) -> dict[str, Entry]:
    """Entries after a message was unsent."""
    return {key: rest for key, entry in entries.items() if (rest := _without(entry, message_id)) is not None}


def _without(entry: Entry, message_id: UUID) -> Entry | None:
    if message_id not in entry.sources:
        return entry
    sources = entry.sources - {message_id}
    if isinstance(entry.value, tuple):
        rows = tuple(one for one in entry.value if not (isinstance(one, Row) and one.source == message_id))
        if len(rows) < len(entry.value):
            return replace(entry, value=rows, sources=sources) if rows else None  # type: ignore[arg-type]
    if entry.origin is Origin.MACHINE and not sources:
        return None
    return replace(entry, sources=sources)
