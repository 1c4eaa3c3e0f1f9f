"""The shared cast of the dialogue's tests: the desk as shipped, assessments by hand, conversations from YAML."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from yaml_files import read_yaml

from casework.consents import ConsentKind
from config.content import load_content
from config.contents.models import Line, Place
from dialogue import Decision, Desk, Listened, State, decide
from dialogue.effects import (
    AlertStaff,
    CheckInAnswered,
    CheckInsEnded,
    CheckInsPaused,
    ConsentDeclined,
    ConsentGiven,
    ConsentNotAsked,
    ConsentWithdrawn,
    ContactNoted,
    ContactResumed,
    ContactStopped,
    Contested,
    EraseCancelled,
    ErasePlanned,
    OfferAnswered,
    OfferMade,
    PlanCheckIns,
    QuietHoursSet,
    Say,
)
from dialogue.events import (
    Arrived,
    CheckInDue,
    CheckInsCalledOff,
    CheckInSet,
    Chosen,
    Event,
    Heard,
    Left,
    StaffAsksConsent,
    StaffCame,
    StaffLeft,
    StaffRead,
    Unsent,
    WordlessKind,
)
from dialogue.followups import Band, CheckInPlan, Rhythm
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
OWN_NUMBERS = {
    name: Place(
        name=f"見本の{shown}",
        kana="みほん",
        official_name=f"見本の{shown}",
        number=f"03-0000-000{last}",
        uri=f"tel:030000000{last}",
        hours=Line(plain="平日の9時から17時", kana="月よう日から 金よう日"),
        cost="通話料",
        always=False,
        checked_on=dt.date(2026, 11, 1),
        source_url="https://example.jp/",
    )
    for last, (name, shown) in enumerate({"elder": "地域包括支援センター", "desk": "社協の窓口"}.items())
}


def desk(**update: Any) -> Desk:
    """The desk as shipped with some of its words changed."""
    return Desk(id="default", content=replace(CONTENT, desk=CONTENT.desk.model_copy(update=update)))


DESKS = {
    "shipped": DESK,
    "alone": desk(offers_person=False),
    "local": desk(local=OWN_NUMBERS),
    "iwate": desk(prefecture="岩手県"),
    "rooms": desk(conversation_place="room"),
}
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
    transcript: list[tuple[Event, Listened | None, dt.datetime, int]] = field(default_factory=list)

    def hear(self, *texts: str, wordless: tuple[WordlessKind, ...] = (), **shows: Any) -> Decision:
        message = assessment(shows)
        self.known = together(self.known, message)
        listened = Listened(message=message, overall=self.known) if texts else None
        return self.meet(Heard(texts=texts, wordless=wordless), listened)

    def press(self, action: str, argument: str = "") -> Decision:
        """A button, with what the shell knows of its resident."""
        return self.meet(Chosen(action=action, argument=argument), Listened(overall=self.known))

    def meet(self, event: Event, listened: Listened | None = None) -> Decision:
        self.seed += 7919
        if self.state.erasing and self.now >= self.state.erasing.at:
            # The shell destroys what was said, and the listener's memory with it.
            self.known = listened.message if listened else Assessment()
            listened = listened and Listened(message=listened.message, overall=listened.message)
        self.transcript.append((event, listened, self.now, self.seed))
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


DONE = {ErasePlanned: "erase", EraseCancelled: "keep", ContactStopped: "stop", ContactResumed: "resume"}


def done_of(decision: Decision) -> str | None:
    """What else was done: `erase`, `keep`, `stop` or `resume`."""
    found = [DONE[type(effect)] for effect in decision.effects if type(effect) in DONE]
    assert len(found) <= 1
    return found[0] if found else None


def contested_of(decision: Decision) -> str | None:
    """The category that was called wrong, as staff will see it."""
    found = [effect.category for effect in decision.effects if isinstance(effect, Contested)]
    assert len(found) <= 1
    return found[0] if found else None


def consent_of(decision: Decision) -> str | None:
    """What happened to consent: `read all`, `ask_around`, `no read`, `withdrawn`, or why it was not asked for."""
    found = []
    for effect in decision.effects:
        match effect:
            case ConsentGiven(kind=kind, span=span):
                found.append(f"{kind} {span}" if span else str(kind))
            case ConsentDeclined(kind=kind):
                found.append(f"no {kind}")
            case ConsentWithdrawn():
                found.append("withdrawn")
            case ConsentNotAsked(why=why):
                found.append(str(why))
    assert len(found) <= 1
    return found[0] if found else None


def noted_of(decision: Decision) -> str | None:
    """What was noted for staff: `nickname: words`, or `nickname: -` when it was left out."""
    found = [effect for effect in decision.effects if isinstance(effect, ContactNoted)]
    assert len(found) <= 1
    return f"{found[0].detail}: {'-' if found[0].words is None else found[0].words}" if found else None


def safe_of(decision: Decision) -> bool | None:
    """Whether staff may write here, as just said."""
    return next((effect.safe for effect in decision.effects if isinstance(effect, ContactNoted)), None)


def check_in_of(decision: Decision) -> str | None:
    """What happened to check-ins: `plan weekly noon`, `paused`, `ended resident`, `answered hard`, `quiet 20:00-09:00`;
    several in this order, with a comma between them."""
    found = []
    for effect in decision.effects:
        match effect:
            case CheckInAnswered(answer=answer):
                found.append(f"answered {answer}")
            case PlanCheckIns(plan=plan):
                seen = " seen" if plan.agreed_to_be_seen else ""
                found.append(f"plan {plan.rhythm} {plan.band}{seen}")
            case CheckInsPaused():
                found.append("paused")
            case CheckInsEnded(why=why):
                found.append(f"ended {why}")
            case QuietHoursSet(quiet=quiet):
                found.append(f"quiet {quiet.begins:%H:%M}-{quiet.ends:%H:%M}")
    return ", ".join(found) or None


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


def options_of(decision: Decision) -> list[str]:
    """The labels of the answers to press."""
    say = say_of(decision)
    shown = [message.options for message in (say.messages if say else ()) if isinstance(message, Choices)]
    return [option.label for options in shown for option in options]


def asks(kind: ConsentKind, number: int, place: str = "北包括", **more: str) -> StaffAsksConsent:
    """A question of staff, under an id of its own; the same place has the same id."""
    org = "" if kind is ConsentKind.READ else f"org-{place}"
    return StaffAsksConsent(kind=kind, request=f"{number:08}-0000-7000-8000-000000000000", org=org, place=place, **more)


def occurrence(number: int) -> str:
    return f"{number:08}-0000-7000-8000-00000000c4ec"


BY_STAFF = CheckInPlan(rhythm=Rhythm.WEEKLY, band=Band.NOON, starts=dt.date(2026, 12, 1))
CHECK_INS: dict[str, Event] = {
    "check-in due": CheckInDue(occurrence=occurrence(1)),
    "another check-in due": CheckInDue(occurrence=occurrence(2)),
    "second word due": CheckInDue(occurrence=occurrence(3), second=True),
    "check-in with a line due": CheckInDue(
        occurrence=occurrence(4), personal="先日の続きを、またここで。", signed="相談員の山田"
    ),
    "staff sets check-ins": CheckInSet(plan=BY_STAFF, shown="相談員の山田"),
    "staff sets check-ins that were agreed to": CheckInSet(
        plan=replace(BY_STAFF, agreed_to_be_seen=True), shown="相談員の山田"
    ),
    "staff sets two check-ins": CheckInSet(plan=replace(BY_STAFF, count_left=2), shown="相談員の山田"),
    "staff sets check-ins until a day": CheckInSet(
        plan=replace(BY_STAFF, until=dt.date(2026, 12, 10)), shown="相談員の山田"
    ),
    "staff ends check-ins": CheckInsCalledOff(shown="相談員の山田"),
}
EVENTS: dict[str, Event] = {
    **CHECK_INS,
    "staff asks to read": asks(ConsentKind.READ, 1),
    "staff asks to read with a reason": asks(ConsentKind.READ, 2, reason="続きをご一緒に考えるためです。"),
    "staff asks around": asks(ConsentKind.ASK_AROUND, 3),
    "staff asks around again": asks(ConsentKind.ASK_AROUND, 4),
    "staff asks around with a reason": asks(ConsentKind.ASK_AROUND, 5, reason="申込の日が近いためです。"),
    "staff asks elsewhere": asks(ConsentKind.ASK_AROUND, 6, place="自立相談"),
    "staff asks to tell the name": asks(ConsentKind.TELL_NAME, 7),
    "staff asks for a meeting": asks(ConsentKind.MEETING, 8),
    "follow": Arrived(),
    "unblocked": Arrived(unblocked=True),
    "block": Left(),
    "unsend": Unsent(after_answer=True),
    "staff comes": StaffCame(shown="相談員の山田"),
    "another comes": StaffCame(shown="主任の佐藤"),
    "staff leaves": StaffLeft(silent=False),
    "staff is silent": StaffLeft(silent=True),
    "staff reads": StaffRead(shown="相談員の山田"),
}


def conversations() -> list[tuple[str, dict[str, Any]]]:
    """All golden conversations with their titles."""
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        found += [(f"{path.stem}: {item['title']}", item) for item in read_yaml(path)]
    return found


def play(talk: Talk, turn: dict[str, Any]) -> Decision:
    """One turn of a golden conversation."""
    if "later" in turn:
        talk.now += dt.timedelta(**turn["later"])
    if "event" in turn:
        event = EVENTS[turn["event"]]
        knows = isinstance(event, StaffAsksConsent | CheckInDue | CheckInSet | CheckInsCalledOff)
        known = Listened(overall=talk.known) if knows else None
        return talk.meet(event, known)
    if "press" in turn:
        action, _, argument = turn["press"].partition(":")
        return talk.press(action, argument)
    says = turn.get("says", [])
    texts = tuple([says] if isinstance(says, str) else says)
    sent = tuple(WordlessKind(kind) for kind in turn.get("sends", ()))
    return talk.hear(*texts, wordless=sent, **turn.get("shows", {}))
