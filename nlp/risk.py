"""How soon a person has to look, and why."""

from __future__ import annotations

from nlp.accidents import MARK, PLIGHT
from nlp.combos import COMBO, MUTED
from nlp.findings import Evidence, Risk, RiskKind, RiskLevel
from nlp.foreign import dangers, is_foreign, worries
from nlp.model import URGENT, WATCH, Judged
from nlp.outright import announced, is_cry, is_cursed, is_long_past, is_threat
from nlp.reading import Reading
from nlp.spotter import Hit
from nlp.understanding import Understanding
from nlp.unspoken import unspoken
from nlp.weary import weary

MOST_EVIDENCE = 3
_KIND_SCORE = 0.4
# The share of the threshold that suffices beside words that are a danger by themselves (where the phrases and the signs
# agree, and where one of them says so), signs of the body that may be one together, words that name one, without any.
_TWICE, _CERTAIN, _SIGNS, _NAMED, _UNNAMED = 0.14, 0.4, 0.6, 0.56, 0.65
# Signs of the body stand together in many a calm life: old, asleep, alone; expecting, sick, afraid.
_BODY = "combo/medical/certain"
_DEATH = frozenset({"risk/suicide/outright", "risk/suicide/certain", f"{COMBO}/suicide/certain"})
# Of a few letters in which no phrase names a danger the model has to be so many times as sure: everyday talk is made of
# such, and what is a danger in so few words is mostly named.
_FEW_LETTERS, _IN_FEW = 25, 2.0
# And of a worry that is to be looked at soon, without a phrase and with one.
_SOON_IN_FEW, _SOON_NAMED_IN_FEW = 1.9, 1.25
# What is told of a screen, a lesson or a game is calm unless the model is as sure as this.
_BEYOND_DOUBT = 0.6
# A watch needs at least these shares of what makes a worry: without any phrase of danger, and with one.
_WORRIED, _HARDLY_CALM = 0.85, 0.3
# What is a danger by itself stands in everyday talk, too: candles at a party, blood on a costume. It is one unless the
# model hears, with less than these shares of the two thresholds, neither danger nor any worry. Words that name a death
# are always looked at.
_UNHEARD, _NO_WORRY = 0.3, 0.85
# Of a watch that is more than likely the model is as many times as sure.
_CLEARLY_NAMED, _CLEARLY = 1.25, 1.75
# `outright` words are urgent by themselves in a short message, whatever the model makes of so few words; in a story
# they are one danger among others.
_STRENGTHS = ("outright", "certain", "urgent", "watch", "hint")
_SHORT = 40
_BY_THEMSELVES = frozenset(_STRENGTHS[:2])
# For each kind the labels that name it, the strongest first.
_LABELS = {
    kind: tuple(f"{source}/{kind.value}/{strength}" for strength in _STRENGTHS for source in ("risk", COMBO))
    for kind in RiskKind
}
_STRENGTH_OF = {label: label.rpartition("/")[2] for labels in _LABELS.values() for label in labels}
_NO_HITS: dict[RiskKind, list[Hit]] = {kind: [] for kind in RiskKind}
_MUTED = frozenset(f"{COMBO}/{kind.value}{MUTED}" for kind in RiskKind)


def risk_of(seen: Understanding, judged: Judged, turn: int) -> Risk:
    """The risk a message shows."""
    if foreign := dangers(seen.reading):
        return _foreign(seen, RiskLevel.URGENT, foreign, turn)
    if is_foreign(seen.reading):
        # The model has learned from Japanese.
        soon = worries(seen.reading)
        return _foreign(seen, RiskLevel.WATCH, soon, turn) if soon else Risk()
    cry, accident = False, MARK in seen.reading.by_label
    short = accident or PLIGHT in seen.reading.by_label or seen.reading.letters <= _SHORT
    hits = _hits_by_kind(seen.reading.by_label)
    certain = [kind for kind in RiskKind if any(_strength(hit) in _BY_THEMSELVES for hit in hits[kind])]
    level = _level(
        judged,
        hits,
        certain=bool(certain),
        muted=not _MUTED.isdisjoint(seen.reading.by_label),
        outright=short and _is_outright(hits, seen.reading.text),
        few=seen.reading.letters < _FEW_LETTERS,
        idle="idiom/calm" in seen.reading.by_label,
    )
    if (told := _told_in_few_words(seen, level, turn)) is not None:
        return told
    if level is RiskLevel.NONE:
        if quiet := _quiet(seen, turn):
            return quiet
        cry = is_cry(seen.reading.text)
        if not cry:
            return Risk()
        level = RiskLevel.WATCH
    kinds = _kinds_told(hits, judged.scores) if accident else _kinds(hits, certain, judged.scores)
    kinds = _without_wish(kinds, certain, seen.reading.text)
    evidence = _evidence(seen, kinds, hits, judged, level, turn)
    return Risk(level=level, kinds=kinds, evidence=evidence, faint=_is_faint(level, judged, hits, bool(certain or cry)))


def names_danger(reading: Reading) -> bool:
    """Whether words that are a danger by themselves are in a message, in whatever language."""
    if dangers(reading) or announced(reading.text)[0] is RiskLevel.URGENT or unspoken(reading.text) is not None:
        return True
    return any(_STRENGTH_OF.get(label) in _BY_THEMSELVES for label in reading.by_label)


def _told_in_few_words(seen: Understanding, level: RiskLevel, turn: int) -> Risk | None:
    """The risk of a message of nothing but short sentences of a known shape, where it is more than `level`."""
    plainly, spans = announced(seen.reading.text)
    kind = RiskKind.SUICIDE
    hidden = unspoken(seen.reading.text)
    if plainly.rank >= max(level.rank, RiskLevel.WATCH.rank):
        found = plainly
    elif hidden is not None and (hidden.level.rank > level.rank or hidden.level is level is RiskLevel.WATCH):
        found, kind, spans = hidden.level, hidden.kind, list(hidden.spans)
    else:
        return None
    evidence = tuple(seen.reading.evidence(start, end, turn) for start, end in spans[:MOST_EVIDENCE])
    return Risk(level=found, kinds=(kind,), evidence=evidence)


def _quiet(seen: Understanding, turn: int) -> Risk | None:
    """The risk in words that only worry: fear in another language, being tired of life."""
    if soon := worries(seen.reading):
        return _foreign(seen, RiskLevel.WATCH, soon, turn)
    spans = weary(seen.reading.text)[:MOST_EVIDENCE]
    evidence = tuple(seen.reading.evidence(start, end, turn) for start, end in spans)
    return Risk(level=RiskLevel.WATCH, kinds=(RiskKind.SUICIDE,), evidence=evidence) if evidence else None


def _foreign(seen: Understanding, level: RiskLevel, found: dict[RiskKind, list[Hit]], turn: int) -> Risk:
    """The risk that phrases of another language name."""
    spans = sorted({(hit.start, hit.end) for hits in found.values() for hit in hits})[:MOST_EVIDENCE]
    evidence = tuple(seen.reading.evidence(start, end, turn) for start, end in spans)
    return Risk(level=level, kinds=tuple(found), evidence=evidence)


def _level(
    judged: Judged,
    hits: dict[RiskKind, list[Hit]],
    *,
    certain: bool,
    muted: bool,
    outright: bool,
    few: bool,
    idle: bool,
) -> RiskLevel:
    """What the words name needs less of the model's certainty, and a named danger is always looked at."""
    strengths = {_strength(hit) for found in hits.values() for hit in found}
    scores, danger = judged.scores, judged.danger
    named = not strengths.isdisjoint(_STRENGTHS[:-1])
    said = {hit.label for found in hits.values() for hit in found if _strength(hit) in _BY_THEMSELVES}
    if outright:
        return RiskLevel.URGENT
    if few and not idle and _agree(hits):
        return RiskLevel.URGENT
    share = _IN_FEW if few and not named else _share(set() if idle else said, urgent="urgent" in strengths)
    if muted and not named and danger < _BEYOND_DOUBT:
        return RiskLevel.NONE
    if danger >= judged.limit(URGENT) * share:
        return RiskLevel.URGENT
    if certain and not _is_chance(said, judged):
        return RiskLevel.WATCH
    worried = scores["any"] >= (_HARDLY_CALM if named else _WORRIED) * judged.limit("any")
    surer = 1.0 if not few else _SOON_NAMED_IN_FEW if named else _SOON_IN_FEW
    return RiskLevel.WATCH if worried and scores[WATCH] >= surer * judged.limit(WATCH) else RiskLevel.NONE


def _agree(hits: dict[RiskKind, list[Hit]]) -> bool:
    """Whether a phrase and signs that stand together both name a wish to die: a laugh or a film beside it does not calm
    that."""
    found = {hit.label for hit in hits[RiskKind.SUICIDE]}
    return found >= {"risk/suicide/certain", f"{COMBO}/suicide/certain"}


def _is_chance(said: set[str], judged: Judged) -> bool:
    """Whether the model hears nothing in a message with words that are a danger by themselves."""
    if not _DEATH.isdisjoint(said):
        return False
    scores = judged.scores
    return scores[WATCH] < _UNHEARD * judged.limit(WATCH) and scores["any"] < _NO_WORRY * judged.limit("any")


def _is_outright(hits: dict[RiskKind, list[Hit]], text: str) -> bool:
    """Whether words are urgent by themselves; what was done long ago is not. An old illness is part of today's."""
    return any(
        _strength(hit) == "outright" and (kind is RiskKind.MEDICAL or not is_long_past(text, hit.start, hit.end))
        for kind, found in hits.items()
        for hit in found
    )


def _is_faint(level: RiskLevel, judged: Judged, hits: dict[RiskKind, list[Hit]], certain: bool) -> bool:
    """Whether a watch is only likely: no words are a danger by themselves, and the model is not sure either."""
    named = any(_strength(hit) != "hint" for found in hits.values() for hit in found)
    clear = judged.scores[WATCH] >= judged.limit(WATCH) * (_CLEARLY_NAMED if named else _CLEARLY)
    return level is RiskLevel.WATCH and not certain and not clear


def _share(said: set[str], *, urgent: bool) -> float:
    """The share of the threshold that suffices; `said` are the labels of what is a danger by itself."""
    if len({label.partition("/")[0] for label in said}) > 1:
        return _TWICE
    if said - {_BODY}:
        return _CERTAIN
    return _SIGNS if said else _NAMED if urgent else _UNNAMED


def _strength(hit: Hit) -> str:
    return _STRENGTH_OF[hit.label]


def _hits_by_kind(found: dict[str, list[Hit]]) -> dict[RiskKind, list[Hit]]:
    """The phrases and signs of each kind, the strongest first."""
    if _STRENGTH_OF.keys().isdisjoint(found):
        return _NO_HITS
    return {kind: [hit for label in labels for hit in found.get(label, ())] for kind, labels in _LABELS.items()}


def _kinds(hits: dict[RiskKind, list[Hit]], certain: list[RiskKind], scores: dict[str, float]) -> tuple[RiskKind, ...]:
    likely = [kind for kind in RiskKind if kind in certain or scores[f"kind:{kind}"] >= _KIND_SCORE]
    if likely:
        return tuple(likely)
    # A kind that the words name goes before one that the model only likes better: violence changes the whole talk.
    named = [kind for kind in RiskKind if any(_strength(hit) != "hint" for hit in hits[kind])]
    return (max(named or RiskKind, key=lambda kind: (scores[f"kind:{kind}"], len(hits[kind]))),)


def _kinds_told(hits: dict[RiskKind, list[Hit]], scores: dict[str, float]) -> tuple[RiskKind, ...]:
    """The kinds of an accident, and those that words beside it name: the model knows its words from other troubles."""
    told = [kind for kind in RiskKind if any(_strength(hit) in _BY_THEMSELVES for hit in hits[kind])]
    # Nothing to eat and no current are no other reading of an accident, but often beside one.
    named = any(_strength(hit) != "hint" for hit in hits[RiskKind.LIFELINE])
    if named and scores[f"kind:{RiskKind.LIFELINE}"] >= _KIND_SCORE:
        told.append(RiskKind.LIFELINE)
    return tuple(kind for kind in RiskKind if kind in told)


def _without_wish(kinds: tuple[RiskKind, ...], certain: list[RiskKind], text: str) -> tuple[RiskKind, ...]:
    """Without suicide where it is violence: somebody is told to die and says no word of wishing it, or is threatened
    by whoever says it with a knife in the hand."""
    told = RiskKind.SUICIDE not in certain and is_cursed(text)
    if not told and not (RiskKind.VIOLENCE in kinds and is_threat(text)):
        return kinds
    return tuple(kind for kind in kinds if kind is not RiskKind.SUICIDE) or (RiskKind.VIOLENCE,)


def _evidence(
    seen: Understanding,
    kinds: tuple[RiskKind, ...],
    hits: dict[RiskKind, list[Hit]],
    judged: Judged,
    level: RiskLevel,
    turn: int,
) -> tuple[Evidence, ...]:
    # Of what is a danger by itself the longest words say most: rules of signs find pieces.
    order = {strength: 0 if strength in _BY_THEMSELVES else place for place, strength in enumerate(_STRENGTHS)}
    ranked = sorted(
        (hit for kind in kinds for hit in hits[kind]), key=lambda hit: (order[_strength(hit)], hit.start - hit.end)
    )
    spans = [(hit.start, hit.end) for hit in ranked]
    if not spans:
        spans = judged.support(f"risk:{level.value}")
    if not spans and seen.reading.text:
        spans = [seen.reading.sentence(0)]
    chosen: list[tuple[int, int]] = []
    for start, end in spans:
        if end > start and not any(start < b and a < end for a, b in chosen):
            chosen.append((start, end))
        if len(chosen) == MOST_EVIDENCE:
            break
    return tuple(seen.reading.evidence(start, end, turn) for start, end in sorted(chosen))
