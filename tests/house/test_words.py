"""Every sentence a resident can read keeps the rules of wording: `make check` says which does not, and why."""

from __future__ import annotations

from config.content import load_content
from config.contents.wording import problems


def test_no_sentence_breaks_a_rule_of_wording() -> None:
    assert list(problems(load_content())) == []
