"""Which worries a message shows, and the words that are the reason."""

from __future__ import annotations

from collections.abc import Sequence

from nlp.findings import Concern, Evidence
from nlp.foreign import is_foreign, needs
from nlp.inference import DOUBLE_CARE, EIGHTY_FIFTY, YOUNG_CARER, Circumstances, ruled_out
from nlp.labelled import CATEGORIES
from nlp.lexicon import PLAIN, lexicon
from nlp.mentions import CHILDREN, WRITER
from nlp.model import URGENT, Judged
from nlp.sentences import Spans
from nlp.spotter import Hit, own_words
from nlp.understanding import Understanding

MOST_EVIDENCE = 3
INFERRED_SCORE = 0.9
SHORT = 42
ANY = "any"
# Shares of the two thresholds, for the worry itself and for "any worry at all?", that suffice together: always, where
# words of a short message name the worry or the model is very sure of it, and where a message is hardly more than that
# name.
_SURE: tuple[tuple[float, float], ...] = ((1.0, 1.0),)
# A message that names a danger is a worried one.
_IN_DANGER = ((1.0, 0.8),)
_NAMED_SHORTLY = ((0.9, 1.0), (1.1, 0.91), (1.55, 0.77), (1.9, 0.7))
_NAMED_BARELY = _NAMED_SHORTLY[:2]
_STRONG_SHORTLY = ((1.5, 0.8),)
_BARE = ((0.3, 0.5), (1.2, 0.2))
BARE, MOST_OF, MOST_OF_TOPIC = 14, 0.35, 0.6
# A name counts as one if its own words (a gapped phrase spans others) are at least this share of a message: what is
# found in a small part of everyday talk was mostly found by chance.
MUCH_OF = 0.3
# What suffices where a phrase is there that says the worry by itself, in a short message and in a story.
_IF_PLAIN = ((0.12, 0.7), (1.5, 0.2))
_IF_PLAIN_IN_A_STORY = ((0.2, 0.9), (1.5, 0.2))
# What suffices where it is at least half of a short message.
_IF_MOSTLY_PLAIN, MOSTLY = ((0.02, 0.15),), 0.5
PLAIN_SCORE = 0.8
# These lie beside most other worries; where no words name them, the model has to be surer.
_BESIDE_OTHERS, _IF_BESIDE = frozenset({"isolation", "mental_health", "work", "elder_care"}), 1.2
_LEAST, _LEAST_INFERRED = 0.3, 0.42
_CALMING = frozenset({"cue/fiction", "cue/solved", "cue/joke", "cue/wish", "cue/joy", "cue/denial", "cue/seemed"})
# Of these, what turns a phrase around that says the worry by itself, if it stands in the same sentence.
_TURNING = ("cue/fiction", "cue/solved", "cue/joke", "cue/denial", "cue/seemed")
LANGUAGE = "language"
_OF_CHILDREN = ("concern/childcare/", "concern/school/")
_FOREIGN = ("concern/language/", "scene/outside/foreign", "scene/outside/broken", "mark/spaced", "foreign/")
# The manner of writing alone needs so many times the threshold.
_SURE_MANNER = 1.9
_LABELS = {
    category: tuple(f"concern/{category}/{strength}" for strength in ("sure", "topic", "hint"))
    for category in CATEGORIES
}
_PLAINLY = {f"concern/{category}/{PLAIN}": category for category in CATEGORIES}
_MARKS = {
    EIGHTY_FIFTY: ("no_work", "withdrawn", "at_home", "supported", "after_death", "disabled_child", "old_sign"),
    YOUNG_CARER: ("sibling_care", "interpreting", "care_act", "housework", "minor_voice"),
}
_CARE_MARKS = ("relative_care", "own_infant", "own_child")


def concerns_of(seen: Understanding, judged: Judged, turn: int) -> tuple[Concern, ...]:
    """The tagged categories, the surest first."""
    found = _foreign(seen, turn)
    if is_foreign(seen.reading):
        return tuple(found)
    scores, limits = judged.scores, judged.model.threshold
    plain = said_plainly(seen, judged)
    likely = [name for name in CATEGORIES if scores[name] >= _LEAST * limits[name] or name in plain]
    if likely:
        known = {concern.id for concern in found}
        found += _likely([name for name in likely if name not in known], plain, seen, judged, turn)
    return tuple(sorted(found, key=lambda concern: -concern.score))


def _likely(names: list[str], plain: frozenset[str], seen: Understanding, judged: Judged, turn: int) -> list[Concern]:
    """Those of the likely categories that the message shows."""
    found: list[Concern] = []
    out = ruled_out(Circumstances(seen.facts, seen.marks))
    for name in names:
        score, limit = judged.scores[name], judged.limit(name)
        mannered = name == LANGUAGE and score < _SURE_MANNER * limit and not _looks_foreign(seen)
        if name in out or (mannered and name not in plain):
            continue
        if name == DOUBLE_CARE and not _speaks_of_a_child(seen):
            continue
        if name in seen.here and score >= _LEAST_INFERRED * limit:
            score = max(score, INFERRED_SCORE)
        elif name in plain:
            score = max(score, PLAIN_SCORE)
        elif not _shows(name, seen, judged):
            continue
        elif not judged.passes(ANY) and not _is_named(name, seen):
            # Too little to be remembered if the turns that follow do not show it.
            score = min(score, limit)
        found.append(Concern(id=name, score=score, evidence=evidence_of(name, seen, judged, turn)))
    return found


def said_plainly(seen: Understanding, judged: Judged) -> frozenset[str]:
    """The categories that a phrase says by itself, in a sentence that nothing turns around, if the model does not find
    them out of the question."""
    reading = seen.reading
    found = [label for label in reading.by_label if label in _PLAINLY]
    if not found:
        return frozenset()
    turned = Spans(reading.sentence(hit.start) for label in _TURNING for hit in reading.by_label.get(label, ()))
    said = {
        _PLAINLY[label]: [hit for hit in reading.by_label[label] if not turned.hold(hit.start, hit.start + 1)]
        for label in found
    }
    return frozenset(name for name, hits in said.items() if _reaches(name, judged, _enough_if_plain(hits, seen)))


def _enough_if_plain(hits: list[Hit], seen: Understanding) -> tuple[tuple[float, float], ...]:
    length = seen.reading.letters
    if not hits:
        return ()
    if length > SHORT:
        return _IF_PLAIN_IN_A_STORY
    mostly = max(hit.end - hit.start for hit in hits) >= MOSTLY * length
    return _IF_PLAIN + _IF_MOSTLY_PLAIN if mostly and _CALMING.isdisjoint(seen.reading.by_label) else _IF_PLAIN


def _looks_foreign(seen: Understanding) -> bool:
    """Kana, blanks and slips alone are how many old people and children write, too."""
    return any(label.startswith(_FOREIGN) for label in seen.reading.by_label)


def _speaks_of_a_child(seen: Understanding) -> bool:
    """Until a child is spoken of, care of a parent is one care, however tired it sounds."""
    people = any(person.relation in CHILDREN for person in seen.facts.people)
    marks = not seen.marks.isdisjoint(("own_infant", "own_child"))
    return people or marks or any(label.startswith(_OF_CHILDREN) for label in seen.reading.by_label)


def _shows(name: str, seen: Understanding, judged: Judged) -> bool:
    """Whether a category that nothing rules out is shown: the model is sure of it and of a worry, or it is named."""
    enough = _SURE + _enough_shortly(name, seen)
    if judged.danger >= judged.limit(URGENT):
        enough += _IN_DANGER
    if name in _BESIDE_OTHERS and not _is_named(name, seen):
        enough = tuple((max(worry, _IF_BESIDE), any_worry) for worry, any_worry in enough)
    return _reaches(name, judged, enough)


def _is_named(name: str, seen: Understanding) -> bool:
    sure, topic, _ = _LABELS[name]
    return sure in seen.reading.by_label or topic in seen.reading.by_label


def _reaches(name: str, judged: Judged, enough: tuple[tuple[float, float], ...]) -> bool:
    worry, any_worry = judged.scores[name] / judged.limit(name), judged.scores[ANY] / judged.limit(ANY)
    return any(worry >= one and any_worry >= other for one, other in enough)


def _enough_shortly(category: str, seen: Understanding) -> tuple[tuple[float, float], ...]:
    """What suffices in a short message, which has too few words to outweigh the model's caution: less if its words
    name the category."""
    labels = seen.reading.by_label
    length = seen.reading.letters
    if length > SHORT or not _CALMING.isdisjoint(labels):
        return ()
    sure, topic = (labels.get(label, []) for label in _LABELS[category][:2])
    if not sure and not topic:
        return _STRONG_SHORTLY
    named = _named_letters([*sure, *topic], seen)
    if length <= BARE:
        bare = named >= (MOST_OF if sure else MOST_OF_TOPIC) * length
        return _NAMED_SHORTLY + _BARE if bare else _NAMED_BARELY
    return _NAMED_SHORTLY if named >= MUCH_OF * length else ()


def _named_letters(hits: Sequence[Hit], seen: Understanding) -> int:
    """How many letters of a message are words that name what the hits stand for."""
    entries, text = lexicon().entries, seen.reading.text
    places: set[int] = set()
    for hit in hits:
        _, entry = entries[hit.entry]
        for start, end in own_words(entry, text[hit.start : hit.end]):
            places.update(range(hit.start + start, hit.start + end))
    return len(places)


def _foreign(seen: Understanding, turn: int) -> list[Concern]:
    """What a message in another language names outright."""
    spans = needs(seen.reading)
    return [
        Concern(
            id=category,
            score=INFERRED_SCORE,
            evidence=tuple(seen.reading.evidence(hit.start, hit.end, turn) for hit in hits[:MOST_EVIDENCE]),
        )
        for category, hits in spans.items()
    ]


def evidence_of(category: str, seen: Understanding, judged: Judged, turn: int) -> tuple[Evidence, ...]:
    """Up to three spans that do not overlap: lexicon phrases first, then the words that weighed most."""
    spans = _phrases(category, seen)
    if len(spans) < MOST_EVIDENCE:
        spans += _marks(category, seen)
    if not spans:
        spans = judged.support(category)[: 2 * MOST_EVIDENCE]
    if not spans and seen.reading.text:
        spans = [seen.reading.sentence(0)]
    chosen: list[tuple[int, int]] = []
    for start, end in spans:
        if end > start and not any(start < b and a < end for a, b in chosen):
            chosen.append((start, end))
        if len(chosen) == MOST_EVIDENCE:
            break
    return tuple(seen.reading.evidence(start, end, turn) for start, end in sorted(chosen))


def _phrases(category: str, seen: Understanding) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    *plain, hint = _LABELS[category]
    for label in plain:
        spans += _longest_first(seen.reading.by_label.get(label, []))
    return spans or _longest_first(seen.reading.by_label.get(hint, []))


def _longest_first(hits: list[Hit]) -> list[tuple[int, int]]:
    return sorted({(hit.start, hit.end) for hit in hits}, key=lambda span: (span[0] - span[1], span[0]))


def _marks(category: str, seen: Understanding) -> list[tuple[int, int]]:
    """For what is inferred: the people with ages, and the signs."""
    if category not in seen.here and category not in seen.by_now:
        return []
    names = _MARKS.get(category, _CARE_MARKS)
    spans = [(hit.start, hit.end) for name in names for hit in seen.reading.by_label.get("mark/" + name, [])]
    people = [(m.start, m.end) for m in seen.cast.mentions if m.relation != WRITER]
    return spans + people
