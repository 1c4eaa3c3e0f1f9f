"""The two steps of a sign-in, without their pages: password, then code. What is wrong is never told apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog

from handlers.guarding import network_of
from handlers.staff import certificates, codes, keys
from handlers.staff.access import Signed
from handlers.staff.console import Console
from handlers.staff.keys import Site
from handlers.staff.security import fresh_token
from storage import audit, security_keys, sessions, staff
from storage.database import Connection
from storage.sessions import TryKey, TryKind
from storage.staff import Account
from storage.staff_tables import Stage

log = structlog.get_logger(__name__)

_NOBODY = UUID(int=0)
FIRST_KEY = "1本目のキー"


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """From where somebody tries to come in."""

    address: str
    device: str
    #: SHA-256 of the client certificate that was shown.
    certificate: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """What came of a try: a new session's token, or how long to wait, or neither: it was wrong."""

    token: str | None = None
    stage: Stage = Stage.PASSWORD
    wait: timedelta = timedelta(0)
    #: Shown once, after a second factor was set up.
    recovery_codes: tuple[str, ...] = ()


async def enter(console: Console, caller: Caller, *, login: str, password: str) -> Entry:
    """The first step. An unknown login takes the same way as a wrong password, to the same cost."""
    index, network = console.keyring.index, network_of(caller.address)
    login = staff.folded(login)[:64]
    keys = [TryKey.of(index, TryKind.ACCOUNT_HERE, login, network), TryKey.of(index, TryKind.ADDRESS, network)]
    async with console.database.write() as connection:
        account = await staff.by_login(connection, login)
        known = await sessions.knows_address(connection, _NOBODY if account is None else account.id, caller.address)
        # Colleagues share an address: who has signed in from it before does not wait for others' failures.
        tried = keys[:1] if known else keys
        wait = await sessions.attempt(connection, tried, console.clock())
    if wait:
        log.warning("staff.sign_in_waits", seconds=round(wait.total_seconds()))
        return Entry(wait=wait)
    usable = account is not None and account.disabled_at is None
    fits = await console.passwords.fits(password, account.password_hash if usable and account else None)
    if account is None or not fits:
        await _note(console, caller, "sign_in_failed", account)
        return Entry()
    if not certificates.fits(console, account, caller.certificate):
        await _note(console, caller, "certificate_failed", account)
        return Entry()
    if console.passwords.is_outdated(account.password_hash):
        await _renew_hash(console, account, password)
    stage = Stage.FULL if console.simulator else Stage.PASSWORD
    async with console.database.write() as connection:
        await sessions.succeeded(connection, tried)
        return await _open(console, connection, caller, account.id, stage)


async def _renew_hash(console: Console, account: Account, password: str) -> None:
    hashed = await console.passwords.hash(password)
    async with console.database.write() as connection:
        await staff.set_password(connection, account.id, hashed, must_change=account.must_change)


async def confirm(console: Console, caller: Caller, signed: Signed, code: str) -> Entry:
    """The second step: a code of the app, or one of the recovery codes."""
    staff_id = signed.account.id
    async with console.database.write() as connection:
        tried = await _code_keys(console, connection, caller, staff_id)
        if wait := await sessions.attempt(connection, tried, console.clock()):
            return Entry(wait=wait)
    async with console.database.write() as connection:
        if not await _takes(console, connection, caller, staff_id, codes.plain(code)):
            await _record(console, connection, caller, "code_failed", staff_id)
            return Entry()
        await sessions.succeeded(connection, tried)
        return await _go_on(console, connection, caller, signed)


async def _code_keys(console: Console, connection: Connection, caller: Caller, staff_id: UUID) -> list[TryKey]:
    """Who guesses codes has the password already, so an account is guarded whatever address they come from — but for
    addresses from which its owner has signed in before.
    """
    index, network = console.keyring.index, network_of(caller.address)
    here = TryKey.of(index, TryKind.ACCOUNT_HERE, "code", str(staff_id), network)
    if await sessions.knows_address(connection, staff_id, caller.address):
        return [here]
    return [here, TryKey.of(index, TryKind.CODE, str(staff_id))]


async def _takes(console: Console, connection: Connection, caller: Caller, staff_id: UUID, code: str) -> bool:
    now = console.clock()
    if not codes.is_totp(code):
        taken = await staff.take_recovery_code(connection, console.keyring, staff_id, code, now)
        if taken:
            await _record(console, connection, caller, "recovery_used", staff_id)
        return taken
    secret = await staff.totp_secret(connection, console.keyring, staff_id)
    counter = None if secret is None else codes.matching_counter(secret, code, now)
    return counter is not None and await staff.take_counter(connection, staff_id, counter)


async def planned_secret(console: Console, signed: Signed) -> str:
    """The secret that is being set up, made when there is none yet."""
    async with console.database.write() as connection:
        secret = await staff.totp_secret(connection, console.keyring, signed.account.id)
        if secret is None:
            secret = codes.new_secret()
            await staff.plan_totp(connection, console.keyring, signed.account.id, secret)
    return secret


async def set_up(console: Console, caller: Caller, signed: Signed, code: str) -> Entry:
    """The second factor's first code: from now on it is asked for."""
    staff_id = signed.account.id
    async with console.database.write() as connection:
        tried = await _code_keys(console, connection, caller, staff_id)
        if wait := await sessions.attempt(connection, tried, console.clock()):
            return Entry(wait=wait)
        secret = await staff.totp_secret(connection, console.keyring, staff_id)
        counter = None if secret is None else codes.matching_counter(secret, codes.plain(code), console.clock())
        if counter is None or not await staff.take_counter(connection, staff_id, counter):
            await _record(console, connection, caller, "code_failed", staff_id)
            return Entry()
        await sessions.succeeded(connection, tried)
        await staff.confirm_second_factor(connection, staff_id, console.clock())
        fresh = await staff.new_recovery_codes(connection, console.keyring, staff_id, new_id=console.new_id)
        await _record(console, connection, caller, "factor_set_up", staff_id)
        entry = await _go_on(console, connection, caller, signed)
    return Entry(token=entry.token, stage=entry.stage, recovery_codes=tuple(fresh))


async def confirm_with_key(console: Console, site: Site, caller: Caller, signed: Signed, answer: str) -> Entry:
    """The second step with a security key. It cannot be guessed, so there is no wait."""
    async with console.database.write() as connection:
        known = await security_keys.of(connection, signed.account.id)
        use = keys.used_key(console, site, signed, known, answer)
        if use is None or not await security_keys.used(connection, use.key, use.sign_count, console.clock()):
            await _record(console, connection, caller, "key_failed", signed.account.id)
            return Entry()
        return await _go_on(console, connection, caller, signed)


async def set_up_key(console: Console, site: Site, caller: Caller, signed: Signed, answer: str) -> Entry:
    """A security key as the first second factor, in the place of an app."""
    staff_id, now = signed.account.id, console.clock()
    new = keys.new_key(console, site, signed, answer)
    if new is None:
        return Entry()
    async with console.database.write() as connection:
        # A secret that was shown and never confirmed opens nothing.
        await staff.clear_second_factor(connection, staff_id)
        await security_keys.add(connection, staff_id, new, name=FIRST_KEY, now=now, new_id=console.new_id)
        await staff.confirm_second_factor(connection, staff_id, now)
        fresh = await staff.new_recovery_codes(connection, console.keyring, staff_id, new_id=console.new_id)
        await _record(console, connection, caller, "key_added", staff_id)
        entry = await _go_on(console, connection, caller, signed)
    return Entry(token=entry.token, stage=entry.stage, recovery_codes=tuple(fresh))


async def _go_on(console: Console, connection: Connection, caller: Caller, signed: Signed) -> Entry:
    """From the half session to a whole one, under a new token."""
    await sessions.end(connection, signed.session.id, reason="went_on", now=console.clock())
    return await _open(console, connection, caller, signed.account.id, Stage.FULL)


async def _open(console: Console, connection: Connection, caller: Caller, staff_id: UUID, stage: Stage) -> Entry:
    token, now = fresh_token(), console.clock()
    await sessions.begin(
        connection,
        session_id=console.new_id(),
        token=token,
        staff_id=staff_id,
        stage=stage,
        address=caller.address,
        device=caller.device,
        now=now,
    )
    if stage is Stage.FULL:
        await _record(console, connection, caller, "signed_in", staff_id)
    return Entry(token=token, stage=stage)


async def _note(console: Console, caller: Caller, action: str, account: Account | None) -> None:
    async with console.database.write() as connection:
        await _record(console, connection, caller, action, None if account is None else account.id)


async def _record(console: Console, connection: Connection, caller: Caller, action: str, staff_id: UUID | None) -> None:
    """Never what was typed as a login: people type their password there."""
    act = audit.Act(
        action=action,
        object_kind="session",
        object_id=staff_id,
        # Who failed is not known to be the owner of the account.
        actor=audit.PROGRAM if staff_id is None or action.endswith("_failed") else staff_id,
        address=caller.address,
    )
    await audit.record(connection, console.keyring, act, at=console.clock(), new_id=console.new_id)


_SYSTEMS = (("Windows", "Windows"), ("iPad", "iPad"), ("iPhone", "iPhone"), ("Android", "Android"), ("Mac OS", "Mac"))
_BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))


def device_of(agent: str) -> str:
    """What somebody works with, in two words of our own: never the browser's whole line."""
    system = next((name for mark, name in (*_SYSTEMS, ("Linux", "Linux")) if mark in agent), "不明な機器")
    browser = next((name for mark, name in _BROWSERS if mark in agent), "不明なブラウザー")
    return f"{browser}・{system}"
