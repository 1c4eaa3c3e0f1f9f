"""What acts at the console change, apart from any page: the pages and the demo's town carry out the same ones.

Each works on a case that is locked, in the caller's transaction, and writes the timeline; the caller records the act.
False means that nothing was changed, because it cannot be done (any more).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from casework.glass import may_press
from casework.queue import CaseState, LastWord, Level
from casework.reading import Reason
from casework.standing import Standing, Terms
from storage import case_acts, cases, corrections, notes, reading_grants, residents, staff_messages
from storage.case_acts import By
from storage.case_tables import NoteKind, Source, Verdict
from storage.cases import CaseRow, Whose
from storage.database import Connection
from storage.keyring import Keyring
from storage.residents import ResidentRow


async def add_note(
    connection: Connection, keyring: Keyring, case: CaseRow, by: By, *, kind: NoteKind, body: str
) -> bool:
    """A note, kept exactly as it was typed."""
    resident = await residents.by_id(connection, keyring, case.resident_id)
    if resident is None:
        return False
    note_id = await _noted(connection, resident, case.id, by, kind, body)
    await _event(connection, case.id, by, "noted", note_id, {"kind": kind.value})
    return True


async def _noted(
    connection: Connection, resident: ResidentRow, case_id: UUID, by: By, kind: NoteKind, body: str
) -> UUID:
    return await notes.add(
        connection,
        resident.key,
        case_id=case_id,
        author_id=by.staff_id,
        kind=kind,
        body=body,
        at=by.at,
        new_id=by.new_id,
    )


async def hand_on(connection: Connection, keyring: Keyring, case: CaseRow, by: By, *, to: UUID, words: str) -> bool:
    """引継ぎ: the case belongs to somebody else from now on, with a note of what they have to know."""
    resident = await residents.by_id(connection, keyring, case.resident_id)
    if resident is None or case.closed_at is not None:
        return False
    note_id = await _noted(connection, resident, case.id, by, NoteKind.HANDED_ON, words)
    return await case_acts.hand_on(connection, case, by, to, note_id)


async def add_task(
    connection: Connection, keyring: Keyring, case: CaseRow, by: By, *, title: str, due_on: date | None
) -> bool:
    """Something to do, by a day or whenever."""
    resident = await residents.by_id(connection, keyring, case.resident_id)
    if resident is None:
        return False
    task_id = await notes.add_task(
        connection,
        resident.key,
        case_id=case.id,
        author_id=by.staff_id,
        title=title,
        due_on=due_on,
        at=by.at,
        new_id=by.new_id,
    )
    await _event(connection, case.id, by, "task", task_id)
    return True


async def correct_tag(
    connection: Connection, case: CaseRow, by: By, *, category: str, verdict: Verdict, listener_version: str
) -> bool:
    """Say of a tag that it is right, wrong, or was missing; the case shows it at once."""
    await corrections.add(
        connection,
        case_id=case.id,
        resident_id=case.resident_id,
        category=category,
        verdict=verdict,
        listener_version=listener_version,
        by=by.staff_id,
        at=by.at,
        new_id=by.new_id,
    )
    verdicts = await corrections.standing_of(connection, case.id)
    kept = {name: said for name, said in verdicts.items() if said is not Verdict.RIGHT}
    base = case.categories if verdict is not Verdict.RIGHT else (*case.categories, category)
    await cases.retag(connection, case, corrections.applied(tuple(dict.fromkeys(base)), kept))
    await _event(connection, case.id, by, "tagged", None, {"category": category, "verdict": verdict.value})
    return True


@dataclass(frozen=True, kw_only=True, slots=True)
class Glass:
    """How glass is broken: without `words` one press, which shows only `turns`; `told_id` is told of it."""

    reason: Reason
    words: str | None
    told_id: UUID | None
    turns: frozenset[int] | None
    lasts: timedelta


async def break_glass(connection: Connection, keyring: Keyring, case: CaseRow, by: By, wanted: Glass) -> bool:
    """Open what may not be read yet, for one person and for some hours."""
    resident = await residents.by_id(connection, keyring, case.resident_id)
    if resident is None or (wanted.words is None and not may_press(case.risk_level, case.alert_turn)):
        return False
    grant_id = await reading_grants.add(
        connection,
        resident.key,
        case_id=case.id,
        staff_id=by.staff_id,
        reason=wanted.reason,
        words=wanted.words,
        told_id=wanted.told_id,
        turns=wanted.turns,
        at=by.at,
        ends_at=by.at + wanted.lasts,
        new_id=by.new_id,
    )
    await _event(connection, case.id, by, "glass", grant_id, {"reason": wanted.reason.value})
    return True


async def keep_answer(
    connection: Connection,
    keyring: Keyring,
    case: CaseRow,
    by: By,
    *,
    words: str,
    message_id: UUID,
    letter_id: UUID | None,
    comes: bool,
) -> bool:
    """Words to the resident are on their way; `comes`: they were told just now who writes."""
    resident = await residents.by_id(connection, keyring, case.resident_id)
    if resident is None or case.closed_at is not None:
        return False
    if comes and not await case_acts.came(connection, case, by):
        return False
    await _kept(connection, resident, case, by, words, message_id, letter_id)
    return await case_acts.wrote(connection, case, by, message_id)


async def keep_draft(connection: Connection, keyring: Keyring, case: CaseRow, by: By, *, words: str) -> bool:
    """Words that a second person has to read before they go out."""
    resident = await residents.by_id(connection, keyring, case.resident_id)
    if resident is None:
        return False
    message_id = by.new_id()
    await _kept(connection, resident, case, by, words, message_id, None)
    return await case_acts.drafted(connection, case, by, message_id)


async def _kept(
    connection: Connection,
    resident: ResidentRow,
    case: CaseRow,
    by: By,
    words: str,
    message_id: UUID,
    letter_id: UUID | None,
) -> None:
    await staff_messages.add(
        connection,
        resident.key,
        message_id=message_id,
        case_id=case.id,
        resident_id=resident.id,
        author_id=by.staff_id,
        text=words,
        at=by.at,
        letter_id=letter_id,
    )
    await case_acts.stopped_typing(connection, case.id, by.staff_id)


@dataclass(frozen=True, kw_only=True, slots=True)
class Danger:
    """What staff heard of: how high, and of which kinds, as far as they know."""

    level: Level = Level.NONE
    kinds: tuple[str, ...] = ()


async def raise_risk(
    connection: Connection, keyring: Keyring, case: CaseRow, by: By, *, to: Danger, reason: str
) -> bool:
    """Staff put the level of danger higher; why stands in a note, as what they heard by telephone does."""
    resident = await residents.by_id(connection, keyring, case.resident_id)
    if resident is None or not await case_acts.raise_risk(connection, case, by, to=to.level, kinds=to.kinds):
        return False
    await _noted(connection, resident, case.id, by, NoteKind.NOTE, f"危険度を上げた理由: {reason}")
    return True


@dataclass(frozen=True, kw_only=True, slots=True)
class Brought:
    """What somebody without LINE came with: by which way, from which part of the town, what they said, about what."""

    source: Source
    area: str | None
    body: str
    categories: tuple[str, ...]
    danger: Danger = Danger()


async def open_by_hand(
    connection: Connection, keyring: Keyring, desk_id: str, by: By, brought: Brought, terms: Terms
) -> UUID:
    """A case of somebody who came without LINE: an alias like everybody's, and a note of what was said."""
    standing = Standing(
        state=CaseState.OPEN,
        owned=True,
        waiting_since=None,
        last_word=LastWord.RESIDENT,
        last_word_at=by.at,
        heard_level=brought.danger.level,
        risk_kinds=brought.danger.kinds,
        rule="by_hand",
        categories=brought.categories,
    )
    resident = await residents.create_unreached(connection, keyring, desk_id, now=by.at, new_id=by.new_id)
    case_id = await cases.add(
        connection,
        Whose(id=resident.id, desk_id=desk_id, alias=resident.alias),
        standing,
        source=brought.source,
        at=by.at,
        terms=terms,
        new_id=by.new_id,
        area=brought.area,
        owner_id=by.staff_id,
    )
    await cases.set_tags(connection, case_id, brought.categories)
    await _noted(connection, resident, case_id, by, NoteKind(brought.source.value), brought.body)
    await _event(connection, case_id, by, "opened", None)
    return case_id


async def _event(
    connection: Connection,
    case_id: UUID,
    by: By,
    kind: str,
    object_id: UUID | None,
    detail: dict[str, str] | None = None,
) -> None:
    await cases.add_event(
        connection,
        case_id,
        kind=kind,
        actor=by.staff_id,
        at=by.at,
        new_id=by.new_id,
        object_id=object_id,
        detail=detail,
    )
