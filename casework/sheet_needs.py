"""What is still missing before a sheet may take its next step, in sentences for staff."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from casework.forms import Row, Value, is_empty
from casework.sheets import AddWorkdays, Consents, Handed, Handover, Sheet, State, consent_items, identifying_items
from config.contents.forms import ESSENTIAL, Form, Item, Kind, Needed, Needs, SecondPerson
from config.contents.ruby import plain

_LIVE = tuple(state for state in Handed if state.live)
#: Shorter pieces of a name or number occur by chance.
TELLING = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """One thing that is missing; `key` is the field to look at, empty for the sheet as a whole."""

    key: str
    sentence: str


def goes_by_name(sheet: Sheet, form: Form, consents: Consents, at: dt.datetime) -> bool:
    """Whether any recipient would learn who the person is."""
    telling = identifying_items(form) - sheet.excluded
    orgs = {one.org_id for one in sheet.handovers if one.state in (Handed.NAMED, *_LIVE)}
    counting = consents.since(sheet.agreed_from)
    return any(counting.covers(org, item, at) for org in orgs for item in telling)


def covered(sheet: Sheet, form: Form, org_id: UUID, consents: Consents, at: dt.datetime) -> frozenset[str]:
    """The items that one organisation may see: agreed to, not ticked off, and within what it is there for."""
    handover = sheet.handover_of(org_id)
    limit = None if handover is None else handover.fields
    counting = consents.since(sheet.agreed_from)
    return frozenset(
        item
        for item in consent_items(form)
        if item not in sheet.excluded
        and item.partition(".")[0] not in sheet.excluded
        and (limit is None or item.partition(".")[0] in limit)
        and counting.covers(org_id, item, at)
    )


def missing_fields(sheet: Sheet, form: Form, needed: Needed, *, named: bool = False) -> Iterator[Missing]:
    """Fields that must be filled before a step and are not. What the resident ticked off needs nothing."""
    for _, key in form.laid_out():
        item = form.fields[key]
        if _is_needed(sheet, item, needed, named=named) and not _has_any(sheet, (key, *item.instead)):
            others = "・".join(f"「{plain(form.fields[k].label)}」" for k in item.instead if k in form.fields)
            either = f"か{others}" if others else ""
            yield Missing(key=key, sentence=f"「{plain(item.label)}」{either}がまだ書かれていません。")


def _is_needed(sheet: Sheet, item: Item, needed: Needed, *, named: bool) -> bool:
    if item.required_if and needed is Needed.SUBMIT:
        return any(_chosen(sheet.value(other), codes) for other, codes in item.required_if.items())
    return item.required is needed or (named and needed is Needed.SUBMIT and item.required is Needed.NAMED)


def _chosen(value: Value | None, codes: tuple[str, ...]) -> bool:
    return value in codes if isinstance(value, str) else isinstance(value, tuple) and bool(set(codes) & {*value})


def _has_any(sheet: Sheet, keys: tuple[str, ...]) -> bool:
    return any(key in sheet.excluded or not is_empty(sheet.value(key)) for key in keys)


def unchecked(sheet: Sheet, form: Form) -> Iterator[Missing]:
    """What a person must have looked at before anything leaves the desk: urgency and safe contact."""
    for key in ESSENTIAL:
        if key not in form.fields:
            continue
        entry = sheet.entries.get(key)
        label = plain(form.fields[key].label)
        if entry is None or is_empty(entry.value):
            yield Missing(key=key, sentence=f"「{label}」がまだ書かれていません。")
        elif entry.unconfirmed:
            yield Missing(
                key=key,
                sentence=f"「{label}」は自動で入ったままです。見て「確かめました」に印を付け、保存してください。",
            )


def telltale(sheet: Sheet, form: Form, org_id: UUID, consents: Consents, at: dt.datetime) -> Iterator[Missing]:
    """Free text that would tell one organisation what the resident keeps from it: a name or a number inside it."""
    visible = covered(sheet, form, org_id, consents, at)
    secrets = {
        value: key
        for key in sorted(identifying_items(form) - visible)
        if isinstance(value := sheet.value(key), str) and len(value) >= TELLING
    }
    for key in form.fields:
        if key in visible:
            text = "\n".join(_texts(sheet.value(key)))
            for secret, kept in secrets.items():
                if kept != key and secret in text:
                    told, hidden = plain(form.fields[key].label), plain(form.fields[kept].label)
                    yield Missing(
                        key=key, sentence=f"「{told}」の中に、伝えないことになっている「{hidden}」があります。"
                    )


def _texts(value: Value | None) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            if isinstance(one, Row):
                yield from (cell for cell in one.cells.values() if isinstance(cell, str))


def before_submission(sheet: Sheet, form: Form, consents: Consents, at: dt.datetime) -> tuple[Missing, ...]:
    """Everything that stands in the way of handing this over. Empty: it may go."""
    if sheet.needs is Needs.CONSENT:
        return tuple(_before_handing_over(sheet, form, consents, at))
    found = list(missing_fields(sheet, form, Needed.SUBMIT))
    if sheet.needs is Needs.BASIS:
        found += _without_basis(sheet)
    return tuple(found)


def _before_handing_over(sheet: Sheet, form: Form, consents: Consents, at: dt.datetime) -> Iterator[Missing]:
    going = [one for one in sheet.handovers if one.state is Handed.NAMED]
    if not going:
        yield Missing(key="to_org", sentence="つなぎ先がまだ決まっていません。")
    for one in going:
        if not covered(sheet, form, one.org_id, consents, at):
            yield Missing(key="to_org", sentence=f"「{one.name}」に伝えることに、本人の同意がまだありません。")
        yield from telltale(sheet, form, one.org_id, consents, at)
    if going and sheet.state is not State.CONSENTED:
        yield Missing(key="", sentence="本人の同意がまだ記録されていません。")
    if sheet.kind is Kind.SHEET:
        yield from unchecked(sheet, form)
    named = goes_by_name(sheet, form, consents, at)
    told = set(ESSENTIAL) if sheet.kind is Kind.SHEET else set()
    yield from (m for m in missing_fields(sheet, form, Needed.SUBMIT, named=named) if m.key not in told)


def _without_basis(sheet: Sheet) -> Iterator[Missing]:
    if sheet.basis is None or sheet.state is not State.BASIS_ONLY:
        yield Missing(key="basis", sentence="共有の根拠（法律・会議）がまだ記録されていません。")
    elif sheet.second_person is SecondPerson.BEFORE and sheet.basis.second_by is None:
        yield Missing(key="confirmed_by", sentence="もう1人の職員の確認がまだありません。")


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """By when an answer is expected from a recipient, and what is late on a day. None: not asked (any more)."""

    receive_by: dt.date | None
    reply_by: dt.date | None

    def late(self, today: dt.date) -> bool:
        """Whether something should have come before `today`."""
        return any(day is not None and day < today for day in (self.receive_by, self.reply_by))


def due(sheet: Sheet, form: Form, handover: Handover, add_workdays: AddWorkdays, zone: dt.tzinfo) -> Due:
    """When this recipient should have received it (working days) and answered it (days, and on to a working day), by
    the desk's terms."""
    waiting = handover.state in (Handed.WAITING, Handed.RECEIVED, Handed.ACCEPTED)
    if handover.sent_at is None or not waiting or sheet.state in (State.REPLIED, State.CLOSED, State.RECALLED):
        return Due(receive_by=None, reply_by=None)
    sent = handover.sent_at.astimezone(zone).date()
    receive_by = add_workdays(sent, form.terms.receive_workdays)
    # The resident is told of a working day, so nothing is late before that one is over; nor before it was received.
    reply_by = add_workdays(sent + dt.timedelta(days=form.terms.reply_days - 1), 1)
    return Due(
        receive_by=receive_by if handover.state is Handed.WAITING else None,
        reply_by=None if handover.reply else max(reply_by, receive_by),
    )


def second_due(sheet: Sheet, form: Form) -> dt.datetime | None:
    """By when a second person must have agreed to what one decided alone; None when nothing is open."""
    if sheet.basis is None or sheet.second_person is not SecondPerson.AFTER or sheet.basis.second_by is not None:
        return None
    return sheet.basis.decided_at + dt.timedelta(hours=form.terms.second_person_hours)
