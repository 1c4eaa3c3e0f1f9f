"""Who may come in. Every route depends on exactly one of these; `app.py` refuses to start with a route that does not.

`Depends(require(Action.…))` gives the viewer; `Depends(SIGNED_IN)` needs no right; `Depends(HALF_SIGNED_IN)` is for
who has given the password only; `Depends(PUBLIC)` is for everybody. All of them check the token of changing requests.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from urllib.parse import quote
from uuid import UUID

import structlog
from fastapi import Request
from starlette.datastructures import FormData

from casework.people import Viewer
from casework.permissions import Action, allowed_somewhere, desks_for
from handlers.guarding import SAFE_METHODS
from handlers.staff import certificates
from handlers.staff.console import Console, address_of, console_of
from handlers.staff.security import comes_from_us, own_path, session_cookie, token_fits, visit_cookie
from storage import audit, kept_forms, sessions, set_aside, staff
from storage.kept_forms import Kept
from storage.sessions import Limits, Session
from storage.staff import Account
from storage.staff_tables import Stage

log = structlog.get_logger(__name__)

TOKEN_FIELD = "token"  # noqa: S105 - the name of a field
TOKEN_HEADER = "x-form-token"  # noqa: S105 - the name of a header
KEPT_FIELD = "kept_form"
#: Which desk the page of a form was about.
DESK_FIELD = "shown_desk"
#: A kept form holds notes, not files.
_LARGEST_KEPT = 200_000


class SignInNeeded(Exception):
    """Nobody is signed in: go to `path` first, and come back to `back`."""

    def __init__(self, path: str, back: str) -> None:
        super().__init__(path)
        self.path = path
        self.back = back

    @property
    def location(self) -> str:
        """Where to send the browser."""
        return self.path if self.back == "/staff/" else f"{self.path}?next={quote(self.back, safe='/')}"


class NotAllowed(Exception):
    """Somebody is signed in, and may not do this."""


class FormRefused(Exception):
    """A changing request that none of our pages made, or one that is too old."""


class Need(StrEnum):
    """What a route asks of who comes."""

    NOTHING = "nothing"
    PASSWORD = "password"  # noqa: S105 - the name of a stage
    SIGNED_IN = "signed_in"
    ACTION = "action"


@dataclass(frozen=True, kw_only=True, slots=True)
class Signed:
    """Who is at the other end of a request."""

    viewer: Viewer
    account: Account
    session: Session
    #: The cookie, to which the page's forms are bound.
    cookie: str
    #: How long this session may last.
    limits: Limits
    #: How many events were set aside at desks where they may see that.
    set_aside: int = 0


@dataclass(frozen=True, kw_only=True)
class Access:
    """A dependency that lets through who fulfils `need`, and gives the viewer.

    A `quiet` route is asked by scripts by themselves: it is no sign of life, else no session would ever end.
    """

    need: Need
    action: Action | None = None
    quiet: bool = False

    async def __call__(self, request: Request) -> Viewer:
        console = console_of(request)
        signed = await _signed(console, request)
        if self.need is Need.NOTHING:
            request.state.signed = signed if signed is not None and _is_whole(signed) else None
            await _check_form(console, request, request.cookies.get(visit_cookie(console), ""))
            return _NOBODY if signed is None else signed.viewer
        if signed is None:
            await _keep_form(console, request)
            raise SignInNeeded("/staff/sign-in", _back(request))
        self._check_stage(request, signed)
        request.state.signed = signed
        await _check_form(console, request, signed.cookie)
        await _note_desk(request)
        if self.action is not None and not allowed_somewhere(signed.viewer, self.action):
            await refused(request, self.action)
            raise NotAllowed
        if not self.quiet:
            await _note_sign_of_life(console, signed)
        await _drop_kept(console, request, signed)
        return signed.viewer

    def _check_stage(self, request: Request, signed: Signed) -> None:
        if self.need is Need.PASSWORD:
            if signed.session.stage is not Stage.PASSWORD:
                raise SignInNeeded(own_path(request.query_params.get("next")), "/staff/")
            return
        if signed.session.stage is Stage.PASSWORD:
            step = "code" if signed.account.second_factor_at is not None else "set-up"
            raise SignInNeeded(f"/staff/sign-in/{step}", _back(request))
        if signed.account.must_change and self.need is Need.ACTION:
            raise SignInNeeded("/staff/account/password", _back(request))


_NOBODY = Viewer(staff_id=UUID(int=0), organisation_id=UUID(int=0))
PUBLIC = Access(need=Need.NOTHING)
HALF_SIGNED_IN = Access(need=Need.PASSWORD)
SIGNED_IN = Access(need=Need.SIGNED_IN)


def require(action: Action, *, quiet: bool = False) -> Access:
    """The dependency of a route for which somebody must be allowed `action` at some desk. Which cases they may touch
    is decided by the rows: `storage.visibility.visible`, `casework.permissions.allowed`.
    """
    return Access(need=Need.ACTION, action=action, quiet=quiet)


def signed_of(request: Request) -> Signed:
    """Who is signed in, on a route that needs somebody to be."""
    signed: Signed | None = request.state.signed
    if signed is None:
        raise SignInNeeded("/staff/sign-in", _back(request))
    return signed


async def refused(request: Request, action: Action, case_id: UUID | None = None) -> None:
    """Write into the audit that somebody tried what they may not."""
    console, signed = console_of(request), signed_of(request)
    act = audit.Act(
        action="refused",
        object_kind="page" if case_id is None else "case",
        object_id=case_id,
        actor=signed.viewer.staff_id,
        address=address_of(request),
        detail={"action": action.value},
    )
    async with console.database.write() as connection:
        await audit.record(connection, console.keyring, act, at=console.clock(), new_id=console.new_id)


async def _signed(console: Console, request: Request) -> Signed | None:
    cookie = request.cookies.get(session_cookie(console))
    if not cookie:
        return None
    now = console.clock()
    async with console.database.glance() as connection:
        session = await sessions.find(connection, cookie)
        if session is None or session.ended_at is not None or session.disabled:
            return None
        account = await staff.by_id(connection, session.staff_id)
        if account is None or not certificates.fits(console, account, certificates.shown_by(console, request)):
            return None
        viewer = await staff.viewer(connection, account, now)
        limits = console.limits_of(viewer.grants)
        if not session.is_open(now, limits):
            return None
        aside = 0
        if allowed_somewhere(viewer, Action.SEE_SET_ASIDE):
            aside = await set_aside.count(connection, desks_for(viewer, Action.SEE_SET_ASIDE))
    return Signed(viewer=viewer, account=account, session=session, cookie=cookie, limits=limits, set_aside=aside)


def _is_whole(signed: Signed) -> bool:
    return signed.session.stage is Stage.FULL and not signed.account.must_change


async def _check_form(console: Console, request: Request, cookie: str) -> None:
    if request.method in SAFE_METHODS:
        return
    if not cookie or not comes_from_us(console, request) or not token_fits(console, cookie, await _token(request)):
        raise FormRefused


async def _note_desk(request: Request) -> None:
    """The desk of the page a form stood on."""
    given = None if request.method in SAFE_METHODS else (await request.form()).get(DESK_FIELD)
    request.state.form_desk = given if isinstance(given, str) and given else None


async def _token(request: Request) -> str:
    if (given := request.headers.get(TOKEN_HEADER)) is not None:
        return given
    value = (await request.form()).get(TOKEN_FIELD)
    return value if isinstance(value, str) else ""


async def _keep_form(console: Console, request: Request) -> None:
    """What somebody typed must not be lost because their session ended meanwhile."""
    cookie = request.cookies.get(session_cookie(console))
    if request.method in SAFE_METHODS or not cookie or not comes_from_us(console, request):
        return
    form = await request.form()
    fields = typed(form)
    if not fields or sum(len(value) for _, value in fields) > _LARGEST_KEPT:
        return
    if not token_fits(console, cookie, await _token(request)):
        return
    async with console.database.write() as connection:
        session = await sessions.find(connection, cookie)
        # A session that was ended on purpose is nobody's any more; one that ran out is still its owner's.
        if session is None or session.stage is not Stage.FULL or session.disabled or session.ended_at is not None:
            return
        kept = Kept(id=console.new_id(), path=request.url.path, fields=fields)
        await kept_forms.keep(connection, console.keyring, session.staff_id, kept, now=console.clock())
    log.info("staff.form_kept", staff=str(session.staff_id))


async def _drop_kept(console: Console, request: Request, signed: Signed) -> None:
    """A kept form that is being sent again has done its work; what comes of it is its page's affair."""
    if request.method in SAFE_METHODS or KEPT_FIELD not in await request.form():
        return
    async with console.database.write() as connection:
        await kept_forms.drop(connection, signed.viewer.staff_id)


def typed(form: FormData) -> tuple[tuple[str, str], ...]:
    """The fields of a form but its token and passwords."""
    return tuple(
        (name, value)
        for name, value in form.multi_items()
        if isinstance(value, str) and name not in {TOKEN_FIELD, KEPT_FIELD} and "password" not in name
    )


async def _note_sign_of_life(console: Console, signed: Signed) -> None:
    now = console.clock()
    if now - signed.session.seen_at < min(sessions.NOTED_EVERY, signed.limits.idle / 2, timedelta(minutes=1)):
        return
    async with console.database.write() as connection:
        await sessions.seen(connection, signed.session.id, now)


def _back(request: Request) -> str:
    """The page to come back to: a form's page is found again by what was kept of it."""
    if request.method not in SAFE_METHODS:
        return "/staff/"
    query = request.url.query
    return own_path(f"{request.url.path}?{query}" if query else request.url.path)
