"""How a turn is shown: the talk on the left, on the right what was heard, decided and remembered."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Mapping
from enum import Enum

from bot.talking.cells import beside, hang, width, wrap
from bot.talking.conversation import Talk, Turn
from config.categories import categories
from dialogue import Desk
from dialogue.desk import DAYS_SHOWN
from dialogue.effects import Effect, Say
from dialogue.words import Card, Choices, Link, Message, Text
from nlp.findings import Assessment, Concern, Evidence, Risk, RiskLevel

#: Below this many cells the columns stand one under the other.
NARROW = 96
_INDENT = 8
_LEVELS = {RiskLevel.NONE: "なし", RiskLevel.WATCH: "気がかり", RiskLevel.URGENT: "緊急"}
_MOST_EVIDENCE = 4


def shown(turn: Turn, number: int, desk: Desk, cells: int) -> list[str]:
    """One turn as lines of at most `cells` cells."""
    head = f"── {number} ── {clock(desk, turn.at)} "
    lines = [head + "─" * max(0, cells - width(head))]
    if cells < NARROW:
        return [*lines, *_talk(turn, cells), *(f"  {line}" for line in _reasons(turn, cells - 2))]
    left = cells * 11 // 20
    return [*lines, *beside(_talk(turn, left), _reasons(turn, cells - left - 3), left)]


def clock(desk: Desk, at: dt.datetime) -> str:
    """「11/24(火) 10:00 相談員のいる時間」."""
    here = desk.local(at)
    staff = desk.content.desk.staff
    reads = f"{staff}のいる時間" if desk.is_open(at) else f"{staff}のいない時間"
    return f"{here:%Y/%m/%d}({DAYS_SHOWN[here.weekday()]}) {here:%H:%M} {reads}"


def _talk(turn: Turn, room: int) -> list[str]:
    lines = hang("あなた", turn.shown, room, _INDENT)
    said = turn.messages
    if not said:
        return [*lines, *hang("つなぐ", "(何も言わない)", room, _INDENT)]
    for number, message in enumerate(said):
        lines += hang("つなぐ" if number == 0 else "", in_words(message), room, _INDENT)
    return lines


def in_words(message: Message) -> str:
    """One bubble, with what can be pressed or called."""
    match message:
        case Text(text=text):
            return f"「{text}」"
        case Choices(text=text, options=options):
            return f"「{text}」\n" + "\n".join(f"  [{n}] {option.label}" for n, option in enumerate(options, 1))
        case Card():
            return "\n".join(_card(message))
        case Link(text=text, label=label):
            return f"「{text}」\n  [→ {label}]"


def _card(card: Card) -> list[str]:
    lines = [f"▤ {card.title} (通知: {card.notice})", *(f"  {line}" for line in card.lines)]
    return lines + [f"  ☎ {place.shown} {place.name} {place.hours}" for place in card.contacts]


def _reasons(turn: Turn, room: int) -> list[str]:
    lines: list[str] = []
    for label, text in _found(turn):
        lines += hang(label, text, room, _INDENT)
    for effect in turn.decision.effects:
        lines += hang("効果", described(effect), room, _INDENT)
    size = len(json.dumps(turn.decision.state.to_json(), ensure_ascii=False, separators=(",", ":")).encode())
    times = f"状態 {size:,}バイト  聞く {turn.heard_in * 1000:.1f}ミリ秒  決める {turn.decided_in * 1000:.2f}ミリ秒"
    return lines + wrap(times, room)


def _found(turn: Turn) -> list[tuple[str, str]]:
    """What this message shows, then what is known beyond it."""
    if turn.message is None:
        return []
    found = [("区分", _concern(concern)) for concern in turn.message.concerns] or [("区分", "なし")]
    found.append(("危険", _risk(turn.message.risk)))
    if facts := turn.message.facts.to_json():
        found.append(("事実", _facts(facts)))
    return found + _known_beyond(turn.message, turn.overall)


def _known_beyond(message: Assessment, overall: Assessment) -> list[tuple[str, str]]:
    here = {concern.id for concern in message.concerns}
    known = [f"{_label(c.id)} {c.score:.2f}" for c in overall.concerns if c.id not in here]
    if overall.risk.level.rank > message.risk.level.rank:
        known.append(f"危険 {_level(overall.risk)}")
    facts = overall.facts.to_json()
    added = {name: value for name, value in facts.items() if message.facts.to_json().get(name) != value}
    if added:
        known.append(_facts(added))
    return [("ほかに", "、".join(known))] if known else []


def _concern(concern: Concern) -> str:
    return f"{_label(concern.id)} {concern.score:.2f} {_evidence(concern.evidence)}".rstrip()


def _label(name: str) -> str:
    known = categories().get(name)
    return name if known is None else f"{known.label} {name}"


def _risk(risk: Risk) -> str:
    return f"{_level(risk)} {_evidence(risk.evidence)}".rstrip()


def _level(risk: Risk) -> str:
    kinds = " ".join(kind.value for kind in risk.kinds)
    return f"{_LEVELS[risk.level]} {risk.level.value} {kinds}".rstrip()


def _evidence(evidence: tuple[Evidence, ...]) -> str:
    texts = dict.fromkeys(e.text for e in evidence)
    more = " ほか" if len(texts) > _MOST_EVIDENCE else ""
    return "".join(f"「{text}」" for text in list(texts)[:_MOST_EVIDENCE]) + more


def _facts(facts: Mapping[str, object]) -> str:
    return "、".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in facts.items())


def described(effect: Effect) -> str:
    """An effect by its name in the code, with everything in it but the words."""
    if isinstance(effect, Say):
        return f"Say {effect.kind.value} 吹き出し{len(effect.messages)}つ"
    fields = (f"{field.name}={_value(getattr(effect, field.name))}" for field in dataclasses.fields(effect))
    return " ".join([type(effect).__name__, *fields])


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="minutes")
    return str(value.value if isinstance(value, Enum) else value)


def remembered(talk: Talk) -> list[str]:
    """Everything that is kept between two turns, as it would be stored."""
    parts = {"状態": talk.state.to_json(), "覚えていること": talk.known.to_json()}
    return [
        line
        for name, part in parts.items()
        for line in (f"{name}:", *json.dumps(part, ensure_ascii=False, indent=2).splitlines())
    ]
