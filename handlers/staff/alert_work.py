"""What the pages about telling staff work with, and what every page says when telling does not go as it should."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from config.notices import NoticeWords
from handlers.mail import MailHealth


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertWork:
    """`domain` is that of our mails' Message-IDs; `practice` the page that shows them in the simulator."""

    health: MailHealth
    words: Mapping[str, NoticeWords]
    domain: str
    practice: str | None = None
    #: Desks of the file that are not as the file has them, and why; under no name: the file itself.
    refused: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def warnings(self, desks: Collection[str] | None = None) -> list[str]:
        """What whoever works at these desks (None: at all) has to know now. Who can open nothing is told of nothing."""
        health = self.health
        found = list(dict.fromkeys(_refused(name, own=desks is None or name in desks) for name in self.refused))
        if unseen := _of(desks, health.unanswered):
            found.append(f"知らせてもだれも開いていない緊急の相談が{unseen}件あります。")
        if not health.configured:
            found.append("メールの設定がありません。緊急の知らせは、この画面を開いている人にしか届きません。")
            return found
        if any(desks is None or desk in desks for desk in health.unreachable):
            found.append("緊急を知らせるメールの宛先が一つもありません。管理者は「当番と知らせ」で入れてください。")
        if stuck := _of(desks, health.stuck):
            found.append(f"職員へのメールが{stuck}通、送れていません。続けて送ってみています。")
        if in_vain := _of(desks, health.in_vain):
            found.append(f"この24時間に、届けられなかった職員へのメールが{in_vain}通あります。")
        return found


def _of(desks: Collection[str] | None, counts: Mapping[str, int]) -> int:
    return sum(count for desk, count in counts.items() if desks is None or desk in desks)


def _refused(desk: str, *, own: bool) -> str:
    # What another desk is called is theirs.
    named = f"窓口「{desk[:40]}」の設定" if own else "新しい窓口、またはほかの窓口の設定"
    where = named if desk else "窓口の設定ファイル"
    return f"{where}に誤りがあり、読み込めていません。管理者は「tsunagu doctor」で確かめてください。"
