"""Webhook events, made the way LINE makes them.

https://developers.line.biz/en/reference/messaging-api/#webhook-event-objects
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from bot.simulator.ids import Ids, milliseconds
from bot.simulator.model import Json


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """What every event of one moment has in common. No `reply_token`: standby mode, unfollow, unsend."""

    user_id: str
    at: datetime
    reply_token: str | None = None
    standby: bool = False


def event(kind: str, origin: Origin, ids: Ids, **content: Json) -> Json:
    made: Json = {
        "type": kind,
        **content,
        "webhookEventId": ids.ulid(origin.at),
        "deliveryContext": {"isRedelivery": False},
        "timestamp": milliseconds(origin.at),
        "source": {"type": "user", "userId": origin.user_id},
        "mode": "standby" if origin.standby else "active",
    }
    if origin.reply_token is not None:
        made["replyToken"] = origin.reply_token
    return made


def again(known: Json) -> Json:
    """The same event, redelivered: only this one mark differs."""
    return {**known, "deliveryContext": {"isRedelivery": True}}


def text(ids: Ids, words: str) -> Json:
    return {**_readable("text", ids), "text": words, "quoteToken": ids.token(88)}


def sticker(ids: Ids, package_id: str, sticker_id: str, keywords: tuple[str, ...]) -> Json:
    made = {
        **_readable("sticker", ids),
        "packageId": package_id,
        "stickerId": sticker_id,
        "stickerResourceType": "STATIC",
        "quoteToken": ids.token(88),
    }
    return {**made, "keywords": list(keywords[:15])} if keywords else made


def media(ids: Ids, kind: str) -> Json:
    """An image, video, audio or file. Only images and videos can be quoted, so only they carry the token."""
    made = _readable(kind, ids)
    if kind == "file":
        return {**made, "fileName": "shiryo.pdf", "fileSize": 20480}
    made["contentProvider"] = {"type": "line"}
    if kind in ("image", "video"):
        made["quoteToken"] = ids.token(88)
    if kind in ("video", "audio"):
        made["duration"] = 5000
    return made


def location(ids: Ids, title: str, address: str, latitude: float, longitude: float) -> Json:
    return {
        **_readable("location", ids),
        "title": title,
        "address": address,
        "latitude": latitude,
        "longitude": longitude,
    }


def _readable(kind: str, ids: Ids) -> Json:
    return {"type": kind, "id": ids.message(), "markAsReadToken": ids.token(128)}


def body(destination: str, events: tuple[Json, ...]) -> bytes:
    """The raw body that is signed. A lone surrogate has no UTF-8, so it goes out escaped."""
    content = {"destination": destination, "events": list(events)}
    try:
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        return json.dumps(content, separators=(",", ":")).encode()
