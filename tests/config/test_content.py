"""The words: every sentence within the rules, and every mistake in a file named by file, line and reason."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from config.categories import categories
from config.content import SHIPPED, ContentError, load_content
from config.contents.models import Line, Voiced
from config.contents.wording import filled, problems, questions, sentences
from nlp.lexicon import read

CONTENT = load_content()


def test_no_sentence_breaks_a_rule_of_wording() -> None:
    assert list(problems(CONTENT)) == []


def test_the_check_names_what_elders_could_not_read() -> None:
    words = CONTENT.kinds.sticker
    plain = ("スタンプ、受け取りました。", "スタンプが届きました。", "スタンプですね。")
    kinds = CONTENT.kinds.model_copy(update={"sticker": words.model_copy(update={"plain": plain})})
    notice = CONTENT.notice.model_copy(update={"invite": Line(plain="タッチしてください。", kana="書いて ください。")})
    found = list(problems(replace(CONTENT, kinds=kinds, notice=notice)))
    assert any("kinds.sticker" in problem and "お年寄り" in problem for problem in found)
    assert any("notice.invite" in problem and "タッチ" in problem for problem in found)


def test_the_check_names_length_labels_questions_and_hard_kanji() -> None:
    line = CONTENT.offer.urgent.model_copy(update={"plain": "虐待ですか。" + "あ" * 90, "kana": "漢字が 難しい。"})
    found = "\n".join(problems(replace(CONTENT, offer=CONTENT.offer.model_copy(update={"urgent": line}))))
    for reason in ("人にはる札", "90文字まで", "質問の文ではありません", "難しい漢字"):
        assert reason in found


def test_who_was_spoken_of_has_a_name_for_every_relation_the_listener_knows() -> None:
    assert CONTENT.memory.relations.keys() == read("kin.yaml").keys()


def test_what_is_asked_before_others_may_know_can_be_declined() -> None:
    for question in (CONTENT.consent.read, CONTENT.consent.ask_around, CONTENT.consent.tell_name):
        assert question.labels["not_yet"].plain == "今は決めない"
        assert question.ask.plain.endswith("か。")


def test_in_three_prefectures_a_number_takes_the_place_of_another() -> None:
    here = replace(CONTENT, desk=CONTENT.desk.model_copy(update={"prefecture": "宮城県"}))
    assert here.place("yorisoi").number == "0120-279-226"
    assert CONTENT.place("yorisoi").number == "0120-279-338"


def test_every_category_has_its_words() -> None:
    assert sorted(CONTENT.topics) == sorted(categories())
    assert len(CONTENT.topics) == 25


def test_no_two_variants_of_a_group_are_the_same() -> None:
    groups = [topic.take_up for topic in CONTENT.topics.values()]
    groups += [value for value in dict(CONTENT.listening.states).values() if isinstance(value, Voiced)]
    for group in groups:
        assert len(set(group.plain)) == len(group.plain) >= 3
        assert len(set(group.kana)) == len(group.kana) >= 3


def test_all_placeholders_can_be_filled() -> None:
    for _, text in sentences(CONTENT):
        assert "{" not in filled(CONTENT, text)


def test_every_contact_says_when_it_was_checked_and_where() -> None:
    for place in CONTENT.contacts.values():
        assert place.checked_on <= dt.date(2026, 11, 21)
        assert place.source_url.startswith("https://")


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("fire", "119"),
        ("police", "110"),
        ("inochi_sos", "0120-061-338"),
        ("yorisoi", "0120-279-338"),
        ("inochi_no_denwa", "0120-783-556"),
        ("child_189", "189"),
        ("child_talk", "0120-189-783"),
        ("child_sos", "0120-0-78310"),
        ("childline", "0120-99-7777"),
        ("child_rights", "0120-007-110"),
        ("plus", "0120-279-889"),
        ("consumer_188", "188"),
        ("legal", "0570-078374"),
    ],
)
def test_numbers_are_those_of_the_official_pages(name: str, number: str) -> None:
    place = CONTENT.contacts[name]
    assert place.number == number
    assert place.uri == "tel:" + number.replace("-", "")


def test_every_card_shows_somebody_who_answers_at_every_hour() -> None:
    for card in CONTENT.cards.values():
        assert any(CONTENT.contacts[name].always for name in card.contacts if not name.startswith("local:"))


def test_cards_for_who_fears_to_harm_never_show_the_police_alone() -> None:
    for key, card in CONTENT.cards.items():
        if key.startswith("may_harm"):
            assert card.contacts[0] != "police"
            assert len(card.contacts) > 1


def test_who_is_hurt_is_asked_about_the_screen_whatever_the_variant() -> None:
    asked = [card.ask for key, card in CONTENT.cards.items() if key.startswith("harmed")]
    for ask in (*asked, CONTENT.crisis.watch["violence"].ask):
        assert all("画面" in text for text in ask.plain)
        assert all("がめん" in text for text in ask.kana)


def test_every_offer_says_who_and_what_that_no_name_is_needed_and_that_no_is_fine() -> None:
    words = CONTENT.offer.text
    for text in (*words.plain, *words.kana):
        assert "{staff}" in text
        assert "名前" in text
        assert text.endswith(
            ("断っても何も変わりません。", "選ばなくても何も変わりません。", "大丈夫です。", "いいです。")
        )
    refused = CONTENT.offer.answers["no"]
    assert all("「{staff}」" in text for text in refused.plain)


def test_nothing_is_asked_in_danger_that_a_night_could_not_hold() -> None:
    """What is said at night beside the card holds no question, of means or plans least of all."""
    for group in (CONTENT.crisis.night, CONTENT.crisis.night_watch, CONTENT.crisis.means, CONTENT.crisis.watched):
        assert not any(questions(text) for text in (*group.plain, *group.kana))


@pytest.mark.parametrize("key", ["en", "zh", "ko", "vi", "tl", "pt", "ne", "es"])
def test_every_language_has_its_notice_and_its_numbers(key: str) -> None:
    words = CONTENT.languages[key]
    for text in (words.notice, words.danger):
        assert "119" in text
        assert "110" in text
        assert len(text) <= 700
    for text in (words.consent.ask_around, words.consent.tell_name):
        assert "{place}" in text
    assert words.consent.read
    assert "{organisation}" in words.notice
    assert "{account}" in words.notice


def test_locked_screens_show_nothing_but_a_neutral_word() -> None:
    assert {card.notice.plain for card in CONTENT.cards.values()} == {"お知らせ"}


def test_questions_are_counted() -> None:
    assert questions("眠れていますか。") == 1
    assert questions("はい。何ですか？どこですか。") == 2
    assert questions("「だれですか。」と聞かれたのですね。") == 0


def test_the_version_changes_with_any_word(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    assert load_content(folder).version == CONTENT.version
    edit(folder / "kinds.yaml", "スタンプ、受け取りました。", "スタンプを受け取りました。")
    assert load_content(folder).version != CONTENT.version


def test_a_desk_may_override_single_words(tmp_path: Path) -> None:
    (tmp_path / "desk.yaml").write_text("example: false\norganisation: 海辺町社会福祉協議会\n", "utf-8")
    content = load_content(overrides=tmp_path)
    assert content.desk.organisation == "海辺町社会福祉協議会"
    assert content.desk.hours == CONTENT.desk.hours
    assert content.version != CONTENT.version
    assert not [text for text in content.warnings(dt.date(2026, 11, 24)) if "見本" in text]


def test_warnings_tell_which_of_a_desk_s_own_words_break_a_rule(tmp_path: Path) -> None:
    (tmp_path / "notice.yaml").write_text("invite:\n  plain: 頑張ってください。\n", "utf-8")
    warnings = list(load_content(overrides=tmp_path).warnings(dt.date(2026, 11, 24)))
    assert any(text.startswith("notice.invite.plain: 「頑張」") for text in warnings)


def test_warnings_tell_what_is_stale() -> None:
    warnings = list(CONTENT.warnings(dt.date(2028, 6, 1)))
    assert any("見本の社協" in text for text in warnings)
    assert any("祝日が" in text for text in warnings)
    assert any("yorisoi" in text for text in warnings)
    assert any("まだ見ていません" in text for text in warnings)
    assert not [text for text in CONTENT.warnings(dt.date(2026, 12, 1)) if "番号を確かめて" in text]


@pytest.mark.parametrize(
    ("file", "old", "new", "reason"),
    [
        ("contacts.yaml", "number: 0120-061-338", "number: 0120-061-33", "かかりません"),
        ("contacts.yaml", "uri: tel:0120279338", "uri: tel:0120279339", "0120-279-338 にかかりません"),
        ("contacts.yaml", "https://talkme.jp/", "http://talkme.jp/", "https"),
        ("contacts.yaml", "checked_on: 2026-11-21", "checked_on: last week", "checked_on"),
        ("cards.yaml", "[fire, inochi_sos, ibasho_chat]", "[fire, inochi, ibasho_chat]", "「inochi」という連絡先"),
        ("cards.yaml", "[fire, inochi_sos, ibasho_chat]", "[fire, childline]", "昼も夜も出る"),
        ("cards.yaml", "[fire, inochi_sos, ibasho_chat]", '["local:elder"]', "「local:」でない"),
        ("desk.yaml", 'opens: "09:00"', 'opens: "9"', "09:00"),
        ("desk.yaml", 'opens: "09:00"', 'opens: "18:00"', "前にしてください"),
        ("desk.yaml", "Asia/Tokyo", "Asia/Tokio", "時間帯はありません"),
        ("desk.yaml", "account: つなぐ", "acount: つなぐ", "「acount」という項目は、ここにはありません"),
        ("notice.yaml", "{organisation}", "{organization}", "差しこみは使えません"),
        ("notice.yaml", "welcome_back:", "welcome_back: [", "YAMLの書き方"),
        ("intents.yaml", "howlong.{0,12}(keep", "howlong.{0,12}((keep", "正規表現"),
        ("intents.yaml", "  machine:", "  maschine:", "答え「maschine」が"),
        ("wordings.yaml", "  machine:", "  maschine:", "「maschine」という権利も"),
        ("wordings.yaml", "  - '(?:か|", "  - '((?:か|", "正規表現"),
        ("wordings.yaml", '- "ボットなの？"', '- "だれが見るの"', "machine と who_sees の両方"),
        ("rights.yaml", "who_sees:", "machine:", "二度書かれて"),
        ("staff.yaml", "    - ここからは、自動の返事です。{who}は席を離れました。\n", "", "3個以上"),
        ("erase.yaml", "{at}ごろに", "{when}ごろに", "差しこみは使えません"),
        ("memory.yaml", "  wrong: {plain", "  false: {plain", "false"),
        ("contacts.yaml", "instead_of: yorisoi", "instead_of: nobody", "「nobody」という連絡先"),
        ("contacts.yaml", "  areas: [岩手県, 宮城県, 福島県]\n", "", "areas"),
        ("scam.yaml", "[police, police_9110, consumer_188]", "[police_9110, police]", "昼も夜も出る"),
        ("scam.yaml", "[police, police_9110, consumer_188]", "[police, police_9111]", "「police_9111」という連絡先"),
        ("scam.yaml", "逮捕状.{0,12}(?:出て", "逮捕状.{0,12}((?:出て", "正規表現"),
        ("scam.yaml", "\n  reach:\n", "\n  reached:\n", "答え「reach」が"),
        ("languages.yaml", "    tell_name:", "    tell:", "tell_name"),
    ],
)
def test_a_wrong_file_is_refused_with_file_line_and_reason(
    tmp_path: Path, file: str, old: str, new: str, reason: str
) -> None:
    folder = copied(tmp_path)
    edit(folder / file, old, new)
    with pytest.raises(ContentError, match=rf"{file} \d+行目: ") as refused:
        load_content(folder)
    assert reason in str(refused.value)


def test_the_line_named_is_the_line_of_the_mistake(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    edit(folder / "desk.yaml", "zone: Asia/Tokyo", "zone: Nowhere")
    number = (folder / "desk.yaml").read_text("utf-8").splitlines().index("account: つなぐ") + 1
    edit(folder / "desk.yaml", "account: つなぐ", 'account: ""')
    with pytest.raises(ContentError, match=f"desk.yaml {number}行目: "):
        load_content(folder)


@pytest.mark.parametrize("text", ["", "\xff"])
def test_files_that_are_no_text_are_refused(tmp_path: Path, text: str) -> None:
    folder = copied(tmp_path)
    (folder / "desk.yaml").write_bytes(text.encode("latin-1"))
    with pytest.raises(ContentError, match=r"desk\.yaml"):
        load_content(folder)


def test_a_missing_file_or_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="読めません"):
        load_content(tmp_path)
    with pytest.raises(ContentError, match="フォルダーがありません"):
        load_content(overrides=tmp_path / "nowhere")
    (tmp_path / "greetings.yaml").write_text("a: b\n", "utf-8")
    with pytest.raises(ContentError, match=r"greetings\.yaml"):
        load_content(overrides=tmp_path)


def copied(tmp_path: Path) -> Path:
    return shutil.copytree(SHIPPED, tmp_path / "content")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
