"""Choosing among variants, and filling them: the same seed always gives the same words."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from config.contents.models import Foreign, Line, Place, Said, Voiced
from config.contents.wording import KATAKANA
from dialogue.desk import Desk
from dialogue.state import USED_KEPT, State, Tone
from dialogue.words import Contact

# The role of who cannot hear or speak on the telephone.
BY_LETTERS = "by_letters"
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@lru_cache(maxsize=4096)
def phrase_id(text: str) -> str:
    """Four letters that stay the same as long as the sentence does."""
    number, out = zlib.crc32(text.encode()), ""
    for _ in range(4):
        number, digit = divmod(number, 36)
        out += DIGITS[digit]
    return out


@dataclass(kw_only=True, slots=True)
class Voice:
    """Speaks for one decision: picks what was not said yet, and notes what it said.

    It lives only while `decide` runs; `spoken()` hands its memory back to the state.
    """

    desk: Desk
    seed: int
    tone: Tone
    now: dt.datetime
    #: Whether who is spoken to is under age.
    minor: bool = False
    #: Whether they cannot hear or speak on the telephone.
    by_letters: bool = False
    foreign: Foreign | None = None
    used: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)

    @classmethod
    def of(
        cls, desk: Desk, state: State, seed: int, now: dt.datetime, language: str | None, *, minor: bool = False
    ) -> Voice:
        """The voice for one resident: in the tone they need, with their language's fixed texts at hand."""
        return cls(
            desk=desk,
            seed=seed,
            tone=state.tone,
            now=now,
            minor=minor,
            by_letters=BY_LETTERS in state.roles,
            foreign=desk.content.languages.get(language or ""),
            used=list(state.used),
        )

    @property
    def kana(self) -> bool:
        """Whether texts with two forms are meant in kana."""
        return self.tone is Tone.KANA

    def say(self, group: Voiced, **values: str) -> str:
        """One variant: one that was not said yet, else the one said longest ago."""
        return self.fill(self._pick(self._variants(group)), **values)

    def fits(self, group: Voiced, before: str, length: int) -> str:
        """`before` with a variant of `group` behind it, or `before` alone when that grows too long."""
        fitting = [text for text in self._variants(group) if len(before) + len(text) < length]
        return f"{before}\n{self.fill(self._pick(fitting))}" if fitting else before

    def line(self, line: Line, **values: str) -> str:
        if self.tone is Tone.ELDER and line.elder is not None:
            return self.fill(line.elder, **values)
        said = line.minor if self.minor and line.minor is not None else line
        return self.fill(said.kana if self.kana else said.plain, **values)

    def lines(self, said: Said, **values: str) -> list[str]:
        if self.tone is Tone.ELDER and said.elder:
            return [self.fill(text, **values) for text in said.elder]
        return [self.fill(text, **values) for text in (said.kana if self.kana else said.plain)]

    def fill(self, text: str, **values: str) -> str:
        """The sentence with the desk's names and hours in it."""
        if "{" not in text:
            return text
        words = self.desk.content.desk
        names = {"organisation": words.organisation, "account": words.account, "staff": words.staff}
        hours = words.hours_shown.kana if self.kana else words.hours_shown.plain
        if "{next_open}" in text:
            values["next_open"] = self.desk.next_open_shown(self.now, kana=self.kana)
        return text.format(**names, hours=hours, **values)

    def contact(self, place: Place) -> Contact:
        """A place as a resident sees it."""
        hours = place.hours.kana if self.kana else place.hours.plain
        name = place.kana if self.kana else place.name
        return Contact(name=name, uri=place.uri, shown=place.number or place.uri, hours=hours)

    def first_time(self, mark: str) -> bool:
        """Whether `mark` was not noted before; it is noted now."""
        key = phrase_id(mark)
        if key in self.used:
            return False
        self.used.append(key)
        return True

    def unsay(self) -> None:
        """The last sentence gives way to another one: it was not said."""
        self.used = self.before

    def spoken(self, state: State) -> State:
        """`state` with everything said in this decision noted."""
        return replace(state, used=tuple(self.used[-USED_KEPT:]))

    def _variants(self, group: Voiced) -> Sequence[str]:
        if self.minor and group.minor is not None:
            return group.minor.kana if self.kana else group.minor.plain
        if self.tone is not Tone.ELDER:
            return group.kana if self.kana else group.plain
        return [text for text in group.plain if not KATAKANA.search(text)] or group.plain

    def _pick(self, variants: Sequence[str]) -> str:
        ids = {phrase_id(text): text for text in variants}
        said = frozenset(self.used)
        fresh = [key for key in ids if key not in said]
        key = self._choose(fresh) if fresh else min(ids, key=self.used.index)
        self.before, self.used = self.used, [*(other for other in self.used if other != key), key]
        return ids[key]

    def _choose(self, keys: Sequence[str]) -> str:
        return keys[zlib.crc32(f"{self.seed}:{keys[0]}:{len(self.used)}".encode()) % len(keys)]
