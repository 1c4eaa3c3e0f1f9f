"""What a resident agreed to: who may read their words, and which organisation may be told which items for what.

Consents are added and withdrawn, never changed. Nothing is covered that was not named, item by item and organisation by
organisation; there is no consent for everybody. Whoever is under 16 is asked by people, not by the program; whoever
writes about somebody else gives information, and not the other's consent.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from casework.reading import ReadConsent
from casework.sheets import consent_items, identifying_items
from config.contents.forms import Form

#: 個情委 Q&A 1-62 (secondary source): at about 12 to 15 and under, sharing is for the legal guardian to agree to.
MAY_AGREE_FROM = 16
#: 拒否・保留を3回以上促さない (DOMAIN 5.3).
MOST_ASKED = 3
_ABOUT_OTHERS = frozenset({"neighbour", "professional", "family"})


class ConsentKind(StrEnum):
    """Read the talk; ask a place without the name; tell a place the name; share among the members of a meeting."""

    READ = "read"
    ASK_AROUND = "ask_around"
    TELL_NAME = "tell_name"
    MEETING = "meeting"

    @property
    def shares(self) -> bool:
        """Whether something leaves the desk by it."""
        return self is not ConsentKind.READ

    @property
    def in_talk(self) -> bool:
        """Whether the program may ask for it: what a meeting shares is gone through with a coordinator."""
        return self is not ConsentKind.MEETING


class Method(StrEnum):
    """How it was given."""

    CHAT = "chat"
    #: On the private page, by the resident.
    PAGE = "page"
    ORAL = "oral"
    PAPER = "paper"

    @property
    def by_resident(self) -> bool:
        """Whether the resident pressed it: nobody took it down for them."""
        return self in (Method.CHAT, Method.PAGE)


class Span(StrEnum):
    """How much of the talk may be read: all of it, or what is written from that moment on."""

    ALL = "all"
    FROM_NOW = "from_now"


class Ended(StrEnum):
    """Why a consent ended. The resident's own reason is asked by nobody."""

    RESIDENT = "resident"
    STAFF = "staff"
    ERASED = "erased"


class NotAsked(StrEnum):
    """Why the program does not put a question of staff to the resident."""

    UNDER_16 = "under_16"
    ABOUT_ANOTHER = "about_another"
    GUARDED = "guarded"
    IN_DANGER = "in_danger"
    REFUSED = "refused"
    TOO_OFTEN = "too_often"
    WITH_PEOPLE = "with_people"
    ERASING = "erasing"
    AGREED = "agreed"


class Unfit(ValueError):
    """A consent that names nobody or nothing, or more than its kind can mean."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """To whom, what, and what for. Only reading within the desk names no organisation."""

    org_id: UUID | None = None
    items: frozenset[str] = frozenset()
    purpose: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Consent:
    """One consent. `wording` is the hash of the words it was asked in; `by` the member of staff who took it down.

    `since`: only words sent from then on may be read. `expires_at` None: until withdrawn.
    """

    id: UUID
    kind: ConsentKind
    method: Method
    given_at: dt.datetime
    wording: str
    scope: Scope = Scope()
    since: dt.datetime | None = None
    by: UUID | None = None
    expires_at: dt.datetime | None = None
    withdrawn_at: dt.datetime | None = None
    withdrawn_reason: Ended | None = None

    def __post_init__(self) -> None:
        if self.kind.shares and (self.scope.org_id is None or not self.scope.items):
            raise Unfit("a consent to share names one organisation and the items")
        if not self.kind.shares and self.scope != Scope(purpose=self.scope.purpose):
            raise Unfit("a consent to read is for the desk itself")
        if not self.kind.in_talk and self.method.by_resident:
            raise Unfit("sharing in a meeting is agreed to with a coordinator")
        if not self.method.by_resident and self.by is None:
            raise Unfit("somebody wrote it down")

    def holds(self, at: dt.datetime) -> bool:
        """Whether it stands at a moment: given, not withdrawn by then, not run out."""
        withdrawn = self.withdrawn_at is not None and self.withdrawn_at <= at
        expired = self.expires_at is not None and self.expires_at <= at
        return self.given_at <= at and not withdrawn and not expired


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentBook:
    """All consents of one resident, the oldest first. What a sheet asks (`casework.sheets.Consents`)."""

    consents: tuple[Consent, ...] = ()

    def covers(self, org_id: UUID, item: str, at: dt.datetime, /) -> bool:
        """Whether this organisation may be told this item."""
        return any(
            one.kind.shares and one.scope.org_id == org_id and item in one.scope.items and one.holds(at)
            for one in self.consents
        )

    def since(self, moment: dt.datetime | None, /) -> ConsentBook:
        """Those given from then on (None: all)."""
        return (
            self
            if moment is None
            else ConsentBook(consents=tuple(one for one in self.consents if one.given_at >= moment))
        )

    def readings(self) -> list[ReadConsent]:
        """What the consents say about reading, ended ones too."""
        return [
            ReadConsent(
                given_at=one.given_at, since=one.since, withdrawn_at=one.withdrawn_at, expires_at=one.expires_at
            )
            for one in self.consents
            if one.kind is ConsentKind.READ
        ]

    def named_to(self, at: dt.datetime) -> dict[UUID, Consent]:
        """For each organisation the widest consent that holds: with the name before without."""
        found: dict[UUID, Consent] = {}
        for one in sorted(self.consents, key=lambda c: (c.kind is not ConsentKind.ASK_AROUND, c.given_at)):
            if one.scope.org_id is not None and one.holds(at):
                found[one.scope.org_id] = one
        return found

    def given(self, consent: Consent) -> ConsentBook:
        """With one more."""
        return replace(self, consents=(*self.consents, consent))

    def withdrawn(self, ids: Iterable[UUID] | None, *, at: dt.datetime, reason: Ended) -> ConsentBook:
        """With these ended (None: all). What has ended before keeps when and why."""
        gone = None if ids is None else frozenset(ids)
        return replace(
            self,
            consents=tuple(
                replace(one, withdrawn_at=at, withdrawn_reason=reason)
                if one.withdrawn_at is None and (gone is None or one.id in gone)
                else one
                for one in self.consents
            ),
        )


def items_for(kind: ConsentKind, form: Form) -> frozenset[str]:
    """What a kind can cover at most: without the name, nothing that tells who it is; nobody agrees for others to be
    named.
    """
    if not kind.shares:
        return frozenset()
    identifying = identifying_items(form)
    if kind is not ConsentKind.ASK_AROUND:
        others = {key for key, item in form.fields.items() if item.others}
        identifying = frozenset(item for item in identifying if item.partition(".")[0] in others)
    return frozenset(consent_items(form)) - identifying


def under_16(*, age: int | None, minor: bool) -> bool:
    """Whether people, and not the program, choose the ground: also for a child whose age is not known."""
    return minor if age is None else age < MAY_AGREE_FROM


def about_another(role: str | None) -> bool:
    """Whether the writer tells of somebody else, whose consent they cannot give."""
    return role in _ABOUT_OTHERS


def wording_hash(words: str) -> str:
    """The name of a wording: SHA-256 of its text as it was shown."""
    return hashlib.sha256(words.encode()).hexdigest()
