"""Examining whether anybody is there: residents who ask for a person must not ask an empty room."""

from __future__ import annotations

from datetime import datetime

from bot.findings import Finding, Mark
from casework.people import Role
from storage import staff
from storage.database import Connection

_ADD = "tsunagu staff add 名前 --role {role} で登録してください"
#: Who has to be there, and what is missing without them.
_NEEDED = {
    Role.ADMIN: "管理者がいません。職員の登録と当番を、画面でできません",
    Role.COORDINATOR: "相談員がいません。人を望む方に、だれも答えられません",
}


async def examine_staff(connection: Connection, now: datetime) -> list[Finding]:
    """Accounts that are open, by what they may do. A supervisor can do what a coordinator does."""
    open_ = {account.id for account in await staff.everybody(connection) if account.disabled_at is None}
    roles = {given.grant.role for given in await staff.grants(connection, now) if given.staff_id in open_}
    if Role.SUPERVISOR in roles:
        roles.add(Role.COORDINATOR)
    if not open_:
        why = "職員がまだ一人もいません。相談が来ても、だれも見られません"
        return [Finding(Mark.NOTE, "職員", why, _ADD.format(role=Role.ADMIN.value))]
    missing = [
        Finding(Mark.NOTE, "職員", why, _ADD.format(role=role.value))
        for role, why in _NEEDED.items()
        if role not in roles
    ]
    return missing or [Finding(Mark.GOOD, "職員", f"{len(open_)}人が登録されています")]
