"""A client certificate as one more factor: an account bound to one comes in with that one only."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from urllib.parse import quote

import pytest
from office import ADDRESS, Browser, Office, Person

from casework.people import Role
from handlers.staff.certificates import fingerprint_of
from storage import staff

pytestmark = pytest.mark.anyio

HEADER = "x-client-cert"
DER = b"0\x82not a real one, but bytes are all that counts"
PEM = f"-----BEGIN CERTIFICATE-----\n{base64.encodebytes(DER).decode()}-----END CERTIFICATE-----\n"
OWN = hashlib.sha256(DER).hexdigest()
OTHER = "ab" * 32


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (PEM, OWN),
        (quote(PEM), OWN),
        (OWN.upper(), OWN),
        (":".join(OWN[n : n + 2] for n in range(0, 64, 2)), OWN),
        ("", None),
        ("ab" * 20, None),
        ("-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----", None),
        ("zz" * 32, None),
    ],
)
def test_a_certificate_has_one_fingerprint_however_it_is_told(value: str, found: str | None) -> None:
    assert fingerprint_of(value) == found


def asking(office: Office) -> Office:
    opened = Office.over(replace(office.console, certificate_header=HEADER), office.clock)
    opened.people = office.people
    return opened


async def bound(office: Office, person: Person, fingerprint: str) -> None:
    async with office.console.database.write() as connection:
        await staff.set_certificate(connection, person.id, fingerprint)


def showing(office: Office, *certificates: str) -> Browser:
    browser = office.browser(ADDRESS)
    browser.http.headers = browser.http.headers.__class__(
        [*browser.http.headers.multi_items(), *((HEADER, one) for one in certificates)]
    )
    return browser


async def test_who_is_bound_to_a_certificate_signs_in_with_it_and_with_nothing_else(office: Office) -> None:
    office = asking(office)
    person = await office.person("aoki", Role.COORDINATOR)
    await bound(office, person, OWN)
    for shown, status in (((), 401), ((OTHER,), 401), ((OWN, OWN), 401), ((OWN,), 303), ((quote(PEM),), 303)):
        async with showing(office, *shown) as browser:
            answer = await browser.send(
                "/staff/sign-in", "/staff/sign-in", login=person.login, password=person.password
            )
            assert answer.status == status, shown
    assert (await office.acts()).count("certificate_failed") == 3


async def test_a_session_that_was_carried_off_opens_nothing_elsewhere(office: Office) -> None:
    office = asking(office)
    person = await office.person("aoki", Role.COORDINATOR)
    async with await office.at_work(person) as browser:
        assert (await browser.get("/staff/queue")).status == 200
        await bound(office, person, OWN)
        assert (await browser.get("/staff/queue")).location.startswith("/staff/sign-in")
        browser.http.headers[HEADER] = OWN
        assert (await browser.get("/staff/queue")).status == 200
        browser.http.headers[HEADER] = OTHER
        assert (await browser.get("/staff/queue")).location.startswith("/staff/sign-in")


async def test_where_nobody_asks_for_certificates_none_is_needed(office: Office) -> None:
    person = await office.person("aoki", Role.COORDINATOR)
    await bound(office, person, OWN)
    async with await office.at_work(person) as browser:
        assert (await browser.get("/staff/queue")).status == 200


async def test_an_admin_binds_an_account(office: Office) -> None:
    office = asking(office)
    admin, person = await office.person("admin", Role.ADMIN), await office.person("aoki", Role.COORDINATOR)
    path = f"/staff/people/{person.id}"
    async with await office.at_work(admin) as browser:
        assert (await browser.send(path, f"{path}/certificate", certificate="ちがうもの")).status == 422
        assert (await browser.send(path, f"{path}/certificate", certificate=PEM)).status == 303
        assert OWN[:16] in (await browser.get(path)).text
        async with office.console.database.read() as connection:
            account = await staff.by_id(connection, person.id)
        assert account is not None
        assert account.certificate == OWN
        assert (await browser.send(path, f"{path}/certificate", certificate="")).status == 303
        assert "登録がないので" in (await browser.get(path)).text
    assert (await office.acts()).count("certificate_set") == 2
