"""Signing in: password, then code; what is wrong is never told apart, and nobody can lock others out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends
from office import PASSWORD, Browser, Office, Person, Shown

from casework.people import Role, Viewer
from casework.permissions import Action
from handlers.staff import app as app_module
from handlers.staff.access import require
from storage import audit, sessions, staff

pytestmark = pytest.mark.anyio

WRONG = "名前かパスワードが違います。"


async def given_password(browser: Browser, login: str, password: str) -> Shown:
    return await browser.send("/staff/sign-in", "/staff/sign-in", login=login, password=password)


@pytest.fixture
async def hanako(office: Office) -> Person:
    return await office.person("hanako", Role.COORDINATOR, Role.ADMIN)


async def test_password_and_code_open_the_console(office: Office, hanako: Person) -> None:
    async with office.browser() as browser:
        shown = await given_password(browser, "hanako", PASSWORD)
        assert (shown.status, shown.location) == (303, "/staff/sign-in/code?next=/staff/")
        assert (await browser.get("/staff/account")).location.startswith("/staff/sign-in/code")
        shown = await browser.send(shown.location, "/staff/sign-in/code", code=office.code(hanako), next="/staff/")
        assert (shown.status, shown.location) == (303, "/staff/")
        assert (await browser.get("/staff/account")).status == 200
    assert await office.acts() == ["signed_in"]


@pytest.mark.parametrize("login", ["HANAKO", " hanako ", "Hanako"])
async def test_a_login_may_be_written_in_any_case(office: Office, hanako: Person, login: str) -> None:
    async with office.browser() as browser:
        assert (await given_password(browser, login, PASSWORD)).status == 303


async def test_a_password_may_be_typed_in_full_width(office: Office, hanako: Person) -> None:
    wide = PASSWORD.translate({n: n + 0xFEE0 for n in range(0x21, 0x7F)})
    async with office.browser() as browser:
        assert (await given_password(browser, "hanako", wide)).status == 303


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("hanako", "wrong"),
        ("hanako", ""),
        ("hanako", PASSWORD.upper()),
        ("nobody", PASSWORD),
        ("", ""),
        ("hanako\x00", PASSWORD),
        ("' OR 1=1 --", PASSWORD),
        ("hanako", "x" * 100_000),
    ],
)
async def test_what_is_wrong_gets_one_answer(office: Office, hanako: Person, login: str, password: str) -> None:
    async with office.browser() as browser:
        shown = await given_password(browser, login, password)
    assert (shown.status, WRONG in shown.text) == (401, True)
    assert password not in shown.text or not password
    assert await office.acts() == ["sign_in_failed"]


async def test_the_audit_never_holds_what_was_typed(office: Office, hanako: Person) -> None:
    async with office.browser() as browser:
        await given_password(browser, "my-secret-password", "x")
    async with office.console.database.read() as connection:
        rows = await connection.exec_driver_sql("SELECT * FROM audit")
        assert "my-secret-password" not in str(rows.all())


async def test_a_failure_is_not_put_down_to_the_owner_of_the_account(office: Office, hanako: Person) -> None:
    async with office.browser() as browser:
        await given_password(browser, "hanako", "wrong")
        await half(office, hanako, browser)
        await code(browser, "000000")
    async with office.console.database.read() as connection:
        rows = await audit.entries(connection, audit.Wanted(), limit=9)
    assert [(row.action, row.actor) for row in rows] == [
        ("code_failed", audit.PROGRAM),
        ("sign_in_failed", audit.PROGRAM),
    ]
    assert {row.object_id for row in rows} == {str(hanako.id)}


async def test_a_disabled_account_is_like_none(office: Office, hanako: Person) -> None:
    async with office.browser() as unknown, office.browser("198.51.100.2") as disabled:
        before = await given_password(unknown, "nobody", PASSWORD)
        async with office.console.database.write() as connection:
            await staff.set_disabled(connection, hanako.id, office.clock())
        shown = await given_password(disabled, "hanako", PASSWORD)
        assert (shown.status, shown.heading) == (before.status, before.heading)
        assert WRONG in shown.text


async def test_an_unknown_login_costs_as_much_as_a_wrong_password(office: Office, hanako: Person) -> None:
    """Not timed: both take the same steps, the costly one — the hash — among them."""
    asked: list[bool] = []

    class Counted(type(office.console.passwords)):  # type: ignore[misc]
        def _verify(self, stored: str, password: bytes) -> bool:
            asked.append(stored.startswith("$argon2id$"))
            return bool(super()._verify(stored, password))

    passwords = Counted(office.console.passwords._hasher)
    counted = Office.over(replace(office.console, passwords=passwords), office.clock)
    for login in ("hanako", "nobody"):
        async with counted.browser() as browser:
            await given_password(browser, login, "wrong")
    assert asked == [True, True]


# Brute force


async def test_who_fails_again_and_again_waits_longer_and_longer(office: Office, hanako: Person) -> None:
    async with office.browser() as browser:
        waits = []
        for _ in range(9):
            shown = await given_password(browser, "hanako", "wrong")
            waits.append(shown.status)
            office.clock.passes(seconds=1)
        assert waits[:4] == [401, 401, 401, 401]
        assert waits.count(429) >= 3
        shown = [await given_password(browser, "hanako", "wrong") for _ in range(2)][-1]
        assert "待ってから" in shown.text


async def test_while_waiting_even_the_right_password_is_not_looked_at(office: Office, hanako: Person) -> None:
    async with office.browser() as browser:
        for _ in range(5):
            await given_password(browser, "hanako", "wrong")
        assert (await given_password(browser, "hanako", PASSWORD)).status == 429
        office.clock.passes(minutes=15)
        assert (await given_password(browser, "hanako", PASSWORD)).status == 303


async def test_nobody_can_lock_somebody_else_out(office: Office, hanako: Person) -> None:
    async with office.browser("198.51.100.9") as attacker, office.browser() as browser:
        for _ in range(30):
            await given_password(attacker, "hanako", "wrong")
        assert (await given_password(attacker, "hanako", PASSWORD)).status == 429
        assert (await given_password(browser, "hanako", PASSWORD)).status == 303


async def test_a_wait_never_grows_beyond_a_quarter_of_an_hour(office: Office, hanako: Person) -> None:
    async with office.browser() as browser:
        for _ in range(40):
            await given_password(browser, "hanako", "wrong")
            office.clock.passes(minutes=15)
        assert (await given_password(browser, "hanako", PASSWORD)).status == 303


async def test_trying_many_names_from_one_address_is_slowed_down(office: Office, hanako: Person) -> None:
    async with office.browser() as browser:
        statuses = [(await given_password(browser, f"name-{n}", "wrong")).status for n in range(40)]
    assert statuses[:20] == [401] * 20
    assert statuses[-1] == 429


async def test_an_ipv6_network_counts_as_one_address(office: Office, hanako: Person) -> None:
    for n in range(1, 6):
        async with office.browser(f"2001:db8::{n:x}") as browser:
            await given_password(browser, "hanako", "wrong")
    async with office.browser("2001:db8::99") as browser:
        assert (await given_password(browser, "hanako", PASSWORD)).status == 429
    async with office.browser("2001:db8:1::1") as browser:
        assert (await given_password(browser, "hanako", PASSWORD)).status == 303


async def test_a_colleague_who_fails_does_not_stop_who_has_signed_in_from_here(office: Office, hanako: Person) -> None:
    async with office.browser() as browser:
        await office.sign_in(browser, hanako)
    async with office.browser() as careless:
        for n in range(40):
            await given_password(careless, f"name-{n}", "wrong")
    async with office.browser() as browser:
        assert (await given_password(browser, "hanako", PASSWORD)).status == 303


async def test_a_success_forgets_the_failures_before_it(office: Office, hanako: Person) -> None:
    async with office.browser() as browser:
        for _ in range(4):
            for _ in range(3):
                assert (await given_password(browser, "hanako", "wrong")).status == 401
            assert (await given_password(browser, "hanako", PASSWORD)).status == 303
            browser.http.cookies.delete("tsunagu")


# The second factor


async def half(office: Office, person: Person, browser: Browser) -> None:
    office.clock.passes(seconds=30)
    await given_password(browser, person.login, PASSWORD)


async def code(browser: Browser, typed: str) -> Shown:
    return await browser.send("/staff/sign-in/code", "/staff/sign-in/code", code=typed, next="/staff/")


async def test_a_code_opens_once(office: Office, hanako: Person) -> None:
    async with office.browser() as first, office.browser() as second:
        await half(office, hanako, first)
        await given_password(second, "hanako", PASSWORD)
        seen = office.code(hanako)
        assert (await code(first, seen)).status == 303
        assert (await code(second, seen)).status == 401
        office.clock.passes(seconds=30)
        assert (await code(second, office.code(hanako))).status == 303


async def test_a_code_before_the_last_one_is_not_taken_either(office: Office, hanako: Person) -> None:
    async with office.browser() as first, office.browser() as second:
        await half(office, hanako, first)
        await given_password(second, "hanako", PASSWORD)
        older = office.code(hanako)
        office.clock.passes(seconds=30)
        assert (await code(first, office.code(hanako))).status == 303
        assert (await code(second, older)).status == 401


@pytest.mark.parametrize("seconds", [-30, 0, 30])
async def test_a_clock_may_be_half_a_minute_off(office: Office, hanako: Person, seconds: int) -> None:
    async with office.browser() as browser:
        await half(office, hanako, browser)
        shown = office.code(hanako)
        office.clock.passes(seconds=seconds)
        assert (await code(browser, shown)).status == 303


@pytest.mark.parametrize("seconds", [-90, 90])
async def test_but_no_more(office: Office, hanako: Person, seconds: int) -> None:
    async with office.browser() as browser:
        office.clock.passes(minutes=2)
        shown = office.code(hanako)
        office.clock.passes(seconds=seconds)
        await given_password(browser, "hanako", PASSWORD)
        assert (await code(browser, shown)).status == 401


async def test_a_code_may_be_typed_as_people_type(office: Office, hanako: Person) -> None:
    async with office.browser() as browser:
        await half(office, hanako, browser)
        digits = office.code(hanako).translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
        assert (await code(browser, f" {digits[:3]} {digits[3:]} ")).status == 303


async def test_guessing_codes_is_slowed_down_whatever_the_address(office: Office, hanako: Person) -> None:
    """Who guesses them has the password already."""
    statuses = []
    for n in range(12):
        async with office.browser(f"198.51.100.{n}") as browser:
            await given_password(browser, "hanako", PASSWORD)
            statuses.append((await code(browser, "000000")).status)
    assert statuses[:5] == [401] * 5
    assert statuses[-1] == 429


async def test_guesses_elsewhere_do_not_stop_the_owner_where_they_work(office: Office, hanako: Person) -> None:
    async with office.browser() as browser:
        await office.sign_in(browser, hanako)
    for n in range(12):
        async with office.browser(f"198.51.100.{n}") as stranger:
            await given_password(stranger, "hanako", PASSWORD)
            await code(stranger, "000000")
    async with office.browser() as browser:
        await half(office, hanako, browser)
        assert (await code(browser, office.code(hanako))).status == 303


async def test_a_newcomer_sets_up_the_second_factor_and_gets_recovery_codes(office: Office) -> None:
    newcomer = await office.person("taro", Role.COORDINATOR, factor=False)
    async with office.browser() as browser:
        shown = await given_password(browser, "taro", PASSWORD)
        shown = await browser.get(shown.location)
        assert shown.location == "/staff/sign-in/set-up?next=/staff/"
        shown = await browser.get(shown.location)
        assert 'src="data:image/svg+xml' in shown.text
        async with office.console.database.read() as connection:
            newcomer.secret = await staff.totp_secret(connection, office.console.keyring, newcomer.id)
        again = await browser.get("/staff/sign-in/set-up")
        assert again.text.split("secret")[1][:60] == shown.text.split("secret")[1][:60]
        assert (await browser.post("/staff/sign-in/set-up", again.token, code="123456")).status == 401
        shown = await browser.post("/staff/sign-in/set-up", again.token, code=office.code(newcomer))
        assert shown.heading == "予備コード"
        codes = shown.text.split("<li>")[1:]
        assert len(codes) == staff.RECOVERY_CODES
        recovery = codes[0].split("<")[0]
    async with office.browser() as browser:
        await half(office, newcomer, browser)
        assert (await code(browser, recovery.upper())).status == 303
    async with office.browser() as browser:
        await half(office, newcomer, browser)
        assert (await code(browser, recovery)).status == 401
    assert "recovery_used" in await office.acts()


async def test_somebody_elses_recovery_code_opens_nothing(office: Office, hanako: Person) -> None:
    other = await office.person("taro", Role.COORDINATOR)
    async with office.console.database.write() as connection:
        codes = await staff.new_recovery_codes(
            connection, office.console.keyring, other.id, new_id=office.console.new_id
        )
    async with office.browser() as browser:
        await half(office, hanako, browser)
        assert (await code(browser, codes[0])).status == 401


async def test_the_second_factor_cannot_be_set_up_a_second_time_with_the_password_alone(
    office: Office, hanako: Person
) -> None:
    async with office.browser() as browser:
        await half(office, hanako, browser)
        token = (await browser.get("/staff/sign-in/code")).token
        assert (await browser.get("/staff/sign-in/set-up")).location.startswith("/staff/sign-in/code")
        shown = await browser.post("/staff/sign-in/set-up", token, code=office.code(hanako))
        assert (shown.status, shown.location) == (303, "/staff/sign-in/code")
        assert (await browser.get("/staff/account")).status == 303


async def test_the_time_between_password_and_code_is_short(office: Office, hanako: Person) -> None:
    async with office.browser() as browser:
        await half(office, hanako, browser)
        office.clock.passes(minutes=10)
        assert (await browser.get("/staff/sign-in/code")).location == "/staff/sign-in?next=/staff/sign-in/code"


async def test_only_the_simulator_waives_the_second_factor(office: Office, hanako: Person) -> None:
    practice = Office.over(replace(office.console, simulator=True), office.clock)
    async with practice.browser() as browser:
        shown = await given_password(browser, "hanako", PASSWORD)
        assert (shown.status, shown.location) == (303, "/staff/")
        page = await browser.get("/staff/account")
        assert "練習用" in page.text
    async with office.browser() as browser:
        assert "練習用" not in (await browser.get("/staff/sign-in")).text


# Sessions


async def test_a_session_ends_when_nothing_is_done(office: Office, hanako: Person) -> None:
    async with office.browser() as browser:
        await office.sign_in(browser, hanako)
        for _ in range(3):
            office.clock.passes(minutes=29)
            assert (await browser.get("/staff/account")).status == 200
        office.clock.passes(minutes=30)
        assert (await browser.get("/staff/account")).location == "/staff/sign-in?next=/staff/account"


async def test_a_session_ends_after_half_a_day_whatever_is_done(office: Office, hanako: Person) -> None:
    async with office.browser() as browser:
        await office.sign_in(browser, hanako)
        for _ in range(35):
            office.clock.passes(minutes=20)
            assert (await browser.get("/staff/account")).status == 200
        office.clock.passes(minutes=20)
        assert (await browser.get("/staff/account")).status == 303


async def test_what_scripts_ask_by_themselves_is_no_sign_of_life(
    office: Office, hanako: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    router = APIRouter()

    @router.get("/news")
    async def _news(viewer: Annotated[Viewer, Depends(require(Action.SEE_QUEUE, quiet=True))]) -> str:
        return "nothing new"

    monkeypatch.setattr(app_module, "ROUTERS", (*app_module.ROUTERS, router))
    office = Office.over(office.console, office.clock)
    async with office.browser() as browser:
        await office.sign_in(browser, hanako)
        for _ in range(2):
            office.clock.passes(minutes=14)
            assert (await browser.get("/staff/news")).status == 200
        office.clock.passes(minutes=3)
        assert (await browser.get("/staff/news")).status == 303


async def test_signing_out_ends_the_session_not_only_the_cookie(office: Office, hanako: Person) -> None:
    async with office.browser() as browser, office.browser() as thief:
        await office.sign_in(browser, hanako)
        thief.http.cookies.set("tsunagu", browser.cookie())
        assert (await thief.get("/staff/account")).status == 200
        shown = await browser.send("/staff/account", "/staff/sign-out")
        assert (shown.status, shown.location) == (303, "/staff/sign-in")
        assert "tsunagu" not in browser.http.cookies
        assert (await thief.get("/staff/account")).status == 303


async def test_all_other_sessions_can_be_ended(office: Office, hanako: Person) -> None:
    async with office.browser() as here, office.browser() as elsewhere:
        await office.sign_in(here, hanako)
        await office.sign_in(elsewhere, hanako)
        await here.send("/staff/account", "/staff/account/sign-out-elsewhere")
        assert (await here.get("/staff/account")).status == 200
        assert (await elsewhere.get("/staff/account")).status == 303


async def test_a_session_of_a_disabled_account_is_over_at_once(office: Office, hanako: Person) -> None:
    async with office.browser() as browser:
        await office.sign_in(browser, hanako)
        async with office.console.database.write() as connection:
            await staff.set_disabled(connection, hanako.id, office.clock())
        assert (await browser.get("/staff/account")).status == 303


async def test_a_session_planted_before_the_sign_in_is_worth_nothing(office: Office, hanako: Person) -> None:
    """Fixation: every step gives a new token, whatever cookie came."""
    async with office.browser() as browser, office.browser() as attacker:
        browser.http.cookies.set("tsunagu", "planted", domain="127.0.0.1", path="/")
        await half(office, hanako, browser)
        after_password = browser.cookie()
        await code(browser, office.code(hanako))
        assert len({"planted", after_password, browser.cookie()}) == 3
        for token in ("planted", after_password):
            attacker.http.cookies.set("tsunagu", token)
            assert (await attacker.get("/staff/account")).status == 303
            attacker.http.cookies.clear()


async def test_the_database_holds_no_token_and_no_secret(office: Office, hanako: Person) -> None:
    async with office.browser() as browser:
        await office.sign_in(browser, hanako)
        token = browser.cookie()
    async with office.console.database.read() as connection:
        dump = str(
            [(await connection.exec_driver_sql(f"SELECT * FROM {name}")).all() for name in ("staff", "staff_sessions")]
        )
    assert token not in dump
    assert hanako.secret is not None
    assert hanako.secret not in dump
    assert PASSWORD not in dump


async def test_the_cookie_is_kept_from_scripts_and_other_sites(office: Office, hanako: Person) -> None:
    secure = Office.over(replace(office.console, origin="https://desk.example"), office.clock)
    async with office.browser() as plain, secure.browser(site="https://desk.example") as browser:
        for one in (plain, browser):
            shown = await given_password(one, "hanako", PASSWORD)
            cookie = next(c for c in shown.answer.headers.get_list("set-cookie") if "tsunagu=" in c)
            assert "HttpOnly" in cookie
            assert "SameSite=lax" in cookie
            assert "Path=/" in cookie
        assert cookie.startswith("__Host-tsunagu=")
        assert "Secure" in cookie
        assert "Domain" not in cookie


async def test_old_sessions_and_failures_are_forgotten(office: Office, hanako: Person) -> None:
    async with office.browser() as browser:
        await given_password(browser, "hanako", "wrong")
        await office.sign_in(browser, hanako)
    office.clock.passes(days=91)
    async with office.console.database.write() as connection:
        await sessions.tidy(connection, office.clock())
        for name in ("staff_sessions", "sign_in_tries"):
            assert (await connection.exec_driver_sql(f"SELECT COUNT(*) FROM {name}")).scalar_one() == 0


def test_a_delay_grows_and_ends() -> None:
    delays = [sessions.delay(sessions.TryKind.ACCOUNT_HERE, n) for n in range(40)]
    assert delays == sorted(delays)
    assert delays[3] == timedelta(0)
    assert delays[4] == timedelta(seconds=2)
    assert delays[-1] == timedelta(minutes=15)
