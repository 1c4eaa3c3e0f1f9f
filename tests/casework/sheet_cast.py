"""Helpers for tests of sheets: organisations, staff, consents by hand, and a sheet that may go."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from uuid import UUID

from casework.forms import Row, Value
from casework.sheet_moves import give_consent, name_recipient, put, submit
from casework.sheets import Consents, Handover, Origin, Sheet, consent_items, new_sheet
from config.contents.forms import Form
from config.sheets import load_forms

FORMS = load_forms()
FORM = FORMS["tsunagu"]
ITEMS = frozenset(consent_items(FORM))
HOME, HOUKATSU, JIRITSU, TORIMATOME = (UUID(int=n) for n in range(101, 105))
NAMES = {HOUKATSU: "北地域包括支援センター", JIRITSU: "自立相談支援機関", TORIMATOME: "市福祉相談課"}
CO, COLLEAGUE, OTHER = (UUID(int=n) for n in range(201, 204))
MESSAGE, LATER = UUID(int=301), UUID(int=302)
NOW = dt.datetime(2026, 11, 26, 1, 0, tzinfo=dt.UTC)
TODAY = dt.date(2026, 11, 26)
#: Without the person's name.
ANONYMOUS = frozenset({"nickname", "age_band", "topics", "top_topic", "words", "urgency", "safety", "reason"})


@dataclass(frozen=True, kw_only=True)
class Said:
    """Who agreed to what, as a set of pairs; `on`: when."""

    pairs: frozenset[tuple[UUID, str]] = field(default_factory=frozenset)
    on: dt.datetime = NOW

    def covers(self, org_id: UUID, item: str, at: dt.datetime, /) -> bool:
        return (org_id, item) in self.pairs

    def since(self, moment: dt.datetime | None, /) -> Said:
        return self if moment is None or self.on >= moment else replace(self, pairs=frozenset())

    def yes(self, org_id: UUID, items: frozenset[str] = ITEMS) -> Said:
        return replace(self, pairs=self.pairs | {(org_id, item) for item in items})

    def no_more(self, org_id: UUID) -> Said:
        return replace(self, pairs=frozenset(pair for pair in self.pairs if pair[0] != org_id))


def draft(form_id: str = "tsunagu", number: int = 1) -> Sheet:
    return new_sheet(form_id, FORMS[form_id], sheet_id=UUID(int=number), desk_id="default", org_id=HOME, by=CO, now=NOW)


def recipient(org_id: UUID, number: int = 1) -> Handover:
    return Handover(
        id=UUID(int=1000 + org_id.int * 10 + number), org_id=org_id, name=NAMES[org_id], named_by=CO, named_at=NOW
    )


def written(sheet: Sheet, form: Form = FORM, **values: Value) -> Sheet:
    for key, value in values.items():
        sheet = put(sheet, form, key, value, origin=Origin.STAFF, at=NOW, by=CO)
    return sheet


FULL: dict[str, Value] = {
    "sheet_no": "2026-0001",
    "created_on": TODAY,
    "from_org": "見本市社会福祉協議会 北部圏域",
    "from_person": "相談 花子",
    "channel": "line",
    "nickname": "しずかな もみじ",
    "name": "髙﨑 𠮷子",
    "kana": "たかさき よしこ",
    "birth_date": dt.date(1974, 3, 2),
    "age_band": "50",
    "area": "北町",
    "tel_mobile": "090-0000-0000",
    "safe_contact": "LINEだけ。平日の昼。家の電話にはかけない。",
    "household": (
        Row(
            cells={"relation": "mother", "name": "髙﨑 ウメ", "age": 82, "lives_with": "together", "worry": "もの忘れ"}
        ),
    ),
    "topics": ("income", "care"),
    "top_topic": "income",
    "words": "パートの時間が減り、母の介護もあって家賃が払えない。",
    "reason": "家計と介護の両方を見てもらいたい。",
    "urgency": "week",
    "urgency_reason": "来週に家賃の支払いがある。",
    "safety": ("food",),
    "history": (Row(cells={"on": TODAY, "who": "相談員", "what": "トークで話を聞いた。"}),),
    "shared_scope": "母には相談のことを言わない。",
    "ask": ("visit", "procedure"),
}


def ready(*orgs: UUID, consents: Consents) -> Sheet:
    """A full sheet with its yes, one step before submission."""
    sheet = written(draft(), **FULL)
    for org in orgs:
        sheet = name_recipient(sheet, recipient(org))
    return give_consent(sheet, FORM, consents, at=NOW)


def handed(*orgs: UUID, consents: Consents) -> Sheet:
    """A full sheet on its way."""
    return submit(ready(*orgs, consents=consents), FORM, consents, at=NOW)
