"""What the pages about telling staff work with, and what every page says when telling does not go as it should."""

from __future__ import annotations

from dataclasses import dataclass

from config.notices import NoticeWords
from handlers.mail import MailHealth


@dataclass(frozen=True, kw_only=True, slots=True)
class AlertWork:
    """`domain` is that of our mails' Message-IDs; `practice` the page that shows them in the simulator."""

    health: MailHealth
    words: NoticeWords
    domain: str
    practice: str | None = None

    def warnings(self) -> list[str]:
        """What whoever works here has to know now."""
        health, found = self.health, []
        if health.unanswered:
            found.append(f"知らせてもだれも開いていない緊急の相談が{health.unanswered}件あります。")
        if not health.configured:
            found.append("メールの設定がありません。緊急の知らせは、この画面を開いている人にしか届きません。")
            return found
        if health.unreachable:
            found.append("緊急を知らせるメールの宛先が一つもありません。管理者は「当番と知らせ」で入れてください。")
        if health.stuck:
            found.append(f"職員へのメールが{health.stuck}通、送れていません。続けて送ってみています。")
        if health.in_vain:
            found.append(f"この24時間に、届けられなかった職員へのメールが{health.in_vain}通あります。")
        return found
