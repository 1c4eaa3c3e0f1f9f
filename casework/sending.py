"""How the delivery of a message is told, honestly: that LINE took it is not that anybody has read it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """Where a message stands, as staff need to know it."""

    UNDER_WAY = "under_way"
    DELAYED = "delayed"
    ACCEPTED = "accepted"
    BLOCKED = "blocked"
    QUOTA = "quota"
    EXPIRED = "expired"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What is said of a delivery; `again` whether it can be sent once more."""

    stage: Stage
    text: str
    again: bool = False


QUOTA_REASON = "monthly quota reached"


def told(state: str, *, tries: int, reason: str | None, by: str | None) -> Told:
    """From the state of the letter (`storage.tables.OutboxState`), its tries and LINE's reason."""
    why = f"({_plain(reason)})" if reason else ""
    if state == "sent" and by == "room":
        return Told(stage=Stage.ACCEPTED, text="部屋に置きました。LINEには中身は出ません。読まれたかは分かりません")
    if state == "sent":
        way = "返信(無料)" if by == "reply" else "プッシュ(1通)"
        return Told(stage=Stage.ACCEPTED, text=f"LINEが受け取りました。{way}。読まれたかは分かりません")
    if state in _OVER:
        stage, text = _OVER[state]
        return Told(stage=stage, text=text.format(why=why), again=True)
    if reason == QUOTA_REASON:
        return Told(stage=Stage.QUOTA, text="今月の送信数の上限に達しています。1時間ごとに試します")
    if tries:
        return Told(stage=Stage.DELAYED, text=f"まだ送れていません{why}。自動でやり直しています")
    return Told(stage=Stage.UNDER_WAY, text="送っています")


_OVER = {
    "blocked": (Stage.BLOCKED, "本人がブロックしているため、送っていません"),
    "expired": (Stage.EXPIRED, "時間内に送れませんでした。本人には届いていません"),
    "failed": (Stage.FAILED, "送れませんでした{why}。本人には届いていません"),
}


def _plain(reason: str | None) -> str:
    """LINE's reason in words."""
    return {
        "LINE answered 400": "LINEが内容を受け付けない",
        "LINE answered 401": "LINEの鍵が合わない",
        "LINE answered 403": "LINEの鍵が合わない",
        "LINE answered 429": "LINEが混んでいる",
        "LINE answered 500": "LINEの障害",
        "no connection": "LINEにつながらない",
    }.get(reason or "", reason or "")
