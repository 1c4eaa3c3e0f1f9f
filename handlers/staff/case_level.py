"""How high the danger of a case is, when staff know better than the words: lower or higher, and of which kind."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from casework.people import Viewer
from casework.permissions import Action
from casework.queue import Level
from handlers.staff.access import require
from handlers.staff.case import back, change, look, overtaken
from handlers.staff.case_labels import KINDS
from handlers.staff.console import console_of
from handlers.staff.doing import Danger, raise_risk
from handlers.staff.forms import text_of, texts_of
from storage import case_acts, residents
from storage.case_acts import By
from storage.cases import CaseRow
from storage.database import Connection

router = APIRouter()


async def kinds_of(request: Request) -> tuple[str, ...] | None:
    """The kinds of danger that were chosen; None when one of them is none."""
    chosen = await texts_of(request, "kind")
    return None if set(chosen) - set(KINDS) else tuple(dict.fromkeys(chosen))


@router.post("/cases/{case_id}/level")
async def change_level(
    request: Request, viewer: Annotated[Viewer, Depends(require(Action.LOWER_RISK))], case_id: UUID
) -> Response:
    """Put the level of danger lower or higher, with a reason."""
    console = console_of(request)
    asked, reason, kinds = await text_of(request, "level"), await text_of(request, "reason"), await kinds_of(request)
    if asked not in set(Level) or not reason or kinds is None:
        return await overtaken(request, viewer, case_id, "変えたあとの段階と、理由を入れてください。")
    to, reason = Level(asked), reason[:2000]

    async def up(connection: Connection, case: CaseRow, by: By) -> bool:
        higher = to.rank > case.risk_level.rank
        danger = Danger(level=to, kinds=kinds)
        return higher and await raise_risk(connection, console.keyring, case, by, to=danger, reason=reason)

    async def down(connection: Connection, case: CaseRow, by: By) -> bool:
        resident = await residents.by_id(connection, console.keyring, case.resident_id)
        if resident is None or to.rank >= case.risk_level.rank:
            return False
        return await case_acts.lower_risk(connection, case, by, to=to, reason=reason, key=resident.key)

    seen = await look(request, viewer, case_id, Action.LOWER_RISK)
    name, work = ("raised", up) if to.rank > seen.risk_level.rank else ("lowered", down)
    _, done = await change(request, viewer, case_id, Action.LOWER_RISK, f"risk_{name}", work, detail={"to": asked})
    return back(case_id, name) if done else await overtaken(request, viewer, case_id)
