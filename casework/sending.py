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


def told(
    state: str, *, tries: int, reason: str | None, by: str | None, unsure: bool = False, doubled: bool = False
) -> Told:
    """From the state of the letter (`storage.tables.OutboxState`), its tries and LINE's reason.

    `unsure`: LINE may have taken it without our hearing so. `doubled`: it may have arrived twice.
    """
    why = f"({_plain(reason)})" if reason else ""
    if state == "sent":
        return Told(stage=Stage.ACCEPTED, text=_taken(by, doubled=doubled))
    if state in _OVER:
        stage, text = _OVER[state]
        return Told(stage=stage, text=text.format(why=why) + (_PERHAPS if unsure else _NOT_THERE), again=True)
    if reason == QUOTA_REASON:
        return Told(stage=Stage.QUOTA, text="今月の送信数の上限に達しています。1時間ごとに試します")
    if not tries:
        return Told(stage=Stage.UNDER_WAY, text="送っています")
    sure = f"送れたか分かりません{why}。届いたかもしれません" if unsure else f"まだ送れていません{why}"
    return Told(stage=Stage.DELAYED, text=f"{sure}。自動でやり直しています")


def _taken(by: str | None, *, doubled: bool) -> str:
    if by == "room":
        return "部屋に置きました。LINEには中身は出ません。読まれたかは分かりません"
    way = "返信(無料)" if by == "reply" else "プッシュ(1通)"
    twice = "。同じものが二度届いたかもしれません" if doubled else ""
    return f"LINEが受け取りました。{way}。読まれたかは分かりません{twice}"


_NOT_THERE = "本人には届いていません"
#: Sending it again by hand may be the second time.
_PERHAPS = "前に試したときに、届いたかもしれません。もう一度送ると、二度届くことがあります"
_OVER = {
    "blocked": (Stage.BLOCKED, "本人がブロックしているため、送っていません。"),
    "expired": (Stage.EXPIRED, "時間内に送れませんでした。"),
    "failed": (Stage.FAILED, "送れませんでした{why}。"),
}


def _plain(reason: str) -> str:
    """LINE's reason in words."""
    if reason in _REASONS:
        return _REASONS[reason]
    status = reason.removeprefix("LINE answered ")
    if status.startswith("5"):
        return "LINEの障害"
    return "LINEから返事がない" if status == reason else f"LINEが受け付けない({status})"


_REASONS = {
    "LINE answered 400": "LINEが内容を受け付けない",
    "LINE answered 401": "LINEの鍵が合わない",
    "LINE answered 403": "LINEの鍵が合わない",
    "LINE answered 429": "LINEが混んでいる",
    "no connection": "LINEにつながらない",
    "the desk has no account": "この窓口のLINEの鍵がない",
}
