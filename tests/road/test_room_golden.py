"""The golden conversations of the dialogue through both surfaces: over HTTP in the room, and over LINE.

What stands on the page, and what LINE is given, is compared bubble for bubble with what `decide` says about the same
words, heard by the same listener at the same moment. A sample runs always, all of them with EVERY_CONVERSATION=1.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import html
import itertools
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from guest import Guest
from road import Bot, shared_listener
from sqlalchemy import select
from yaml_files import read_yaml

from bot.simulator import SimulatorServer
from dialogue import Decision, Listened, State, decide
from dialogue.decide import Event
from dialogue.effects import Say
from dialogue.events import Arrived, Chosen, Heard
from dialogue.labels import says_no_more
from dialogue.words import Card, Choices, Message, Text
from handlers.line.render import render
from nlp import Known
from nlp.findings import Assessment
from storage.tables import InboxEvent

FOLDER = Path(__file__).resolve().parents[1] / "dialogue" / "conversations"
BEGINS = {
    "day": dt.datetime(2026, 11, 24, 1, 0, tzinfo=dt.UTC),
    "night": dt.datetime(2026, 11, 24, 14, 0, tzinfo=dt.UTC),
}
EVERY = os.environ.get("EVERY_CONVERSATION") == "1"
SAMPLE = 30
#: A button to a page has an address of its own each time: the tests of that page follow it.
ELSEWHERE = {"page"}
#: Said by whoever knows where one writes: the way to the room on LINE, and the way back to LINE in the room.
BY_PLACE = ("settings", "rights:move")
#: Each conversation comes from a place of its own: the clock of the tests runs back between them.
ADDRESSES = itertools.cycle(range(1, 255))


def conversations() -> list[dict[str, Any]]:
    """Those made of words, buttons and arrivals within a day: the rest needs staff, check-ins or another desk."""
    found = [
        talk
        for file in sorted(FOLDER.glob("*.yaml"))
        if file.stem not in ELSEWHERE
        for talk in read_yaml(file)
        if isinstance(talk, dict) and "desk" not in talk and all(_fits(turn) for turn in talk["turns"])
    ]
    return found if EVERY else found[:: max(1, len(found) // SAMPLE)]


def _fits(turn: dict[str, Any]) -> bool:
    done = turn.get("expect", {}).get("done") not in {"erase", "keep"}
    soon = "days" not in turn.get("later", {}) and turn.get("later", {}).get("hours", 0) < 12
    said = bool(str(turn.get("says", "")).strip()) and isinstance(turn["says"], str) and not turn.get("sends")
    anywhere = not turn.get("press", "").startswith(BY_PLACE)
    return done and soon and anywhere and (said or "press" in turn or turn.get("event") == "follow")


class Watch:
    """The clock of the program."""

    def __init__(self) -> None:
        self.now = BEGINS["day"]

    def __call__(self) -> dt.datetime:
        return self.now


class Expected:
    """The same talk without any surface: what `decide` says."""

    def __init__(self, bot: Bot) -> None:
        self.desk = bot.program.desks["default"]
        self.state, self.known, self.messages = State.new(), None, 0

    def meet(self, event: Event, event_id: str, now: dt.datetime) -> list[Message]:
        listened: Listened | None = None
        before = self.known or Known()
        if isinstance(event, Heard) and self._says_no_more(event, before):
            listened = Listened(message=Assessment(), overall=before.assessment)
        elif isinstance(event, Heard):
            heard = shared_listener().hear("\n".join(event.texts), known=before, turn=self.messages)
            listened, self.known = Listened(message=heard.message, overall=heard.overall), heard.known
            self.messages += len(event.texts)
        elif isinstance(event, Chosen) and self.known is not None:
            listened = Listened(overall=self.known.assessment)
        decision: Decision = decide(self.desk, self.state, event, listened, now, _seed(event_id))
        self.state = State.from_json(decision.state.to_json())
        return [m for effect in decision.effects if isinstance(effect, Say) for m in effect.messages]

    def _says_no_more(self, event: Heard, before: Known) -> bool:
        level = before.assessment.risk.level
        return says_no_more(self.desk.content, self.state, level, event.texts)


def _seed(event_id: str) -> int:
    return int.from_bytes(hashlib.sha256(event_id.encode()).digest()[:8])


def event_of(turn: dict[str, Any]) -> Event:
    if "press" in turn:
        action, _, argument = turn["press"].partition(":")
        return Chosen(action=action, argument=argument)
    return Heard(texts=(turn["says"],))


def as_read(messages: list[Message], here: Callable[[str], str] = str) -> list[str]:
    """Every word of some bubbles, in order."""
    read: list[str] = []
    for message in messages:
        match message:
            case Card(title=title, lines=lines, contacts=contacts):
                read += [title, *lines]
                for contact in contacts:
                    read += [part for part in (contact.name, contact.hours, contact.note, contact.shown) if part]
            case Text(text=text) | Choices(text=text):
                read.append(text)
    return [re.sub(r"\s+", "", here(text)) for text in read]


def labels_of(messages: list[Message]) -> list[str]:
    options = [message.options for message in messages if isinstance(message, Choices)]
    return [option.label for option in options[-1]] if options else []


class InRoom:
    """A conversation on the page."""

    def __init__(self, bot: Bot) -> None:
        self.bot, self.guest = bot, Guest(bot, address=f"198.51.100.{next(ADDRESSES)}")
        self.token = self.guest.form_token()

    def send(self, event: Event) -> str:
        """The id under which the event is known."""
        before = self._ids()
        match event:
            case Heard(texts=(text,)):
                self._post("/room/say", text=text)
            case Chosen(action=action, argument=argument):
                self._post("/room/press", press=f"{action}|{argument}")
        self.bot.run(self.bot.program.engine.rest)
        (new,) = self._ids() - before
        return new

    def _post(self, path: str, **fields: str) -> None:
        answer = self.guest.http.post(
            path, data={"token": self.token, **fields}, headers={"accept": "application/json"}
        )
        assert answer.status_code == 200

    def _ids(self) -> set[str]:
        return {row.event_id for row in self.bot.rows(select(InboxEvent.event_id))}

    def check(self, said: list[Message], where: str) -> None:
        lines = self.guest.lines()
        newest = lines[-1] if lines else None
        if not said:
            return
        here = self.bot.program.desks["default"].content.room.here
        assert newest is not None, where
        assert newest.by == "program", where
        texts = re.findall(
            r'<(?:p class="(?:bubble|card-title|place-name|light)"|p|a [^>]*)>(.*?)</(?:p|a)>',
            _shown(newest.raw),
            re.DOTALL,
        )
        read = [re.sub(r"\s+", "", html.unescape(re.sub(r"<[^>]+>", "", text))) for text in texts]
        assert read == as_read(said, here), where
        assert list(newest.buttons) == [here(label) for label in labels_of(said)], where


class InLine:
    """A conversation in LINE's talk, as the simulator's phone has it."""

    def __init__(self, bot: Bot, sim: SimulatorServer) -> None:
        self.bot, self.phone, self.seen = bot, sim.resident(), 0

    def send(self, event: Event) -> str:
        """The id under which the event is known."""
        before, self.seen = set(self.bot.rows(select(InboxEvent.event_id))), len(self.phone.bubbles)
        match event:
            case Heard(texts=(text,)):
                self.phone.say(text)
            case Chosen(action=action, argument=argument):
                self.phone.postback(f"v1|{action}|{argument}")
            case _:
                self.phone.follow()
        self.bot.settle()
        (new,) = set(self.bot.rows(select(InboxEvent.event_id))) - before
        return str(new[0])

    def check(self, said: list[Message], where: str) -> None:
        assert [entry.message for entry in self.phone.bubbles[self.seen :]] == (render(said) if said else []), where


def _shown(raw: str) -> str:
    return re.sub(r'<details.*?</details>|<form.*?</form>|<p class="who".*?</p>', "", raw, flags=re.DOTALL)


@pytest.fixture(scope="module")
def watch() -> Watch:
    return Watch()


@pytest.fixture(scope="module")
def stage(
    watch: Watch, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Bot, SimulatorServer]]:
    folder = tmp_path_factory.mktemp("stage")
    shutil.copy(sqlite_template, folder / "stage.db")
    with SimulatorServer(seed=7) as sim, Bot(sim, f"sqlite+aiosqlite:///{folder}/stage.db", folder, clock=watch) as bot:
        yield bot, sim


@pytest.mark.parametrize("talk", conversations(), ids=lambda talk: talk["title"])
def test_a_conversation_reads_in_the_room_as_the_dialogue_says_it(
    stage: tuple[Bot, SimulatorServer], watch: Watch, talk: dict[str, Any]
) -> None:
    bot, _ = stage
    _begin(talk, watch)
    # Whoever opens a room is told where they are by the menu's own cell.
    _play(talk, InRoom(bot), Expected(bot), watch, arrives=Chosen(action="guide"))


@pytest.mark.parametrize("talk", conversations(), ids=lambda talk: talk["title"])
def test_a_conversation_reads_in_line_as_the_dialogue_says_it(
    stage: tuple[Bot, SimulatorServer], watch: Watch, talk: dict[str, Any]
) -> None:
    bot, sim = stage
    _begin(talk, watch)
    _play(talk, InLine(bot, sim), Expected(bot), watch, arrives=Arrived())


def _begin(talk: dict[str, Any], watch: Watch) -> None:
    watch.now = BEGINS["night" if talk.get("at") == "night" else "day"]


def _play(talk: dict[str, Any], surface: InRoom | InLine, expected: Expected, watch: Watch, *, arrives: Event) -> None:
    for number, turn in enumerate(talk["turns"], start=1):
        watch.now += dt.timedelta(**turn.get("later", {}))
        event = arrives if "event" in turn else event_of(turn)
        said = expected.meet(event, surface.send(event), watch.now)
        surface.check(said, f"turn {number}")
        watch.now += dt.timedelta(minutes=1)
