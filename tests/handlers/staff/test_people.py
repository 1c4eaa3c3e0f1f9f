"""The admin's pages: accounts and roles."""

from __future__ import annotations

import re

import pytest
from office import PASSWORD, Office, Person

from casework.people import Grant, Role
from storage import staff

pytestmark = pytest.mark.anyio

NEW = {
    "login": "taro",
    "shown_name": "鈴木",
    "organisation": "見本市社会福祉協議会",
    "role": "coordinator",
    "desk": "default",
}


@pytest.fixture
async def admin(office: Office) -> Person:
    return await office.person("admin", Role.ADMIN)


def shown_password(text: str) -> str:
    found = re.search(r'class="secret">([a-z0-9-]+)<', text)
    assert found is not None
    return found[1]


async def grants(office: Office, person: Person) -> list[Grant]:
    async with office.console.database.read() as connection:
        return [one.grant for one in await staff.grants(connection, office.clock(), person.id)]


async def test_a_new_colleague_gets_a_password_that_is_theirs_to_change(office: Office, admin: Person) -> None:
    async with await office.at_work(admin) as browser:
        shown = await browser.send("/staff/people", "/staff/people", **NEW, area="hokubu")
        assert shown.status == 200
        password = shown_password(shown.text)
        assert password not in (await browser.get("/staff/people")).text
    assert (await office.acts())[-4:] == ["staff_seen", "staff_added", "granted", "staff_seen"]
    async with office.console.database.read() as connection:
        account = await staff.by_login(connection, "taro")
    assert account is not None
    person = Person(id=account.id, login="taro", secret=None, password=password)
    assert await grants(office, person) == [
        Grant(role=Role.COORDINATOR, desk_id="default", areas=frozenset({"hokubu"}))
    ]
    async with office.browser() as browser:
        await browser.send("/staff/sign-in", "/staff/sign-in", login="taro", password=password)
        page = await browser.get("/staff/sign-in/set-up")
        async with office.console.database.read() as connection:
            person.secret = await staff.totp_secret(connection, office.console.keyring, person.id)
        await browser.post("/staff/sign-in/set-up", page.token, code=office.code(person))
        form = {"old_password": password, "new_password": PASSWORD, "again_password": PASSWORD}
        shown = await browser.send("/staff/account/password", "/staff/account/password", **form)
        assert shown.location == "/staff/account?changed=password"


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"login": "太郎"}, 422),
        ({"login": "a"}, 422),
        ({"login": "admin"}, 409),
        ({"login": "ADMIN "}, 409),
        ({"shown_name": "  "}, 422),
        ({"organisation": ""}, 422),
        ({"role": "king"}, 422),
        ({"role": ""}, 422),
        ({"desk": "elsewhere"}, 422),
        ({"desk": "*"}, 422),
        ({"area": "atlantis"}, 422),
    ],
)
async def test_what_does_not_fit_is_refused_and_stays_typed(
    office: Office, admin: Person, changed: dict[str, str], status: int
) -> None:
    async with await office.at_work(admin) as browser:
        shown = await browser.send("/staff/people", "/staff/people", **{**NEW, **changed})
        assert shown.status == status
        assert 'role="alert"' in shown.text
        if "shown_name" not in changed:
            assert 'value="鈴木"' in shown.text
    async with office.console.database.read() as connection:
        assert await staff.count(connection) == 1


async def test_a_stand_ins_role_ends_with_its_last_day(office: Office, admin: Person) -> None:
    person = await office.person("taro")
    path = f"/staff/people/{person.id}"
    async with await office.at_work(admin) as browser:
        shown = await browser.send(path, f"{path}/grants", role="supervisor", desk="default", until="2026-11-27")
        assert shown.status == 303
        assert "2026年11月27日(金)まで" in (await browser.get(path)).text
    assert await grants(office, person) == [Grant(role=Role.SUPERVISOR, desk_id="default")]
    office.clock.passes(days=1, hours=13)
    assert len(await grants(office, person)) == 1
    office.clock.passes(hours=2)
    assert await grants(office, person) == []


@pytest.mark.parametrize("until", ["2026-11-25", "yesterday", "2026-13-01"])
async def test_a_role_cannot_end_before_it_begins(office: Office, admin: Person, until: str) -> None:
    person = await office.person("taro")
    path = f"/staff/people/{person.id}"
    async with await office.at_work(admin) as browser:
        shown = await browser.send(path, f"{path}/grants", role="supervisor", desk="default", until=until)
        assert shown.status == 422
    assert await grants(office, person) == []


async def test_a_role_that_is_taken_back_is_gone_with_the_next_page(office: Office, admin: Person) -> None:
    person = await office.person("taro", Role.AUDITOR)
    async with office.console.database.read() as connection:
        (given,) = await staff.grants(connection, office.clock(), person.id)
    async with await office.at_work(admin) as browser, await office.at_work(person) as other:
        assert (await other.get("/staff/audit")).status == 200
        path = f"/staff/people/{person.id}"
        assert (await browser.send(path, f"{path}/grants/{given.id}/remove")).status == 303
        assert (await other.get("/staff/audit")).status == 403


async def test_somebody_elses_role_is_not_taken_through_another_persons_page(office: Office, admin: Person) -> None:
    taro, jiro = await office.person("taro", Role.AUDITOR), await office.person("jiro", Role.AUDITOR)
    async with office.console.database.read() as connection:
        (given,) = await staff.grants(connection, office.clock(), jiro.id)
    async with await office.at_work(admin) as browser:
        path = f"/staff/people/{taro.id}"
        assert (await browser.send(path, f"{path}/grants/{given.id}/remove")).status == 404
    assert len(await grants(office, jiro)) == 1


async def test_the_last_admin_stays(office: Office, admin: Person) -> None:
    async with office.console.database.read() as connection:
        (given,) = await staff.grants(connection, office.clock(), admin.id)
    path = f"/staff/people/{admin.id}"
    async with await office.at_work(admin) as browser:
        for act in ("disable", f"grants/{given.id}/remove"):
            shown = await browser.send(path, f"{path}/{act}")
            assert shown.status == 409
            assert "管理者が一人もいなくなる" in shown.text
        await office.person("second", Role.ADMIN)
        assert (await browser.send(path, f"{path}/grants/{given.id}/remove")).status == 303


async def test_a_lost_phone(office: Office, admin: Person) -> None:
    person = await office.person("taro", Role.COORDINATOR)
    path = f"/staff/people/{person.id}"
    async with await office.at_work(admin) as browser, await office.at_work(person) as other:
        assert (await browser.send(path, f"{path}/factor")).status == 303
        assert (await other.get("/staff/account")).status == 303
        await other.send("/staff/sign-in", "/staff/sign-in", login="taro", password=PASSWORD)
        assert (await other.get("/staff/")).location.startswith("/staff/sign-in/set-up")


async def test_a_forgotten_password(office: Office, admin: Person) -> None:
    person = await office.person("taro", Role.COORDINATOR)
    path = f"/staff/people/{person.id}"
    async with await office.at_work(admin) as browser, await office.at_work(person) as other:
        person.password = shown_password((await browser.send(path, f"{path}/password")).text)
        assert (await other.get("/staff/account")).status == 303
        await office.sign_in(other, person)
        assert (await other.get("/staff/account/password")).status == 200


async def test_nobody_resets_their_own_second_factor(office: Office, admin: Person) -> None:
    path = f"/staff/people/{admin.id}"
    async with await office.at_work(admin) as browser:
        for act in ("password", "factor"):
            assert (await browser.send(path, f"{path}/{act}")).status == 409


async def test_a_disabled_colleague_can_come_back(office: Office, admin: Person) -> None:
    person = await office.person("taro", Role.COORDINATOR)
    path = f"/staff/people/{person.id}"
    async with await office.at_work(admin) as browser, office.browser() as other:
        await browser.send(path, f"{path}/disable")
        shown = await other.send("/staff/sign-in", "/staff/sign-in", login="taro", password=PASSWORD)
        assert shown.status == 401
        assert "停止中" in (await browser.get("/staff/people")).text
        await browser.send(path, f"{path}/enable")
        assert (await office.sign_in(other, person)).status == 303


async def test_a_desks_admin_keeps_that_desks_accounts_only(town: Office) -> None:
    async with await town.at_work(town.people["other_desk"]) as browser:
        text = (await browser.get("/staff/people")).text
        assert town.people["other_desk"].login in text
        assert "/staff/people/" + town.ids["staff_id"] not in text
        shown = await browser.send("/staff/people", "/staff/people", **{**NEW, "desk": "default"})
        assert shown.status == 422


async def test_who_has_roles_at_two_desks_is_kept_by_neither_ones_admin(office: Office, admin: Person) -> None:
    both = [Grant(role=Role.SUPERVISOR, desk_id=desk) for desk in ("default", "other")]
    person = await office.person("taro", *both)
    chief = await office.person("chief", Grant(role=Role.ADMIN))
    async with await office.at_work(admin) as browser:
        assert (await browser.get(f"/staff/people/{person.id}")).status == 404
        assert (await browser.get(f"/staff/people/{chief.id}")).status == 404
    async with await office.at_work(chief) as browser:
        assert (await browser.get(f"/staff/people/{person.id}")).status == 200


# One's own account


@pytest.mark.parametrize(
    ("new", "again", "said"),
    [
        ("kitsune", "kitsune", "12文字以上"),
        ("x" * 20, "x" * 20, "くり返し"),
        ("password1234", "password1234", "推測"),
        ("admin-admin-admin", "admin-admin-admin", "推測"),
        ("long-enough-words", "long-enough-wordz", "同じではありません"),
        (PASSWORD, PASSWORD, "別のもの"),
        ("ab-" * 100, "ab-" * 100, "128文字"),
    ],
)
async def test_a_new_password_has_to_be_one(office: Office, admin: Person, new: str, again: str, said: str) -> None:
    async with await office.at_work(admin) as browser:
        path = "/staff/account/password"
        shown = await browser.send(path, path, old_password=PASSWORD, new_password=new, again_password=again)
        assert shown.status == 422
        assert said in shown.text
        assert new not in shown.text


async def test_an_open_screen_does_not_give_the_password_away(office: Office, admin: Person) -> None:
    async with await office.at_work(admin) as browser:
        path = "/staff/account/password"
        form = {"new_password": "long-enough-words", "again_password": "long-enough-words"}
        for _ in range(6):
            shown = await browser.send(path, path, old_password="guess", **form)
        assert "しばらく待って" in shown.text
        office.clock.passes(minutes=15)
        assert (await browser.send(path, path, old_password=PASSWORD, **form)).status == 303


async def test_a_new_password_ends_all_other_sessions(office: Office, admin: Person) -> None:
    async with await office.at_work(admin) as here, await office.at_work(admin) as elsewhere:
        path = "/staff/account/password"
        form = {"old_password": PASSWORD, "new_password": "long-enough-words", "again_password": "long-enough-words"}
        assert (await here.send(path, path, **form)).status == 303
        assert (await here.get("/staff/account")).status == 200
        assert (await elsewhere.get("/staff/account")).status == 303


async def test_new_recovery_codes_need_the_password(office: Office, admin: Person) -> None:
    path = "/staff/account/recovery-codes"
    async with await office.at_work(admin) as browser:
        assert (await browser.send(path, path, password="wrong")).status == 422
        shown = await browser.send(path, path, password=PASSWORD)
        assert shown.text.count("<li>") == staff.RECOVERY_CODES


async def test_the_account_tells_where_one_is_signed_in(office: Office, admin: Person) -> None:
    async with await office.at_work(admin) as here:
        office.clock.passes(minutes=5)
        async with await office.at_work(admin, "198.51.100.77"):
            text = (await here.get("/staff/account")).text
    assert "198.51.100.77" in text
    assert text.count("この画面</span>") == 1
