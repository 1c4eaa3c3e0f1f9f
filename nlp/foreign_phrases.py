"""Finds what the lexicon of other languages (`lexicon/foreign`) names in a message.

A file is a language; a key is a danger (urgent), `fear` and `shortage` (to be looked at soon), a category, or
`language` where help with it is needed; `own_hand` is violence that the writer does or fears to do, and `whose` are the
words for people (`nlp.foreign_people`). In Latin letters a phrase begins where a word does; those of a danger may end
inside a word (suicid), unless `!` ends them, those of a worry only where `-` does. The words that `×` parts follow each
other closely. Marks and what people shorten
(`short`) need no entry of their own. A phrase after a word of `deny` (with words of `filler` between) is not so, and
one that touches a phrase of `calm` is only a way of speaking. Korean, Nepali, Chinese (in simplified characters) and
Japanese with blanks between the words are looked up in dense text, where `denied` are ends that take a phrase back.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from nlp.language import JAPANESE, detect, detect_latin
from nlp.latin import GAP, VIETNAMESE, Folded, bare, folded, phrase
from nlp.lexicon import ROOT, read
from nlp.sentences import Spans
from nlp.spotter import ALTERNATIVE, STEP, Hit, Spotter
from nlp.text import Prepared, fold, is_kana

FOREIGN = "foreign"
OWN_HAND, WHOSE = "own_hand", "whose"
DANGERS = frozenset({"suicide", "violence", OWN_HAND, "lifeline", "medical", "birth", "missing"})
_RULES = frozenset({"deny", "filler", "short", "calm", "denied", WHOSE})
_STEM, _WHOLE, _CLOSE = "-", "!", "×"
_VIETNAMESE, _CHINESE, _KOREAN, _NEPALI = "vi", "zh", "ko", "ne"
_DENSE = (_CHINESE, _KOREAN, _NEPALI, JAPANESE)
# Nepali is written in two scripts.
LATIN_FILE = {"ne": "ne_latin"}
_LATIN = re.compile("[a-z]{2}|[à-ỹ]")
_NO_LATIN = re.compile("[\u0900-\u097f\uac00-\ud7a3\u4e00-\u9fff]")
_HAN_CLAUSE = re.compile("(?:^|(?<=[。!?\n、,]))([\u4e00-\u9fff]{3,})(?=$|[。!?\n、,])")
_OTHER_SCRIPTS = re.compile("[\u0900-\u097f\uac00-\ud7a3]")
# Kana with a blank between words: the Japanese of people who learn it, and of children.
_LEARNED = re.compile("[\u3041-\u30ff][ ][\u3041-\u30ff]")
# Between the steps of an entry there may be so many letters: words in Latin letters are long. They share a dot.
_REACH = range(-1, 25)
# How far back a word of denial is looked for.
_BACK = 48
_BUT = re.compile(f"{GAP}(?:but|mas|pero|nhung|pero|kaso|tapos|tara){GAP}")
# So many foreign words in Japanese are no sentence.
_LENT_WORDS = 3
# So few syllables are one word.
_TWO = 2
_FIRST_ENTRY = -9_000_000
_CLOSE_ENTRY = 100_000
# What is no list of phrases.
_TABLES = frozenset({"short", "simplified", WHOSE})


@dataclass(frozen=True)
class Denial:
    """How a language takes a phrase back: what stands before it, and what follows it."""

    before: re.Pattern[str] | None
    after: re.Pattern[str] | None

    def denies(self, text: str, start: int, end: int) -> bool:
        """Whether a span is only named to say that it is not so."""
        if self.before is not None and self.before.search(text, max(0, start - _BACK), start) is not None:
            return True
        return self.after is not None and self.after.match(text, end) is not None


@dataclass(frozen=True)
class Phrases:
    """The spotters over all phrases, each language's rules, and its words for people."""

    latin: Spotter
    marked: Spotter
    dense: dict[str, Spotter]
    denials: dict[str, Denial]
    short: dict[str, dict[str, str]]
    simplified: dict[int, str]
    whose: dict[str, dict[str, str]]
    close: dict[tuple[str, bool], list[tuple[str, re.Pattern[str]]]]
    digest: str


@lru_cache(maxsize=1)
def phrases() -> Phrases:
    """The phrases, read once per process."""
    files = {path.stem: read(f"{FOREIGN}/{path.name}") for path in sorted((ROOT / FOREIGN).glob("*.yaml"))}
    latin = {name: found for name, found in files.items() if name not in _DENSE}
    entries = [(f"{name}/{key}", entry) for name, found in latin.items() for key, entry in _entries(found)]
    marked = [(f"{_VIETNAMESE}/{key}", entry) for key, entry in _entries(latin[_VIETNAMESE])]
    simplified = files[_CHINESE]["simplified"]
    return Phrases(
        latin=Spotter(_spelled(entries, marked=False), _REACH),
        marked=Spotter(_spelled(marked, marked=True), _REACH),
        dense={
            name: Spotter((f"{FOREIGN}/{name}/{key}", entry) for key, entry in _entries(files[name])) for name in _DENSE
        },
        denials={name: _denial(found, dense=name in _DENSE) for name, found in files.items()},
        short={
            name: {str(key): str(word) for key, word in found.get("short", {}).items()} for name, found in latin.items()
        },
        whose={name: found[WHOSE] for name, found in files.items() if WHOSE in found},
        close={
            (name, marked): _close(name, found, marked=marked)
            for name, found in files.items()
            for marked in ([False, True] if name == _VIETNAMESE else [False])
        },
        simplified=dict(zip(map(ord, simplified[0]), simplified[1], strict=True)),
        digest=repr(files),
    )


def _entries(found: dict[str, Any]) -> list[tuple[str, str]]:
    names = [name for name in found if name not in _RULES - {"calm"} and name != "simplified"]
    return [(name, str(entry)) for name in names for entry in found[name] if _CLOSE not in str(entry)]


def _close(file: str, found: dict[str, Any], *, marked: bool = False) -> list[tuple[str, re.Pattern[str]]]:
    """For each key that has them, the phrases whose words follow each other closely, as one pattern."""

    def word(text: str) -> str:
        plain = text.rstrip(_STEM + _WHOLE)
        spelled = re.escape(fold(plain) if file in _DENSE else phrase(plain, marked=marked))
        return f"{spelled}(?={GAP})" if text.endswith(_WHOLE) else spelled

    def pattern(entry: str) -> str:
        steps = ([word(one) for one in step.split(ALTERNATIVE)] for step in entry.split(_CLOSE))
        return "".join(f"(?:{ALTERNATIVE.join(sorted(words, key=len, reverse=True))})" for words in steps)

    entries = {name: [str(entry) for entry in found[name] if _CLOSE in str(entry)] for name in found.keys() - _TABLES}
    return [
        (f"{FOREIGN}/{file}/{name}", re.compile(ALTERNATIVE.join(map(pattern, close))))
        for name, close in sorted(entries.items())
        if close
    ]


def _spelled(entries: list[tuple[str, str]], *, marked: bool) -> list[tuple[str, str]]:
    """The entries as they stand in folded text, stems under a label of their own."""
    spelled: list[tuple[str, str]] = []
    for label, entry in entries:
        *steps, last = entry.split(STEP)
        before = [ALTERNATIVE.join(_step(one, marked=marked) for one in step.split(ALTERNATIVE)) for step in steps]
        ends: dict[str, list[str]] = {}
        for one in last.split(ALTERNATIVE):
            mark = one[-1] if one.endswith((_STEM, _WHOLE)) else ""
            ends.setdefault(mark, []).append(phrase(one.removesuffix(mark), marked=marked))
        spelled += [
            (f"{FOREIGN}/{label}{mark}", STEP.join([*before, ALTERNATIVE.join(words)])) for mark, words in ends.items()
        ]
    return spelled


def _step(text: str, *, marked: bool) -> str:
    """A step before the last: whole words, unless a stem."""
    return phrase(text.rstrip(_STEM), marked=marked) + ("" if text.endswith(_STEM) else GAP)


def _denial(found: dict[str, Any], *, dense: bool) -> Denial:
    def words(name: str) -> str:
        listed = [one for entry in found.get(name, ()) for one in str(entry).split(ALTERNATIVE)]
        spelled = [fold(one) if dense else phrase(one) for one in listed]
        return ALTERNATIVE.join(map(re.escape, sorted(filter(None, spelled), key=len, reverse=True)))

    deny, filler, denied = words("deny"), words("filler"), words("denied")
    between = f"(?:{filler}){{0,3}}" if filler else ""
    return Denial(
        before=re.compile(f"(?:{deny}){between}$") if deny else None,
        after=re.compile(f"(?:{denied})") if denied else None,
    )


def foreign_hits(prepared: Prepared) -> list[Hit]:
    """What a message names in another language, or in the Japanese of people who learn it; offsets in dense text."""
    plain = prepared.plain
    found: list[Hit] = []
    if _LATIN.search(plain) is not None:
        found += _latin_hits(prepared)
    if _LEARNED.search(plain) is not None:
        found += _dense_hits(prepared, JAPANESE)
    if _NO_LATIN.search(plain) is None:
        return found
    found += _chinese_hits(prepared)
    if _OTHER_SCRIPTS.search(plain) is not None:
        found += _dense_hits(prepared, _KOREAN) + _dense_hits(prepared, _NEPALI)
    return found


def _latin_hits(prepared: Prepared) -> list[Hit]:
    plain, known = prepared.plain, phrases()
    language = detect_latin(plain) or ""
    marked = language == _VIETNAMESE and VIETNAMESE.search(plain) is not None
    file = LATIN_FILE.get(language, language)
    text = folded(plain, known.short.get(file, {}), marked=marked)
    spotter = known.marked if marked else known.latin
    hits = [hit for hit in spotter.find(text.text, set()) if _is_whole(hit, text.text)]
    hits += _close_hits(text.text, file, marked=marked)
    if any(map(is_kana, prepared.dense)) and sum(map(str.isalpha, text.text.split(GAP))) <= _LENT_WORDS:
        # A single foreign word in Japanese is a loanword or a name.
        hits = [hit for hit in hits if GAP in text.text[hit.start + 1 : hit.end]]
    return [_placed(hit, text, prepared) for hit in _meant(hits, text.text, file)]


def _close_hits(text: str, file: str, *, marked: bool = False) -> list[Hit]:
    """The phrases of a language whose words follow each other closely."""
    found = phrases().close.get((file, marked), [])
    return [
        Hit(label, *match.span(), _CLOSE_ENTRY, f"e:{label}")
        for label, close in found
        for match in close.finditer(text)
    ]


def _is_whole(hit: Hit, text: str) -> bool:
    """Whether a phrase ends where a word does, if it has to."""
    name = hit.label.rpartition("/")[2]
    return name in DANGERS or name.endswith(_STEM) or text.startswith(GAP, hit.end)


def _meant(hits: list[Hit], text: str, language: str) -> list[Hit]:
    """The hits that are meant: neither denied, in their own language or in the message's, nor a way of speaking."""
    known = phrases().denials
    calm = Spans((hit.start, hit.end) for hit in hits if hit.label.split("/")[2].startswith("calm"))
    plain = bare(text) if language == _VIETNAMESE else text
    return [
        hit
        for hit in hits
        if not calm.touch(hit.start, hit.end)
        and not any(_is_denied(hit, plain, known[name]) for name in {hit.label.split("/")[1], language} & known.keys())
    ]


def _is_denied(hit: Hit, text: str, denial: Denial) -> bool:
    if not denial.denies(text, hit.start, hit.end):
        return False
    # Who does not want to die, but …
    return not hit.label.split("/")[2].startswith("suicide") or _BUT.search(text, hit.end) is None


def _placed(hit: Hit, text: Folded, prepared: Prepared) -> Hit:
    start, end = text.place(hit.start, hit.end)
    at = prepared.dense_at
    return _named(hit, bisect_left(at, start), bisect_left(at, end))


def _named(hit: Hit, start: int, end: int) -> Hit:
    return Hit(hit.label.rstrip(_STEM + _WHOLE), start, end, _FIRST_ENTRY - hit.entry, hit.name)


def _chinese_hits(prepared: Prepared) -> list[Hit]:
    """Chinese phrases are made of characters that Japanese has, too: beside kana only whole clauses count."""
    dense = prepared.dense
    if not any(map(is_kana, dense)):
        return _dense_hits(prepared, _CHINESE) if detect(prepared.plain) == _CHINESE else []
    clauses = [found.span(1) for found in _HAN_CLAUSE.finditer(dense) if detect(found[1]) == _CHINESE]
    if not clauses:
        return []
    spans = Spans(clauses)
    return [hit for hit in _dense_hits(prepared, _CHINESE) if spans.hold(hit.start, hit.end)]


def _dense_hits(prepared: Prepared, language: str) -> list[Hit]:
    known = phrases()
    text = prepared.dense.translate(known.simplified) if language == _CHINESE else prepared.dense
    hits = known.dense[language].find(text, _word_starts(prepared) if language == JAPANESE else set())
    hits += _close_hits(text, language)
    if language == _KOREAN:
        hits = [hit for hit in hits if not _is_torn(hit, prepared)]
    return [_named(hit, hit.start, hit.end) for hit in _meant(hits, text, language)]


def _word_starts(prepared: Prepared) -> set[int]:
    """Where words begin in dense text that is written with blanks between them."""
    at = prepared.dense_at
    return {0} | {place for place in range(1, len(prepared.dense)) if at[place] - at[place - 1] > 1}


def _is_torn(hit: Hit, prepared: Prepared) -> bool:
    """혼자 살아요, "I live alone", is no 자살."""
    at = prepared.dense_at
    return hit.end - hit.start == _TWO and at[hit.end - 1] - at[hit.start] >= _TWO
