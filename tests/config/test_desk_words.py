"""A desk's own rules of work, forms, menu and private page lie over the shipped ones, like all its words."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.content import Content, load_content
from config.contents.reading import ContentError

SHIPPED = load_content()


def laid_over(folder: Path, **files: str) -> Content:
    (folder / "sheets").mkdir()
    for name, text in files.items():
        (folder / f"{name.replace('__', '/')}.yaml").write_text(text, encoding="utf-8")
    return load_content(overrides=folder)


def test_rules_of_work_differ_where_the_desk_says_so(tmp_path: Path) -> None:
    own = laid_over(tmp_path, casework='assigns: true\nurgent_minutes: "10"\nglass_on_call: true\n')
    assert (own.casework.assigns, own.casework.urgent_minutes, own.casework.glass_on_call) == (True, 10, True)
    assert own.casework.phrases == SHIPPED.casework.phrases
    assert (SHIPPED.casework.assigns, SHIPPED.casework.glass_on_call) == (False, False)


def test_terms_of_a_sheet_are_the_desks_own(tmp_path: Path) -> None:
    own = laid_over(tmp_path, sheets__tsunagu='terms: {receive_workdays: "5", reply_days: "14"}\n')
    assert (own.forms["tsunagu"].terms.receive_workdays, own.forms["tsunagu"].terms.reply_days) == (5, 14)
    assert (SHIPPED.forms["tsunagu"].terms.receive_workdays, SHIPPED.forms["tsunagu"].terms.reply_days) == (2, 7)
    assert not own.same_as(SHIPPED)


def test_menu_and_private_page_are_the_desks_own(tmp_path: Path) -> None:
    own = laid_over(tmp_path, richmenu="bar: きたのメニュー\n", private_page="ja: {save: ほぞん}\n")
    assert own.richmenu.bar == "きたのメニュー"
    assert own.richmenu.cells == SHIPPED.richmenu.cells
    assert own.private_page.ja.save == "ほぞん"
    assert own.private_page.easy == SHIPPED.private_page.easy


def test_the_same_words_are_the_same_however_often_they_are_read(tmp_path: Path) -> None:
    assert SHIPPED.same_as(load_content())
    assert not laid_over(tmp_path, casework="second_person: true\n").same_as(SHIPPED)


@pytest.mark.parametrize("name", ["casework", "richmenu", "private_page", "sheets__tsunagu"])
def test_what_is_not_known_is_refused_with_file_and_line(name: str, tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=rf"{name.rsplit('__', maxsplit=1)[-1]}\.yaml 1行目"):
        laid_over(tmp_path, **{name: "mistaken: 1\n"})
