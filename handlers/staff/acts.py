"""Writing what somebody does at the console into the audit."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from fastapi import Request

from handlers.staff.access import signed_of
from handlers.staff.console import address_of, console_of
from storage import audit
from storage.audit import NO_DESK, Detail
from storage.database import Connection


async def note(
    request: Request,
    connection: Connection,
    action: str,
    object_kind: str,
    object_id: UUID | str | None,
    *,
    desk_id: str = NO_DESK,
    detail: Mapping[str, Detail] | None = None,
) -> None:
    """Record an act of whoever is signed in, in the transaction of the act. Ids and names of states only."""
    console = console_of(request)
    act = audit.Act(
        action=action,
        object_kind=object_kind,
        object_id=object_id,
        actor=signed_of(request).viewer.staff_id,
        address=address_of(request),
        desk_id=desk_id,
        detail=detail or {},
    )
    await audit.record(connection, console.keyring, act, at=console.clock(), new_id=console.new_id)
