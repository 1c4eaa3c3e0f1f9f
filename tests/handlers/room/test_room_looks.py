"""How a page looks: what a cookie keeps, what a form says, what a browser asks for."""

from __future__ import annotations

import pytest

from handlers.room.looks import Look


@pytest.mark.parametrize("easy", [True, False, None])
@pytest.mark.parametrize("language", ["ja", "en", "ne"])
def test_a_look_comes_back_from_its_cookie(language: str, easy: bool | None) -> None:
    look = Look(language=language, ruby=True, large=False, easy=easy)
    assert Look.read(look.cookie()) == look


@pytest.mark.parametrize("broken", ["", "xx.r1.l1.e1", "ja.r2.l0.e-", "<script>", "ja.r1.l1.e1\n", None])
def test_what_is_no_look_is_none(broken: str | None) -> None:
    assert Look.read(broken).language == "ja"
    assert "script" not in Look.read(broken).cookie()


@pytest.mark.parametrize(
    ("accepts", "language"),
    [
        ("ja", "ja"),
        ("vi-VN,vi;q=0.9,en;q=0.8", "vi"),
        ("de-DE,en-US;q=0.8", "en"),
        ("fil-PH,fil;q=0.9", "tl"),
        ("fi-FI", "ja"),
        ("de", "ja"),
        ("en;q=0.1, ja", "en"),
        (";;;,,", "ja"),
        ("", "ja"),
    ],
)
def test_without_a_choice_the_browser_s_language_counts(accepts: str, language: str) -> None:
    assert Look.read(None, accepts).language == language


def test_a_form_says_what_is_ticked() -> None:
    assert Look.chosen({"language": "ko", "ruby": "on"}) == Look(language="ko", ruby=True, large=False, easy=False)
    assert Look.chosen({"language": "../../etc", "easy": "on"}) == Look(easy=True)


@pytest.mark.parametrize(
    ("look", "easily"),
    [
        (Look(), None),
        (Look(language="ne"), None),
        (Look(easy=False), False),
        (Look(easy=True), True),
        (Look(language="ne", easy=False), True),
    ],
)
def test_who_chose_another_language_is_spoken_to_in_easy_japanese(look: Look, easily: bool | None) -> None:
    assert look.spoken_easily is easily
