"""No reachable sequence of events ends with an item visible to anybody whom the resident did not name."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sheet_cast import (
    CO,
    FORM,
    FULL,
    HOME,
    HOUKATSU,
    ITEMS,
    JIRITSU,
    NOW,
    OTHER,
    TODAY,
    TORIMATOME,
    Said,
    draft,
    recipient,
    written,
)

from casework import sheet_moves as moves
from casework.forms import Row
from casework.sheet_views import Seat, Standing, view
from casework.sheets import Handed, Origin, Refused, Sheet, State, identifying_items

OTHERS = (HOUKATSU, JIRITSU, TORIMATOME)
ORGS = st.sampled_from(OTHERS)
SOME = st.frozensets(st.sampled_from(sorted(ITEMS)), max_size=8) | st.just(ITEMS)
Move = Callable[[Sheet], Sheet]


class Sharing(RuleBasedStateMachine):
    """Everybody tries everything at any time; what is refused changes nothing."""

    @initialize()
    def begin(self) -> None:
        self.sheet = written(draft(), **FULL)
        self.said = Said()
        self.count = 0
        self.took: set[UUID] = set()

    def attempt(self, move: Move) -> bool:
        try:
            self.sheet = move(self.sheet)
        except Refused as refused:
            assert all(reason.strip() for reason in refused.reasons)
            return False
        return True

    @rule(org=ORGS, items=SOME)
    def says_yes(self, org: UUID, items: frozenset[str]) -> None:
        self.said = self.said.yes(org, items)

    @rule(org=ORGS, recorded=st.booleans())
    def withdraws(self, org: UUID, recorded: bool) -> None:
        self.said = self.said.no_more(org)
        if recorded:
            self.attempt(lambda s: moves.withdrawn(s, FORM, self.said, at=NOW))

    @rule(item=st.sampled_from(sorted(ITEMS)), off=st.booleans())
    def ticks(self, item: str, off: bool) -> None:
        self.attempt(lambda s: moves.exclude(s, FORM, item) if off else moves.include(s, item))

    @rule(org=ORGS)
    def staff_name(self, org: UUID) -> None:
        self.count += 1
        if self.attempt(lambda s: moves.name_recipient(s, recipient(org, self.count))):
            self.took.discard(org)

    @rule(org=ORGS, items=SOME)
    def it_goes_well(self, org: UUID, items: frozenset[str]) -> None:
        self.staff_name(org)
        self.said = self.said.yes(org, items)
        self.staff_record_consent()
        self.staff_submit()
        self.they_receive(org)
        self.they_accept(org)

    @rule(position=st.integers(0, 5))
    def staff_drop(self, position: int) -> None:
        if position < len(self.sheet.handovers):
            self.attempt(lambda s: moves.drop_recipient(s, s.handovers[position].id))

    @rule()
    def staff_record_consent(self) -> None:
        self.attempt(lambda s: moves.give_consent(s, FORM, self.said, at=NOW))

    @rule()
    def staff_submit(self) -> None:
        before = self.sheet
        if self.attempt(lambda s: moves.submit(s, FORM, self.said, at=NOW)):
            assert before.state is State.CONSENTED
            sent = {one.org_id for one in self.sheet.handovers if one.state is Handed.WAITING}
            assert sent <= {org for org, _ in self.said.pairs}

    @rule(position=st.integers(0, 5))
    def staff_send_proposed(self, position: int) -> None:
        if position < len(self.sheet.handovers):
            self.attempt(lambda s: moves.send_proposed(s, FORM, s.handovers[position].id, self.said, at=NOW))

    @rule(key=st.sampled_from(["reason", "words", "wish"]), secret=st.sampled_from(["name", "tel_mobile"]))
    def staff_write_what_is_kept(self, key: str, secret: str) -> None:
        text = f"本人は {FULL[secret]} です。"
        self.attempt(lambda s: moves.put(s, FORM, key, text, origin=Origin.STAFF, at=NOW, by=CO))

    @rule()
    def staff_reopen(self) -> None:
        self.attempt(moves.reopen)

    @rule()
    def staff_tell_and_close(self) -> None:
        self.attempt(lambda s: moves.told(s, on=TODAY, at=NOW))
        self.attempt(lambda s: moves.close(s, at=NOW))

    @rule(org=ORGS)
    def they_receive(self, org: UUID) -> None:
        self.attempt(lambda s: moves.receive(s, org, by_name="受領者", at=NOW, today=TODAY))

    @rule(org=ORGS)
    def they_accept(self, org: UUID) -> None:
        if self.attempt(lambda s: moves.accept(s, FORM, org, self.said, at=NOW)):
            self.took.add(org)

    @rule(org=ORGS, kind=st.sampled_from(["decline", "back", "met", "triage", "reply"]))
    def they_answer(self, org: UUID, kind: str) -> None:
        answers: dict[str, Move] = {
            "decline": lambda s: moves.decline(s, org, reason="対象外", at=NOW),
            "back": lambda s: moves.send_back(s, org, next_step="別の窓口へ", at=NOW),
            "met": lambda s: moves.met(s, org, on=TODAY),
            "triage": lambda s: moves.triage(s, org, decision="single", lead_org="", at=NOW),
            "reply": lambda s: moves.reply(s, FORM, org, text="結果", next_step="次", at=NOW, on=TODAY),
        }
        self.attempt(answers[kind])

    @invariant()
    def nobody_sees_what_the_resident_did_not_name_them_for(self) -> None:
        for org in OTHERS:
            shown = view(self.sheet, FORM, Seat(org_id=org, staff_id=OTHER), self.said, NOW)
            if shown is None:
                continue
            items = {key for key in shown.entries if FORM.fields[key].item}
            assert items <= {item for named, item in self.said.pairs if named == org} - self.sheet.excluded
            assert org in self.took or not shown.entries
            for key, entry in shown.entries.items():
                for cell in _cells(entry.value):
                    assert f"{key}.{cell}" not in identifying_items(FORM) or (org, f"{key}.{cell}") in self.said.pairs
            texts = "\n".join(str(entry.value) for entry in shown.entries.values())
            for kept in ("name", "tel_mobile"):
                assert kept in shown.entries or str(FULL[kept]) not in texts

    @invariant()
    def what_was_ticked_off_is_in_no_view(self) -> None:
        shown = view(self.sheet, FORM, Seat(org_id=HOME, staff_id=CO), self.said, NOW)
        assert shown is not None
        assert shown.standing is Standing.HOME
        assert not shown.entries.keys() & self.sheet.excluded

    @invariant()
    def what_was_called_back_is_seen_by_nobody(self) -> None:
        if self.sheet.state in (State.RECALLED, State.DRAFT, State.CONSENTED):
            for org in OTHERS:
                assert view(self.sheet, FORM, Seat(org_id=org, staff_id=OTHER), self.said, NOW) is None


def _cells(value: object) -> set[str]:
    rows = value if isinstance(value, tuple) else ()
    return {name for row in rows if isinstance(row, Row) for name in row.cells}


TestSharing = Sharing.TestCase
TestSharing.settings = settings(max_examples=60, stateful_step_count=40)
