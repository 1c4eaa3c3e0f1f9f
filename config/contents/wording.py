"""Rules of wording over all sentences a resident can read: length, forbidden words, questions, easy kanji."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from config.contents.models import PLACEHOLDER, STATIC_PLACEHOLDERS, Line, Said, Voiced
from config.contents.reading import Key, texts_of

if TYPE_CHECKING:
    from config.content import Content

BUBBLE = 80
# Fixed texts that must be complete: two or three sentences that are read once.
LONGER = {
    "notice": 150,
    "rights": 90,
    "glossary": 90,
    "erase": 90,
    "offer": 90,
    "memory": 90,
    "consent": 90,
    "checkins": 90,
    "door": 150,
}
CARD_TITLE = 30
KATAKANA = re.compile(r"[ァ-ヴー]{2,}")
#: Which values the rule that says a sentence can fill in; `next_open` is known everywhere.
FILLED: Mapping[tuple[str, ...], frozenset[str]] = {
    ("listening", "states", "both"): frozenset({"first", "second"}),
    **{("erase", key): frozenset({"at"}) for key in ("goes", "done", "already", "meanwhile", "go_on")},
    ("memory", "hidden"): frozenset({"at"}),
    ("memory", "record_timed"): frozenset({"days", "years"}),
    **{("memory", key): frozenset({"list"}) for key in ("concerns", "writer", "people", "shares")},
    ("memory", "corrected"): frozenset({"topic"}),
    ("memory", "age"): frozenset({"age"}),
    ("memory", "more"): frozenset({"count"}),
    ("staff",): frozenset({"who"}),
    **{("checkins", key): frozenset({"rhythm", "band", "at"}) for key in ("agreed", "shown")},
    ("checkins", "agreed", "school"): frozenset({"ends"}),
    ("checkins", "ending"): frozenset({"at", "count"}),
    **{("checkins", key): frozenset({"at"}) for key in ("paused", "going_on")},
    ("checkins", "by_staff"): frozenset({"rhythm", "band", "at", "who"}),
    ("checkins", "noted"): frozenset({"band"}),
    ("memory", "check_ins"): frozenset({"rhythm", "band"}),
    ("checkins", "signed"): frozenset({"who"}),
    ("checkins", "labels"): frozenset({"begins", "ends", "at"}),
    ("checkins", "quiet", "set"): frozenset({"begins", "ends"}),
    ("door", "pages"): frozenset({"minutes", "shortest"}),
    ("sheet_news",): frozenset({"place", "received", "at"}),
    ("consent", "ask_around"): frozenset({"place"}),
    ("consent", "tell_name"): frozenset({"place"}),
    ("consent", "agreed"): frozenset({"place"}),
    ("consent", "share_declined"): frozenset({"place"}),
    **{("languages", key, "consent"): frozenset({"place"}) for key in ("en", "zh", "ko", "vi", "tl", "pt", "ne", "es")},
}
#: What the rules fill in, at its longest.
LONGEST = {
    "next_open": "24日(火)の9時",
    "at": "24日(火)の10時",
    "first": "暮らしのお金",
    "second": "心のこと",
    "topic": "家の手伝いやお世話",
    "list": "",
    "place": "市役所の福祉の窓口",
    "who": "相談員の山田さん",
    "received": "24日(火)",
    "age": "82",
    "count": "12",
    "rhythm": "2週に1回",
    "band": "夕方",
    "days": "3650",
    "years": "30",
    "begins": "17時30分",
    "ends": "19時30分",
}
KANJI = re.compile(r"[一-鿿々]")
QUOTED = re.compile(r"「[^」]*」")
QUESTION = re.compile(r"か(?:な)?(?=[。\n]|$)|[？?]")
# Beside `ask` only these may ask, and of these only the card's questions in a crisis.
PARTS = (
    *("notice", "listening", "topics", "sides", "crisis", "aftermath", "cards", "scam", "kinds", "offer", "rights"),
    *("erase", "memory", "staff", "consent", "checkins", "sheet_news", "menu", "door", "standing"),
    *("glossary", "itself"),
)
ASKING = frozenset({"ask", "ask_open", "which", "meanwhile"})
#: Of the glossary: how it is asked about.
PATTERNS = ("parts", "asks", "names", "also")
NOT_READ = (
    *PATTERNS,
    "when",
    # Patterns of scams, and the meaning that is answered after a danger.
    "heard",
    "contacts",
    "beside",
    "watch_contacts",
    "watch_contacts_minor",
    "numbers_contacts",
    "numbers_contacts_minor",
    "local",
    "timing",
    # Of the door: pages, written for everybody in one voice, and words that are proposed or refused.
    "pages",
    "watchwords",
    "places",
)


def sentences(content: Content) -> Iterator[tuple[Key, str]]:
    """Every sentence with its place: part, keys, index."""
    for part in PARTS:
        for key, text in texts_of(_plain(getattr(content, part))):
            if not set(NOT_READ) & set(key):
                yield (part, *key), text
    own = {f"local:{name}": place for name, place in content.desk.local.items()}
    for name, place in {**content.contacts, **own}.items():
        about = {} if place.about is None else _plain(place.about)
        for key, text in texts_of(
            {"name": place.name, "kana": place.kana, "hours": _plain(place.hours), "about": about}
        ):
            yield ("contacts", name, *key), text


def problems(content: Content) -> Iterator[str]:
    """What a reader of the words should change, one sentence each. Nothing to yield means that all is well."""
    rules = [(re.compile(rule.pattern), rule.why) for rule in content.forbidden.rules]
    easy = set(content.forbidden.easy_kanji)
    for key, text in sentences(content):
        where = ".".join(str(part) for part in key)
        for pattern, why in rules:
            if match := pattern.search(text):
                yield f"{where}: 「{match.group()}」({why})"
        if (length := len(filled(content, text))) > _longest(key):
            yield f"{where}: {length}文字あります({_longest(key)}文字まで)"
        if "kana" in key and (hard := set(KANJI.findall(PLACEHOLDER.sub("", QUOTED.sub("", text)))) - easy):
            yield f"{where}: やさしい日本語には難しい漢字です: {''.join(sorted(hard))}"
        yield from (f"{where}: {problem}" for problem in _question_problems(key, text))
    yield from _elder_problems(content)


def _elder_problems(content: Content) -> Iterator[str]:
    """Elders hear no katakana word: fixed texts that need one have an `elder` form, variants leave three without."""
    for part in PARTS:
        for key, value in _voiced(getattr(content, part), (part,)):
            where = ".".join(key)
            if isinstance(value, Voiced):
                if sum(not KATAKANA.search(text) for text in value.plain) < 3:
                    yield f"{where}: お年寄りのために、カタカナ語のない言い方を三つ以上にしてください"
                continue
            said = value.elder or value.plain
            # The name on a door is what it is: in marks it may be in katakana.
            plain = QUOTED.sub("", "\n".join([said] if isinstance(said, str) else said))
            if match := KATAKANA.search(plain):
                yield f"{where}: 「{match.group()}」はカタカナ語です。お年寄りのための言い方(elder)も書いてください"


def _voiced(value: Any, key: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Voiced | Line | Said]]:
    if isinstance(value, Voiced | Line | Said):
        yield key, value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _voiced(getattr(value, name), (*key, name))
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _voiced(item, (*key, str(name)))


def unfilled(key: Key, text: str) -> Iterator[str]:
    """Placeholders that the rule which says this sentence does not know: they would break the answer."""
    known = STATIC_PLACEHOLDERS | {"next_open"}
    for start, values in FILLED.items():
        if key[: len(start)] == start:
            known |= values
    yield from sorted(set(PLACEHOLDER.findall(text)) - known)


def filled(content: Content, text: str) -> str:
    """`text` with the desk's names and the longest values a placeholder takes."""
    desk = content.desk
    names = {"organisation": desk.organisation, "account": desk.account, "staff": desk.staff}
    hours = desk.hours_shown.plain
    return text.format(**names, hours=hours, **LONGEST)


def questions(text: str) -> int:
    """How many questions a text asks."""
    return len(QUESTION.findall(QUOTED.sub("", text)))


def _question_problems(key: Key, text: str) -> Iterator[str]:
    asked = questions(text)
    if ASKING & set(key):
        if asked != 1 or not text.endswith("か。"):
            yield "一つだけたずねて「か。」で終わる文にしてください"
    elif asked:
        yield "ここでは、たずねないでください(質問の文ではありません)"


def _longest(key: Key) -> int:
    if "title" in key or "watch_title" in key or "numbers_title" in key:
        return CARD_TITLE
    return LONGER.get(str(key[0]), 100 if key[-2:-1] == ("guard",) else BUBBLE)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value
