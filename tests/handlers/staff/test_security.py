"""What holds for every route: forms are ours, answers carry their headers, nothing leaves the console."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network

import httpx
import pytest
from access import ACCESS, Who
from office import PASSWORD, SITE, Browser, Office

from casework.people import Role
from handlers.staff.app import access_of, every_route
from handlers.staff.security import LARGEST_BODY, own_path

pytestmark = pytest.mark.anyio

POSTS = sorted(path for method, path in ACCESS if method == "POST")
HEADERS = ("content-security-policy", "x-content-type-options", "x-frame-options", "referrer-policy", "cache-control")
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


async def somebody(town: Office, path: str) -> Browser:
    """Who may send this form, or at least get as far as its token."""
    route = next(route for route in every_route() if route.path == path)
    if access_of(route).need == "password":
        browser = town.browser()
        person = town.people[Who.OWNER.value]
        await browser.send("/staff/sign-in", "/staff/sign-in", login=person.login, password=PASSWORD)
        return browser
    # Whose form it is, is looked at before what they may.
    return await town.at_work(town.people[Who.OWNER.value])


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("case", ["none", "wrong", "of another session", "other site", "null origin", "by fetch"])
async def test_a_form_that_is_not_ours_changes_nothing(town: Office, path: str, case: str) -> None:
    form = dict(ACCESS["POST", path].form)
    full = f"/staff{path.format(**town.ids)}"
    async with await somebody(town, path) as browser, await town.at_work(town.people["someone"]) as other:
        page = "/staff/sign-in/code" if "sign-in/" in path else "/staff/account"
        own = (await browser.get(page)).token if path != "/sign-in" else (await browser.get("/staff/account")).token
        token, headers = own, {}
        match case:
            case "none":
                token = ""
            case "wrong":
                token = "0" * 64
            case "of another session":
                token = (await other.get("/staff/account")).token
            case "other site":
                headers = {"origin": "https://evil.example"}
            case "null origin":
                headers = {"origin": "null"}
            case "by fetch":
                headers = {"sec-fetch-site": "cross-site"}
        before = await town.acts()
        shown = await browser.post(full, token, headers=headers, **form)
        assert shown.status == 403, path
        assert shown.heading == "画面が古くなっています"
        assert await town.acts() == before


async def test_a_form_is_refused_without_any_cookie(town: Office) -> None:
    async with town.browser() as browser:
        token = (await browser.get("/staff/sign-in")).token
    async with town.browser() as browser:
        shown = await browser.post("/staff/sign-in", token, login="owner", password=PASSWORD)
        assert shown.status == 403


async def test_a_sign_in_form_belongs_to_the_browser_that_got_it(town: Office) -> None:
    """Nobody signs somebody else in under an account of their own."""
    async with town.browser() as attacker, town.browser() as victim:
        token = (await attacker.get("/staff/sign-in")).token
        await victim.get("/staff/sign-in")
        assert (await victim.post("/staff/sign-in", token, login="owner", password=PASSWORD)).status == 403


async def test_a_script_of_ours_may_send_the_token_as_a_header(town: Office) -> None:
    async with await town.at_work(town.people["owner"]) as browser:
        token = (await browser.get("/staff/account")).token
        shown = await browser.post("/staff/account/sign-out-elsewhere", "", headers={"x-form-token": token})
        assert shown.status == 303


# Headers


@pytest.mark.parametrize(
    "path",
    ["/staff/", "/staff/sign-in", "/staff/nope", "/staff/people", "/staff/people/not-an-id", "/staff/static/base.css"],
)
async def test_every_answer_carries_the_security_headers(town: Office, path: str) -> None:
    for browser in (town.browser(), await town.at_work(town.people["owner"])):
        async with browser:
            answer = (await browser.get(path)).answer
            assert all(name in answer.headers for name in HEADERS), path
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("status", [403, 404, 405, 413, 421])
async def test_an_error_is_a_page_with_headers_too(town: Office, status: int) -> None:
    guarded = Office.over(replace(town.console, hosts=frozenset({"127.0.0.1"})), town.clock)
    async with guarded.browser() as browser:
        match status:
            case 403:
                shown = await browser.post("/staff/sign-in", "x")
            case 404:
                shown = await browser.get("/staff/nope")
            case 405:
                shown = await browser.post("/staff/account", "x")
            case 413:
                shown = await browser.post("/staff/sign-in", "x", login="a" * LARGEST_BODY)
            case _:
                shown = await browser.get("/staff/sign-in", headers={"host": "evil.example"})
        assert shown.status == status
        assert shown.heading
        assert all(name in shown.answer.headers for name in HEADERS)


async def test_pages_have_nothing_inline_and_nothing_from_elsewhere(town: Office) -> None:
    async with await town.at_work(town.people["admin"]) as browser:
        for path in ("/staff/people", "/staff/account", f"/staff/people/{town.ids['staff_id']}"):
            text = (await browser.get(path)).text
            for mark in (" style=", "<style", " onclick=", "javascript:", "http://", "https://", "//cdn"):
                assert mark not in text, (path, mark)


async def test_pages_stay_out_of_caches_and_files_stay_in(town: Office) -> None:
    async with town.browser() as browser:
        page = await browser.get("/staff/sign-in")
        assert page.answer.headers["cache-control"] == "no-store"
        assert "immutable" in (await browser.get("/staff/static/base.css")).answer.headers["cache-control"]


@pytest.mark.parametrize("path", ["/staff/static/../app.py", "/staff/static/%2e%2e/app.py", "/staff/static/"])
async def test_only_our_files_are_files(town: Office, path: str) -> None:
    async with town.browser() as browser:
        assert (await browser.get(path)).status in {404, 405, 303}


# Where requests come from, and for which name


async def test_only_addresses_of_the_list_get_in(town: Office) -> None:
    networks = (ip_network("10.0.0.0/8"), ip_network("2001:db8::/32"))
    guarded = Office.over(replace(town.console, networks=networks), town.clock)
    for address, status in (("10.2.3.4", 200), ("::ffff:10.2.3.4", 200), ("2001:db8::7", 200), ("203.0.113.1", 403)):
        async with guarded.browser(address) as browser:
            assert (await browser.get("/staff/sign-in")).status == status
            assert (await browser.get("/staff/static/base.css")).status == status


@pytest.mark.parametrize("host", ["evil.example", "desk.example.evil.example", "[", ""])
async def test_a_foreign_name_for_this_machine_gets_nothing(town: Office, host: str) -> None:
    guarded = Office.over(replace(town.console, hosts=frozenset({"desk.example"})), town.clock)
    async with guarded.browser() as browser:
        assert (await browser.get("/staff/sign-in", headers={"host": "desk.example:8443"})).status == 200
        assert (await browser.get("/staff/sign-in", headers={"host": host})).status == 421


# Redirects


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/staff//evil.example",
        "/staff/..//evil.example",
        "/staff/\r\nset-cookie: a=b",
        "/staff/%0d%0aset-cookie:a=b",
        "javascript:alert(1)",
        "/other",
        "/staffing",
        "/staff/?next=https://evil.example",
        "/staff/" + "a" * 600,
        "",
    ],
)
async def test_no_redirect_leaves_the_console(town: Office, path: str) -> None:
    assert own_path(path) == "/staff/"
    async with town.browser() as browser:
        token = (await browser.get("/staff/sign-in")).token
        shown = await browser.post("/staff/sign-in", token, login="owner", password=PASSWORD, next=path)
        assert shown.location == "/staff/sign-in/code?next=/staff/"
        assert "set-cookie: a" not in str(shown.answer.headers)
        page = await browser.get("/staff/sign-in/code", params={"next": path})
        assert 'name="next" value="/staff/"' in page.text


@pytest.mark.parametrize("path", ["/staff/", "/staff", "/staff/cases/1-2", "/staff/audit?actor=x&since=2026-01-01"])
def test_own_paths_are_kept(path: str) -> None:
    assert own_path(path) == path


async def test_who_has_signed_in_comes_to_where_they_wanted_to_go(town: Office) -> None:
    async with town.browser() as browser:
        shown = await browser.get("/staff/audit?actor=program")
        assert shown.location == "/staff/sign-in?next=/staff/audit%3Factor%3Dprogram"
        page = await browser.get(shown.location)
        assert 'name="next" value="/staff/audit?actor=program"' in page.text


# Words that want to be more


async def test_names_are_shown_as_typed_and_do_nothing(office: Office) -> None:
    admin = await office.person("admin", Role.ADMIN, Role.AUDITOR, shown_name=HOSTILE, organisation=HOSTILE)
    other = await office.person("other", Role.COORDINATOR, shown_name=HOSTILE)
    async with await office.at_work(admin) as browser:
        for path in ("/staff/people", f"/staff/people/{other.id}", "/staff/account", "/staff/audit"):
            text = (await browser.get(path)).text
            assert "&lt;script&gt;" in text, path
            assert "<script>alert" not in text, path
            assert "<img src=x" not in text, path


@pytest.mark.parametrize("name", ["actor", "act", "object_kind", "object_id", "since", "until", "after"])
async def test_what_stands_in_an_address_does_nothing(town: Office, name: str) -> None:
    async with await town.at_work(town.people["auditor"]) as browser:
        shown = await browser.get("/staff/audit", params={name: HOSTILE})
        assert shown.status == 200
        assert HOSTILE not in shown.text


async def test_control_letters_do_not_get_into_names(office: Office) -> None:
    admin = await office.person("admin", Role.ADMIN)
    async with await office.at_work(admin) as browser:
        path = f"/staff/people/{admin.id}"
        await browser.send(path, f"{path}/name", shown_name="さ\x00と\u202eう\r\nBcc: x\x1b")
        assert "さとう Bcc: x" in (await browser.get(path)).text


async def test_bytes_that_are_no_text_are_no_fault(town: Office) -> None:
    async with await town.at_work(town.people["admin"]) as browser:
        token = (await browser.get("/staff/account")).token
        for body in (b"\xff\xfe", b"token=%ff&shown_name=%ff", b"=" * 1000, b"&" * 3000, b"token[]=1"):
            headers = {"origin": SITE, "content-type": "application/x-www-form-urlencoded", "x-form-token": token}
            path = f"/staff/people/{town.ids['staff_id']}/name"
            answer = await browser.http.post(path, content=body, headers=headers)
            assert answer.status_code in {303, 400, 422}
        answer = await browser.http.post(
            path, content=b"--x\r\n", headers={**headers, "content-type": "multipart/form-data; boundary=x"}
        )
        assert answer.status_code in {303, 400, 422}


async def test_more_than_is_bearable_is_refused_whatever_was_announced(town: Office) -> None:
    async def endless() -> object:
        for _ in range(3):
            yield b"a" * (LARGEST_BODY // 2)

    async with town.browser() as browser:
        await browser.get("/staff/sign-in")
        headers = {"content-type": "application/x-www-form-urlencoded"}
        answer = await browser.http.post("/staff/sign-in", content=endless(), headers=headers)  # type: ignore[arg-type]
        assert answer.status_code == 413
        assert "内容が大きすぎます" in answer.text


async def test_scripts_get_data_instead_of_pages(town: Office) -> None:
    async with town.browser() as browser:
        shown = await browser.get("/staff/people", headers={"accept": "application/json"})
        assert (shown.status, shown.answer.json()) == (401, {"error": 401})


async def test_a_fault_leaves_no_words_in_the_log_and_none_on_the_page(
    town: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("a secret somebody wrote")

    monkeypatch.setattr("handlers.staff.home.home_of", broken)
    async with await town.at_work(town.people["owner"]) as browser:
        shown = await browser.get("/staff/")
        assert shown.status == 500
        assert "secret" not in shown.text
        assert all(name in shown.answer.headers for name in HEADERS)
    logged = capsys.readouterr()
    assert "staff.failed" in logged.out + logged.err
    assert "secret" not in logged.out + logged.err


async def test_a_page_can_be_asked_for_by_head_or_options_without_harm(town: Office) -> None:
    async with town.browser() as browser:
        for method in ("HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"):
            answer: httpx.Response = await browser.http.request(method, "/staff/people")
            assert answer.status_code == 405
