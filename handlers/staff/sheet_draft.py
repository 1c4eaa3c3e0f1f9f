"""A new record of a case, drafted from its conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Request

from casework.prefill import Heard, Paper, Quoted, Tagged, prefill
from casework.sheet_moves import prefilled
from casework.sheets import Sheet, new_sheet
from config.contents.forms import Fill, Form, Needs
from config.sheets import Forms
from handlers.staff.access import signed_of
from handlers.staff.console import console_of, sheets_of
from nlp import Known
from storage import consents, residents, sheet_sources, sheets
from storage.case_tables import Source
from storage.cases import CaseRow
from storage.database import Connection
from storage.ids import NewId
from storage.keyring import Keyring
from storage.sheets import Saving
from storage.tables import Channel

_CHANNELS = {
    Source.LINE: "line",
    Source.PHONE: "phone",
    Source.VISIT: "visit_here",
    Source.OUTREACH: "visit_home",
    Source.PANTRY: "pantry",
    Source.MEETING: "agency",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Drafting:
    """What a draft is made with: the desk's forms and name, and who makes it when."""

    keyring: Keyring
    forms: Forms
    organisation: str
    account: str
    zone: ZoneInfo
    new_id: NewId
    now: datetime
    by: UUID
    org_id: UUID
    shown_name: str


async def draft(
    request: Request, connection: Connection, case: CaseRow, form_id: str, *, earlier: UUID | None = None
) -> Sheet:
    """Make and store a draft. In the transaction of the caller, who records it. `earlier`: what it is begun from."""
    console, signed = console_of(request), signed_of(request)
    making = Drafting(
        keyring=console.keyring,
        forms=sheets_of(request).forms[case.desk_id],
        organisation=console.desks[case.desk_id].content.desk.organisation,
        account=console.desks[case.desk_id].content.desk.account,
        zone=console.zone_of(case.desk_id),
        new_id=console.new_id,
        now=console.clock(),
        by=signed.viewer.staff_id,
        org_id=signed.viewer.organisation_id,
        shown_name=signed.account.shown_name,
    )
    return await draft_by(making, connection, case, form_id, earlier=earlier)


async def draft_by(
    making: Drafting, connection: Connection, case: CaseRow, form_id: str, *, earlier: UUID | None = None
) -> Sheet:
    """The same, for whoever makes it."""
    now, form = making.now, making.forms[form_id]
    number = await sheets.next_number(connection, case.id)
    sheet = new_sheet(
        form_id, form, sheet_id=making.new_id(), desk_id=case.desk_id, org_id=making.org_id, by=making.by, now=now
    )
    sheet = replace(sheet, earlier=earlier)
    paper = await _paper(making, connection, case, form, number)
    heard = await _heard(making, connection, case, quotes=form.needs is not Needs.BASIS)
    filled = prefilled(sheet, form, prefill(form, heard, paper, now=now))
    saving = Saving(actor=making.by, action="created", at=now, forms_version=making.forms.version)
    return await sheets.add(
        connection,
        making.keyring,
        filled,
        saving,
        case_id=case.id,
        resident_id=case.resident_id,
        number=number,
        new_id=making.new_id,
    )


async def _paper(making: Drafting, connection: Connection, case: CaseRow, form: Form, number: str) -> Paper:
    """What the desk knows of the paper. How somebody wrote is looked up for a form that asks for it only."""
    bare = Paper(
        number=number,
        created_on=making.now.astimezone(making.zone).date(),
        from_org=making.organisation,
        from_person=making.shown_name,
    )
    if not any(item.fill is Fill.LINE_ID for item in form.fields.values()):
        return bare
    span = await sheet_sources.span(connection, case.resident_id)
    reach = await residents.reach_if_any(connection, making.keyring, case.resident_id, Channel.LINE)
    times = [
        f"{at.astimezone(making.zone):%Y年%-m月%-d日 %H:%M}" for at in (span.first_at, span.last_at) if at is not None
    ]
    return replace(
        bare,
        account=making.account,
        line_id="" if reach is None else reach.address,
        times=" から ".join(times),
    )


async def _heard(making: Drafting, connection: Connection, case: CaseRow, *, quotes: bool) -> Heard:
    """What the conversation told. Words are quoted only under the resident's own consent to be read, never because
    somebody broke the glass; tags that staff took away are left out.
    """
    now, zone = making.now, making.zone
    resident = await residents.by_id(connection, making.keyring, case.resident_id)
    bare = Heard(
        channel=_CHANNELS[case.source],
        alias=case.alias,
        first_contact_on=case.opened_at.astimezone(zone).date(),
        contact_count=1,
        risk_level=case.risk_level.value,
        risk_kinds=case.risk_kinds,
        safe_contact=case.safe_contact.value,
    )
    if resident is None:
        return bare
    found = await sheet_sources.of_resident(connection, resident.key, resident.id)
    known = Known.from_json(resident.known) if resident.known else Known()
    agreed = await consents.readings(connection, resident.id)
    reads = any(one.holds(now) for one in agreed)
    told = await consents.told_by(connection, resident.id, resident.key) if reads else {}
    may_quote = [one for one in found.messages if quotes and any(c.covers(one.sent_at, now) for c in agreed)]
    return Heard(
        channel=bare.channel,
        alias=case.alias,
        first_contact_on=(found.first_at or case.opened_at).astimezone(zone).date(),
        contact_count=max(found.count, 1),
        tags=tuple(
            Tagged(category=tag.category, score=tag.score, message_id=tag.message_id, words=tag.words)
            for tag in found.tags
            if tag.category in case.categories
        ),
        facts=known.assessment.facts.to_json(),
        fact_messages=frozenset(one.id for one in found.messages if one.told_facts),
        risk_level=bare.risk_level,
        risk_kinds=bare.risk_kinds,
        risk_messages=frozenset(one.id for one in found.messages if one.risky),
        safe_contact=bare.safe_contact,
        answers=_answers(told),
        quotes=tuple(Quoted(message_id=one.id, text=one.text) for one in may_quote if one.tagged or one.risky),
    )


#: Fields of the sheet, and the questions of the program that are their answer.
_ASKED = {"nickname": ("nickname",), "area": ("area",), "safe_contact": ("contact", "secret"), "wish": ("hope",)}


def _answers(told: Mapping[str, str | None]) -> dict[str, str]:
    """What the resident said when asked, by field: nobody has to ask it again."""
    found = {key: "\n".join(said for name in names if (said := told.get(name))) for key, names in _ASKED.items()}
    return {key: words for key, words in found.items() if words}
