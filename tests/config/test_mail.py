"""Mail addresses, the sender, the server and the words: read strictly."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.content import load_content
from config.contents.reading import ContentError
from config.mail import MailServer, Sender, is_address, read_sender, read_server
from config.notices import FILE, notice_words


@pytest.mark.parametrize("text", ["a@b.example", "taro.yamada+desk@city.shakyo.or.jp", "a_b-c@x-y.example"])
def test_a_plain_address_is_taken(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a@b",
        "@b.example",
        "a@b.example\n",
        "a@b.example\r\nBcc: c@d.example",
        "a b@c.example",
        "a@b.example,c@d.example",
        "山@b.example",
        "a@山.example",
        "<a@b.example>",
        '"a b"@c.example',
        "a..b@c.example",
        ".a@c.example",
        "a@-b.example",
        "a@b..example",
        "a" * 65 + "@b.example",
        "a@" + "b." * 130 + "example",
        "a\u202eb@c.example",
        "a\x00@c.example",
    ],
)
def test_anything_else_is_none(text: str) -> None:
    assert not is_address(text)


@given(st.text(max_size=80))
def test_whatever_is_an_address_is_one_word_of_ascii(text: str) -> None:
    if is_address(text):
        assert text.isascii()
        assert text.split() == [text]
        assert not set(text) & set('<>,;:"()[]\\\r\n')


def test_the_sender_has_an_address_and_perhaps_a_name() -> None:
    assert read_sender("つなぐ <a@b.example>") == Sender(address="a@b.example", name="つなぐ")
    assert read_sender("a@b.example").domain == "b.example"


@pytest.mark.parametrize(
    "text", ["つなぐ", "つなぐ a@b.example", "a@b.example\nX: y", "つなぐ\r\n <a@b.example>", "a@b"]
)
def test_a_sender_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_sender(text)


def test_the_server_and_how_it_is_spoken_to() -> None:
    assert read_server("smtps://u:p%40%2Fw@mail.example") == MailServer(
        host="mail.example", port=465, tls=True, user="u", password="p@/w"
    )
    assert read_server("smtp://mail.example").port == 587
    assert read_server("smtp://u:p@mail.example").must_encrypt
    assert not read_server("smtp://mail.example:25").must_encrypt
    assert not read_server("smtp://u:p@127.0.0.1:25").must_encrypt


@pytest.mark.parametrize(
    "url", ["http://mail.example", "smtp://", "mail.example", "smtp://u@mail.example", "smtp://h/path", "smtp://h:x"]
)
def test_a_server_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        read_server(url)


def changed(folder: Path, before: str, after: str) -> Path:
    text = FILE.read_text(encoding="utf-8")
    assert before in text
    path = folder / "notices.yaml"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("({number})", "({alias})"),
        ("{to: on_call, after_minutes: 0}", "{to: everybody, after_minutes: 0}"),
        ("after_minutes: 10}", "after_minutes: 30}"),
        ("{to: area, after_minutes: 0}", "{to: area, after_minutes: 5}"),
        ("  watch:\n", "  look:\n"),
        ("urgent: 12", "urgent: 0"),
        ("subject: 【{account}】緊急の相談があります({number})", 'subject: "a\\nBcc: b@c.example"'),
    ],
)
def test_words_that_cannot_be_used_are_refused_with_file_and_line(tmp_path: Path, before: str, after: str) -> None:
    with pytest.raises(ContentError, match=r"notices\.yaml"):
        notice_words(changed(tmp_path, before, after))


def test_only_who_comes_after_somebody_hears_that_nobody_looked() -> None:
    words = notice_words()
    assert words.words("urgent", 0, 15) == words.words("urgent", 2, 0) == words.mails["urgent"]
    assert words.words("urgent", 1, 10) == words.escalated["urgent"]
    assert words.words("watch", 1, 10) == words.escalated["calm"]


def test_the_mails_of_the_shipped_words_name_nothing_of_a_resident() -> None:
    words = notice_words()
    for mail in (*words.mails.values(), *words.escalated.values()):
        for place in ("alias", "area", "tags", "name", "words"):
            assert f"{{{place}}}" not in mail.subject + mail.text


def test_a_desk_has_steps_and_words_of_its_own(tmp_path: Path) -> None:
    own = "again_minutes: 5\nurgent:\n  - {to: desk, after_minutes: 0}\n"
    (tmp_path / "notices.yaml").write_text(own, encoding="utf-8")
    desk, shipped = load_content(overrides=tmp_path).notices, load_content().notices
    assert [step.to for step in desk.urgent] == ["desk"]
    assert (desk.again_minutes, shipped.again_minutes) == (5, 30)
    assert desk.mails == shipped.mails
    assert load_content(overrides=tmp_path).version != load_content().version
