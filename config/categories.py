"""The 25 categories in the words of staff: label, meaning, and where each belongs on the sheets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import TypeAdapter

FILE = Path(__file__).parent / "content" / "categories.yaml"

# The divisions of the 相談受付・申込票 (A票).
Topic = Literal[
    "病気や健康、障害のこと",
    "住まいについて",
    "収入・生活費のこと",
    "家賃やローンの支払いのこと",
    "税金や公共料金等の支払いについて",
    "債務について",
    "仕事探し、就職について",
    "仕事上の不安やトラブル",
    "地域との関係について",
    "家族との関係について",
    "子育てのこと",
    "介護のこと",
    "ひきこもり・不登校",
    "DV・虐待",
    "食べるものがない",
    "その他",
]

# 課題と背景要因 of the assessment sheet, then what this program adds for the 重層 sheets.
Factor = Literal[
    "病気",
    "けが",
    "障害（手帳有）",
    "障害（疑い）",
    "自死企図",
    "その他メンタルヘルスの課題",
    "住まい不安定",
    "ホームレス",
    "経済的困窮",
    "（多重・過重）債務",
    "家計管理の課題",
    "就職活動困難",
    "就職定着困難",
    "生活習慣の乱れ",
    "社会的孤立（ニート・ひきこもりなどを含む）",
    "家族関係・家族の問題",
    "不登校",
    "非行",
    "中卒・高校中退",
    "ひとり親",
    "DV・虐待",
    "外国籍",
    "刑余者",
    "コミュニケーションが苦手",
    "本人の能力の課題（識字・言語・理解等）",
    "被災",
    "その他",
    "介護",
    "子育て",
    "ダブルケア",
    "ヤングケアラー",
    "8050",
    "ごみ屋敷・住環境の悪化",
    "近所トラブル",
    "支援拒否",
    "制度切替（18・40・65歳）",
]


@dataclass(frozen=True, kw_only=True)
class Category:
    """A category: its Japanese label, one line of meaning, and its places on the sheets (the first fits best)."""

    label: str
    meaning: str
    topics: tuple[Topic, ...]
    factors: tuple[Factor, ...]


@lru_cache(maxsize=1)
def categories() -> dict[str, Category]:
    """All categories by id, in the order of the file. Raises pydantic's ValidationError on a wrong file."""
    raw = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return TypeAdapter(dict[str, Category]).validate_python(raw)
