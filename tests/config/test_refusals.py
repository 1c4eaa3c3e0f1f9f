"""Whoever keeps the words of a desk reads no English: every refusal and every warning is Japanese, with its place."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from config.content import ContentError, load_content

#: Two English words in a row are a sentence; names of keys and values stand alone.
ENGLISH = re.compile(r"[A-Za-z]{2,} [a-z]{2,}")
PLACE = re.compile(r"[a-z_]+\.yaml \d+行目: ")

WRONG = [
    ("desk", "organisation: [a, b]\n", "言葉を一つ"),
    ("desk", "organisation: ''\n", "空にしたり"),
    ("desk", "account:\n", "言葉を一つ"),
    ("desk", "example: maybe\n", "true か false"),
    ("desk", "conversation_place: mail\n", "line, room"),
    ("desk", "closed_days: [2026-02-30]\n", "実際にある日"),
    ("desk", "closed_days: tomorrow\n", "「- 」で始まる行"),
    ("desk", "closed_every_year: [正月]\n", "の書き方が違います"),
    ("desk", "hours: none\n", "書いてください"),
    ("desk", "hours: [{days: [mon], opens: '09:00', closes: '25:00'}]\n", "09:00 の形"),
    ("desk", "hours: [{days: [], opens: '09:00', closes: '17:00'}]\n", "1個以上"),
    ("desk", "hours: [{days: [mon], opens: '09:00'}]\n", "がありません"),
    ("desk", "months_before_milestone: soon\n", "数で書いて"),
    ("desk", "months_before_milestone: 25\n", "24以下"),
    ("desk", "months_before_milestone: -1\n", "0以上"),
    ("desk", "retention: 90\n", "「名前: 値」の形"),
    ("desk", "local: {clinic: {name: a}}\n", "このどれか"),
    ("desk", "a list\n", "「名前: 値」の形"),
    ("desk", "orgnisation: a\n", "ここにはありません"),
    ("desk", "a: 1\na: 2\n", "二度書かれて"),
    ("desk", "a: {\n", "YAMLの書き方"),
    ("desk", "\n", "中身がありません"),
    ("console", "session_hours: long\n", "数で書いて"),
    ("richmenu", "bar: とてもとても長いメニューの名前\n", "14文字まで"),
    ("casework", "phrases: [{label: '', plain: あ, kana: あ}]\n", "1文字以上"),
    ("notices", "mails: {urgent: {subject: 'あ{who}'}}\n", "差しこみは使えません: who"),
    ("unheard_of", "a: 1\n", "この名前の文面のファイル"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "said"), WRONG)
def test_a_refusal_is_japanese_and_names_file_and_line(name: str, text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ContentError) as refused:
        load_content(overrides=tmp_path)
    lines = str(refused.value).splitlines()
    assert any(said in line for line in lines), lines
    for line in lines:
        assert PLACE.match(line), line
        assert not ENGLISH.search(line), line


def test_every_warning_is_japanese(tmp_path: Path) -> None:
    words = "invite: {plain: 頑張ってくださいか。, kana: 警さつに タッチ。}\n"
    (tmp_path / "notice.yaml").write_text(words, encoding="utf-8")
    warnings = list(load_content(overrides=tmp_path).warnings(dt.date(2030, 1, 1)))
    assert len(warnings) > 10
    for warning in warnings:
        assert re.search(r"[ぁ-ん]", warning), warning
        assert not ENGLISH.search(warning), warning
