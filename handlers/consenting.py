"""What follows from consent in the turn's transaction: kept, given, ended, called back, and what was told noted.

The resident's row is locked by the turn; cases come before sheets, so this runs when the case is up to date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from casework.consents import Consent, ConsentKind, Ended, Method, Scope, Span
from config.sheets import Forms, load_forms
from dialogue import Desk
from dialogue.consent_state import Detail
from dialogue.effects import AskConsent, ConsentDeclined, ConsentGiven, ConsentWithdrawn, ContactNoted, Effect
from storage import case_acts, cases, consents, sheet_ends, staff
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


@cache
def shipped_forms() -> Forms:
    """The forms as shipped, read once."""
    return load_forms()


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
                await consents.answer(connection, resident.id, UUID(request), agreed=False, at=at)
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
    book = await consents.withdraw(connection, resident.id, at=at, reason=Ended.RESIDENT)
    await consents.close_requests(connection, resident.id, at=at)
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
    """Keep away from the case whoever the resident named. Others whom they describe are for staff to find."""
    case = await cases.open_case_of(connection, resident.id)
    if case is None:
        return
    for staff_id, name in (await staff.names(connection)).items():
        parts = {name.replace(" ", "").replace("\u3000", ""), *name.replace("\u3000", " ").split()}
        if any(len(part) >= SHORTEST_NAME and part in told for part in parts):
            await case_acts.keep_away(connection, case, staff_id, at=at, new_id=grounds.new_id)
