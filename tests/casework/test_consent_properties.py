"""With real consents, given in the talk, on the page and on paper, ending and running out: no reachable sequence of
events shows an item to anybody whom the resident did not name for it at that moment.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sheet_cast import CO, FORM, FULL, HOUKATSU, JIRITSU, NOW, OTHER, TODAY, TORIMATOME, draft, recipient, written

from casework import sheet_moves as moves
from casework.consents import Consent, ConsentBook, ConsentKind, Ended, Method, Scope, items_for
from casework.sheet_views import Seat, view
from casework.sheets import Refused, Sheet, consent_items, identifying_items

OTHERS = (HOUKATSU, JIRITSU, TORIMATOME)
ORGS = st.sampled_from(OTHERS)
ITEMS = tuple(consent_items(FORM))
KINDS = st.sampled_from([ConsentKind.ASK_AROUND, ConsentKind.TELL_NAME])


@dataclass
class Word:
    """What the resident said, as the test keeps it: written down apart from the program's own book."""

    org: UUID
    items: frozenset[str]
    until: dt.datetime
    ended: bool = False


class Named(RuleBasedStateMachine):
    """Everybody acts at any time; the clock goes on."""

    @initialize()
    def begin(self) -> None:
        self.now = NOW
        self.sheet: Sheet = written(draft(), **FULL)
        self.book = ConsentBook()
        self.words: list[Word] = []
        self.count = 0

    def _attempt(self, move: object) -> None:
        try:
            self.sheet = move()  # type: ignore[operator]
        except Refused as refused:
            assert refused.reasons

    def _give(self, org: UUID, kind: ConsentKind, items: frozenset[str], method: Method, days: int) -> None:
        if not items:
            return
        self.count += 1
        until = self.now + dt.timedelta(days=days)
        self.book = self.book.given(
            Consent(
                id=UUID(int=5000 + self.count), kind=kind, method=method, given_at=self.now, wording="w",
                scope=Scope(org_id=org, items=items, purpose="sheet"), expires_at=until,
                by=None if method.by_resident else CO,
            )
        )  # fmt: skip
        self.words.append(Word(org=org, items=items, until=until))

    def _recall(self) -> None:
        self._attempt(lambda: moves.withdrawn(self.sheet, FORM, self.book, at=self.now))

    @rule(org=ORGS, kind=KINDS, days=st.integers(1, 90))
    def agrees_in_the_talk(self, org: UUID, kind: ConsentKind, days: int) -> None:
        self._give(org, kind, items_for(kind, FORM), Method.CHAT, days)

    @rule(org=ORGS, items=st.frozensets(st.sampled_from(ITEMS), max_size=6))
    def agrees_on_paper(self, org: UUID, items: frozenset[str]) -> None:
        kind = ConsentKind.TELL_NAME if items & identifying_items(FORM) else ConsentKind.ASK_AROUND
        self._give(org, kind, items, Method.PAPER, 365)

    @rule(org=ORGS, kind=KINDS, kept=st.frozensets(st.sampled_from(ITEMS), max_size=4))
    def chooses_on_the_page(self, org: UUID, kind: ConsentKind, kept: frozenset[str]) -> None:
        """The newest answer for a place ends the older ones, and what is kept back is kept back from all."""
        for item in kept:
            self._attempt(lambda item=item: moves.exclude(self.sheet, FORM, item))
        theirs = [c.id for c in self.book.consents if c.scope.org_id == org]
        self.book = self.book.withdrawn(theirs, at=self.now, reason=Ended.RESIDENT)
        for word in self.words:
            word.ended = word.ended or word.org == org
        self._give(org, kind, items_for(kind, FORM) - self.sheet.excluded, Method.PAGE, 90)
        self._recall()

    @rule(org=ORGS)
    def refuses_one_on_the_page(self, org: UUID) -> None:
        theirs = [c.id for c in self.book.consents if c.scope.org_id == org]
        self.book = self.book.withdrawn(theirs, at=self.now, reason=Ended.RESIDENT)
        for word in self.words:
            word.ended = word.ended or word.org == org
        self._recall()

    @rule()
    def takes_everything_back(self) -> None:
        self.book = self.book.withdrawn(None, at=self.now, reason=Ended.RESIDENT)
        for word in self.words:
            word.ended = True
        self._recall()

    @rule(days=st.integers(1, 60))
    def time_passes(self, days: int) -> None:
        self.now += dt.timedelta(days=days)

    @rule(org=ORGS)
    def staff_hand_over(self, org: UUID) -> None:
        self.count += 1
        number = self.count
        self._attempt(lambda: moves.name_recipient(self.sheet, recipient(org, number)))
        self._attempt(lambda: moves.give_consent(self.sheet, FORM, self.book, at=self.now))
        self._attempt(lambda: moves.submit(self.sheet, FORM, self.book, at=self.now))
        for one in self.sheet.handovers:
            self._attempt(lambda one=one: moves.send_proposed(self.sheet, FORM, one.id, self.book, at=self.now))

    @rule(org=ORGS)
    def they_take_it(self, org: UUID) -> None:
        self._attempt(lambda: moves.receive(self.sheet, org, by_name="受領者", at=self.now, today=TODAY))
        self._attempt(lambda: moves.accept(self.sheet, FORM, org, self.book, at=self.now))

    @rule()
    def staff_begin_anew(self) -> None:
        self._attempt(lambda: moves.reopen(self.sheet))

    @invariant()
    def an_item_is_seen_by_nobody_the_resident_did_not_name_for_it(self) -> None:
        for org in OTHERS:
            shown = view(self.sheet, FORM, Seat(org_id=org, staff_id=OTHER), self.book, self.now)
            if shown is None:
                continue
            named = [w for w in self.words if w.org == org and not w.ended and w.until > self.now]
            may = frozenset().union(*(word.items for word in named)) - self.sheet.excluded
            items = {key for key in shown.entries if FORM.fields[key].item}
            assert items <= may, (org, items - may)


TestNamed = Named.TestCase
TestNamed.settings = settings(max_examples=60, stateful_step_count=30)
