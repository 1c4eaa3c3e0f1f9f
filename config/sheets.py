"""The forms: read from `config/content/sheets/*.yaml`, validated, frozen.

    forms = load_forms()                          # as shipped
    forms = load_forms(overrides=Path("desk"))    # with the desk's own `desk/sheets/*.yaml` laid over them

A desk's file of the same name changes what differs (mappings key by key; lists such as `pages` as a whole; `null`
leaves something out). A new file with `over: tsunagu` is another organisation's paper over the same fields. Anything
wrong raises `ContentError` naming file, line and reason.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from config.contents.forms import ESSENTIAL, FieldType, Fill, Form, Item, Kind, Needed, Needs, Page, Problem, SeenBy
from config.contents.reading import ContentError, Read, merge, read_yaml
from config.contents.refusals import refused
from config.contents.ruby import problem

__all__ = ["Forms", "load_forms", "shipped_forms"]

SHIPPED = Path(__file__).parent / "content" / "sheets"
_FILLS: Mapping[Fill, FieldType] = {
    Fill.CREATED_ON: FieldType.DAY,
    Fill.FIRST_CONTACT: FieldType.DAY,
    Fill.CONTACT_COUNT: FieldType.NUMBER,
    Fill.HOUSEHOLD_SIZE: FieldType.NUMBER,
    Fill.CHANNEL: FieldType.CHOICE,
    Fill.ROUTE: FieldType.CHOICE,
    Fill.AGE_BAND: FieldType.CHOICE,
    Fill.TOP_TOPIC: FieldType.CHOICE,
    Fill.URGENCY: FieldType.CHOICE,
    Fill.VISITOR_RELATION: FieldType.CHOICE,
    Fill.TOPICS: FieldType.MANY,
    Fill.FACTORS: FieldType.MANY,
    Fill.SAFETY: FieldType.MANY,
    Fill.HOUSEHOLD: FieldType.ROWS,
    Fill.QUOTES: FieldType.ROWS,
}
_NEEDED_COLUMNS: Mapping[Fill, frozenset[str]] = {
    Fill.HOUSEHOLD: frozenset({"relation", "age", "lives_with"}),
    Fill.QUOTES: frozenset({"text"}),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Forms:
    """All forms by id. `version` changes with any of them, so that a sheet tells which words it was made with."""

    version: str
    by_id: Mapping[str, Form]

    def of_kind(self, kind: Kind) -> tuple[str, ...]:
        """Ids of the forms of a kind, as the files are sorted."""
        return tuple(key for key, form in self.by_id.items() if form.kind is kind)

    def __getitem__(self, form_id: str) -> Form:
        return self.by_id[form_id]


def load_forms(folder: Path | None = None, overrides: Path | None = None) -> Forms:
    """All forms of `folder` (default: as shipped) with `overrides/sheets` laid over them. Raises `ContentError`."""
    read = dict(_read_all(folder or SHIPPED, overrides / "sheets" if overrides else None))
    forms: dict[str, Form] = {}
    for name in sorted(read):
        whole = _over(name, read)
        form = _parsed(whole)
        found = [f"{whole.place(key)}: {reason}" for key, reason in _problems(form)]
        if found:
            raise ContentError("\n".join(found))
        forms[name] = _only_laid_out(form)
    digest = hashlib.sha256(json.dumps({name: read[name].value for name in sorted(read)}).encode()).hexdigest()
    return Forms(version=digest[:12], by_id=forms)


@cache
def shipped_forms() -> Forms:
    """The forms as shipped, read once."""
    return load_forms()


def _read_all(base: Path, own: Path | None) -> Iterator[tuple[str, Read]]:
    names = {path.stem for path in base.glob("*.yaml")}
    if own is not None and own.is_dir():
        for path in sorted(own.glob("*.y*ml")):
            if path.suffix != ".yaml":
                raise ContentError(f"{path.name} 1行目: 様式のファイルの名前は「.yaml」で終わらせてください")
            names.add(path.stem)
    for name in names:
        files = [folder / f"{name}.yaml" for folder in (base, own) if folder is not None]
        reads = [read_yaml(path) for path in files if path.exists()]
        for read in reads:
            if not isinstance(read.value, dict):
                raise ContentError(f"{name}.yaml 1行目: 様式は「名前: 値」の形で書いてください")
        yield name, (reads[0] if len(reads) == 1 else merge(*reads))


def _over(name: str, read: Mapping[str, Read]) -> Read:
    """The form with everything it takes from the one it lies over."""
    own = read[name]
    base = own.value.get("over")
    if base is None:
        return own
    if base not in read or base == name or "over" in read[base].value:
        raise ContentError(f"{own.place(('over',))}: 重ねるもとの様式「{base}」がありません")
    rest = {key: value for key, value in own.value.items() if key != "over"}
    return merge(read[base], Read(value=rest, places=own.places))


def _parsed(read: Read) -> Form:
    try:
        return Form.model_validate(read.value)
    except ValidationError as error:
        raise refused(read, error) from None


def _only_laid_out(form: Form) -> Form:
    """What stands on no page is no part of this paper."""
    used = {key for _, key in form.laid_out()}
    return form.model_copy(update={"fields": {key: item for key, item in form.fields.items() if key in used}})


def _problems(form: Form) -> Iterator[Problem]:
    yield from _layout_problems(form)
    used = {key for _, key in form.laid_out()}
    for key in sorted(used & form.fields.keys()):
        for reason in _field_problems(form, key, form.fields[key], used):
            yield ("fields", key), reason
    for name, table in form.codes.items():
        if not table:
            yield ("codes", name), f"選ぶものの表「{name}」に中身がありません"
    yield from _basis_problems(form)
    if form.kind is Kind.SHEET:
        for key in ESSENTIAL:
            if key not in used:
                yield ("pages",), f"「{key}」は、どこかのページに置いてください(外に渡す前に、人が見る項目です)"


def _basis_problems(form: Form) -> Iterator[Problem]:
    for index, basis in enumerate(form.bases):
        if basis not in form.codes.get("bases", {}):
            yield ("bases", index), f"根拠「{basis}」が、表「bases」にありません"
    if (form.needs is Needs.BASIS) != bool(form.bases):
        yield ("bases",), "「bases」は、根拠のいる様式(needs: basis)にだけ、必ず書いてください"
    if form.kind is Kind.SHEET and form.needs is not Needs.CONSENT:
        yield ("needs",), "シートは同意なしには渡せません。法律にもとづく記録は、別の種類(kind)にしてください"


def _layout_problems(form: Form) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, page in enumerate(form.pages):
        for key in page.fields():
            if key not in form.fields:
                yield ("pages", number), f"「{key}」という欄がありません"
            elif key in seen:
                yield ("pages", number), f"欄「{key}」が、紙の上に二度あります"
            elif page.seen_by is SeenBy.RESIDENT:
                for reason in _reading_problems(form, form.fields[key]):
                    yield ("fields", key), reason
            seen.add(key)
        yield from _heading_problems(number, page)


def _heading_problems(number: int, page: Page) -> Iterator[Problem]:
    if page.seen_by is not SeenBy.RESIDENT:
        return
    for index, section in enumerate(page.sections):
        if reason := problem(section.title, every_kanji=True):
            yield ("pages", number, "sections", index, "title"), reason


def _reading_problems(form: Form, item: Item) -> Iterator[str]:
    """Residents see labels, columns and choices of a page that is made with them."""
    tables = [item.codes, *(column.codes for column in item.columns.values())]
    words = [item.label, *(column.label for column in item.columns.values())]
    words += [code.label for table in tables if table for code in form.codes.get(table, {}).values()]
    yield from (reason for word in words if (reason := problem(word, every_kanji=True)))


def _field_problems(form: Form, key: str, item: Item, used: set[str]) -> Iterator[str]:
    for table in (item.codes, *(column.codes for column in item.columns.values())):
        if table is not None and table not in form.codes:
            yield f"「{key}」: 選ぶものの表「{table}」がありません"
    for other in item.instead:
        if other not in form.fields:
            yield f"「{key}」: 代わりに書く欄「{other}」がありません"
    yield from _condition_problems(form, key, item, used)
    if item.fill is None:
        return
    wanted = _FILLS.get(item.fill)
    if wanted is not None and item.type is not wanted:
        yield f"「{key}」: {item.fill.value} で書きこめるのは、type が {wanted.value} の欄です"
    if missing := _NEEDED_COLUMNS.get(item.fill, frozenset()) - item.columns.keys():
        yield f"「{key}」: {item.fill.value} には、この列がいります: {', '.join(sorted(missing))}"


def _condition_problems(form: Form, key: str, item: Item, used: set[str]) -> Iterator[str]:
    if item.required_if and item.required is not Needed.NEVER:
        yield f"「{key}」: required と required_if は、どちらか一つにしてください"
    for other, codes in item.required_if.items():
        asked = form.fields.get(other)
        if asked is None or asked.codes is None:
            yield f"「{key}」: 条件にした「{other}」は、選ぶ欄ではありません"
        elif other in used and (unknown := set(codes) - form.codes.get(asked.codes, {}).keys()):
            yield f"「{key}」: 欄「{other}」に、この選ぶものはありません: {', '.join(sorted(unknown))}"
