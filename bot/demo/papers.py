"""つなぐシート of the town: drafted from the talk, filled in, agreed to, handed over, answered, recalled."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from bot.demo.office import Colleague, NotDone, Office
from casework import sheet_moves as moves
from casework.consents import Consent, ConsentKind, Ended, Method, Scope
from casework.forms import read_value
from casework.permissions import Action
from casework.sheet_needs import second_due
from casework.sheets import Handed, Handover, Origin, Sheet, State, consent_items, identifying_items
from config.contents.forms import Form
from config.sheets import Forms
from handlers.staff.sheet_consents import words_of
from handlers.staff.sheet_draft import Drafting, draft_by
from storage import cases, changes, consents, sheet_ends, sheets
from storage.cases import CaseRow
from storage.database import Connection
from storage.recipients import RecipientRow
from storage.sheets import Saving, Stored
from storage.tables import Resident

FORM = "tsunagu"


@dataclass(frozen=True, slots=True)
class Papers:
    """What sheets are made with: the desk's recipients by their keys, and what a person writes into the fields."""

    office: Office
    forms: Forms
    organisation: str
    account: str
    recipients: Mapping[str, RecipientRow]
    fields: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Desk:
    """One sheet on somebody's desk."""

    papers: Papers
    connection: Connection
    who: Colleague
    case: CaseRow
    stored: Stored
    place: RecipientRow
    given: Mapping[str, str]

    @property
    def form(self) -> Form:
        return self.papers.forms[FORM]

    @property
    def now(self) -> datetime:
        return self.papers.office.clock()


async def carry_on(papers: Papers, who: Colleague, resident_id: UUID, given: Mapping[str, str]) -> None:
    """Bring the resident's sheet as far as `until` says, from wherever it stands. Raises NotDone and Refused."""
    office = papers.office
    async with office.database.write() as connection:
        await connection.execute(select(Resident.id).where(Resident.id == resident_id).with_for_update())
        case = await cases.open_case_of(connection, resident_id, lock=True)
        if case is None:
            raise NotDone("sheet: no case is open")
        stored = await _stored(papers, connection, who, case)
        desk = _Desk(
            papers=papers,
            connection=connection,
            who=who,
            case=case,
            stored=stored,
            place=papers.recipients[given["to"]],
            given=given,
        )
        for name in _steps(stored.sheet, given["until"]):
            desk = replace(desk, stored=await _step(desk, name))
        await changes.bump(connection, case.desk_id)


async def _stored(papers: Papers, connection: Connection, who: Colleague, case: CaseRow) -> Stored:
    office = papers.office
    found = await sheets.of_case(connection, case.id)
    if found:
        stored = await sheets.load(connection, office.keyring, case.id, found[0].id, lock=True)
    else:
        if await cases.load(connection, case.id, who.viewer, Action.EDIT_SHEET) is None:
            raise NotDone("sheet: may not")
        making = Drafting(
            keyring=office.keyring,
            forms=papers.forms,
            organisation=papers.organisation,
            account=papers.account,
            zone=office.zone,
            new_id=office.new_id,
            now=office.clock(),
            by=who.id,
            org_id=who.viewer.organisation_id,
            shown_name=who.shown,
        )
        sheet = await draft_by(making, connection, case, FORM)
        await office.record(connection, who, "sheet_created", sheet.id, kind="sheet")
        stored = await sheets.load(connection, office.keyring, case.id, sheet.id, lock=True)
    if stored is None:
        raise NotDone("sheet: erased")
    return stored


def _steps(sheet: Sheet, until: str) -> Sequence[str]:
    """The steps that are still to be taken."""
    if until == "recalled":
        return ("recalled",)
    order = [*_STEPS]
    if sheet.state is State.RECEIVED and any(one.state is Handed.ACCEPTED for one in sheet.handovers):
        done = order.index("accepted")
    else:
        # A draft is the only state that is older than its first step, because it is stored when it is made.
        done = order.index(sheet.state.value)
    return order[done + 1 : order.index(until) + 1]


async def _step(desk: _Desk, name: str) -> Stored:
    office = desk.papers.office
    if name == "recalled":
        return await _recalled(desk)
    after = await _STEPS[name](desk)
    # Each version says which organisation did it: what the recipient does is done by somebody of theirs.
    theirs = name in {"received", "accepted", "replied"}
    who = office.colleagues[desk.given["there"]] if theirs else desk.who
    saving = Saving(
        actor=who.id,
        action=name,
        at=desk.now,
        forms_version=desk.papers.forms.version,
        second_due_at=second_due(after, desk.form),
    )
    saved = await sheets.save(desk.connection, office.keyring, desk.stored, after, saving, new_id=office.new_id)
    await office.record(desk.connection, who, f"sheet_{name}", saved.id, kind="sheet")
    return replace(desk.stored, sheet=saved)


async def _as_it_is(desk: _Desk) -> Sheet:
    return desk.stored.sheet


async def _written(desk: _Desk) -> Sheet:
    """A person goes through the fields: what the program filled in is right, and what only people know is added."""
    sheet, form = desk.stored.sheet, desk.form
    for key, entry in sheet.entries.items():
        if entry.unconfirmed:
            sheet = moves.confirm(sheet, key, by=desk.who.id, at=desk.now)
    own = {key: desk.given[key] for key in form.fields if key in desk.given}
    for key, typed in {**desk.papers.fields, **own}.items():
        if key not in sheet.entries:
            value = read_value(form, key, typed)
            sheet = moves.put(sheet, form, key, value, origin=Origin.STAFF, at=desk.now, by=desk.who.id)
    return sheet


async def _named(desk: _Desk) -> Sheet:
    handover = Handover(
        id=desk.papers.office.new_id(),
        org_id=desk.place.organisation_id,
        name=desk.place.name,
        named_by=desk.who.id,
        named_at=desk.now,
        fields=desk.place.fields,
    )
    return moves.name_recipient(desk.stored.sheet, handover)


async def _consented(desk: _Desk) -> Sheet:
    """Said in a talk, taken down by the coordinator: everything but who the person is."""
    items = frozenset(consent_items(desk.form)) - identifying_items(desk.form)
    kind = ConsentKind.ASK_AROUND
    words = words_of(desk.form, desk.place.name, items)
    wording = await consents.keep_wording(desk.connection, kind, words, at=desk.now)
    consent = Consent(
        id=desk.papers.office.new_id(),
        kind=kind,
        method=Method.ORAL,
        given_at=desk.now,
        wording=wording,
        scope=Scope(org_id=desk.place.organisation_id, items=items, purpose=desk.form.kind.value),
        by=desk.who.id,
    )
    await consents.give(desk.connection, desk.case.resident_id, consent)
    book = await consents.book(desk.connection, desk.case.resident_id)
    return moves.give_consent(desk.stored.sheet, desk.form, book, at=desk.now)


async def _submitted(desk: _Desk) -> Sheet:
    book = await consents.book(desk.connection, desk.case.resident_id)
    return moves.submit(desk.stored.sheet, desk.form, book, at=desk.now)


async def _received(desk: _Desk) -> Sheet:
    shown = desk.papers.office.colleagues[desk.given["there"]].shown
    today = desk.now.astimezone(desk.papers.office.zone).date()
    return moves.receive(desk.stored.sheet, desk.place.organisation_id, by_name=shown, at=desk.now, today=today)


async def _accepted(desk: _Desk) -> Sheet:
    book = await consents.book(desk.connection, desk.case.resident_id)
    return moves.accept(desk.stored.sheet, desk.form, desk.place.organisation_id, book, at=desk.now)


async def _replied(desk: _Desk) -> Sheet:
    today = desk.now.astimezone(desk.papers.office.zone).date()
    return moves.reply(
        desk.stored.sheet,
        desk.form,
        desk.place.organisation_id,
        text=desk.given["text"],
        next_step=desk.given["next_step"],
        at=desk.now,
        on=today,
    )


async def _closed(desk: _Desk) -> Sheet:
    today = desk.now.astimezone(desk.papers.office.zone).date()
    return moves.close(moves.told(desk.stored.sheet, on=today, at=desk.now), at=desk.now)


async def _recalled(desk: _Desk) -> Stored:
    """The person takes the yes back: whatever was on its way is called back at once."""
    office, resident_id = desk.papers.office, desk.case.resident_id
    book = await consents.book(desk.connection, resident_id)
    ids = frozenset(one.id for one in book.consents if one.scope.org_id == desk.place.organisation_id)
    after = await consents.withdraw(
        desk.connection, resident_id, at=desk.now, reason=Ended.STAFF, by=desk.who.id, ids=ids
    )
    await sheet_ends.withdraw(
        desk.connection,
        office.keyring,
        resident_id,
        after,
        desk.papers.forms.__getitem__,
        at=desk.now,
        forms_version=desk.papers.forms.version,
        new_id=office.new_id,
    )
    detail = {"org": str(desk.place.organisation_id)}
    await office.record(desk.connection, desk.who, "consent_withdrawn", desk.stored.sheet.id, detail, kind="sheet")
    return desk.stored


_STEPS: Mapping[str, Callable[[_Desk], Awaitable[Sheet]]] = {
    "draft": _as_it_is,
    "written": _written,
    "named": _named,
    "consented": _consented,
    "submitted": _submitted,
    "received": _received,
    "accepted": _accepted,
    "replied": _replied,
    "closed": _closed,
}
