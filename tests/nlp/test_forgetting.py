"""What somebody wrote is not kept by the listener: who has their words erased must not stay in a cache."""

from __future__ import annotations

import sys

from nlp import Listener

#: They keep single words, single letters, numbers, or what stands in the lexicon.
HARMLESS = {"_word_name", "_in_japanese", "distances", "_label_name", "_steps"}


def _kept() -> dict[str, int]:
    """How much each cache of the package holds."""
    modules = [module for name, module in sys.modules.items() if name.partition(".")[0] == "nlp"]
    functions = [(name, found) for module in modules for name, found in vars(module).items()]
    return {name: found.cache_info().currsize for name, found in functions if hasattr(found, "cache_info")}


def test_no_cache_keeps_a_message(listener: Listener) -> None:
    for text in (
        "my husband hits me",
        "chồng đánh em",
        "我丈夫打我",
        "okane ga nai",
        "남편이 때려요",
        "家賃が払えない",
    ):
        listener.hear(text)
    before = _kept()
    assert before.keys() >= HARMLESS
    for text in (
        "my name is Maria Tanaka and my boss keeps my passport",
        "tên em là Trần Thị Hoa, chồng đánh em mỗi tối",
        "我叫王小明，我丈夫每天打我",
        "tanaka maria desu. okane ga nai, tabemono mo nai",
        "제 이름은 김민수입니다. 남편이 매일 때려요",
        "田中真理亜",
        "田中真理亜です。家賃が二か月払えていません",
    ):
        listener.hear(text)
    grown = {name for name, size in _kept().items() if size > before.get(name, 0)}
    assert grown <= HARMLESS
