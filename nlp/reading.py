"""A message as the rules see it: words, lexicon hits and sentences."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter

from nlp.accidents import accidents, plights, without_else
from nlp.bygone import bygone, solved
from nlp.collapse import collapsed
from nlp.combos import MUTED, combos
from nlp.denials import denials
from nlp.everyday import Span, everyday
from nlp.figures import beasts, figures
from nlp.findings import Evidence, RiskKind
from nlp.foreign_phrases import foreign_hits
from nlp.jokes import in_earnest, without_laughing
from nlp.language import detect
from nlp.lexicon import Lexicon
from nlp.romaji import in_kana
from nlp.sentences import Sentences, Spans
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
_PLAIN, _SURE = "/plain", "/sure"
# What may take a hit back, besides a topic that is denied.
_NO_DANGER = {f"idiom/not_{kind}": (f"risk/{kind}/", f"sign/{kind}/") for kind in RiskKind}
_TURNING = frozenset({"idiom/soft", "idiom/courtesy", "idiom/calm", "cue/fiction", *_NO_DANGER})
# What a denied danger takes along: all that only tells of it.
_OF_DANGER = ("risk/", "sign/", "scene/", "concern/abuse_dv/", "concern/mental_health/", "mark/may_harm")
_THREATS = ("risk/", "sign/")
_BYGONE, _BYGONE_ENTRY = f"combo/violence{MUTED}", -3_000_000
_BEAST, _BEAST_ENTRY = f"idiom/not_{RiskKind.VIOLENCE}", -3_500_000
# A tale, what makes it only the occasion of something lived, and who lives it, if no relative is named.
_TALES = frozenset({"cue/fiction", "sign/calm/fiction"})
_BESIDE = re.compile(
    "[てで](?:たら|ると|る(?:とき|時|最中|間|だけで|横)|たのに|ただけで)|中に|中、|途中|最中|ながら|の音|音量|うるさ|取り上げ|とりあげ|取られ|壊さ|壊し|投げつけ|投げられ|捨てら|"
    "やめろ|やめない|みたい[にだで]|(?:って|と)書(?:いた|いて|きま)|吊り方|死に方|死ぬ方法|楽に死|"
    "ぼす[がはに][^。!?\n]{0,8}(?:殴|なぐ|叩|たた|蹴|怒|どな|くれ|ごはん|給料|払わ|はらわ|ぱすぽーと|鍵|かぎ)|館に|館で|ばかり|ばっか|課金|借金|のことで|(?:見|み|読ん|聞い)[てで](?:から)?[^。!?\n]{0,4}(?:死に|消え)たく"
)
_OWN = re.compile(
    "隣の|となりの|上の階|下の階|先生|上司|先輩|店長|彼氏|彼に|彼が|元彼|元カレ|同居人|(?:死に|消え)た[くい]|吊り方|死に方|死ぬ方法|楽に死|ぼす[がはに]|わたし|私が|私を|私に|僕|俺"
)
_NEAR = 40
_label = itemgetter(0)
_TOLD = ("/topic", "/outright", "/certain", "/urgent", "/watch")


@dataclass(frozen=True)
class Reading:
    """One message after morphology and lookup; offsets of tokens and hits are in dense text.

    `denied` are the categories whose topic is named only to say that it is not so (借金はないです), `everyday` the
    spans that say nothing of danger.
    """

    prepared: Prepared
    tokens: list[Token]
    hits: list[Hit]
    denied: frozenset[str] = frozenset()
    everyday: tuple[Span, ...] = ()

    @property
    def text(self) -> str:
        """The dense text."""
        return self.prepared.dense

    @cached_property
    def by_label(self) -> dict[str, list[Hit]]:
        """Hits grouped by their label."""
        grouped: defaultdict[str, list[Hit]] = defaultdict(list)
        for hit in self.hits:
            grouped[hit[0]].append(hit)
        # From now on a label that was not found is an error again.
        grouped.default_factory = None
        return grouped

    @cached_property
    def language(self) -> str | None:
        """The language of the message; None where there are no letters to tell it from. No cache may keep a message
        longer than its reading."""
        return detect(self.prepared.plain)

    @cached_property
    def sentences(self) -> Sentences:
        """The sentences of the dense text."""
        return Sentences(self.text)

    @cached_property
    def letters(self) -> int:
        """How many letters say something: manners and stops do not."""
        manners = _places(self.by_label.get("idiom/courtesy", ()))
        return sum(letter.isalnum() for at, letter in enumerate(self.text) if at not in manners)

    def sentence(self, at: int) -> tuple[int, int]:
        """The sentence around an offset."""
        return self.sentences.around(at)

    def evidence(self, start: int, end: int, turn: int | None = None) -> Evidence:
        """The resident's own words behind a span of dense text."""
        first, after = self.prepared.span(start, min(end, start + LONGEST_EVIDENCE))
        return Evidence(start=first, end=after, text=self.prepared.original[first:after], turn=turn)


class Reader:
    """Makes readings; holds the dictionary. Thread-safe."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._spotter = lexicon.spotter
        self._combos = combos()
        self._accidents = accidents()
        self._plights = plights()
        self._tokenizer = Tokenizer()
        self._unsure = _TURNING | {label for label, _ in lexicon.entries if label.endswith("/topic")}

    def read(self, text: str) -> Reading:
        """Read any str."""
        written = prepare(text)
        prepared = in_kana(written)
        dense = prepared.dense
        tokens = self._tokenizer.tokenize(prepared)
        word_starts = {start for _, start, _ in tokens}
        hits = _with_sure(self._spotter.find(dense, word_starts))
        people = [hit for hit in hits if hit.label.startswith("kin/")]
        accident, innocent = self._accidents.find(dense, word_starts, people)
        accident += self._plights.find(dense, word_starts, people)[0]
        hits = without_else(hits, innocent)
        if untrue := denials(dense) + figures(dense) + solved(dense):
            hits, tokens = _without_untrue(hits, tokens, Spans(untrue))
            accident, _ = _without_untrue(accident, [], Spans(untrue))
        if over := bygone(dense):
            hits = _without_bygone(hits, over)
            accident, _ = _without_untrue(accident, [], Spans(over))
        hits = _lived(hits, dense)
        hits += [Hit(_BEAST, start, end, _BEAST_ENTRY, f"e:{_BEAST}") for start, end in beasts(dense)]
        if calm := everyday(dense, untrue):
            hits = _without_everyday(hits, Spans(calm))
        denied: frozenset[str] = frozenset()
        # Most messages have nothing in them that could take a hit back.
        if not self._unsure.isdisjoint(map(_label, hits)):
            kept, denied = _said(hits, dense)
            tokens = _without_unsaid(tokens, hits, kept)
            hits = kept
        found = self._combos.find(in_earnest(hits, prepared), dense)
        hits = _with_combos(hits, found) if found else hits
        everything = hits + _spaced(written) + collapsed(dense, hits) + accident + foreign_hits(prepared)
        return Reading(prepared, tokens, everything, denied, tuple(calm))


def _with_sure(hits: list[Hit]) -> list[Hit]:
    """What says a worry by itself is a sure sign of it, too: only that has a weight. To look for it twice would cost
    more than to write it down twice."""
    if not any(hit.label.endswith(_PLAIN) for hit in hits):
        return hits
    found: list[Hit] = []
    for hit in hits:
        found.append(hit)
        if hit.label.endswith(_PLAIN):
            label, name = hit.label.replace(_PLAIN, _SURE), hit.name.replace(_PLAIN, _SURE, 1)
            found.append(hit._replace(label=label, name=name))
    return found


def _said(hits: list[Hit], text: str) -> tuple[list[Hit], frozenset[str]]:
    """The hits that are meant as they stand, and the categories that are named only to deny them."""
    kept, denied = _without_denied(_without_idioms(hits, text), text)
    return _without_fiction(kept, text), denied


def _without_unsaid(tokens: list[Token], hits: list[Hit], kept: list[Hit]) -> list[Token]:
    """Drop the words of courtesy, and those of topics that did not stay."""
    unsaid = [hit for hit in hits if hit.label == "idiom/courtesy"]
    if len(kept) < len(hits):
        stayed = set(kept)
        unsaid += [hit for hit in hits if hit.label.endswith("/topic") and hit not in stayed]
    if not unsaid:
        return tokens
    spans = Spans((hit.start, hit.end) for hit in unsaid)
    return [token for token in tokens if not spans.hold(token.start, token.end)]


def _without_untrue(hits: list[Hit], tokens: list[Token], spans: Spans) -> tuple[list[Hit], list[Token]]:
    """Drop a danger that is named only to say that it is not so, or by words that mean something else."""
    kept = [hit for hit in hits if not (hit.label.startswith(_OF_DANGER) and spans.touch(hit.start, hit.end))]
    return kept, [token for token in tokens if not spans.hold(token.start, token.end)]


def _without_bygone(hits: list[Hit], over: list[tuple[int, int]]) -> list[Hit]:
    """Drop a danger that is over, and mark where it was; what it is about, and what it left behind, stays."""
    spans = Spans(over)
    kept = [hit for hit in hits if not (hit.label.startswith(_THREATS) and spans.touch(hit.start, hit.end))]
    return kept + [Hit(_BYGONE, start, end, _BYGONE_ENTRY, f"e:{_BYGONE}") for start, end in over]


def _lived(hits: list[Hit], text: str) -> list[Hit]:
    """Drop the signs of a tale where the screen or the page only stands beside what was lived:
    「テレビを見てたら夫に殴られた」."""
    if not any(hit.label in _TALES for hit in hits):
        return hits
    people = [hit.start for hit in hits if hit.label.startswith("kin/")]
    return [hit for hit in hits if not (hit.label in _TALES and _is_lived(hit, people, text))]


def _is_lived(tale: Hit, people: list[int], text: str) -> bool:
    after = tale.start + _NEAR
    if _BESIDE.search(text, tale.start, after) is None:
        return False
    return any(tale.start < at < after for at in people) or _OWN.search(text, tale.start, after) is not None


def _without_everyday(hits: list[Hit], spans: Spans) -> list[Hit]:
    """Drop a danger that is found in everyday words only."""
    return [hit for hit in hits if not (hit.label.startswith(("risk/", "sign/")) and spans.hold(hit.start, hit.end))]


def _with_combos(hits: list[Hit], combos: list[Hit]) -> list[Hit]:
    """Add what signs make together; a danger named where it is only denied or told of does not count."""
    muted = _places([hit for hit in combos if hit.label.endswith(MUTED)])
    if muted:
        hits = [hit for hit in hits if not (hit.label.startswith("risk/") and _touches(hit, muted))]
    return hits + combos


def _spaced(prepared: Prepared) -> list[Hit]:
    """A hit where somebody parts the words by blanks, as Japanese is taught to foreigners and to small children."""
    if " " not in prepared.plain:
        return []
    blanks = _BLANKS.findall(prepared.plain)
    if len(blanks) < _FEW or len(blanks) * _WORD < len(prepared.dense):
        return []
    return [Hit("mark/spaced", 0, len(prepared.dense), -1_000_000, "e:mark/spaced")]


def _without_denied(hits: list[Hit], text: str) -> tuple[list[Hit], frozenset[str]]:
    """Drop the topics that are only denied, and whatever overlaps them."""
    topics = [hit for hit in hits if hit.label.endswith("/topic")]
    denied = {hit for hit in topics if _DENIAL.match(text, hit.end)}
    if not denied:
        return hits, frozenset()
    stated = {hit.label.split("/")[1] for hit in topics if hit not in denied}
    names = {hit.label.split("/")[1] for hit in denied} - stated
    places = _places(denied)
    kept = [hit for hit in hits if not (hit.label.startswith(_SUBJECTS) and _touches(hit, places))]
    return kept, frozenset(names)


def _without_fiction(hits: list[Hit], text: str) -> list[Hit]:
    """Drop topics and dangers in a sentence that tells of a screen or a page."""
    told = [hit for hit in hits if hit.label == "cue/fiction"]
    if not told:
        return hits
    sentences = Sentences(text)
    spans = Spans((sentences.begin(hit.start), sentences.end(hit.end)) for hit in told)
    dropped = {hit for hit in hits if hit.label.endswith(_TOLD) and spans.hold(hit.start, hit.end)}
    places = _places(dropped)
    return [hit for hit in hits if hit not in dropped and not (hit.label.endswith("/sure") and _touches(hit, places))]


def _without_idioms(hits: list[Hit], text: str) -> list[Hit]:
    """Drop what overlaps an idiom, unless it reaches well beyond it (死ぬほどつらい, もう死にたい)."""
    soft = _places([hit for hit in hits if hit.label == "idiom/soft"])
    if soft:
        hits = [hit for hit in hits if not (hit.label.endswith(("/certain", "/outright")) and _touches(hit, soft))]
    polite = _places([hit for hit in hits if hit.label == "idiom/courtesy"])
    if polite:
        hits = [hit for hit in hits if hit.end - 1 not in polite or _is_meant(hit, polite, text)]
    hits = _without_lookalikes(hits)
    calm = _places(without_laughing([hit for hit in hits if hit.label == "idiom/calm"], text))
    if not calm:
        return hits
    return [hit for hit in hits if hit.label.startswith(("idiom", "cue", "kin")) or not _mostly_in(hit, calm)]


def _without_lookalikes(hits: list[Hit]) -> list[Hit]:
    """Drop the signs of one kind of danger that begin or end in words which only look like it (靴を脱ぐ, 花に触る)."""
    for label, signs in _NO_DANGER.items():
        places = _places([hit for hit in hits if hit.label == label])
        if places:
            hits = [
                hit
                for hit in hits
                if not (hit.label.startswith(signs) and (hit.start in places or hit.end - 1 in places))
            ]
    return hits


def _is_meant(hit: Hit, polite: set[int], text: str) -> bool:
    """Whether a hit that ends in courtesy stays: a farewell begins before it, in the same sentence
    (今までありがとうございました)."""
    if hit.label != "sign/suicide/farewell":
        return hit.label.startswith("idiom")
    return hit.start not in polite and SENTENCE_ENDS.isdisjoint(text[hit.start : hit.end])


def _places(hits: Iterable[Hit]) -> set[int]:
    """The offsets that the hits cover, so that asking whether one is touched costs no walk over all of them."""
    return {at for hit in hits for at in range(hit.start, hit.end)}


def _touches(hit: Hit, places: set[int]) -> bool:
    return not places.isdisjoint(range(hit.start, hit.end))


def _mostly_in(hit: Hit, inside: set[int]) -> bool:
    shared = sum(at in inside for at in range(hit.start, hit.end))
    return shared * 2 >= hit.end - hit.start
