"""The front of a sheet as its own page shows it, and what comes back from there. Pure: values in, values out.

What is shown is the desk's own view of the front, and nothing else of the sheet. The resident writes their own fields;
what staff answer for is shown as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.datastructures import FormData

from casework.consents import ConsentKind, items_for
from casework.forms import Typed, Value
from casework.sheet_moves import AGREES, exclude, include, put
from casework.sheet_views import Seat, View, view
from casework.sheets import Consents, Origin, Sheet, State, consent_items
from config.contents.forms import By, Form, Page, SeenBy
from handlers.sheet_typed import Reading, editable, read_typed, typed_of
from handlers.sheet_view import Part, parts_of

#: A column in which a resident would answer for somebody else.
OF_OTHERS = frozenset({AGREES})
_CHOICES = ("not_now", ConsentKind.ASK_AROUND.value, ConsentKind.TELL_NAME.value)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """What a form said: texts by field, items ticked off, and for each organisation what was chosen."""

    version: int
    typed: Mapping[str, Typed]
    kept: frozenset[str]
    choices: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """For keeping it until the page is opened again."""
        return {
            "version": self.version,
            "typed": {key: texts if isinstance(texts, str) else list(texts) for key, texts in self.typed.items()},
            "kept": sorted(self.kept),
            "choices": dict(self.choices),
        }

    @classmethod
    def from_json(cls, raw: Any) -> Sent:
        """What `to_json` made."""
        return cls(version=raw["version"], typed=raw["typed"], kept=frozenset(raw["kept"]), choices=raw["choices"])


def front_of(form: Form) -> Page:
    """The side that is made with the person."""
    return next(one for one in form.pages if one.seen_by is SeenBy.RESIDENT)


def seen_by_resident(sheet: Sheet, form: Form, consents: Consents, at: datetime) -> View:
    """The sheet as the desk's own staff see it."""
    found = view(sheet, form, Seat(org_id=sheet.org_id, staff_id=sheet.created_by), consents, at)
    assert found is not None, "a sheet that needs consent is seen at home"
    return found


def own_fields(form: Form, excluded: frozenset[str]) -> tuple[str, ...]:
    """The fields of the front that the resident writes."""
    keys = editable(form, front_of(form), excluded)
    return tuple(key for key in keys if form.fields[key].by is By.RESIDENT and not form.fields[key].concealed)


def tickable(form: Form) -> tuple[str, ...]:
    """What of the front can be ticked off: items, and columns that tell who somebody is."""
    front = set(front_of(form).fields())
    return tuple(item for item in consent_items(form) if item.partition(".")[0] in front)


def parts(form: Form, seen: View, sent: Sent | None, wrong: Mapping[str, str]) -> tuple[Part, ...]:
    """The front with its inputs; what was sent and not taken stands in them again."""
    typed = {} if sent is None else sent.typed
    return parts_of(form, front_of(form), seen, may_edit=True, typed=typed, wrong=wrong)


def sent_of(data: FormData, form: Form, excluded: frozenset[str], orgs: Sequence[str]) -> Sent:
    """What a form brought, as far as a page of ours could have made it."""
    version = data.get("version")
    kept = frozenset(one for one in data.getlist("keep") if isinstance(one, str)) & frozenset(tickable(form))
    choices = {org: value for org in orgs if (value := data.get(f"to.{org}")) in _CHOICES and isinstance(value, str)}
    return Sent(
        version=int(version) if isinstance(version, str) and version.isdecimal() and len(version) < 9 else 0,
        typed=typed_of(data, form, iter(own_fields(form, excluded))),
        kept=kept,
        choices=choices,
    )


def read_sent(form: Form, base: Sheet, consents: Consents, sent: Sent, at: datetime) -> Reading:
    """What the resident changed on the version they saw. `wrong` says what cannot be read."""
    own = set(own_fields(form, base.excluded))
    typed = {key: texts for key, texts in sent.typed.items() if key in own}
    return read_typed(form, base, seen_by_resident(base, form, consents, at).entries, typed)


def applied(sheet: Sheet, form: Form, changed: Mapping[str, Value | None], kept: frozenset[str], at: datetime) -> Sheet:
    """The sheet with the resident's own words, and with what they keep back. A closed one stays as it is."""
    if sheet.state in (State.CLOSED, State.RECALLED):
        return sheet
    for key, value in changed.items():
        sheet = put(sheet, form, key, value, origin=Origin.RESIDENT, at=at)
    for item in tickable(form):
        if item in kept and item not in sheet.excluded:
            sheet = exclude(sheet, form, item)
        elif item not in kept and item in sheet.excluded:
            sheet = include(sheet, item)
    return sheet


def covered_by(
    kind: ConsentKind, form: Form, excluded: frozenset[str], fields: frozenset[str] | None
) -> frozenset[str]:
    """What a yes of this kind would cover for a place: never what was ticked off, nor what the place is not for."""
    return frozenset(
        item
        for item in items_for(kind, form)
        if item not in excluded
        and item.partition(".")[0] not in excluded
        and (fields is None or item.partition(".")[0] in fields)
    )


def labels(form: Form) -> dict[str, str]:
    """What fields and their columns are called, with readings: `key` and `key.column`."""
    return dict(_labels(form))


def _labels(form: Form) -> Iterator[tuple[str, str]]:
    for key, item in form.fields.items():
        yield key, item.label
        yield from ((f"{key}.{name}", column.label) for name, column in item.columns.items())


def item_words(form: Form, items: frozenset[str]) -> list[str]:
    """Items in words, in the order of the form, with readings."""
    known = labels(form)
    found = []
    for item in consent_items(form):
        if item in items:
            key, _, column = item.partition(".")
            found.append(f"{known[key]}：{known[item]}" if column else known[key])
    return found


def code_labels(form: Form) -> dict[str, Mapping[str, str]]:
    """For each field with a code table: what its codes are called, with readings."""
    return {
        key: {code: entry.label for code, entry in form.codes[item.codes].items()}
        for key, item in form.fields.items()
        if item.codes is not None
    }
