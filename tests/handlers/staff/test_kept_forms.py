"""Nothing typed is lost: not when the session has ended, not when the database is gone."""

from __future__ import annotations

import re
from html import unescape

import pytest
from office import Browser, Office, Person, Shown
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from casework.people import Role
from storage import kept_forms
from storage.kept_forms import Kept

pytestmark = pytest.mark.anyio

NOTE = "山田さん宅へ訪問。\n𠮷野家の前、髙橋さんと。<b>&amp;</b> 😀\n\n" + "あ" * 9000


@pytest.fixture
async def admin(office: Office) -> Person:
    return await office.person("admin", Role.ADMIN)


def textarea(shown: Shown, name: str) -> str:
    found = re.search(rf'<textarea[^>]* name="{name}"[^>]*>\n(.*?)</textarea>', shown.text, re.DOTALL)
    assert found is not None
    return unescape(found[1])


async def sent_too_late(office: Office, browser: Browser, person: Person, **fields: str) -> Shown:
    """A form opened in time and sent when the session had run out."""
    await office.sign_in(browser, person)
    token = (await browser.get("/staff/account")).token
    office.clock.passes(minutes=45)
    return await browser.post(f"/staff/people/{person.id}/name", token, **fields)


async def test_what_was_sent_too_late_is_shown_again_after_the_sign_in(office: Office, admin: Person) -> None:
    async with office.browser() as browser:
        shown = await sent_too_late(office, browser, admin, shown_name="新しい名前です", note=NOTE, case="0190-aa")
        assert (shown.status, shown.location) == (303, "/staff/sign-in")
        shown = await office.sign_in(browser, admin)
        assert shown.location == "/staff/kept"
        page = await browser.get("/staff/kept")
        assert textarea(page, "note") == NOTE
        assert textarea(page, "shown_name") == "新しい名前です"
        assert '<input type="hidden" name="case" value="0190-aa">' in page.text
        assert f'action="/staff/people/{admin.id}/name"' in page.text
        kept = re.search(r'name="kept_form" value="([0-9a-f-]+)"', page.text)
        assert kept is not None
        path = f"/staff/people/{admin.id}/name"
        shown = await browser.post(path, page.token, shown_name="新しい名前です", kept_form=kept[1])
        assert shown.status == 303
        assert "新しい名前です" in (await browser.get("/staff/account")).text
        assert (await browser.get("/staff/kept")).status == 303


async def test_it_changes_nothing_before_it_is_sent_again(office: Office, admin: Person) -> None:
    async with office.browser() as browser:
        await sent_too_late(office, browser, admin, shown_name="別の名前")
        await office.sign_in(browser, admin)
        assert "別の名前" not in (await browser.get("/staff/account")).text
        assert "staff_renamed" not in await office.acts()


async def test_it_can_be_thrown_away(office: Office, admin: Person) -> None:
    async with office.browser() as browser:
        await sent_too_late(office, browser, admin, shown_name="別の名前")
        await office.sign_in(browser, admin)
        assert (await browser.send("/staff/kept", "/staff/kept/drop")).status == 303
        assert (await browser.get("/staff/kept")).location == "/staff/"


async def test_somebody_else_who_signs_in_there_does_not_see_it(office: Office, admin: Person) -> None:
    other = await office.person("other", Role.ADMIN)
    async with office.browser() as browser:
        await sent_too_late(office, browser, admin, note=NOTE)
        shown = await office.sign_in(browser, other)
        assert shown.location == "/staff/"
        assert (await browser.get("/staff/kept")).status == 303


async def test_passwords_are_never_kept(office: Office, admin: Person) -> None:
    async with office.browser() as browser:
        await office.sign_in(browser, admin)
        token = (await browser.get("/staff/account")).token
        office.clock.passes(minutes=45)
        await browser.post(
            "/staff/account/password", token, old_password="one", new_password="two", again_password="two"
        )
        assert (await office.sign_in(browser, admin)).location == "/staff/"


async def test_it_is_sealed(office: Office, admin: Person) -> None:
    async with office.browser() as browser:
        await sent_too_late(office, browser, admin, note="PLAINLY-WRITTEN")
    async with office.console.database.read() as connection:
        (row,) = (await connection.exec_driver_sql("SELECT * FROM kept_forms")).all()
    assert "PLAINLY-WRITTEN" not in str(row)


@pytest.mark.parametrize("case", ["no token", "no cookie", "unknown cookie", "signed out", "too large", "foreign"])
async def test_what_is_nobodys_is_not_kept(office: Office, admin: Person, case: str) -> None:
    async with office.browser() as browser:
        await office.sign_in(browser, admin)
        token = (await browser.get("/staff/account")).token
        fields, headers = {"note": NOTE}, {}
        match case:
            case "no token":
                token = ""
            case "no cookie":
                browser.http.cookies.delete("tsunagu")
            case "unknown cookie":
                browser.http.cookies.set("tsunagu", "x" * 43)
            case "signed out":
                await browser.post("/staff/sign-out", token)
                browser.http.cookies.set("tsunagu", "x" * 43)
            case "too large":
                fields = {"note": "x" * 300_000}
            case _:
                headers = {"origin": "https://evil.example"}
        office.clock.passes(minutes=45)
        shown = await browser.post(f"/staff/people/{admin.id}/name", token, headers=headers, **fields)
        assert shown.location == "/staff/sign-in"
    async with office.console.database.read() as connection:
        assert (await connection.exec_driver_sql("SELECT COUNT(*) FROM kept_forms")).scalar_one() == 0


async def test_a_stolen_token_of_an_ended_session_plants_nothing(office: Office, admin: Person) -> None:
    async with office.browser() as browser, office.browser() as thief:
        await office.sign_in(browser, admin)
        token, cookie = (await browser.get("/staff/account")).token, browser.cookie()
        await browser.post("/staff/sign-out", token)
        thief.http.cookies.set("tsunagu", cookie)
        await thief.post(f"/staff/people/{admin.id}/name", token, shown_name="植えつけた名前")
        assert (await office.sign_in(browser, admin)).location == "/staff/"


async def test_it_is_forgotten_after_a_day(office: Office, admin: Person) -> None:
    console = office.console
    async with console.database.write() as connection:
        kept = Kept(id=console.new_id(), path="/staff/x", fields=(("note", NOTE),))
        await kept_forms.keep(connection, console.keyring, admin.id, kept, now=office.clock())
        assert await kept_forms.newest(connection, console.keyring, admin.id, now=office.clock()) == kept
        office.clock.passes(hours=24)
        assert await kept_forms.newest(connection, console.keyring, admin.id, now=office.clock()) is None
        await kept_forms.tidy(connection, office.clock())
        assert (await connection.exec_driver_sql("SELECT COUNT(*) FROM kept_forms")).scalar_one() == 0


# The database is gone


@pytest.fixture
def gone(office: Office) -> list[bool]:
    """While this holds True, the database fails as it does when its disk or its server is away."""
    down = [False]

    def fail(_connection: Connection, *_: object) -> None:
        if down[0]:
            raise OperationalError("a statement with a secret", {}, OSError("unable to open"))

    inline = office.console.database._inline
    assert inline is not None
    for engine in (inline._writer, inline._reader, office.console.database._engine.sync_engine):
        event.listen(engine, "before_cursor_execute", fail)
    return down


async def test_a_page_says_so_and_tries_again_by_itself(office: Office, admin: Person, gone: list[bool]) -> None:
    async with office.browser() as browser:
        await office.sign_in(browser, admin)
        gone[0] = True
        shown = await browser.get("/staff/people")
        assert (shown.status, shown.heading) == (503, "データベースにつながりません")
        assert '<meta http-equiv="refresh" content="5">' in shown.text
        assert shown.answer.headers["retry-after"] == "5"
        assert "secret" not in shown.text
        gone[0] = False
        assert (await browser.get("/staff/people")).status == 200


async def test_a_form_comes_back_with_what_was_typed_and_can_be_sent_again(
    office: Office, admin: Person, gone: list[bool]
) -> None:
    async with office.browser() as browser:
        await office.sign_in(browser, admin)
        path = f"/staff/people/{admin.id}/name"
        token = (await browser.get("/staff/account")).token
        gone[0] = True
        shown = await browser.post(path, token, shown_name="書きかけの名前")
        assert shown.status == 503
        assert "refresh" not in shown.text
        assert textarea(shown, "shown_name") == "書きかけの名前"
        gone[0] = False
        assert (await browser.post(path, shown.token, shown_name="書きかけの名前")).status == 303
        assert "書きかけの名前" in (await browser.get("/staff/account")).text


async def test_signing_in_without_a_database_shows_no_password(office: Office, admin: Person, gone: list[bool]) -> None:
    async with office.browser() as browser:
        token = (await browser.get("/staff/sign-in")).token
        gone[0] = True
        shown = await browser.post("/staff/sign-in", token, login="admin", password="my own password")
        assert shown.status == 503
        assert "my own password" not in shown.text
