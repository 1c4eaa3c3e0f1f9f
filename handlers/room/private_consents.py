"""Consent on the private page: one organisation at a time, with the words and the items it was shown with.

The resident's row is locked by the caller before anything here is read; a withdrawal calls back in the same
transaction what is covered no more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from casework.consents import (
    Consent,
    ConsentBook,
    ConsentKind,
    Ended,
    Method,
    Scope,
    about_another,
    under_16,
)
from casework.sheets import Handed, Sheet
from config.contents.forms import Form
from config.contents.ruby import plain
from config.private_page import ConsentWords
from config.sheets import Forms
from handlers.room.private_form import covered_by, item_words
from nlp import Known
from storage import consents, recipients, sheet_ends
from storage.database import Connection
from storage.ids import NewId
from storage.keyring import Keyring
from storage.residents import ResidentRow

NOT_NOW = "not_now"
_OPEN = frozenset(Handed) - {Handed.DECLINED, Handed.RETURNED, Handed.RECALLED}


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """An organisation that may be chosen. `now` is what stands; `proposed`: staff have named it for this sheet."""

    org_id: UUID
    name: str
    fields: frozenset[str] | None
    now: str
    proposed: bool

    @property
    def key(self) -> str:
        return str(self.org_id)


def may_choose(known: Any) -> bool:
    """Whether this page may ask at all: children are asked by people, and nobody agrees for somebody else."""
    if not known:
        return True
    facts = Known.from_json(known).assessment.facts
    role = None if facts.writer_role is None else facts.writer_role.value
    return not under_16(age=facts.writer_age, minor=bool(facts.writer_minor)) and not about_another(role)


async def places_of(connection: Connection, sheet: Sheet, book: ConsentBook, at: datetime) -> list[Place]:
    """Those staff have named, then all others of the desk."""
    named = book.since(sheet.agreed_from).named_to(at)
    proposed = {one.org_id: one for one in sheet.handovers if one.state in _OPEN}
    found = []
    for row in await recipients.of_desk(connection, sheet.desk_id):
        if row.organisation_id == sheet.org_id:
            continue
        given = named.get(row.organisation_id)
        found.append(
            Place(
                org_id=row.organisation_id,
                name=row.name,
                fields=row.fields,
                now=NOT_NOW if given is None or not given.kind.shares else _choice(given.kind),
                proposed=row.organisation_id in proposed,
            )
        )
    return sorted(found, key=lambda place: not place.proposed)


def _choice(kind: ConsentKind) -> str:
    return ConsentKind.ASK_AROUND.value if kind is ConsentKind.ASK_AROUND else ConsentKind.TELL_NAME.value


@dataclass(frozen=True, kw_only=True, slots=True)
class Choosing:
    """What a choice is carried out with."""

    keyring: Keyring
    forms: Forms
    form: Form
    words: ConsentWords
    valid_for: Mapping[str, timedelta]
    at: datetime
    new_id: NewId


def sentence(words: ConsentWords, place: str, kind: ConsentKind, form: Form, items: frozenset[str]) -> str:
    """The words a consent is kept with: as they stood on the page."""
    label = words.ask_around if kind is ConsentKind.ASK_AROUND else words.tell_name
    listed = "、".join(plain(word) for word in item_words(form, items))
    asked = plain(words.choose).replace("{place}", place)
    return f"{asked}：{plain(label)}\n{plain(words.covers)}：{listed}"


async def choose(
    connection: Connection, resident: ResidentRow, sheet: Sheet, choices: Mapping[str, str], given: Choosing
) -> int:
    """Give and end consents as chosen. Returns how many organisations it changed anything for."""
    book = await consents.book(connection, resident.id)
    changed = 0
    for place in await places_of(connection, sheet, book, given.at):
        wanted = choices.get(place.key)
        if wanted is not None and await _one(connection, resident, sheet, book, place, wanted, given):
            changed += 1
    if changed:
        after = await consents.book(connection, resident.id)
        await sheet_ends.withdraw(
            connection,
            given.keyring,
            resident.id,
            after,
            given.forms.__getitem__,
            at=given.at,
            forms_version=given.forms.version,
            new_id=given.new_id,
        )
    return changed


async def _one(
    connection: Connection,
    resident: ResidentRow,
    sheet: Sheet,
    book: ConsentBook,
    place: Place,
    wanted: str,
    given: Choosing,
) -> bool:
    standing = [c for c in book.consents if c.scope.org_id == place.org_id and c.kind.shares and c.holds(given.at)]
    counting = book.since(sheet.agreed_from).consents
    here = [one for one in standing if one in counting]
    if wanted == NOT_NOW:
        # Whoever touched nothing has answered nothing: a question in the talk stays open, an earlier sheet as it is.
        if here:
            await _answer(connection, resident, place, given, agreed=False)
            await _end(connection, resident, standing, given)
        return bool(here)
    kind = ConsentKind(wanted)
    items = covered_by(kind, given.form, sheet.excluded, place.fields)
    if not items or any(c.kind is kind and c.scope.items == items for c in here):
        return False
    await _end(connection, resident, standing, given)
    await _answer(connection, resident, place, given, agreed=True)
    words = sentence(given.words, place.name, kind, given.form, items)
    consent = Consent(
        id=given.new_id(),
        kind=kind,
        method=Method.PAGE,
        given_at=given.at,
        wording=await consents.keep_wording(connection, kind, words, at=given.at),
        scope=Scope(org_id=place.org_id, items=items, purpose=given.form.kind.value),
        expires_at=given.at + given.valid_for[kind.value],
    )
    await consents.give(connection, resident.id, consent)
    return True


async def _end(connection: Connection, resident: ResidentRow, standing: list[Consent], given: Choosing) -> None:
    """The newest answer counts: an older one must not stand beside it."""
    if standing:
        ids = frozenset(one.id for one in standing)
        await consents.withdraw(connection, resident.id, at=given.at, reason=Ended.RESIDENT, ids=ids)


async def _answer(
    connection: Connection, resident: ResidentRow, place: Place, given: Choosing, *, agreed: bool
) -> None:
    """What staff asked in the talk about this place is answered here, too."""
    for asked in await consents.asked_of(connection, resident.id, resident.key):
        if asked.org_id == place.org_id and asked.answered_at is None:
            await consents.answer(connection, resident.id, asked.id, agreed=agreed, at=given.at)


async def withdraw_all(connection: Connection, resident_id: UUID, given: Choosing) -> None:
    """Everything ends, however it was given; what lies with others is called back."""
    book = await consents.withdraw(connection, resident_id, at=given.at, reason=Ended.RESIDENT)
    await consents.close_requests(connection, resident_id, at=given.at)
    await sheet_ends.withdraw(
        connection,
        given.keyring,
        resident_id,
        book,
        given.forms.__getitem__,
        at=given.at,
        forms_version=given.forms.version,
        new_id=given.new_id,
    )
