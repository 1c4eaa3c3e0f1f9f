"""Mails of the simulator: kept in this process and shown on a page, instead of being sent."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from bot.simulator.pages import SAFE_HEADERS
from config.mail import Sender
from handlers.mail import Answer, Fate

HERE = Path(__file__).parent
#: A page of them is enough to try things out.
KEPT = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A mail as its receiver would see it."""

    to: str
    subject: str
    date: str
    text: str


class SimulatedPost:
    """Takes every mail, and keeps the newest."""

    def __init__(self) -> None:
        self.mails: deque[EmailMessage] = deque(maxlen=KEPT)

    @property
    def sender(self) -> Sender:
        return Sender(address="tsunagu@simulator.example", name="つなぐ")

    async def hand_in(self, message: EmailMessage, to: str) -> Answer:
        self.mails.appendleft(message)
        return Answer(fate=Fate.TAKEN)


def mails_app(post: SimulatedPost) -> Starlette:
    """The page, the newest mail first."""
    template = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True).get_template("mails.html")

    async def page(_request: Request) -> Response:
        shown = [
            Shown(
                to=str(mail["To"]), subject=str(mail["Subject"]), date=str(mail["Date"]), text=str(mail.get_content())
            )
            for mail in post.mails
        ]
        return HTMLResponse(template.render(mails=shown), headers=SAFE_HEADERS)

    return Starlette(routes=[Route("/", page)])
