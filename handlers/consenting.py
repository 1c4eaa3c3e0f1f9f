"""What follows from consent in the turn's transaction: kept, given, ended, called back, and what was told noted.

The resident's row is locked by the turn; cases come before sheets, so this runs when the case is up to date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from casework.consents import Consent, ConsentKind, Ended, Method, Scope, Span
from config.sheets import Forms
from dialogue import Desk
from dialogue.consent_state import Detail
from dialogue.effects import AskConsent, ConsentDeclined, ConsentGiven, ConsentWithdrawn, ContactNoted, Effect
from storage import case_acts, cases, consents, sheet_ends, staff, unseen
from storage.database import Connection
from storage.ids import NewId
from storage.keyring import Keyring
from storage.residents import ResidentRow

#: A family name of one letter would be found in many words.
SHORTEST_NAME = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Grounds:
    """What consent rests on beside the resident: keys, the forms whose items it names, and how long it holds."""

    keyring: Keyring
    forms: Forms
    valid_for: Mapping[str, timedelta]
    new_id: NewId
    #: The desk's areas: what a resident may call them, and their ids.
    areas: Mapping[str, str] = field(default_factory=dict)


def grounds_of(desk: Desk, keyring: Keyring, new_id: NewId) -> Grounds:
    """What consent rests on at a desk."""
    return Grounds(
        keyring=keyring, forms=desk.content.forms, valid_for=valid_for(desk), new_id=new_id, areas=areas_of(desk)
    )


def areas_of(desk: Desk) -> dict[str, str]:
    """The ids of a desk's areas by the names residents use for them: 「北部」 for 北部圏域."""
    found: dict[str, str] = {}
    for area in desk.content.console.areas:
        short = area.name.removesuffix("圏域").removesuffix("地区")
        found |= {area.name: area.id} | ({short: area.id} if len(short) >= SHORTEST_NAME else {})
    return found


def valid_for(desk: Desk) -> dict[str, timedelta]:
    """How long each kind of consent holds at a desk."""
    return {str(kind): timedelta(days=days) for kind, days in desk.content.consent.valid_days.items()}


async def carry_out(
    connection: Connection,
    resident: ResidentRow,
    effects: Sequence[Effect],
    grounds: Grounds,
    *,
    turn_id: UUID,
    at: datetime,
) -> None:
    """Carry the effects of consent out, and leave all others."""
    for effect in effects:
        match effect:
            case AskConsent(kind=kind, words=words):
                await consents.keep_wording(connection, kind, words, at=at)
            case ConsentGiven():
                await _given(connection, resident, effect, grounds, at)
            case ConsentDeclined(request=request) if request:
                await _declined(connection, resident, UUID(request), grounds, at)
            case ConsentWithdrawn():
                await _withdrawn(connection, resident, grounds, at)
            case ContactNoted(detail=detail, words=told):
                await consents.tell(
                    connection,
                    resident.id,
                    resident.key,
                    field=detail.value,
                    words=told,
                    turn_id=turn_id,
                    at=at,
                    new_id=grounds.new_id,
                )
                if detail is Detail.UNSEEN and told:
                    await _exclude(connection, resident, told, grounds, at)


async def _given(
    connection: Connection, resident: ResidentRow, effect: ConsentGiven, grounds: Grounds, at: datetime
) -> None:
    scope: Scope | None = Scope(purpose=ConsentKind.READ.value)
    request_id = UUID(effect.request) if effect.request else None
    if effect.kind is ConsentKind.READ:
        # The newest answer counts: a narrower one must not stand beside the wider one before it.
        book = await consents.book(connection, resident.id)
        old = frozenset(one.id for one in book.consents if one.kind is ConsentKind.READ)
        await consents.withdraw(connection, resident.id, at=at, reason=Ended.RESIDENT, ids=old)
    else:
        scope = None
        if request_id is not None:
            scope = await consents.answer(connection, resident.id, request_id, agreed=True, at=at)
    if scope is None:
        return
    consent = Consent(
        id=grounds.new_id(),
        kind=effect.kind,
        method=Method.CHAT,
        given_at=at,
        wording=effect.wording,
        scope=scope,
        since=at if effect.span is Span.FROM_NOW else None,
        expires_at=at + grounds.valid_for[effect.kind.value],
    )
    await consents.give(connection, resident.id, consent, request_id=request_id)


async def _withdrawn(connection: Connection, resident: ResidentRow, grounds: Grounds, at: datetime) -> None:
    """Everything ends, however it was given; what lies with others, or is on its way, is called back."""
    await consents.close_requests(connection, resident.id, at=at)
    await _end(connection, resident, None, grounds, at)


async def _declined(
    connection: Connection, resident: ResidentRow, request_id: UUID, grounds: Grounds, at: datetime
) -> None:
    """No to a question. One that was answered with yes on the private page meanwhile ends: the newest answer counts."""
    if await consents.answer(connection, resident.id, request_id, agreed=False, at=at) is not None:
        return
    asked = await consents.asked_of(connection, resident.id, resident.key)
    org_id = next((one.org_id for one in asked if one.id == request_id and one.agreed), None)
    book = await consents.book(connection, resident.id)
    ids = frozenset(one.id for one in book.consents if one.kind.shares and one.scope.org_id == org_id)
    if ids:
        await _end(connection, resident, ids, grounds, at)


async def _end(
    connection: Connection, resident: ResidentRow, ids: frozenset[UUID] | None, grounds: Grounds, at: datetime
) -> None:
    """End consents (None: all), and call back what they covered."""
    book = await consents.withdraw(connection, resident.id, at=at, reason=Ended.RESIDENT, ids=ids)
    forms = grounds.forms
    await sheet_ends.withdraw(
        connection,
        grounds.keyring,
        resident.id,
        book,
        forms.__getitem__,
        at=at,
        forms_version=forms.version,
        new_id=grounds.new_id,
    )


async def _exclude(connection: Connection, resident: ResidentRow, told: str, grounds: Grounds, at: datetime) -> None:
    """Keep away from the case whomever and whichever area the resident named. Others are for staff to find."""
    case = await cases.open_case_of(connection, resident.id)
    if case is None:
        return
    for staff_id, name in (await staff.names(connection)).items():
        parts = {name.replace(" ", "").replace("\u3000", ""), *name.replace("\u3000", " ").split()}
        if any(len(part) >= SHORTEST_NAME and part in told for part in parts):
            await case_acts.keep_away(connection, case, staff_id, at=at, new_id=grounds.new_id)
    for area in sorted({area for name, area in grounds.areas.items() if name in told}):
        await unseen.keep_away(connection, case, area, at=at, new_id=grounds.new_id)
