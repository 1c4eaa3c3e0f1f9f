"""How a sheet moves. Each function returns the sheet afterwards, or raises `Refused` with what is missing.

    draft → consented (or basis_only) → submitted → received → triaged → replied → closed,   any → recalled

The guards stand here and not at a door: without consent, or a basis where the form rests on one, nothing is submitted
whoever calls. A recipient who is added needs a yes of its own; a withdrawal calls back what it no longer covers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from casework.forms import Row, Value, is_empty
from casework.sheet_needs import before_submission, covered, missing_fields
from casework.sheets import Basis, Consents, Entry, Handed, Handover, Origin, Refused, Sheet, State, consent_items
from config.contents.forms import ESSENTIAL, By, Form, Item, Needed, Needs, SecondPerson

_EDITABLE = (State.DRAFT, State.CONSENTED, State.BASIS_ONLY)
_GONE = (State.CLOSED, State.RECALLED)
#: The column that tells what a person of the household agreed to themselves.
AGREES = "agrees"


def _must(holds: bool, sentence: str) -> None:
    if not holds:
        raise Refused(sentence)


# --- what stands in it ---


def put(
    sheet: Sheet, form: Form, key: str, value: Value | None, *, origin: Origin, at: dt.datetime, by: UUID | None = None
) -> Sheet:
    """Write a field, or empty it. What nobody changed keeps where it came from.

    Allowed until the sheet is closed or recalled: how somebody may be reached safely can change any day.
    """
    _must(key in form.fields, "この様式にない項目です。")
    _must(sheet.state not in _GONE, f"「{sheet.state.label}」のシートは書きかえられません。")
    _must(form.fields[key].by is not By.RECIPIENT, "受け手が答える項目です。")
    old = sheet.entries.get(key)
    if old is not None and old.value == value:
        return sheet
    entries = {name: entry for name, entry in sheet.entries.items() if name != key}
    if not is_empty(value) and value is not None:
        kept = old.sources if old is not None and origin is Origin.STAFF else frozenset()
        entries[key] = Entry(value=value, origin=origin, at=at, by=by, sources=kept)
    return replace(sheet, entries=entries)


def prefilled(sheet: Sheet, form: Form, found: dict[str, Entry]) -> Sheet:
    """Lay what the program found into fields that nobody has written or confirmed yet."""
    _must(sheet.state is State.DRAFT, "下書きのシートだけに自動で書き入れられます。")
    free = {
        key: entry
        for key, entry in found.items()
        if key in form.fields and (key not in sheet.entries or sheet.entries[key].unconfirmed)
    }
    return replace(sheet, entries={**sheet.entries, **free})


def confirm(sheet: Sheet, key: str, *, by: UUID, at: dt.datetime) -> Sheet:
    """A person has looked at what the program filled in, and it is right."""
    entry = sheet.entries.get(key)
    if entry is None:
        raise Refused("まだ何も書かれていない項目です。")
    if not entry.unconfirmed:
        return sheet
    return replace(sheet, entries={**sheet.entries, key: replace(entry, confirmed_by=by, confirmed_at=at)})


def exclude(sheet: Sheet, form: Form, item: str) -> Sheet:
    """The resident ticks an item off: from now on it is in nobody's view and on no paper, also where it has gone."""
    _must(item in set(consent_items(form)), "この様式にない項目です。")
    return replace(sheet, excluded=sheet.excluded | {item})


def include(sheet: Sheet, item: str) -> Sheet:
    """The resident takes that back. Who sees it then is a question of consent."""
    return replace(sheet, excluded=sheet.excluded - {item})


# --- to whom, and on what ground ---


def name_recipient(sheet: Sheet, recipient: Handover) -> Sheet:
    """Name an organisation. It is told nothing; a sheet that had its yes needs it again for this one.

    After submission this is a proposal: it waits for the resident's yes (`send_proposed`).
    """
    _must(sheet.needs is Needs.CONSENT, "この記録は、ほかの機関へのつなぎには使えません。")
    _must(sheet.state not in _GONE, f"「{sheet.state.label}」のシートにつなぎ先は足せません。")
    known = sheet.handover_of(recipient.org_id)
    again = known is None or known.state in (Handed.DECLINED, Handed.RETURNED, Handed.RECALLED)
    _must(again, f"「{recipient.name}」は、もうつなぎ先に入っています。")
    _must(recipient.org_id != sheet.org_id, "作成した機関は、つなぎ先にできません。")
    if sheet.state in _EDITABLE:
        named = replace(recipient, state=Handed.NAMED)
        return replace(sheet, state=State.DRAFT, consented_at=None, handovers=(*sheet.handovers, named))
    return replace(sheet, handovers=(*sheet.handovers, replace(recipient, state=Handed.PROPOSED)))


def drop_recipient(sheet: Sheet, handover_id: UUID) -> Sheet:
    """Take back an organisation that was named or proposed. One that was sent to is recalled instead."""
    found = next((one for one in sheet.handovers if one.id == handover_id), None)
    if found is None or found.state not in (Handed.NAMED, Handed.PROPOSED):
        raise Refused("もう送ったつなぎ先は、取り消し（撤回）で止めます。")
    rest = tuple(one for one in sheet.handovers if one.id != handover_id)
    left = any(one.state is Handed.NAMED for one in rest)
    state = State.DRAFT if sheet.state is State.CONSENTED and not left else sheet.state
    return replace(sheet, handovers=rest, state=state)


def give_consent(sheet: Sheet, form: Form, consents: Consents, *, at: dt.datetime) -> Sheet:
    """The resident has agreed: every organisation named is covered for at least one item."""
    _must(sheet.needs is Needs.CONSENT, "この記録は、本人の同意によるものではありません。")
    _must(sheet.state in (State.DRAFT, State.CONSENTED), f"「{sheet.state.label}」のシートには同意を付けられません。")
    named = [one for one in sheet.handovers if one.state is Handed.NAMED]
    _must(bool(named), "つなぎ先がまだ決まっていません。")
    without = [one.name for one in named if not covered(sheet, form, one.org_id, consents, at)]
    if without:
        raise Refused(*(f"「{name}」に伝えることに、本人の同意がまだありません。" for name in without))
    return replace(sheet, state=State.CONSENTED, consented_at=at)


def rest_on(sheet: Sheet, form: Form, basis: Basis) -> Sheet:
    """Record the ground in law of a record without consent. A つなぐシート never rests on one."""
    _must(sheet.needs is Needs.BASIS, "つなぐシートは、本人の同意がなければ作れません。")
    _must(sheet.state in (State.DRAFT, State.BASIS_ONLY), f"「{sheet.state.label}」の記録の根拠は変えられません。")
    _must(basis.kind in form.bases, "この様式で使える根拠ではありません。")
    _must(bool(basis.reason.strip()), "判断の理由を書いてください。")
    _must(bool(basis.items), "共有する項目を選んでください。")
    unknown = basis.items - set(consent_items(form))
    _must(not unknown, "この様式にない項目が選ばれています。")
    _must(basis.second_by is None, "もう1人の確認は、その人が自分で行います。")
    return replace(sheet, state=State.BASIS_ONLY, basis=basis)


def second(sheet: Sheet, *, by: UUID, at: dt.datetime) -> Sheet:
    """Another person agrees to what one decided."""
    if sheet.basis is None or sheet.second_person is SecondPerson.NONE:
        raise Refused("確認を待っている判断がありません。")
    _must(sheet.basis.decided_by != by, "判断した人とは別の職員が確認してください。")
    asked = sheet.basis.second_asked
    _must(asked is None or asked == by, "確認を頼まれた職員が確認してください。")
    _must(sheet.basis.second_by is None, "もう確認されています。")
    return replace(sheet, basis=replace(sheet.basis, second_by=by, second_at=at))


# --- away, and back ---


def submit(sheet: Sheet, form: Form, consents: Consents, *, at: dt.datetime) -> Sheet:
    """Hand it over. Everything is looked at anew at this moment: consent, basis, what a person must have checked."""
    _must(sheet.state in _EDITABLE, f"「{sheet.state.label}」のシートは提出できません。")
    if found := before_submission(sheet, form, consents, at):
        raise Refused(*(one.sentence for one in found))
    handovers = tuple(
        replace(one, state=Handed.WAITING, sent_at=at) if one.state is Handed.NAMED else one for one in sheet.handovers
    )
    return replace(sheet, state=State.SUBMITTED, submitted_at=at, handovers=handovers)


def send_proposed(sheet: Sheet, form: Form, handover_id: UUID, consents: Consents, *, at: dt.datetime) -> Sheet:
    """Send to an organisation that was proposed afterwards, once the resident has said yes to it."""
    one = next((o for o in sheet.handovers if o.id == handover_id and o.state is Handed.PROPOSED), None)
    if one is None:
        raise Refused("提案されたつなぎ先が見つかりません。")
    _must(sheet.state not in _GONE and not sheet.state.at_desk, f"「{sheet.state.label}」のシートは送れません。")
    _must(
        bool(covered(sheet, form, one.org_id, consents, at)),
        f"「{one.name}」に伝えることに、本人の同意がまだありません。",
    )
    return _with(sheet, one, lambda o: replace(o, state=Handed.WAITING, sent_at=at))


def withdrawn(sheet: Sheet, form: Form, consents: Consents, *, at: dt.datetime) -> Sheet:
    """The resident withdrew: whatever consent no longer covers is called back, in every state.

    Recipients who had it are to be told not to use it (`told_to_stop_at` stays empty until they are). A closed sheet
    stays closed; any other that nobody may have any more is `recalled`.
    """
    if sheet.needs is not Needs.CONSENT:
        return sheet
    ended = (Handed.NAMED, Handed.PROPOSED, Handed.WAITING, Handed.RECEIVED, Handed.ACCEPTED, Handed.MET)
    changed = False
    handovers = []
    for one in sheet.handovers:
        if one.state in ended and not covered(sheet, form, one.org_id, consents, at):
            changed = changed or one.state is not Handed.NAMED or sheet.state is State.CONSENTED
            handovers.append(replace(one, state=Handed.RECALLED, recalled_at=at))
        else:
            handovers.append(one)
    after = replace(sheet, handovers=tuple(handovers))
    left = any(one.state.live or one.state is Handed.NAMED for one in handovers)
    if sheet.state in _GONE or left or not changed:
        return after if changed else sheet
    return replace(after, state=State.RECALLED, recalled_at=at)


def stop_told(sheet: Sheet, handover_id: UUID, *, at: dt.datetime) -> Sheet:
    """A recipient was told not to use a recalled sheet any more."""
    one = next((o for o in sheet.handovers if o.id == handover_id and o.state is Handed.RECALLED), None)
    if one is None:
        raise Refused("取り消されたつなぎ先が見つかりません。")
    return _with(sheet, one, lambda o: replace(o, told_to_stop_at=at))


def reopen(sheet: Sheet) -> Sheet:
    """Begin anew with a recalled or returned sheet: a draft that needs a new yes."""
    _must(sheet.state in (State.RECALLED, State.DRAFT), f"「{sheet.state.label}」のシートは下書きに戻せません。")
    return replace(sheet, state=State.DRAFT, consented_at=None, submitted_at=None, recalled_at=None)


# --- the recipient's side ---


def receive(sheet: Sheet, org_id: UUID, *, by_name: str, at: dt.datetime, today: dt.date) -> Sheet:
    """A recipient has noticed that something waits. It sees no item yet."""
    one = _theirs(sheet, org_id, Handed.WAITING)
    after = _with(sheet, one, lambda o: replace(o, state=Handed.RECEIVED, received_at=at))
    if after.state is not State.SUBMITTED:
        return after
    after = _answered(after, "received_on", today, at)
    return replace(_answered(after, "received_by", by_name, at), state=State.RECEIVED)


def accept(sheet: Sheet, form: Form, org_id: UUID, consents: Consents, *, at: dt.datetime) -> Sheet:
    """A recipient takes responsibility, and sees from now on what the resident agreed to."""
    one = _theirs(sheet, org_id, Handed.RECEIVED)
    _must(bool(covered(sheet, form, org_id, consents, at)), "本人の同意が取り消されています。")
    return _with(sheet, one, lambda o: replace(o, state=Handed.ACCEPTED, answered_at=at))


def decline(sheet: Sheet, org_id: UUID, *, reason: str, at: dt.datetime) -> Sheet:
    """A recipient cannot take it, and says why. When nobody else has it, it is the sender's again."""
    _must(bool(reason.strip()), "引き受けられない理由を書いてください。")
    one = _theirs(sheet, org_id, Handed.WAITING, Handed.RECEIVED, Handed.ACCEPTED)
    after = _with(sheet, one, lambda o: replace(o, state=Handed.DECLINED, reason=reason.strip(), answered_at=at))
    return _back_when_nobody_has_it(after)


def met(sheet: Sheet, org_id: UUID, *, on: dt.date) -> Sheet:
    """A recipient has met the person."""
    one = _theirs(sheet, org_id, Handed.ACCEPTED)
    return _with(sheet, one, lambda o: replace(o, state=Handed.MET, met_on=on))


def send_back(sheet: Sheet, org_id: UUID, *, next_step: str, at: dt.datetime) -> Sheet:
    """つなぎ戻し: back to the sender, always with the next step."""
    _must(bool(next_step.strip()), "つなぎ戻しには、次の一歩（だれが・いつまでに・何を）を書いてください。")
    one = _theirs(sheet, org_id, Handed.RECEIVED, Handed.ACCEPTED, Handed.MET)
    step = next_step.strip()
    after = _with(sheet, one, lambda o: replace(o, state=Handed.RETURNED, next_step=step, answered_at=at))
    return _back_when_nobody_has_it(replace(after, next_step=step))


def triage(sheet: Sheet, org_id: UUID, *, decision: str, lead_org: str, at: dt.datetime) -> Sheet:
    """取りまとめ: how it goes on, by an organisation that took responsibility."""
    _must(sheet.state is State.RECEIVED, f"「{sheet.state.label}」のシートは振り分けられません。")
    _must(decision != "returned", "差戻しは「つなぎ戻し」で、次の一歩といっしょに返してください。")
    _theirs(sheet, org_id, Handed.ACCEPTED, Handed.MET)
    after = _answered(sheet, "triage", decision, at)
    return replace(_answered(after, "lead_org", lead_org, at) if lead_org else after, state=State.TRIAGED)


def reply(sheet: Sheet, form: Form, org_id: UUID, *, text: str, next_step: str, at: dt.datetime, on: dt.date) -> Sheet:
    """The answer to the sender, with the next step. The resident is told afterwards, in a staff member's words.

    An organisation that was asked without a 取りまとめ answers at once: nothing had to be divided up.
    """
    one = _theirs(sheet, org_id, Handed.ACCEPTED, Handed.MET)
    _must(sheet.state in (State.RECEIVED, State.TRIAGED, State.REPLIED), "受領の前に回答はできません。")
    _must(bool(text.strip()), "回答（結果）を書いてください。")
    _must(bool(next_step.strip()), "次の一歩を書いてください。")
    words = f"{text.strip()}\n次の一歩：{next_step.strip()}"
    after = _with(sheet, one, lambda o: replace(o, reply=words, next_step=next_step.strip(), answered_at=at))
    after = _answered(_answered(after, "reply", words, at), "replied_on", on, at)
    if missing := [m.sentence for m in missing_fields(after, form, Needed.REPLY)]:
        raise Refused(*missing)
    return replace(after, state=State.REPLIED, next_step=next_step.strip())


def told(sheet: Sheet, *, on: dt.date, at: dt.datetime) -> Sheet:
    """The resident was told how it stands. The words themselves are a message to them, not part of the sheet."""
    _must(sheet.submitted_at is not None, "まだどこにもつないでいません。")
    return replace(_answered(sheet, "told_person_on", on, at), told_on=on)


def close(sheet: Sheet, *, at: dt.datetime) -> Sheet:
    """The end. A handed-over sheet is closed only after the answer has come and the resident was told."""
    _must(sheet.state not in _GONE, f"「{sheet.state.label}」のシートです。")
    if sheet.needs is Needs.CONSENT:
        _must(sheet.state is State.REPLIED, "つなぎ先の回答がまだありません。")
        _must(sheet.told_on is not None, "回答を本人に伝えた日がまだ記録されていません。")
    elif sheet.needs is Needs.BASIS and sheet.second_person is not SecondPerson.NONE:
        _must(sheet.basis is not None and sheet.basis.second_by is not None, "もう1人の職員の確認がまだありません。")
    return replace(sheet, state=State.CLOSED, closed_at=at)


def _theirs(sheet: Sheet, org_id: UUID, *states: Handed) -> Handover:
    one = sheet.handover_of(org_id)
    if one is None or sheet.state in _GONE or sheet.state.at_desk:
        raise Refused("このシートは、いまはつながれていません。")
    if one.state not in states:
        raise Refused(f"いまは「{one.state.label}」なので、この操作はできません。")
    return one


def _with(sheet: Sheet, one: Handover, change: Callable[[Handover], Handover]) -> Sheet:
    return replace(sheet, handovers=tuple(change(o) if o.id == one.id else o for o in sheet.handovers))


def _answered(sheet: Sheet, key: str, value: Value, at: dt.datetime) -> Sheet:
    entry = Entry(value=value, origin=Origin.STAFF, at=at)
    return replace(sheet, entries={**sheet.entries, key: entry})


def _back_when_nobody_has_it(sheet: Sheet) -> Sheet:
    if sheet.live():
        return sheet
    handovers = tuple(
        replace(one, state=Handed.NAMED) if one.state is Handed.PROPOSED else one for one in sheet.handovers
    )
    return replace(sheet, state=State.DRAFT, consented_at=None, handovers=handovers)


def as_sheet(record: Sheet, draft: Sheet, form: Form, *, at: dt.datetime) -> Sheet:
    """A new draft with what another record knows of the same person. It goes nowhere without the person's own yes.

    What tells who informed us (concealed), what the program writes, and answers of recipients do not come along. What
    a person wrote or confirmed stands before what the program has found since; what nothing may leave without is to
    be looked at again, and each of the family to be asked.
    """
    own = {
        key: _looked_at_again(entry) if key in ESSENTIAL else replace(entry, value=_asked_again(entry.value))
        for key, entry in record.entries.items()
        if key in form.fields and _comes_along(form.fields[key])
    }
    by_people = {key: entry for key, entry in own.items() if not record.entries[key].unconfirmed}
    entries = {key: replace(entry, at=at) for key, entry in {**own, **draft.entries, **by_people}.items()}
    return replace(draft, entries=entries, excluded=record.excluded)


def _comes_along(item: Item) -> bool:
    return not (item.concealed or item.by in (By.RECIPIENT, By.PROGRAM))


def _asked_again(value: Value) -> Value:
    """Rows of people without what each of them agreed to."""
    if not isinstance(value, tuple) or not any(isinstance(one, Row) for one in value):
        return value
    return tuple(
        replace(one, cells={name: cell for name, cell in one.cells.items() if name != AGREES})
        for one in value
        if isinstance(one, Row)
    )


def _looked_at_again(entry: Entry) -> Entry:
    return replace(entry, origin=Origin.MACHINE, by=None, confirmed_by=None, confirmed_at=None)
