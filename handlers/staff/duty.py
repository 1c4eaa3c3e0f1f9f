"""Who is on duty for one press of broken glass, from the rota, where the desk narrows it so."""

from __future__ import annotations

from dataclasses import replace

from fastapi import Request

from casework.glass import is_on_duty
from casework.people import Viewer
from handlers.staff.console import console_of, work_of
from storage import cases, rota
from storage.cases import CaseRow
from storage.database import Connection


async def on_duty(request: Request, connection: Connection, viewer: Viewer, case: CaseRow) -> bool:
    """Whether one press may open this case's glass for the viewer now."""
    work = work_of(request)
    if not work.words[case.desk_id].glass_on_call:
        return True
    local = work.terms[case.desk_id].workdays.local(console_of(request).clock())
    there = {one.staff_id for one in await rota.windows(connection, case.desk_id) if one.window.covers(local)}
    called = replace(viewer, on_call=bool(viewer.acts_for & there))
    return is_on_duty(called, await cases.facts_of(connection, case), anybody=bool(there))
