"""In another language: whose a danger is, and who writes.

Unless the words say plainly that it is another's, a danger is the writer's own: to be asked after oneself hurts nobody,
and to be taken for an onlooker does. Keys of `whose` in the files of `lexicon/foreign`:

- `by`, `by_after`: a person beside these does it, or is feared (by my husband, 남편한테)
- `object`, `object_after`: a person beside these suffers it, where the verb comes last (把孩子, 아이를); where it comes
  first, that is whoever stands after it
- `subject_after`: a person before these acts (남편이)
- `suffers`: whoever stands before these suffers it (was beaten by); `them` is somebody else who does
- `says`: what may stand between a person and that person's wish to die (says that she); `after` the same where the
  person comes later
- `theirs`, `unseen`: wishes and states that nobody tells of themselves (wants to die, is not waking up)
- `now`: it happens as it is told
"""

from __future__ import annotations

from collections.abc import Callable

from nlp.findings import AtRisk, Risk, RiskKind, RiskLevel, Safety, SafetyRole, WriterRole
from nlp.foreign import hits_by_name
from nlp.foreign_people import CLIENT, NEIGHBOUR, Scene, Word
from nlp.foreign_phrases import DANGERS, OWN_HAND
from nlp.latin import GAP, PAUSE
from nlp.mentions import ELDERS, PARENTS, PARTNERS, SMALL_ONES
from nlp.reading import Reading
from nlp.spotter import Hit

_STOP = GAP + PAUSE + GAP
_BLOWS = ("violence", "fear", OWN_HAND)
_WANTS = ("lifeline", "shortage")
_NO_KIN = frozenset({NEIGHBOUR, CLIENT, "friend", "coworker"})
# Whoever lives under one roof is short of food and light together.
_HOUSEHOLD = SMALL_ONES | PARTNERS
_MAYBE_YOUNG = frozenset({"younger_brother", "younger_sister", "sibling", "friend", CLIENT})
# So far after a danger the person stands whom it befalls, and so far before it the one of whom it is told.
_AFTER, _BEFORE = 40, 90
_SAYS_AT_MOST = 10
_WRITER = frozenset({"i", "me"})
_SELF = (SafetyRole.HARMED, AtRisk.SELF)


def foreign_safety(reading: Reading, scene: Scene, risk: Risk, *, minor: bool) -> Safety:
    """The writer's part in a danger, who is at risk, and whether it is now."""
    role, at_risk = _Danger(reading, scene, minor=minor).part(risk)
    return Safety(role=role, at_risk=at_risk, now=risk.level is RiskLevel.URGENT and scene.says("now"))


def writer_in(scene: Scene, reading: Reading) -> WriterRole | None:
    """Who writes, where the words say so."""
    relations = {word.name for word in scene.people}
    if scene.says("professional") or CLIENT in relations:
        return WriterRole.PROFESSIONAL
    if scene.speaks_of_self:
        return WriterRole.SELF
    if NEIGHBOUR in relations and not DANGERS.isdisjoint(hits_by_name(reading)):
        return WriterRole.NEIGHBOUR
    return WriterRole.FAMILY if relations - _NO_KIN else None


class _Danger:
    """A dangerous message: its people, and its phrases in the text in which they are looked up."""

    def __init__(self, reading: Reading, scene: Scene, *, minor: bool) -> None:
        self._scene, self._text, self._minor = scene, scene.told.text, minor
        self._found = {name: [self._placed(hit) for hit in hits] for name, hits in hits_by_name(reading).items()}
        self._people = [word for word in scene.people if not self._is_away(word)]

    def part(self, risk: Risk) -> tuple[SafetyRole, AtRisk]:
        """The writer's part, and who is at risk."""
        wishes = RiskKind.SUICIDE in risk.kinds
        if RiskKind.VIOLENCE in risk.kinds and not (wishes and self._only_against_oneself()):
            told = self._in_violence()
            if told is not None or risk.kinds == (RiskKind.VIOLENCE,):
                return told or _SELF
        if wishes:
            return self._of(("suicide",), self._wish)
        if RiskKind.MEDICAL in risk.kinds:
            return self._of(("medical", "birth", "missing"), self._body)
        return self._of(_WANTS, self._want)

    def _only_against_oneself(self) -> bool:
        """Whether what sounds like violence is a wish to die: he says he will kill himself."""
        wishes = self._found.get("suicide", ())
        blows = [hit for name in _BLOWS for hit in self._found.get(name, ())]
        return all(any(hit.start < wish.end and wish.start < hit.end for wish in wishes) for hit in blows)

    def _of(self, names: tuple[str, ...], whose: Callable[[str, Word], str | None]) -> tuple[SafetyRole, AtRisk]:
        """Whose the dangers of these names are: another's only if none of them is the writer's."""
        owners = [whose(name, hit) for name in names for hit in self._found.get(name, ())]
        others = [owner for owner in owners if owner is not None]
        if not owners or len(others) < len(owners):
            return _SELF
        return SafetyRole.WITNESS, self._group(others)

    def _in_violence(self) -> tuple[SafetyRole, AtRisk] | None:
        """By the writer's own hand, against the writer, or against somebody whom the writer sees; None where the words
        do not say."""
        if own := [hit for hit in self._found.get(OWN_HAND, ()) if not self._another_acts(hit)]:
            begin = own[0].start
            near = sorted(self._people, key=lambda word: abs(word.start - begin) - 2 * (word.start >= begin))
            return SafetyRole.MAY_HARM, self._group([word.name for word in near[:1]])
        if any(word.name == "me" for word in self._scene.writers):
            return _SELF
        victims = [word.name for word in self._people if self._suffers(word)]
        if not victims and self._is_done_to_them():
            victims = [word.name for word in self._people if word.name in SMALL_ONES] or ["they"]
        if (victims and not self._minor) or self._is_outside():
            beside = [word.name for word in self._people if not self._is_by(word)]
            return SafetyRole.WITNESS, self._group(victims or beside)
        return None

    def _is_done_to_them(self) -> bool:
        """Whether it is done to somebody who is only called him or her."""
        taken = {at for word in self._people for at in range(word.start, word.end)}
        them = [match.span() for match in self._scene.rules.pattern("them").finditer(self._text)]
        free = [(start, end) for start, end in them if taken.isdisjoint(range(start, end))]
        blows = self._found.get("violence", ())
        return any(hit.start <= end and start <= hit.end for start, end in free for hit in blows)

    def _another_acts(self, hit: Word) -> bool:
        """Whether somebody else is the one who acts, in the same clause."""
        begin = self._text.rfind(_STOP, 0, hit.start + 1) + 1
        acts = self._scene.rules.pattern("subject_after")
        near = [word for word in self._people if begin <= word.start < hit.end]
        mine = any(word.name == "i" and begin - 1 <= word.start < hit.end for word in self._scene.writers)
        # In «chồng tôi đánh» the writer is only whose husband it is.
        after = "mine_after" in self._scene.rules.said
        owned = after and any(word.start < hit.start < word.end - 1 for word in self._people)
        return owned or (not mine and any(acts.match(self._text, word.end) for word in near))

    def _is_outside(self) -> bool:
        """Whether somebody next door or at work writes, and not one who has run there from somebody at home."""
        at_home = {word.name for word in self._people} & (PARTNERS | PARENTS)
        if at_home or any(word.name == "i" for word in self._scene.writers):
            return False
        return self._scene.says("professional") or any(word.name in {NEIGHBOUR, CLIENT} for word in self._people)

    def _is_by(self, word: Word) -> bool:
        """Whether a person is the one who does it, or who is feared."""
        rules = self._scene.rules
        return self._stands_before("by", word) or any(
            rules.pattern(name).match(self._text, word.end) for name in ("by_after", "subject_after")
        )

    def _suffers(self, word: Word) -> bool:
        """Whether a person is the one to whom it is done."""
        rules, text = self._scene.rules, self._text
        stop = text.find(_STOP, word.end - 1)
        clause_end = stop + 1 if stop >= 0 else len(text)
        if (said := rules.pattern("suffers").search(text, word.end, clause_end)) is not None:
            acts = self._stands_before("by", word) or rules.pattern("by_after").match(text, word.end)
            return not acts and self._has(_BLOWS, word.start, max(said.end(), clause_end))
        if self._stands_before("object", word) or rules.pattern("object_after").match(text, word.end):
            return True
        if "object_after" in rules.said or self._is_by(word):
            return False
        begin = text.rfind(_STOP, 0, word.start + 1)
        return any(begin <= self._begins(hit) <= word.start for name in _BLOWS for hit in self._found.get(name, ()))

    def _begins(self, hit: Word) -> int:
        """Where a phrase says what is done: after the person with whom it begins (padrastro le pega)."""
        return next((word.end for word in self._people if word.start <= hit.start < word.end - 1), hit.start)

    def _has(self, names: tuple[str, ...], start: int, end: int) -> bool:
        return any(start <= hit.end and hit.start < end for name in names for hit in self._found.get(name, ()))

    def _stands_before(self, name: str, word: Word) -> bool:
        """Whether one of the words of a key stands right before a person."""
        pattern = self._scene.rules.pattern(name)
        begin = max(0, word.start - _AFTER)
        return any(match.end() == word.start for match in pattern.finditer(self._text, begin, word.start + 1))

    def _wish(self, _: str, hit: Word) -> str | None:
        """Who wishes to die, if it is somebody else."""
        before = self._before(hit)
        named = next((word.name for word in reversed(self._people) if word.start < hit.start), None)
        if self._overlaps("theirs", hit):
            return named or next((word.name for word in self._people), "they")
        other = None if before is None or before.name in _WRITER else before
        if other is not None and self._joined("says", other.end, hit.start):
            return named or other.name
        later = next((word for word in self._people if word.start >= hit.end - 1), None)
        return later.name if later is not None and self._is_told_after(hit, later) else None

    def _is_told_after(self, hit: Word, later: Word) -> bool:
        """Whether it is told of the person after it, in a language whose verbs come first."""
        return "after" in self._scene.rules.said and self._joined("after", hit.end, later.start)

    def _body(self, name: str, hit: Word) -> str | None:
        """Whose body is in danger, if it is another's: of whom it is told last before, or who alone is spoken of."""
        # Whoever is missing is away.
        people = self._scene.people if name == "missing" else self._people
        named = [word.name for word in people if word.start < hit.end]
        if name == "missing" or self._overlaps("unseen", hit):
            return named[-1] if named else next((word.name for word in people), "they")
        before = self._before(hit)
        if before is not None:
            owner = (named[-1] if named else "they") if before.name == "they" else before.name
            small = name == "birth" and owner in SMALL_ONES
            return None if owner in _WRITER or small else owner
        later = next((word for word in self._people if word.start - hit.end <= _AFTER), None)
        if self._scene.speaks_of_self or later is None:
            return None
        return later.name if name != "birth" or self._is_told_after(hit, later) else None

    def _want(self, _: str, hit: Word) -> str | None:
        """Who is in want, if it is another home."""
        before = self._before(hit)
        if before is None or self._scene.speaks_of_self or before.name in _HOUSEHOLD:
            return None
        return before.name if self._joined("says", before.end, hit.start) and not self._is_by(before) else None

    def _before(self, hit: Word) -> Word | None:
        """Who is spoken of last before the end of a phrase."""
        words = sorted([*self._people, *self._scene.writers], key=lambda word: word.start)
        return next((word for word in reversed(words) if hit.start - _BEFORE <= word.start < hit.end - 1), None)

    def _joined(self, name: str, start: int, end: int) -> bool:
        """Whether nothing but words of a key stands between two places."""
        step = self._scene.rules.pattern(name)
        for _ in range(_SAYS_AT_MOST):
            if start >= end:
                return True
            match = step.match(self._text, start, end + 1)
            if match is None or match.end() == start:
                return self._text[start:end].strip(GAP) == ""
            start = match.end()
        return start >= end

    def _overlaps(self, name: str, hit: Word) -> bool:
        found = self._scene.rules.pattern(name).finditer(self._text, max(0, hit.start - _AFTER))
        return any(match.start() < hit.end and hit.start < match.end() for match in found)

    def _is_away(self, word: Word) -> bool:
        """Whether a person is named only as somebody who is not there."""
        away, particle = self._scene.rules.pattern("away"), self._scene.rules.pattern("subject_after")
        begins = [word.end, *(match.end() for match in [particle.match(self._text, word.end)] if match is not None)]
        return any(away.match(self._text, begin) is not None for begin in begins)

    def _placed(self, hit: Hit) -> Word:
        return Word(hit.label, self._scene.told.place(hit.start), self._scene.told.place(hit.end))

    def _group(self, relations: list[str]) -> AtRisk:
        """The group of the people at risk: children before all others."""
        for who, group in ((AtRisk.CHILD, SMALL_ONES), (AtRisk.ELDER, ELDERS), (AtRisk.PARTNER, PARTNERS)):
            if any(relation in group for relation in relations):
                return who
        by_parent = any(word.name in PARENTS for word in self._people)
        return (
            AtRisk.CHILD
            if by_parent and not _MAYBE_YOUNG.isdisjoint(relations) and self._found.get("violence")
            else AtRisk.OTHER
        )
