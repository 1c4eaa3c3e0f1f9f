"""The draft of a sheet from a conversation: every field the program fills carries the messages it was read from.

Nothing here is certain: a person confirms each field. Words of the resident are quoted only where they agreed to be
read. Whoever writes about somebody else (neighbour, professional) is not taken for the person of the sheet.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from casework.forms import Row, Value, is_empty
from casework.sheets import Entry, Origin
from config.categories import categories
from config.contents.forms import Codes, FieldType, Fill, Form, Item

_QUOTES = 12
_QUOTE_LETTERS = 400
#: Grows faster than any sum of scores: danger is the heaviest of all.
_DANGER = 100.0
_DANGER_CATEGORY = {"violence": "abuse_dv", "suicide": "mental_health", "medical": "illness", "lifeline": "poverty"}
_DANGER_SHOWN = {
    "suicide": "命の危険（自殺・自傷）",
    "violence": "暴力・虐待",
    "lifeline": "食べ物・住まい・ライフライン",
    "medical": "体の具合",
}
_LEVEL_SHOWN = {"urgent": "急ぎ", "watch": "注意"}
_AGE_STEPS = (80, 70, 60, 50, 40, 30, 20, 18, 16, 10, 0)
_ABOUT_OTHERS = frozenset({"neighbour", "professional"})
#: People one speaks of who are no household unless they live with one.
_OUTSIDE = frozenset({"neighbour", "client", "friend", "coworker"})
_LANGUAGES = {
    "en": "英語",
    "zh": "中国語",
    "ko": "韓国語",
    "vi": "ベトナム語",
    "tl": "タガログ語（フィリピノ語）",
    "pt": "ポルトガル語",
    "ne": "ネパール語",
    "es": "スペイン語",
}
_SAFE_CONTACT = {
    "yes": "LINEで連絡してよい（トークでの答え）。ほかの方法は、まだ聞いていません。",
    "no": "LINEの画面を、ほかの人に見られるおそれがあります。内容を書かずに連絡する方法を、本人と決めてください。",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Tagged:
    """A category found in one message, with the words that showed it."""

    category: str
    score: float
    message_id: UUID
    words: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Quoted:
    """Words the resident agreed to be read, from one message."""

    message_id: UUID
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Heard:
    """What a conversation told. `facts` is the JSON of `tsunagu assess`; tags the resident called wrong are left out.

    `answers` are what the resident said when asked for it, by field. `safe_contact` is unknown, yes or no.
    """

    channel: str
    alias: str
    first_contact_on: dt.date
    contact_count: int
    tags: tuple[Tagged, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    fact_messages: frozenset[UUID] = frozenset()
    risk_level: str = "none"
    risk_kinds: tuple[str, ...] = ()
    risk_messages: frozenset[UUID] = frozenset()
    safe_contact: str = "unknown"
    quotes: tuple[Quoted, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)

    @property
    def about_other(self) -> bool:
        """Whether the writer tells of somebody else, and is not the person of a sheet."""
        return self.facts.get("writer_role") in _ABOUT_OTHERS


@dataclass(frozen=True, kw_only=True, slots=True)
class Paper:
    """What the desk knows of the paper itself, and for the police how the resident wrote: the user id at LINE, the
    account written to, the first and the last time.
    """

    number: str
    created_on: dt.date
    from_org: str
    from_person: str
    account: str = ""
    line_id: str = ""
    times: str = ""


_Found = tuple[Value | None, frozenset[UUID]]
_NOTHING: _Found = (None, frozenset())


@dataclass(frozen=True, kw_only=True, slots=True)
class _Ask:
    """What is to be filled, and from what."""

    form: Form
    item: Item
    heard: Heard

    @property
    def table(self) -> Codes:
        return self.form.codes[self.item.codes or ""]

    def meaning(self, word: str | None) -> str | None:
        """The code that stands for a word of the program's own."""
        return None if word is None else next(_meaning(self.table, word), None)


def prefill(form: Form, heard: Heard, paper: Paper, *, now: dt.datetime) -> dict[str, Entry]:
    """Entries for every field of the form that this conversation can fill."""
    found: dict[str, Entry] = {}
    for key, item in form.fields.items():
        if (answer := heard.answers.get(key)) and item.type in (FieldType.TEXT, FieldType.LONG):
            found[key] = Entry(value=answer, origin=Origin.RESIDENT, at=now)
        elif item.fill in _PAPER:
            if known := _PAPER[item.fill](paper):
                found[key] = Entry(value=known, origin=Origin.STAFF, at=now)
        elif item.fill in _FILLERS:
            value, sources = _FILLERS[item.fill](_Ask(form=form, item=item, heard=heard))
            if value is not None and not is_empty(value):
                found[key] = Entry(value=value, origin=Origin.MACHINE, at=now, sources=sources)
    return found


def weights(heard: Heard) -> dict[str, float]:
    """How heavy each category weighs: the sum of its scores, danger above everything. In the order they came up."""
    found: dict[str, float] = {}
    for tag in heard.tags:
        found[tag.category] = found.get(tag.category, 0.0) + tag.score
    for kind in heard.risk_kinds:
        category = _DANGER_CATEGORY.get(kind)
        if category in found:
            found[category] += _DANGER
    return found


def _topics(ask: _Ask) -> _Found:
    table = ask.table
    chosen = {code for category in weights(ask.heard) for code in _topics_of(table, category, ask.heard)}
    return tuple(code for code in table if code in chosen), frozenset(tag.message_id for tag in ask.heard.tags)


def _top_topic(ask: _Ask) -> _Found:
    weighed = weights(ask.heard)
    table = ask.table
    for category in sorted(weighed, key=lambda name: -weighed[name]):
        if codes := _topics_of(table, category, ask.heard):
            return codes[0], frozenset(tag.message_id for tag in ask.heard.tags if tag.category == category)
    return _NOTHING


def _topics_of(table: Codes, category: str, heard: Heard) -> tuple[str, ...]:
    known = categories().get(category)
    return () if known is None else _chosen(table, known.topics, _words_of(category, heard))


def _words_of(category: str, heard: Heard) -> str:
    return "\n".join(word for tag in heard.tags if tag.category == category for word in tag.words)


def _chosen(table: Codes, terms: tuple[str, ...], words: str) -> tuple[str, ...]:
    """Entries of the table that mean one of the terms: those whose words were said, else the first without any."""
    meant = [code for term in terms for code, entry in table.items() if entry.means(term)]
    said = tuple(dict.fromkeys(code for code in meant if any(word in words for word in table[code].words)))
    return said or tuple(code for code in meant if not table[code].words)[:1]


def _factors(ask: _Ask) -> _Found:
    table = ask.table
    found = {code for kind in ask.heard.risk_kinds for code in _meaning(table, f"risk:{kind}")}
    for category in weights(ask.heard):
        if (known := categories().get(category)) is not None:
            found |= set(_chosen(table, known.factors, _words_of(category, ask.heard)))
    sources = frozenset(tag.message_id for tag in ask.heard.tags) | ask.heard.risk_messages
    return tuple(code for code in table if code in found), sources


def _meaning(table: Codes, word: str) -> Iterator[str]:
    return (code for code, entry in table.items() if entry.means(word))


def _urgency(ask: _Ask) -> _Found:
    return ask.meaning(ask.heard.risk_level), ask.heard.risk_messages


def _urgency_reason(ask: _Ask) -> _Found:
    if ask.heard.risk_level not in _LEVEL_SHOWN:
        return _NOTHING
    kinds = "・".join(_DANGER_SHOWN[kind] for kind in ask.heard.risk_kinds if kind in _DANGER_SHOWN)
    about = f"（{kinds}）" if kinds else ""
    return (
        f"自動の判定：{_LEVEL_SHOWN[ask.heard.risk_level]}{about}。相談員が確かめて書き直してください。",
        ask.heard.risk_messages,
    )


def _safety(ask: _Ask) -> _Found:
    table = ask.table
    at_risk = (ask.heard.facts.get("safety") or {}).get("at_risk")
    found: set[str] = set()
    for kind in ask.heard.risk_kinds:
        exact = set(_meaning(table, f"{kind}:{at_risk}")) if at_risk else set()
        found |= exact or set(_meaning(table, kind))
    return tuple(code for code in table if code in found), ask.heard.risk_messages


def _household(ask: _Ask) -> _Found:
    if ask.heard.about_other:
        return _NOTHING
    rows = [_person(ask, person) for person in ask.heard.facts.get("people") or () if _of_household(person)]
    return tuple(rows)[: ask.item.longest], ask.heard.fact_messages


def _of_household(person: Mapping[str, Any]) -> bool:
    return bool(person.get("lives_with")) or person["relation"] not in _OUTSIDE


def _person(ask: _Ask, person: Mapping[str, Any]) -> Row:
    table = ask.form.codes.get(ask.item.columns["relation"].codes or "", {})
    cells: dict[str, Any] = {"relation": next(_meaning(table, person["relation"]), "other")}
    if "age" in person:
        cells["age"] = person["age"]
    living = {True: "together", False: "apart"}.get(person.get("lives_with", None))
    if living is not None:
        cells["lives_with"] = living
    return Row(cells=cells)


def _household_size(ask: _Ask) -> _Found:
    with_them = [person for person in ask.heard.facts.get("people") or () if person.get("lives_with")]
    if ask.heard.about_other or not with_them:
        return _NOTHING
    return 1 + len(with_them), ask.heard.fact_messages


def _age_band(ask: _Ask) -> _Found:
    age = ask.heard.facts.get("writer_age")
    if ask.heard.about_other or age is None:
        return _NOTHING
    code = next((str(step) for step in _AGE_STEPS if age >= step), None)
    return (code if code in ask.table else None), ask.heard.fact_messages


def _language(ask: _Ask) -> _Found:
    if ask.heard.about_other:
        return _NOTHING
    return _LANGUAGES.get(ask.heard.facts.get("detected_language", "")), ask.heard.fact_messages


def _quotes(ask: _Ask) -> _Found:
    rows = tuple(
        Row(cells={"text": quote.text[:_QUOTE_LETTERS]}, source=quote.message_id)
        for quote in ask.heard.quotes[-_QUOTES:]
        if quote.text.strip()
    )
    return rows, frozenset(row.source for row in rows if row.source is not None)


def _role(ask: _Ask) -> _Found:
    return ask.meaning(ask.heard.facts.get("writer_role")), ask.heard.fact_messages


def _relation(ask: _Ask) -> _Found:
    role = {"professional": "client", "neighbour": "neighbour"}.get(ask.heard.facts.get("writer_role", ""))
    return ask.meaning(role), ask.heard.fact_messages


_FILLERS: Mapping[Fill | None, Callable[[_Ask], _Found]] = {
    Fill.CHANNEL: lambda ask: (ask.heard.channel if ask.heard.channel in ask.table else None, frozenset()),
    Fill.ROUTE: _role,
    Fill.FIRST_CONTACT: lambda ask: (ask.heard.first_contact_on, frozenset()),
    Fill.CONTACT_COUNT: lambda ask: (ask.heard.contact_count, frozenset()),
    Fill.NICKNAME: lambda ask: (None if ask.heard.about_other else ask.heard.alias, frozenset()),
    Fill.AGE_BAND: _age_band,
    Fill.LANGUAGE: _language,
    Fill.SAFE_CONTACT: lambda ask: (_SAFE_CONTACT.get(ask.heard.safe_contact), frozenset()),
    Fill.VISITOR_RELATION: _relation,
    Fill.HOUSEHOLD: _household,
    Fill.HOUSEHOLD_SIZE: _household_size,
    Fill.TOPICS: _topics,
    Fill.TOP_TOPIC: _top_topic,
    Fill.QUOTES: _quotes,
    Fill.FACTORS: _factors,
    Fill.URGENCY: _urgency,
    Fill.URGENCY_REASON: _urgency_reason,
    Fill.SAFETY: _safety,
}
_PAPER: Mapping[Fill | None, Callable[[Paper], Value]] = {
    Fill.SHEET_NO: lambda paper: paper.number,
    Fill.CREATED_ON: lambda paper: paper.created_on,
    Fill.FROM_ORG: lambda paper: paper.from_org,
    Fill.FROM_PERSON: lambda paper: paper.from_person,
    Fill.LINE_ID: lambda paper: paper.line_id,
    Fill.ACCOUNT: lambda paper: paper.account,
    Fill.TIMES: lambda paper: paper.times,
}
