"""A message as the rules see it: words, lexicon hits and sentences."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from nlp.combos import MUTED, combos
from nlp.findings import Evidence
from nlp.lexicon import Lexicon
from nlp.spotter import SENTENCE_ENDS, Hit
from nlp.text import Prepared, prepare
from nlp.tokens import Token, Tokenizer

_DENIAL = re.compile(
    r"(?:とか|など|なんか|なんて|って(?:ほど|わけ)?|ほど|問題|系|の(?:こと|話)?)?"
    r"(?:は|も|が|では|じゃ|でも|には|とは|というわけでは|というわけじゃ|になったことは|したことは)?"
    r"(?:ない|無い|なし|無し|ありない|ございない|あらへん|ちゃう|違い|違う|ちがい|ちがう|なか(?!っ)|してな|しない)"
)
# A blank between two words; so many of them, and one to so many letters, make a way of writing.
_BLANKS = re.compile("(?<=[\\u3041-\\u30ff\\u4e00-\\u9fff。、]) (?=[\\u3041-\\u30ff\\u4e00-\\u9fff])")
_FEW, _WORD = 3, 8
# Evidence longer than this is no longer a reason but a story.
LONGEST_EVIDENCE = 40
_SUBJECTS = ("concern/", "risk/")
_TOLD = ("/topic", "/certain", "/urgent", "/watch")


@dataclass(frozen=True)
class Reading:
    """One message after morphology and lookup; offsets of tokens and hits are in dense text.

    `denied` are the categories whose topic is named only to say that it is not so (借金はないです).
    """

    prepared: Prepared
    tokens: list[Token]
    hits: list[Hit]
    denied: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        """The dense text."""
        return self.prepared.dense

    @cached_property
    def by_label(self) -> dict[str, list[Hit]]:
        """Hits grouped by their label."""
        grouped: dict[str, list[Hit]] = {}
        for hit in self.hits:
            grouped.setdefault(hit.label, []).append(hit)
        return grouped

    @cached_property
    def ends(self) -> list[int]:
        """Offsets after which a new sentence begins."""
        return [at for at, char in enumerate(self.text) if char in SENTENCE_ENDS]

    def sentence(self, at: int) -> tuple[int, int]:
        """The sentence around an offset."""
        place = bisect_right(self.ends, at - 1)
        start = self.ends[place - 1] + 1 if place else 0
        end = self.ends[place] if place < len(self.ends) else len(self.text)
        return start, end

    def evidence(self, start: int, end: int, turn: int | None = None) -> Evidence:
        """The resident's own words behind a span of dense text."""
        first, after = self.prepared.span(start, min(end, start + LONGEST_EVIDENCE))
        return Evidence(start=first, end=after, text=self.prepared.original[first:after], turn=turn)


class Reader:
    """Makes readings; holds the dictionary. Thread-safe."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._spotter = lexicon.spotter
        self._combos = combos()
        self._tokenizer = Tokenizer()

    def read(self, text: str) -> Reading:
        """Read any str."""
        prepared = prepare(text)
        tokens = self._tokenizer.tokenize(prepared)
        hits = self._spotter.find(prepared.dense, {token.start for token in tokens})
        kept, denied = _without_denied(_without_idioms(hits), prepared.dense)
        kept = _without_fiction(kept, prepared.dense)
        unsaid = [hit for hit in hits if hit.label == "idiom/courtesy"]
        if len(kept) < len(hits):
            unsaid += [hit for hit in hits if hit.label.endswith("/topic") and hit not in kept]
        if unsaid:
            tokens = [token for token in tokens if not _covered(token, unsaid)]
        kept = _with_combos(kept, self._combos.find(kept, prepared.dense))
        return Reading(prepared, tokens, kept, denied)


def _with_combos(hits: list[Hit], combos: list[Hit]) -> list[Hit]:
    """Add what signs make together; a danger named where it is only denied or told of does not count."""
    muted = [hit for hit in combos if hit.label.endswith(MUTED)]
    if muted:
        hits = [hit for hit in hits if not (hit.label.startswith("risk/") and _overlaps(hit, muted))]
    return hits + combos


def _spaced(prepared: Prepared) -> list[Hit]:
    """A hit where somebody parts the words by blanks, as Japanese is taught to foreigners and to small children."""
    blanks = _BLANKS.findall(prepared.plain)
    if len(blanks) < _FEW or len(blanks) * _WORD < len(prepared.dense):
        return []
    return [Hit("mark/spaced", 0, len(prepared.dense), -1_000_000, "e:mark/spaced")]


def _without_denied(hits: list[Hit], text: str) -> tuple[list[Hit], frozenset[str]]:
    """Drop the topics that are only denied, and whatever overlaps them."""
    topics = [hit for hit in hits if hit.label.endswith("/topic")]
    denied = [hit for hit in topics if _DENIAL.match(text, hit.end)]
    if not denied:
        return hits, frozenset()
    stated = {hit.label.split("/")[1] for hit in topics if hit not in denied}
    names = {hit.label.split("/")[1] for hit in denied} - stated
    kept = [hit for hit in hits if not (hit.label.startswith(_SUBJECTS) and _overlaps(hit, denied))]
    return kept, frozenset(names)


def _without_fiction(hits: list[Hit], text: str) -> list[Hit]:
    """Drop topics and dangers in a sentence that tells of a screen or a page."""
    told = [hit for hit in hits if hit.label == "cue/fiction"]
    if not told:
        return hits
    spans = [(_begin(text, hit.start), _finish(text, hit.end)) for hit in told]
    dropped = [
        hit
        for hit in hits
        if hit.label.endswith(_TOLD) and any(start <= hit.start and hit.end <= end for start, end in spans)
    ]
    return [hit for hit in hits if hit not in dropped and not (hit.label.endswith("/sure") and _overlaps(hit, dropped))]


def _begin(text: str, at: int) -> int:
    return max(text.rfind(char, 0, at) for char in SENTENCE_ENDS) + 1


def _finish(text: str, at: int) -> int:
    ends = [found for char in SENTENCE_ENDS if (found := text.find(char, at)) >= 0]
    return min(ends, default=len(text))


def _covered(token: Token, hits: list[Hit]) -> bool:
    return any(hit.start <= token.start and token.end <= hit.end for hit in hits)


def _without_idioms(hits: list[Hit]) -> list[Hit]:
    """Drop what overlaps an idiom, unless it reaches well beyond it (死ぬほどつらい, もう死にたい)."""
    soft = [hit for hit in hits if hit.label == "idiom/soft"]
    if soft:
        hits = [hit for hit in hits if not (hit.label.endswith("/certain") and _overlaps(hit, soft))]
    polite = {at for hit in hits if hit.label == "idiom/courtesy" for at in range(hit.start, hit.end)}
    if polite:
        hits = [hit for hit in hits if hit.end - 1 not in polite or _is_meant(hit, polite)]
    calm = [hit for hit in hits if hit.label == "idiom/calm"]
    if not calm:
        return hits
    inside: set[int] = set()
    for hit in calm:
        inside.update(range(hit.start, hit.end))
    return [hit for hit in hits if hit.label.startswith(("idiom", "cue", "kin")) or not _mostly_in(hit, inside)]


def _is_meant(hit: Hit, polite: set[int]) -> bool:
    """Whether a hit that ends in courtesy stays: a farewell begins before it (今までありがとうございました)."""
    return hit.label.startswith("idiom") or (hit.label == "sign/suicide/farewell" and hit.start not in polite)


def _overlaps(hit: Hit, others: list[Hit]) -> bool:
    return any(hit.start < other.end and other.start < hit.end for other in others)


def _mostly_in(hit: Hit, inside: set[int]) -> bool:
    shared = sum(at in inside for at in range(hit.start, hit.end))
    return shared * 2 >= hit.end - hit.start
