"""Staff at work over real HTTP: an account, a signed-in browser without scripts, forms as pages have them."""

from __future__ import annotations

import html
import re
from typing import Any
from uuid import UUID

import httpx
from road import Bot

from casework.people import Grant, Role
from storage import sessions, staff
from storage.database import Connection
from storage.ids import new_id
from storage.staff import NewAccount
from storage.staff_tables import Stage


class Colleague:
    """`Colleague(bot, "aoki")` is signed in; `page` looks, `send` presses a button of a page."""

    def __init__(self, bot: Bot, name: str, role: Role = Role.COORDINATOR, desk: str = "default") -> None:
        self.name = name
        token = f"token-{new_id()}"

        async def arrive(connection: Connection) -> UUID:
            organisation = await staff.organisation(connection, "見本市社会福祉協議会", new_id=new_id)
            account = NewAccount(
                login=name, shown_name=name, organisation_id=organisation, password_hash="-", must_change=False
            )
            now = bot.program.clock()
            staff_id = await staff.add(connection, account, now=now, new_id=new_id)
            grant = Grant(role=role, desk_id=desk)
            await staff.grant(connection, staff_id, grant, by=None, now=now, new_id=new_id)
            await sessions.begin(
                connection,
                session_id=new_id(),
                token=token,
                staff_id=staff_id,
                stage=Stage.FULL,
                address="127.0.0.1",
                device="test",
                now=now,
            )
            return staff_id

        self.id = bot.within(arrive)
        self.http = httpx.Client(
            base_url=bot.settings.own_address,
            headers={"accept": "text/html"},
            timeout=20,
            limits=httpx.Limits(max_keepalive_connections=0),
        )
        self.http.cookies.set("tsunagu", token)

    def page(self, path: str, status: int = 200) -> str:
        """What a page says."""
        answer = self.http.get(path)
        assert answer.status_code == status, (path, answer.status_code)
        return answer.text

    def words(self, path: str) -> str:
        """The text of a page without its tags."""
        return html.unescape(re.sub(r"<[^>]+>", "", self.page(path)))

    def send(self, page: str, path: str, *, status: int = 303, **fields: Any) -> httpx.Response:
        """Open a page and press a button of it."""
        shown = self.page(page)
        token = re.search(r'name="token" value="([0-9a-f]+)"', shown)
        assert token is not None
        seen = re.search(r'name="seen" value="([^"]*)"', shown)
        version = re.search(r'name="version" value="(\d+)"', shown)
        given = {"seen": seen[1] if seen else "", "version": version[1] if version else "", **fields}
        answer = self.http.post(path, data={"token": token[1], **given})
        assert answer.status_code == status, (path, answer.status_code, answer.text[-600:])
        return answer

    def act(self, case: str, what: str, *, status: int = 303, **fields: Any) -> httpx.Response:
        """Do something on the page of a case."""
        return self.send(case, f"{case}/{what}", status=status, **fields)

    def first_case(self) -> str:
        """The path of the first case in the queue."""
        found = re.search(r'href="(/staff/cases/[0-9a-f-]{36})"', self.page("/staff/queue"))
        assert found is not None, "the queue is empty"
        return found[1]
