"""Who may come to which route: one row for each. A route without a row fails `test_access.py`.

A new route gets a row here: who is let in, what its form needs to be taken, and — for `{…}` in its path — where the
id is found in `Office.ids`. People who are not let in get 403 or 404; a stranger is sent to the sign-in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from office import Office

from casework.people import Grant, Role
from storage import staff


class Who(StrEnum):
    """Somebody seen from the case of `OWNER`: at the desk `default`, in the area hokubu."""

    OWNER = "owner"
    COLLEAGUE = "colleague"
    OTHER_AREA = "other_area"
    SUPERVISOR = "supervisor"
    OTHER_DESK = "other_desk"
    ADMIN = "admin"
    AUDITOR = "auditor"
    TRIAGER = "triager"
    RECIPIENT = "recipient"
    STRANGER = "stranger"


GRANTS: Mapping[Who, tuple[Grant, ...]] = {
    Who.OWNER: (Grant(role=Role.COORDINATOR, desk_id="default", areas=frozenset({"hokubu"})),),
    Who.COLLEAGUE: (Grant(role=Role.COORDINATOR, desk_id="default", areas=frozenset({"hokubu"})),),
    Who.OTHER_AREA: (Grant(role=Role.COORDINATOR, desk_id="default", areas=frozenset({"nanbu"})),),
    Who.SUPERVISOR: (Grant(role=Role.SUPERVISOR, desk_id="default"),),
    # Everything there is, at another desk.
    Who.OTHER_DESK: tuple(Grant(role=role, desk_id="other") for role in (Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR)),
    Who.ADMIN: (Grant(role=Role.ADMIN, desk_id="default"),),
    Who.AUDITOR: (Grant(role=Role.AUDITOR, desk_id="default"),),
    Who.TRIAGER: (Grant(role=Role.TRIAGER, desk_id="default"),),
    Who.RECIPIENT: (Grant(role=Role.RECIPIENT, desk_id="default"),),
}

EVERYBODY = frozenset(Who)
SIGNED_IN = EVERYBODY - {Who.STRANGER}
ADMINS = frozenset({Who.ADMIN, Who.OTHER_DESK})
#: Accounts of the desk `default` are kept by its own admin.
OWN_ADMIN = frozenset({Who.ADMIN})


@dataclass(frozen=True, kw_only=True)
class Row:
    """`may` are let in; `form` is what is sent; `answers` what those who may can get (a form with nothing in it is
    refused, but not for want of a right); `halfway`: only between password and code, all others are sent on.
    """

    may: frozenset[Who]
    form: Mapping[str, str] = field(default_factory=dict)
    answers: frozenset[int] = frozenset({200, 303})
    halfway: bool = False


def row(*may: Who, **form: str) -> Row:
    """A row for some."""
    return Row(may=frozenset(may), form=form)


PERSON = "/people/{staff_id}"
ACCESS: dict[tuple[str, str], Row] = {
    ("GET", "/"): Row(may=SIGNED_IN),
    ("GET", "/sign-in"): Row(may=EVERYBODY),
    ("POST", "/sign-in"): Row(may=EVERYBODY, answers=frozenset({401, 403, 429})),
    ("GET", "/sign-in/code"): Row(may=frozenset(), halfway=True),
    ("POST", "/sign-in/code"): Row(may=frozenset(), halfway=True),
    ("GET", "/sign-in/set-up"): Row(may=frozenset(), halfway=True),
    ("POST", "/sign-in/set-up"): Row(may=frozenset(), halfway=True),
    ("POST", "/sign-in/leave"): Row(may=frozenset(), halfway=True),
    ("POST", "/sign-out"): Row(may=SIGNED_IN),
    ("GET", "/kept"): Row(may=SIGNED_IN),
    ("POST", "/kept/drop"): Row(may=SIGNED_IN),
    ("GET", "/account"): Row(may=SIGNED_IN),
    ("GET", "/account/password"): Row(may=SIGNED_IN),
    ("POST", "/account/password"): Row(may=SIGNED_IN, answers=frozenset({422})),
    ("POST", "/account/sign-out-elsewhere"): Row(may=SIGNED_IN),
    ("GET", "/account/recovery-codes"): Row(may=SIGNED_IN),
    ("POST", "/account/recovery-codes"): Row(may=SIGNED_IN, answers=frozenset({422})),
    ("GET", "/people"): Row(may=ADMINS),
    ("POST", "/people"): Row(may=ADMINS, answers=frozenset({422})),
    ("GET", PERSON): Row(may=OWN_ADMIN),
    ("POST", f"{PERSON}/name"): Row(may=OWN_ADMIN, form={"shown_name": "山田"}),
    ("POST", f"{PERSON}/disable"): Row(may=OWN_ADMIN),
    ("POST", f"{PERSON}/enable"): Row(may=OWN_ADMIN),
    ("POST", f"{PERSON}/password"): Row(may=OWN_ADMIN),
    ("POST", f"{PERSON}/factor"): Row(may=OWN_ADMIN),
    ("POST", f"{PERSON}/grants"): Row(may=OWN_ADMIN, form={"role": "auditor", "desk": "default"}),
    ("POST", f"{PERSON}/grants/{{grant_id}}/remove"): Row(may=OWN_ADMIN),
    ("GET", "/audit"): row(Who.AUDITOR, Who.OTHER_DESK),
}


async def furnish(office: Office) -> None:
    """All people of the table, and what the ids in paths stand for. Done once; every test has a copy."""
    for who, grants in GRANTS.items():
        elsewhere = "となりの機関" if who in {Who.RECIPIENT, Who.OTHER_DESK} else "見本市社会福祉協議会"
        await office.person(who.value, *grants, organisation=elsewhere)
    someone = await office.person("someone", Grant(role=Role.COORDINATOR, desk_id="default"))
    async with office.console.database.read() as connection:
        (grant,) = await staff.grants(connection, office.clock(), someone.id)
    office.ids |= {"staff_id": str(someone.id), "grant_id": str(grant.id)}
