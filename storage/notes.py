"""Notes and tasks of a case: sealed with the resident's key, found through the case only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, insert, select, update

from storage.case_tables import Note, NoteKind, Task
from storage.database import Connection
from storage.ids import NewId
from storage.tables import table_of
from storage.vault import Place, SealingKey

_NOTES = table_of(Note)
_TASKS = table_of(Task)


@dataclass(frozen=True, kw_only=True, slots=True)
class NoteRow:
    """A note, opened."""

    id: UUID
    author_id: UUID
    kind: NoteKind
    body: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskRow:
    """Something to do, opened."""

    id: UUID
    author_id: UUID
    title: str
    due_on: date | None
    created_at: datetime
    done_at: datetime | None
    done_by: UUID | None


def _body_place(note_id: UUID) -> Place:
    return Place(table="notes", column="body", row=note_id)


def _title_place(task_id: UUID) -> Place:
    return Place(table="tasks", column="title", row=task_id)


async def add(
    connection: Connection,
    key: SealingKey,
    *,
    case_id: UUID,
    author_id: UUID,
    kind: NoteKind,
    body: str,
    at: datetime,
    new_id: NewId,
) -> UUID:
    """Keep a note, exactly as it was typed."""
    note_id = new_id()
    row = {"id": note_id, "case_id": case_id, "author_id": author_id, "kind": kind, "created_at": at}
    await connection.execute(insert(_NOTES), {**row, "body_sealed": key.seal_json(_body_place(note_id), body)})
    return note_id


async def of_case(connection: Connection, key: SealingKey, case_id: UUID, *, limit: int = 100) -> list[NoteRow]:
    """The newest notes first."""
    query = select(_NOTES).where(_NOTES.c.case_id == case_id)
    rows = await connection.execute(query.order_by(_NOTES.c.created_at.desc(), _NOTES.c.id.desc()).limit(limit))
    return [
        NoteRow(
            id=row.id,
            author_id=row.author_id,
            kind=row.kind,
            body=key.open_json(_body_place(row.id), row.body_sealed),
            created_at=row.created_at,
        )
        for row in rows
    ]


async def add_task(
    connection: Connection,
    key: SealingKey,
    *,
    case_id: UUID,
    author_id: UUID,
    title: str,
    due_on: date | None,
    at: datetime,
    new_id: NewId,
) -> UUID:
    """Something to do, by a day or whenever."""
    task_id = new_id()
    row = {"id": task_id, "case_id": case_id, "author_id": author_id, "due_on": due_on, "created_at": at}
    await connection.execute(insert(_TASKS), {**row, "title_sealed": key.seal_json(_title_place(task_id), title)})
    return task_id


async def finish_task(connection: Connection, task_id: UUID, case_id: UUID, *, by: UUID, at: datetime) -> bool:
    """False when this case has no such task that is still to do."""
    open_ = (_TASKS.c.id == task_id, _TASKS.c.case_id == case_id, _TASKS.c.done_at.is_(None))
    done = update(_TASKS).where(*open_).values(done_at=at, done_by=by)
    return (await connection.execute(done)).rowcount == 1


async def tasks_of(connection: Connection, key: SealingKey, case_id: UUID) -> list[TaskRow]:
    """What is to do, the earliest first; then what was done, the latest first."""
    rows = (await connection.execute(select(_TASKS).where(_TASKS.c.case_id == case_id))).all()
    found = [
        TaskRow(
            id=row.id,
            author_id=row.author_id,
            title=key.open_json(_title_place(row.id), row.title_sealed),
            due_on=row.due_on,
            created_at=row.created_at,
            done_at=row.done_at,
            done_by=row.done_by,
        )
        for row in rows
    ]
    to_do = [task for task in found if task.done_at is None]
    done = [task for task in found if task.done_at is not None]
    to_do.sort(key=lambda task: (task.due_on or date.max, task.created_at))
    done.sort(key=lambda task: task.done_at or task.created_at, reverse=True)
    return [*to_do, *done]


async def note_counts(connection: Connection, case_id: UUID) -> dict[NoteKind, int]:
    """How many notes of each kind: what statistics count."""
    query = select(_NOTES.c.kind, func.count().label("n")).where(_NOTES.c.case_id == case_id).group_by(_NOTES.c.kind)
    return {row.kind: row.n for row in await connection.execute(query)}
