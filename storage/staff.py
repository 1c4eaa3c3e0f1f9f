"""Accounts of staff: who they are, what they may (grants), their password and second factor."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from casework.people import Grant, Role, Viewer
from storage import security_keys, stand_ins
from storage.database import Connection
from storage.ids import NewId
from storage.keyring import Keyring
from storage.passwords import LETTERS
from storage.staff_tables import RecoveryCode, Staff, StaffGrant
from storage.tables import Organisation, table_of
from storage.vault import IndexKey, Place

_STAFF = table_of(Staff)
_GRANTS = table_of(StaffGrant)
_CODES = table_of(RecoveryCode)
_ORGANISATIONS = table_of(Organisation)

RECOVERY_CODES = 8
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")


class LoginTaken(Exception):
    """Somebody has this login already."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """An account as the console works with it."""

    id: UUID
    organisation_id: UUID
    login: str
    shown_name: str
    password_hash: str
    must_change: bool
    second_factor_at: datetime | None
    disabled_at: datetime | None
    created_at: datetime
    certificate: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewAccount:
    """Somebody to be added."""

    login: str
    shown_name: str
    organisation_id: UUID
    password_hash: str
    must_change: bool = True


def folded(login: str) -> str:
    """The one spelling of a login."""
    return login.strip().casefold()


def is_login(login: str) -> bool:
    """Whether this may be a login: what can be typed on any keyboard, and told apart."""
    return _LOGIN.fullmatch(folded(login)) is not None


def _totp_place(staff_id: UUID) -> Place:
    return Place(table="staff", column="totp", row=staff_id)


def _account(row: Row[Any]) -> Account:
    return Account(**{name: getattr(row, name) for name in Account.__slots__})


async def organisation(connection: Connection, name: str, *, new_id: NewId) -> UUID:
    """The organisation of this name, made when there is none yet."""
    found = (
        await connection.execute(select(_ORGANISATIONS.c.id).where(_ORGANISATIONS.c.name == name).limit(1))
    ).scalar()
    if found is not None:
        return UUID(str(found))
    organisation_id = new_id()
    await connection.execute(insert(_ORGANISATIONS), {"id": organisation_id, "name": name})
    return organisation_id


async def organisations(connection: Connection) -> dict[UUID, str]:
    """All organisations by id."""
    rows = await connection.execute(select(_ORGANISATIONS).order_by(_ORGANISATIONS.c.name))
    return {row.id: row.name for row in rows}


async def add(connection: Connection, new: NewAccount, *, now: datetime, new_id: NewId) -> UUID:
    """A new account, without any grant. Raises LoginTaken."""
    staff_id = new_id()
    row = {
        "id": staff_id,
        "login": folded(new.login),
        "shown_name": new.shown_name,
        "organisation_id": new.organisation_id,
        "password_hash": new.password_hash,
        "must_change": new.must_change,
        "created_at": now,
    }
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(_STAFF).values(row).on_conflict_do_nothing(index_elements=[_STAFF.c.login])
    if (await connection.execute(statement.returning(_STAFF.c.id))).first() is None:
        raise LoginTaken
    return staff_id


async def by_login(connection: Connection, login: str) -> Account | None:
    """The account of a login."""
    row = (await connection.execute(select(_STAFF).where(_STAFF.c.login == folded(login)))).one_or_none()
    return None if row is None else _account(row)


async def by_id(connection: Connection, staff_id: UUID) -> Account | None:
    """The account of an id."""
    row = (await connection.execute(select(_STAFF).where(_STAFF.c.id == staff_id))).one_or_none()
    return None if row is None else _account(row)


async def everybody(connection: Connection) -> list[Account]:
    """All accounts, those that are disabled last."""
    query = select(_STAFF).order_by(_STAFF.c.disabled_at.is_not(None), _STAFF.c.login)
    return [_account(row) for row in await connection.execute(query)]


async def names(connection: Connection) -> dict[UUID, str]:
    """The shown names of everybody who ever had an account."""
    rows = await connection.execute(select(_STAFF.c.id, _STAFF.c.shown_name))
    return {row.id: row.shown_name for row in rows}


async def names_at(connection: Connection, desks: Collection[str] | None) -> dict[UUID, str]:
    """The shown names of whoever works, or ever worked, at one of these desks (None: at any), or has no role yet."""
    if desks is None:
        return await names(connection)
    there = select(_GRANTS.c.staff_id).where(or_(_GRANTS.c.desk_id.is_(None), _GRANTS.c.desk_id.in_(sorted(desks))))
    theirs = or_(_STAFF.c.id.in_(there), _STAFF.c.id.not_in(select(_GRANTS.c.staff_id)))
    rows = await connection.execute(select(_STAFF.c.id, _STAFF.c.shown_name).where(theirs))
    return {row.id: row.shown_name for row in rows}


async def count(connection: Connection) -> int:
    """How many accounts there are."""
    return int((await connection.execute(select(func.count()).select_from(_STAFF))).scalar_one())


async def rename(connection: Connection, staff_id: UUID, shown_name: str) -> None:
    """Change the name that residents and colleagues see."""
    await connection.execute(update(_STAFF).where(_STAFF.c.id == staff_id).values(shown_name=shown_name))


async def set_password(connection: Connection, staff_id: UUID, hashed: str, *, must_change: bool) -> None:
    """A new password; with `must_change` for one sign-in only."""
    values = {"password_hash": hashed, "must_change": must_change}
    await connection.execute(update(_STAFF).where(_STAFF.c.id == staff_id).values(values))


async def set_disabled(connection: Connection, staff_id: UUID, at: datetime | None) -> None:
    """Lock an account from a time on; None opens it again. Its sessions end with `sessions.end_all`."""
    await connection.execute(update(_STAFF).where(_STAFF.c.id == staff_id).values(disabled_at=at))


async def set_certificate(connection: Connection, staff_id: UUID, fingerprint: str | None) -> None:
    """Bind an account to a client certificate; None: to none."""
    await connection.execute(update(_STAFF).where(_STAFF.c.id == staff_id).values(certificate=fingerprint))


# Grants


async def grant(
    connection: Connection,
    staff_id: UUID,
    given: Grant,
    *,
    by: UUID | None,
    now: datetime,
    new_id: NewId,
    ends_at: datetime | None = None,
) -> UUID:
    """Give a role; the id of the grant."""
    areas = None if given.areas is None else sorted(given.areas)
    what = {"role": given.role, "desk_id": given.desk_id, "areas": areas}
    row = {"id": new_id(), "staff_id": staff_id, "granted_by": by, "granted_at": now, "ends_at": ends_at, **what}
    await connection.execute(insert(_GRANTS), row)
    return UUID(str(row["id"]))


async def ungrant(connection: Connection, staff_id: UUID, grant_id: UUID) -> Role | None:
    """Take a role back: which one it was, None when this person had no such grant."""
    which = (_GRANTS.c.id == grant_id, _GRANTS.c.staff_id == staff_id)
    role = (await connection.execute(select(_GRANTS.c.role).where(*which))).scalar_one_or_none()
    await connection.execute(delete(_GRANTS).where(*which))
    return None if role is None else Role(role)


@dataclass(frozen=True, kw_only=True, slots=True)
class GivenGrant:
    """A grant as it is stored."""

    id: UUID
    staff_id: UUID
    grant: Grant
    ends_at: datetime | None


async def grants(connection: Connection, now: datetime, staff_id: UUID | None = None) -> list[GivenGrant]:
    """The grants that hold now: of one person, or of everybody."""
    query = select(_GRANTS).where(or_(_GRANTS.c.ends_at.is_(None), _GRANTS.c.ends_at > now)).order_by(_GRANTS.c.id)
    if staff_id is not None:
        query = query.where(_GRANTS.c.staff_id == staff_id)
    return [
        GivenGrant(
            id=row.id,
            staff_id=row.staff_id,
            grant=Grant(role=row.role, desk_id=row.desk_id, areas=None if row.areas is None else frozenset(row.areas)),
            ends_at=row.ends_at,
        )
        for row in await connection.execute(query)
    ]


async def viewer(connection: Connection, account: Account, now: datetime) -> Viewer:
    """The person behind an account, with what they may do now: for themselves, and for whom they stand in."""
    given = await grants(connection, now, account.id)
    held = (*(one.grant for one in given), *await stand_ins.grants_for(connection, account.id, now))
    return Viewer(staff_id=account.id, organisation_id=account.organisation_id, grants=held)


async def admins(connection: Connection, now: datetime) -> set[UUID]:
    """Who can sign in and keep accounts: the last of them must not lose that."""
    held = {given.staff_id for given in await grants(connection, now) if given.grant.role is Role.ADMIN}
    return {account.id for account in await everybody(connection) if account.disabled_at is None} & held


# Second factor


async def plan_totp(connection: Connection, keyring: Keyring, staff_id: UUID, secret: str) -> None:
    """Keep a secret that its owner has yet to confirm with a first code."""
    sealed = keyring.data.seal_json(_totp_place(staff_id), secret)
    values = {"totp_sealed": sealed, "totp_counter": None, "second_factor_at": None}
    await connection.execute(update(_STAFF).where(_STAFF.c.id == staff_id).values(values))


async def totp_secret(connection: Connection, keyring: Keyring, staff_id: UUID) -> str | None:
    """The secret of somebody's codes, confirmed or not."""
    sealed = (await connection.execute(select(_STAFF.c.totp_sealed).where(_STAFF.c.id == staff_id))).scalar()
    return None if sealed is None else str(keyring.data.open_json(_totp_place(staff_id), sealed))


async def take_counter(connection: Connection, staff_id: UUID, counter: int) -> bool:
    """Use the code of a time step up. False when it, or a later one, was used before."""
    unused = or_(_STAFF.c.totp_counter.is_(None), _STAFF.c.totp_counter < counter)
    result = await connection.execute(
        update(_STAFF).where(_STAFF.c.id == staff_id, unused).values(totp_counter=counter)
    )
    return result.rowcount == 1


async def confirm_second_factor(connection: Connection, staff_id: UUID, now: datetime) -> None:
    """From now on the second factor is asked for."""
    await connection.execute(update(_STAFF).where(_STAFF.c.id == staff_id).values(second_factor_at=now))


async def clear_second_factor(connection: Connection, staff_id: UUID) -> None:
    """Forget it, so that it is set up anew at the next sign-in."""
    values = {"totp_sealed": None, "totp_counter": None, "second_factor_at": None}
    await connection.execute(update(_STAFF).where(_STAFF.c.id == staff_id).values(values))
    await connection.execute(delete(_CODES).where(_CODES.c.staff_id == staff_id))
    await security_keys.remove_all(connection, staff_id)


def _code_index(index: IndexKey, staff_id: UUID, code: str) -> bytes:
    plain = "".join(letter for letter in code.casefold() if letter in LETTERS)
    return index.of("recovery", str(staff_id), plain)


async def new_recovery_codes(connection: Connection, keyring: Keyring, staff_id: UUID, *, new_id: NewId) -> list[str]:
    """Fresh codes in place of all older ones. They are shown once and cannot be read again."""
    await connection.execute(delete(_CODES).where(_CODES.c.staff_id == staff_id))
    codes = [
        "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3)) for _ in range(RECOVERY_CODES)
    ]
    for code in codes:
        index = _code_index(keyring.index, staff_id, code)
        await connection.execute(insert(_CODES), {"id": new_id(), "staff_id": staff_id, "index": index})
    return codes


async def take_recovery_code(
    connection: Connection, keyring: Keyring, staff_id: UUID, code: str, now: datetime
) -> bool:
    """Use a code up. False when there is no such one, or it was used."""
    index = _code_index(keyring.index, staff_id, code)
    which = (_CODES.c.staff_id == staff_id, _CODES.c.index == index, _CODES.c.used_at.is_(None))
    return (await connection.execute(update(_CODES).where(*which).values(used_at=now))).rowcount == 1


async def recovery_codes_left(connection: Connection, staff_id: UUID) -> int:
    """How many codes are not used yet."""
    which = (_CODES.c.staff_id == staff_id, _CODES.c.used_at.is_(None))
    return int((await connection.execute(select(func.count()).select_from(_CODES).where(*which))).scalar_one())
