"""Who comes: a token is a viewer like a recipient of its organisation, and may do no more than it was made for.

Each request is counted, whatever comes of it; each refusal for want of a right is written down.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from casework.people import Grant, Role, Viewer
from casework.permissions import Action
from handlers.api.door import address_of, door_of
from handlers.api.problems import Refusal
from storage import api_tokens, audit
from storage.api_tokens import ApiAction, Token
from storage.audit import Detail
from storage.database import Connection

_BEARER = HTTPBearer(auto_error=False, description="管理者が「外部連携」の画面で作ったトークン")

#: The right at the console that each of a token's own stands for.
RIGHTS: Mapping[ApiAction, Action] = {
    ApiAction.READ_CASES: Action.SEE_SHEET,
    ApiAction.READ_SHEETS: Action.SEE_SHEET,
    ApiAction.ANSWER: Action.RECEIVE_SHEET,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """A token at the other end of a request."""

    token: Token

    @property
    def viewer(self) -> Viewer:
        """As the rules of permission see it: nobody's person, one recipient role at one desk."""
        grant = Grant(role=Role.RECIPIENT, desk_id=self.token.desk_id)
        return Viewer(staff_id=self.token.id, organisation_id=self.token.organisation_id, grants=(grant,))


Given = Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]


@dataclass(frozen=True)
class Access:
    """A dependency that lets tokens through which may do this."""

    action: ApiAction

    async def __call__(self, request: Request, given: Given) -> Caller:
        door, now = door_of(request), door_of(request).clock()
        if given is None:
            raise Refusal(401)
        async with door.database.write() as connection:
            token = await api_tokens.come(connection, given.credentials, now=now)
        if token is None or token.desk_id not in door.desks:
            raise Refusal(401)
        if token.used > door.per_minute:
            raise Refusal(429, headers={"retry-after": str(60 - now.second)})
        caller = Caller(token=token)
        if self.action not in token.actions:
            await noted(request, caller, "refused", detail={"action": self.action.value})
            raise Refusal(403)
        return caller


CaseReader = Annotated[Caller, Depends(Access(ApiAction.READ_CASES))]
SheetReader = Annotated[Caller, Depends(Access(ApiAction.READ_SHEETS))]
Answerer = Annotated[Caller, Depends(Access(ApiAction.ANSWER))]


async def note(
    request: Request,
    connection: Connection,
    caller: Caller,
    action: str,
    object_kind: str,
    object_id: UUID | None,
    detail: Mapping[str, Detail] | None = None,
) -> None:
    """Record an act of a token, in the transaction of the act. Ids and names of states only."""
    door = door_of(request)
    act = audit.Act(
        action=action,
        object_kind=object_kind,
        object_id=object_id,
        actor=caller.token.id,
        address=address_of(request),
        desk_id=caller.token.desk_id,
        detail=detail or {},
    )
    await audit.record(connection, door.keyring, act, at=door.clock(), new_id=door.new_id)


async def noted(
    request: Request,
    caller: Caller,
    action: str,
    object_kind: str = "token",
    object_id: UUID | None = None,
    detail: Mapping[str, Detail] | None = None,
) -> None:
    """Record a read by itself, before its answer goes out: a list is the token's own, where nothing else is named."""
    async with door_of(request).database.write() as connection:
        await note(request, connection, caller, action, object_kind, object_id or caller.token.id, detail)
