"""The shared cast of the dialogue's tests: the desk as shipped, assessments by hand, conversations from YAML."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from config.content import load_content
from dialogue import Decision, Desk, Listened, State, decide
from dialogue.effects import AlertStaff, OfferAnswered, OfferMade, Say
from dialogue.events import Arrived, Chosen, Event, Heard, Left, Unsent, WordlessKind
from dialogue.words import Card, Choices, Text
from nlp.findings import (
    Assessment,
    AtRisk,
    Concern,
    Facts,
    Person,
    Risk,
    RiskKind,
    RiskLevel,
    Safety,
    SafetyRole,
    WriterRole,
)

CONTENT = load_content()
DESK = Desk(id="default", content=CONTENT)
OFFERING = Desk(
    id="offering",
    content=replace(CONTENT, desk=CONTENT.desk.model_copy(update={"offers_person": True})),
)
TUESDAY_10 = dt.datetime(2026, 11, 24, 1, 0, tzinfo=dt.UTC)
TUESDAY_23 = dt.datetime(2026, 11, 24, 14, 0, tzinfo=dt.UTC)
FOLDER = Path(__file__).with_name("conversations")


def facts(shows: dict[str, Any]) -> Facts:
    """Facts from the short form of the conversations."""
    out = Facts(
        writer_age=shows.get("age"),
        writer_minor=shows.get("minor"),
        writer_role=WriterRole(shows["role"]) if "role" in shows else None,
        detected_language=shows.get("language"),
        people=tuple(Person(relation=name) for name in shows.get("people", ())),
    )
    if "safety" in shows:
        role, at_risk, *now = shows["safety"]
        safety = Safety(role=SafetyRole(role), at_risk=AtRisk(at_risk), now="now" in now)
        out = replace(out, safety=safety)
    return out


def assessment(shows: dict[str, Any]) -> Assessment:
    """What one message shows: `{tags: [poverty], level: urgent, kinds: [lifeline], minor: true}`."""
    tags = shows.get("tags", ())
    risk = Risk(
        level=RiskLevel(shows.get("level", "none")), kinds=tuple(RiskKind(kind) for kind in shows.get("kinds", ()))
    )
    concerns = tuple(Concern(id=tag, score=0.9 - place / 100, evidence=()) for place, tag in enumerate(tags))
    return Assessment(concerns=concerns, risk=risk, facts=facts(shows))


def together(before: Assessment, message: Assessment) -> Assessment:
    """What is known after a message: tags and kinds add up, the level never falls."""
    known = {concern.id: concern for concern in (*before.concerns, *message.concerns)}
    higher = max(before.risk, message.risk, key=lambda risk: risk.level.rank)
    kinds = tuple(dict.fromkeys((*before.risk.kinds, *message.risk.kinds)))
    given = {
        name: value for name in Facts.__dataclass_fields__ if (value := getattr(message.facts, name)) not in (None, ())
    }
    return Assessment(
        concerns=tuple(known.values()),
        risk=Risk(level=higher.level, kinds=kinds),
        facts=replace(before.facts, **given),
    )


@dataclass
class Talk:
    """A conversation with the desk, one event after the other."""

    now: dt.datetime = TUESDAY_10
    desk: Desk = DESK
    seed: int = 0
    state: State = field(default_factory=State.new)
    known: Assessment = field(default_factory=Assessment)
    last: Decision = field(default_factory=lambda: Decision(state=State.new()))

    def hear(self, *texts: str, wordless: tuple[WordlessKind, ...] = (), **shows: Any) -> Decision:
        message = assessment(shows)
        self.known = together(self.known, message)
        listened = Listened(message=message, overall=self.known) if texts else None
        return self.meet(Heard(texts=texts, wordless=wordless), listened)

    def meet(self, event: Event, listened: Listened | None = None) -> Decision:
        self.seed += 7919
        self.last = decide(self.desk, self.state, event, listened, self.now, self.seed)
        # Every conversation is also one through the database.
        self.state = State.from_json(self.last.state.to_json())
        self.now += dt.timedelta(minutes=1)
        return self.last


def say_of(decision: Decision) -> Say | None:
    says = [effect for effect in decision.effects if isinstance(effect, Say)]
    assert len(says) <= 1
    return says[0] if says else None


def alert_of(decision: Decision) -> AlertStaff | None:
    alerts = [effect for effect in decision.effects if isinstance(effect, AlertStaff)]
    assert len(alerts) <= 1
    return alerts[0] if alerts else None


def offer_of(decision: Decision) -> str | None:
    """`made` or the answer, as recorded."""
    for effect in decision.effects:
        if isinstance(effect, OfferMade):
            return "made"
        if isinstance(effect, OfferAnswered):
            return effect.answer.value
    return None


def cards_of(decision: Decision) -> list[Card]:
    say = say_of(decision)
    return [message for message in say.messages if isinstance(message, Card)] if say else []


def texts_of(decision: Decision) -> list[str]:
    """Every sentence a resident reads, card by card and bubble by bubble."""
    say = say_of(decision)
    return [text for message in (say.messages if say else ()) for text in _texts(message)]


def _texts(message: Text | Choices | Card) -> Iterator[str]:
    if isinstance(message, Card):
        yield from (message.notice, message.title, *message.lines)
        for contact in message.contacts:
            yield from (contact.name, contact.shown, contact.hours)
        return
    yield message.text
    if isinstance(message, Choices):
        for option in message.options:
            yield option.label


EVENTS: dict[str, Event] = {
    "follow": Arrived(),
    "unblocked": Arrived(unblocked=True),
    "block": Left(),
    "unsend": Unsent(after_answer=True),
}


def conversations() -> list[tuple[str, dict[str, Any]]]:
    """All golden conversations with their titles."""
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        found += [(f"{path.stem}: {item['title']}", item) for item in yaml.safe_load(path.read_text("utf-8"))]
    return found


def play(talk: Talk, turn: dict[str, Any]) -> Decision:
    """One turn of a golden conversation."""
    if "later" in turn:
        talk.now += dt.timedelta(**turn["later"])
    if "event" in turn:
        return talk.meet(EVENTS[turn["event"]])
    if "press" in turn:
        action, _, argument = turn["press"].partition(":")
        return talk.meet(Chosen(action=action, argument=argument))
    says = turn.get("says", [])
    texts = tuple([says] if isinstance(says, str) else says)
    sent = tuple(WordlessKind(kind) for kind in turn.get("sends", ()))
    return talk.hear(*texts, wordless=sent, **turn.get("shows", {}))
