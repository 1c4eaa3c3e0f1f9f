"""The content check: every rule of wording finds what breaks it, so that no rule is there for show."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from config.content import SHIPPED, ContentError, load_content
from config.contents.models import Line, Voiced
from config.contents.wording import LONGEST, problems, unfilled

CONTENT = load_content()
LABELS = ("虐待", "ぎゃくたい", "DV", "8050", "ヤングケアラー", "ごみ屋敷", "ゴミ屋敷", "ケース", "対象者", "要支援者")
HOUSEHOLD = ("ご主人", "旦那", "奥さん", "お母さんなら", "お父さんなら")
KNOWING = ("わかります", "お気持ちは分かり", "みんな同じ", "皆さん同じ")
PUSHING = ("頑張って", "がんばって", "早く", "はやく", "逃げて", "にげて", "離婚", "りこん")
WATCHING = ("見守って", "そばにいます", "そばに います", "いつでも", "心配しています", "しんぱいして います")
EXAMPLES = {
    "人にはる札になる": LABELS,
    "家族を決めつける": HOUSEHOLD,
    "分かったふりになる": KNOWING,
    "せかす": PUSHING,
    "受けられるかを決めてしまう": ("もらえます", "対象外"),
    "「押す」と書く": ("タップ", "クリック", "タッチ"),
    "はげまし": ("元気を出して", "きっとうまくいきます", "大丈夫ですよね", "前向きに"),
    "わけを問いただす": ("なぜ", "どうして"),
    "約束になる": ("必ず", "かならず", "絶対", "ぜったい", "約束します"),
    "機械は見守らず、感じない": WATCHING,
    "「相談員」にそろえる": ("担当者", "スタッフ", "職員", "カウンセラー", "支援員"),
    "なれなれしい": ("そうだよ", "大変だね。", "話そうね", "そうしようね", "書いてね", "いいじゃない。"),
    "です・ますにする": (
        "読んだ。",
        "書いてる。",
        "そうだ。",
        "言いたい。",
        "書かない。",
        "苦しい。",
        "いいよ。",
    ),
    "絵文字は使わない": ("🙏", "😢", "☀", "✨"),
    "診断になる": ("うつ病", "発達障害", "認知症です", "依存症", "病気です"),
}


def said(plain: str = "", kana: str = "") -> Iterator[str]:
    """What the check says when one sentence of a resident's is this, in both voices."""
    line = Line(plain=plain or "はい。", kana=kana or "はい。")
    notice = CONTENT.notice.model_copy(update={"invite": line})
    yield from problems(replace(CONTENT, notice=notice))


def test_every_rule_has_examples_and_every_example_breaks_its_rule() -> None:
    assert {rule.why for rule in CONTENT.forbidden.rules} == EXAMPLES.keys()


@pytest.mark.parametrize(("why", "words"), EXAMPLES.items())
def test_a_forbidden_wording_is_found_in_both_voices(why: str, words: tuple[str, ...]) -> None:
    for word in words:
        for found in (list(said(plain=f"はい、{word}")), list(said(kana=f"はい、{word}"))):
            assert any("notice.invite" in problem and why in problem for problem in found), word


@pytest.mark.parametrize(
    "part", ["topics", "sides/pet", "cards", "crisis", "scam", "offer", "rights", "erase", "memory", "staff", "menu"]
)
def test_the_check_looks_into_every_file(tmp_path: Path, part: str) -> None:
    """The first sentence of each file is made worse, and the check says where."""
    folder = shutil.copytree(SHIPPED, tmp_path / "content")
    lines = (folder / f"{part}.yaml").read_text("utf-8").splitlines()
    at = next(n for n, line in enumerate(lines) if line.strip().startswith("- ") and line.endswith("。"))
    lines[at] = lines[at].rstrip("。") + "頑張って。"
    (folder / f"{part}.yaml").write_text("\n".join(lines) + "\n", "utf-8")
    subject = part.partition("/")[0]
    assert any(problem.startswith(f"{subject}.") and "頑張" in problem for problem in problems(load_content(folder)))


def test_what_is_too_long_is_found_with_the_longest_names_in_it() -> None:
    assert any("文字あります" in problem for problem in said(plain="あ" * 151))
    assert not list(said(plain="あ" * 150))
    words = CONTENT.listening.states.both
    long = tuple(f"{'あ' * (81 - len(LONGEST['first']))}{{first}}{n}" for n in range(3))
    states = CONTENT.listening.states.model_copy(update={"both": words.model_copy(update={"plain": long})})
    listening = CONTENT.listening.model_copy(update={"states": states})
    assert any("listening.states.both" in problem for problem in problems(replace(CONTENT, listening=listening)))


def test_kanji_beyond_the_first_school_years_are_found_in_kana_only() -> None:
    assert any("難しい漢字です: 警難" in problem for problem in said(kana="警さつは 難しいです。"))
    assert not list(said(plain="警察は難しいです。"))
    assert not list(said(kana="「送信取消」を おして ください。"))


@pytest.mark.parametrize("text", ["お元気ですか。", "眠れていますか？", "どうなさいましたか"])
def test_a_question_where_none_may_be_is_found(text: str) -> None:
    assert any("質問の文ではありません" in problem for problem in said(plain=text))


@pytest.mark.parametrize("text", ["はい。", "眠れますか。食べられますか。", "眠れますか。書いてください。"])
def test_a_question_must_be_one_question(text: str) -> None:
    ask = Voiced(plain=(text, "一ですか。", "二ですか。"), kana=("一ですか。", "二ですか。", "三ですか。"))
    topics = {**CONTENT.topics, "work": CONTENT.topics["work"].model_copy(update={"ask": ask})}
    found = list(problems(replace(CONTENT, topics=topics)))
    assert any("topics.work.ask" in problem and "一つだけたずねて" in problem for problem in found)


def test_three_variants_are_needed_of_everything_that_is_said_often(tmp_path: Path) -> None:
    for part, key in (("topics", "ask"), ("listening", "further"), ("cards", "sentence"), ("kinds", "image")):
        folder = shutil.copytree(SHIPPED, tmp_path / part)
        lines = (folder / f"{part}.yaml").read_text("utf-8").splitlines()
        first = next(n for n, line in enumerate(lines) if line.strip() == f"{key}:") + 2
        indent = len(lines[first]) - len(lines[first].lstrip())
        last = first
        while lines[last].startswith(" " * indent + "- "):
            last += 1
        (folder / f"{part}.yaml").write_text("\n".join([*lines[: first + 2], *lines[last:]]) + "\n", "utf-8")
        with pytest.raises(ContentError, match="3個以上"):
            load_content(folder)


@pytest.mark.parametrize("category", CONTENT.topics)
def test_a_category_without_words_is_refused(tmp_path: Path, category: str) -> None:
    folder = shutil.copytree(SHIPPED, tmp_path / "content")
    text = (folder / "topics.yaml").read_text("utf-8")
    (folder / "topics.yaml").write_text(text.replace(f"\n{category}:", "\nother:", 1), "utf-8")
    with pytest.raises(ContentError, match=f"区分「{category}」の言葉がありません"):
        load_content(folder)


@pytest.mark.parametrize(
    ("key", "text", "missing"),
    [
        (("notice", "invite", "plain"), "{who}です。", ["who"]),
        (("listening", "states", "both", "plain", 0), "{first}と{second}ですね。", []),
        (("listening", "states", "open", "plain", 0), "{first}ですね。", ["first"]),
        (("staff", "came", "plain", 0), "{who}が書きます。{next_open}", []),
        (("erase", "goes", "plain"), "{at}ごろです。", []),
        (("erase", "stays", "plain"), "{at}ごろです。", ["at"]),
        (("languages", "en", "notice"), "{place}", ["place"]),
        (("languages", "en", "consent", "tell_name"), "{place}", []),
    ],
)
def test_a_placeholder_that_nobody_fills_in_is_found(key: tuple[str | int, ...], text: str, missing: list[str]) -> None:
    assert list(unfilled(key, text)) == missing


def test_a_placeholder_that_nobody_fills_in_stops_the_start(tmp_path: Path) -> None:
    folder = shutil.copytree(SHIPPED, tmp_path / "content")
    text = (folder / "offer.yaml").read_text("utf-8")
    (folder / "offer.yaml").write_text(text.replace("お名前はいりません。断っても", "{who}です。断っても", 1), "utf-8")
    with pytest.raises(ContentError, match=r"offer\.yaml \d+行目: ここでは「{who}」に入るものがありません"):
        load_content(folder)
