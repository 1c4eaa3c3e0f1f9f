"""A talk as a golden conversation, in the format of `tests/dialogue/conversations`: what was said, shown and decided.

The words of the answers stand beside it as comments, because they may change; what is expected is their kind.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from bot.talking.commands import NotUnderstood
from bot.talking.conversation import TURN_TAKES, Talk, Turn
from bot.talking.layout import in_words
from casework.consents import ConsentKind
from config.content import Content
from config.contents.wording import questions
from dialogue.effects import (
    AlertStaff,
    ContactResumed,
    ContactStopped,
    Effect,
    EraseCancelled,
    ErasePlanned,
    OfferAnswered,
    OfferMade,
    Say,
)
from dialogue.events import (
    Arrived,
    CheckInDue,
    CheckInsCalledOff,
    CheckInSet,
    Chosen,
    Heard,
    Left,
    PageOffered,
    PageWithdrew,
    SheetTold,
    StaffAsksConsent,
    StaffCame,
    StaffLeft,
    StaffRead,
    Unsent,
)
from dialogue.words import Card, Choices, Link, Message, Text
from nlp.findings import Assessment, Facts, RiskLevel

#: When golden conversations begin: a Tuesday while the desk is open, and the night after it.
BEGINS = {
    "day": dt.datetime(2026, 11, 24, 1, 0, tzinfo=dt.UTC),
    "night": dt.datetime(2026, 11, 24, 14, 0, tzinfo=dt.UTC),
}
_ASKS = {
    ConsentKind.READ: "staff asks to read",
    ConsentKind.ASK_AROUND: "staff asks around",
    ConsentKind.TELL_NAME: "staff asks to tell the name",
    ConsentKind.MEETING: "staff asks for a meeting",
}
_DONE: dict[type[Effect], str] = {
    ErasePlanned: "erase",
    EraseCancelled: "keep",
    ContactStopped: "stop",
    ContactResumed: "resume",
}


def save(file: Path, title: str, talk: Talk, content: Content) -> None:
    """Write the talk to `file`, behind the conversations that are there. Raises `NotUnderstood` when it must not."""
    if not talk.turns:
        raise NotUnderstood("まだ何も話していません")
    text = written(title, talk, content)
    try:
        before = file.read_text(encoding="utf-8") if file.exists() else ""
        known = yaml.safe_load(before) or []
        if not isinstance(known, list) or not all(isinstance(item, dict) and "turns" in item for item in known):
            raise NotUnderstood(f"{file} は会話の見本のファイルではないので、書きませんでした")
        if any(item.get("title") == title for item in known):
            raise NotUnderstood(f"{file} には「{title}」という会話がもうあります。別の題をつけてください")
        gap = "" if not before or before.endswith("\n") else "\n"
        added = f"{gap}{text}".encode()
        with file.open("ab") as talks:
            talks.write(added)
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        raise NotUnderstood(f"{file} に書けませんでした({type(error).__name__})") from error


def written(title: str, talk: Talk, content: Content) -> str:
    """The conversation as YAML."""
    first = talk.turns[0].at
    at, begins = next(((name, when) for name, when in BEGINS.items() if when == first), ("day", BEGINS["day"]))
    lines = [f"- {_inline(title=title)}", f"  at: {at}"]
    if talk.first_seed:
        lines.append(f"  seed: {talk.first_seed}")
    lines.append("  turns:")
    expected, before = begins, Assessment()
    for turn in talk.turns:
        later = _span(turn.at - expected)
        expected, before = turn.at + TURN_TAKES, turn.overall
        entries = {**_done(turn, before), **({"later": later} if later else {}), "expect": _expected(turn, content)}
        keys = [_inline(**{key: value}) for key, value in entries.items()]
        lines += [f"    - {keys[0]}", *(f"      {key}" for key in keys[1:])]
        lines += [f"      # {line}" for message in turn.messages for line in in_words(message).splitlines()]
    return "\n".join(lines) + "\n"


def _inline(**entry: Any) -> str:
    """`key: value` on one line, quoted where YAML wants it."""
    [(key, value)] = entry.items()
    text = yaml.safe_dump([value], default_flow_style=True, allow_unicode=True, width=10**9, sort_keys=False)
    return f"{key}: {text.strip()[1:-1]}"


def _span(span: dt.timedelta) -> dict[str, int]:
    parts = {"days": span.days, "hours": span.seconds // 3600, "minutes": span.seconds % 3600 // 60}
    parts |= {"seconds": span.seconds % 60, "microseconds": span.microseconds}
    return {name: value for name, value in parts.items() if value}


def _done(turn: Turn, before: Assessment) -> dict[str, Any]:
    """What the resident did; for words also what they show, seen from what was known `before`."""
    match turn.event:
        case Heard(texts=texts, wordless=wordless):
            said: dict[str, Any] = {}
            if texts:
                said["says"] = texts[0] if len(texts) == 1 else list(texts)
            if wordless:
                said["sends"] = [kind.value for kind in wordless]
            shows = {} if turn.message is None else _shows(turn.message, turn.overall, before)
            return said | ({"shows": shows} if shows else {})
        case Chosen(action=action, argument=argument):
            return {"press": f"{action}:{argument}" if argument else action}
        case Arrived() | Left() | Unsent() | StaffCame() | StaffLeft() | StaffRead() as plain:
            return {"event": _event(plain)}
        case other:
            return {"event": _by_others(other)}


CheckInEvent = CheckInDue | CheckInSet | CheckInsCalledOff
SheetEvent = SheetTold | PageOffered | PageWithdrew


def _by_others(event: StaffAsksConsent | CheckInEvent | SheetEvent) -> str:
    """What happens without a word of the resident, as a golden conversation names it."""
    match event:
        case StaffAsksConsent(kind=kind):
            return _ASKS[kind]
        case CheckInDue() | CheckInSet() | CheckInsCalledOff():
            return _check_in(event)
        case _:
            return _of_sheet(event)


def _of_sheet(event: SheetEvent) -> str:
    match event:
        case SheetTold(kind=news):
            return f"sheet {news.value}"
        case PageOffered():
            return "staff offer the page"
        case PageWithdrew():
            return "withdraws on the page"


def _check_in(event: CheckInEvent) -> str:
    match event:
        case CheckInDue(second=second):
            return "second word due" if second else "check-in due"
        case CheckInSet():
            return "staff sets check-ins"
        case CheckInsCalledOff():
            return "staff ends check-ins"


def _event(event: Arrived | Left | Unsent | StaffCame | StaffLeft | StaffRead) -> str:
    match event:
        case Arrived(unblocked=unblocked):
            return "unblocked" if unblocked else "follow"
        case Left():
            return "block"
        case Unsent():
            return "unsend"
        case StaffCame():
            return "staff comes"
        case StaffRead():
            return "staff reads"
        case StaffLeft(silent=silent):
            return "staff is silent" if silent else "staff leaves"


def _shows(message: Assessment, overall: Assessment, before: Assessment) -> dict[str, Any]:
    """What the words show, in the short form; with what only became clear by what was said before."""
    known = {concern.id for concern in before.concerns}
    tags = dict.fromkeys(concern.id for concern in message.concerns)
    tags |= dict.fromkeys(concern.id for concern in overall.concerns if concern.id not in known)
    shows: dict[str, Any] = {"tags": list(tags)} if tags else {}
    if message.risk.level is not RiskLevel.NONE:
        shows |= {"level": message.risk.level.value, "kinds": [kind.value for kind in message.risk.kinds]}
    return shows | _facts(message.facts)


def _facts(facts: Facts) -> dict[str, Any]:
    shows: dict[str, Any] = {"age": facts.writer_age, "minor": facts.writer_minor, "language": facts.detected_language}
    shows["role"] = None if facts.writer_role is None else facts.writer_role.value
    if facts.people:
        shows["people"] = [person.relation for person in facts.people]
    if (safety := facts.safety) is not None:
        shows["safety"] = [safety.role.value, safety.at_risk.value, *(["now"] if safety.now else [])]
    return {name: value for name, value in shows.items() if value is not None}


def _expected(turn: Turn, content: Content) -> dict[str, Any]:
    effects = turn.decision.effects
    say = next((effect for effect in effects if isinstance(effect, Say)), None)
    alert = next((effect for effect in effects if isinstance(effect, AlertStaff)), None)
    expect: dict[str, Any] = {"kind": None if say is None else say.kind.value}
    if say is not None:
        expect["bubbles"] = len(say.messages)
        expect["asks"] = sum(questions(text) for message in say.messages for text in _words(message))
        expect |= _contacts(turn, content)
    expect["alert"] = None if alert is None else alert.level.value
    for effect in effects:
        if isinstance(effect, OfferMade | OfferAnswered):
            expect["offer"] = "made" if isinstance(effect, OfferMade) else effect.answer.value
        if type(effect) in _DONE:
            expect["done"] = _DONE[type(effect)]
    return expect


def _contacts(turn: Turn, content: Content) -> Mapping[str, Any]:
    """The cards' contacts by their names in `contacts.yaml`, where all have one."""
    shown = [contact.uri for message in turn.messages if isinstance(message, Card) for contact in message.contacts]
    if not shown:
        return {}
    names = [next((name for name, place in content.contacts.items() if place.uri == uri), None) for uri in shown]
    return {"card": True} if None in names else {"contacts": names}


def _words(message: Message) -> Iterator[str]:
    """Every sentence a resident reads."""
    match message:
        case Text(text=text):
            yield text
        case Choices(text=text, options=options):
            yield from (text, *(option.label for option in options))
        case Card():
            yield from (message.notice, message.title, *message.lines)
            for contact in message.contacts:
                yield from (contact.name, contact.shown, contact.hours)
        case Link(text=text, label=label):
            yield from (text, label)
