"""Forms are data: a desk lays its own paper over them, and a wrong file is named with line and reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.contents.forms import FieldType, Grade, Kind, Needs, SeenBy
from config.contents.reading import ContentError
from config.contents.ruby import Segment, plain, problem, segments
from config.sheets import SHIPPED, load_forms

OKAYAMA = """
over: tsunagu
title: つなぐシート（市の様式）
mark: ""
codes:
  topics:
    illness: {label: 病気《びょうき》・医療《いりょう》, fed_by: [病気や健康、障害のこと]}
    money: {label: 収入《しゅうにゅう》・仕事《しごと》, fed_by: [収入・生活費のこと, "仕事探し、就職について"]}
    other: その他《た》
fields:
  doctor: {label: かかりつけ医《い》, type: T, grade: D}
pages:
  - key: only
    title: 一枚《いちまい》の紙《かみ》
    seen_by: resident
    sections:
      - title: 本人《ほんにん》
        rows: [[nickname, doctor], [topics], [words]]
      - title: 確認《かくにん》
        rows: [[safe_contact]]
  - key: rest
    title: 裏
    seen_by: agencies
    sections: [{title: 見立て, rows: [[urgency*2, urgency_reason*5]]}]
"""


ONE_PAGE = "pages:\n  - {key: p, title: 表, seen_by: agencies, sections: [{title: あ, rows: "


def desk(tmp_path: Path, **files: str) -> Path:
    (tmp_path / "sheets").mkdir()
    for name, text in files.items():
        (tmp_path / "sheets" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def refusal(tmp_path: Path, **files: str) -> str:
    with pytest.raises(ContentError) as refused:
        load_forms(overrides=desk(tmp_path, **files))
    return str(refused.value)


def test_every_kind_of_record_has_one_form() -> None:
    forms = load_forms()
    assert {form.kind for form in forms.by_id.values()} == set(Kind)
    assert forms.of_kind(Kind.SHEET) == ("tsunagu",)


def test_only_the_sheet_and_the_application_rest_on_consent_and_none_of_the_rest_becomes_a_sheet() -> None:
    forms = load_forms()
    rests = {form.kind: form.needs for form in forms.by_id.values()}
    assert {kind for kind, needs in rests.items() if needs is Needs.CONSENT} == {Kind.SHEET, Kind.APPLICATION}
    assert {kind for kind, needs in rests.items() if needs is Needs.BASIS} == {
        Kind.MEETING,
        Kind.NOTIFICATION,
        Kind.INQUIRY,
    }


def test_the_front_is_made_with_the_person_and_readable_with_kana() -> None:
    front, back = load_forms()["tsunagu"].pages
    assert (front.seen_by, back.seen_by) == (SeenBy.RESIDENT, SeenBy.AGENCIES)
    form = load_forms()["tsunagu"]
    assert all(problem(form.fields[key].label, every_kanji=True) is None for key in front.fields())


def test_no_fact_that_was_not_seen_is_called_seen() -> None:
    fields = load_forms()["tsunagu"].fields
    assert fields["factors"].grade is Grade.RECALLED
    assert fields["urgency"].grade is Grade.OWN
    assert fields["name"].grade is Grade.SEEN
    assert "岡山" in fields["name"].source
    assert all(item.source for item in fields.values() if item.grade is not Grade.OWN)


def test_the_forms_of_the_domain_are_all_there() -> None:
    form = load_forms()["tsunagu"]
    assert len(form.codes["topics"]) == 16
    assert [form.fields[key].type for key in ("topics", "household", "created_on", "urgency", "contact_count")] == [
        FieldType.MANY,
        FieldType.ROWS,
        FieldType.DAY,
        FieldType.CHOICE,
        FieldType.NUMBER,
    ]
    further = {"worry", "agencies", "knows", "agrees"}
    assert further <= form.fields["household"].columns.keys()
    assert {"asked_before", "role_wish", "mother_tongue", "visit_safety", "companion"} <= form.fields.keys()
    assert {"emergency_contacts", "disclosure_by_talk", "told_person_on"} <= form.fields.keys()
    assert not any("在留" in plain(item.label) for item in form.fields.values())


def test_another_organisation_lays_its_own_paper_over_the_sheet_without_code(tmp_path: Path) -> None:
    forms = load_forms(overrides=desk(tmp_path, city=OKAYAMA))
    city = forms["city"]
    assert [cell for page in city.pages for cell in page.fields()][:2] == ["nickname", "doctor"]
    assert city.fields["nickname"] == forms["tsunagu"].fields["nickname"]
    assert "household" not in city.fields
    assert city.codes["topics"]["money"].means("収入・生活費のこと")
    assert forms.version != load_forms().version


def test_a_desk_changes_one_label_and_leaves_a_field_out(tmp_path: Path) -> None:
    pages = (
        "pages: [{key: one, title: 表, seen_by: agencies, sections: [{title: あ, rows: [[urgency, safe_contact]]}]}]"
    )
    words = "fields: {gender: null, urgency: {label: 急ぐ度合い}}\n" + pages
    form = load_forms(overrides=desk(tmp_path, tsunagu=words))["tsunagu"]
    assert form.fields["urgency"].label == "急ぐ度合い"
    assert form.fields["urgency"].codes == "urgencies"
    assert form.fields.keys() == {"urgency", "safe_contact"}


@pytest.mark.parametrize(
    ("change", "line", "reason"),
    [
        ("fields:\n  gender: {type: X}", 2, "「fields.gender.type」"),
        ("fields:\n  gender: {codes: colours}", 2, "表「colours」がありません"),
        ("fields:\n  gender: {label: 性別}", 2, "「性別」に、ふりがながいります"),
        ("fields:\n  gender: null", 0, "「gender」という欄がありません"),
        ("fields:\n  nickname: {colour: red}", 2, "「fields.nickname.colour」という項目は、ここにはありません"),
        ("fields:\n  nickname: {fill: telepathy}", 2, "fields.nickname.fill"),
        ("fields:\n  nickname: {fill: household}", 2, "type が R の欄"),
        ("fields:\n  wish: {required_if: {urgency: [yesterday]}}", 2, "選ぶものはありません: yesterday"),
        ("fields:\n  reason: {grade: V, source: ''}", 2, "何にもとづくか"),
        ("needs: nothing", 1, "同意なしには渡せません"),
        (ONE_PAGE + "[[name]]}]}", 2, "どこかのページに置いて"),
        (ONE_PAGE + "[[name, name]]}]}", 2, "二度"),
        ("title: 紙《", 1, "余った印"),
        ("- a list", 1, "「名前: 値」の形"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_named_with_line_and_reason(tmp_path: Path, change: str, line: int, reason: str) -> None:
    said = refusal(tmp_path, tsunagu=change + "\n")
    assert reason in said
    assert f"tsunagu.yaml {line or ''}" in said


def test_a_paper_over_nothing_is_refused(tmp_path: Path) -> None:
    assert "city.yaml 1行目: 重ねるもとの様式「okayama」がありません" in refusal(tmp_path, city="over: okayama\n")


def test_every_shipped_file_is_a_form() -> None:
    assert {path.stem for path in SHIPPED.glob("*")} == set(load_forms().by_id)


def test_readings_stand_on_the_kanji_before_them() -> None:
    assert segments("連絡《れんらく》してよい｜時間帯《じかんたい》") == (
        Segment(text="連絡", reading="れんらく"),
        Segment(text="してよい"),
        Segment(text="時間帯", reading="じかんたい"),
    )
    assert plain("一番《いちばん》困《こま》っていること（◎）") == "一番困っていること（◎）"
    assert problem("《あ》") is not None
    assert problem("名《name》") is not None
