"""Reading LINE's webhook events, tolerantly: LINE adds fields, values and kinds without notice.

Only the fields used are looked at, and each is checked. The SDK's parser is not used: it loses the sender and the
words of anything it does not know. Source: LINE reference «Webhook event objects».
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from dialogue.events import WordlessKind
from handlers.incoming import Follow, Incoming, NotForUs, Pressed, Said, TookBack, UnreadableEvent, What
from handlers.line import postback
from storage.outbox import ReplyToken

#: A token in a redelivered event works at most this long after the event itself.
TOKEN_LIFE = timedelta(minutes=20)

_WORDLESS = {kind.value: kind for kind in WordlessKind}
_UNUSED = frozenset(
    {"accountLink", "beacon", "membership", "videoPlayComplete", "messageEdited", "join", "leave", "memberJoined"}
    | {"memberLeft", "botSuspended", "botResumed", "activated", "deactivated", "module"}
)


def read_event(body: Any, *, received_at: datetime) -> Incoming:
    """Read one event. Raises UnreadableEvent naming the field that is missing or of the wrong kind."""
    event = _object(body, "event")
    kind = _text(event, "type")
    sent_at = _moment(event)
    source = event.get("source")
    address = source.get("userId") if isinstance(source, dict) else None
    if (reason := _not_for_us(event, kind, source)) is not None:
        return Incoming(address=None, sent_at=sent_at, what=reason)
    if not isinstance(address, str) or not address:
        raise UnreadableEvent("source.userId")
    what = _what(event, kind)
    return Incoming(address=address, sent_at=sent_at, what=what, token=_token(event, sent_at, received_at))


def _not_for_us(event: dict[str, Any], kind: str, source: Any) -> NotForUs | None:
    if event.get("mode", "active") != "active":
        return NotForUs(reason="standby")
    if isinstance(source, dict) and source.get("type") in {"group", "room"}:
        return NotForUs(reason="group")
    if kind in _UNUSED:
        return NotForUs(reason=f"unused: {kind}")
    if kind not in {"message", "follow", "unfollow", "postback", "unsend"}:
        return NotForUs(reason="unknown kind of event", known=False)
    return None


def _what(event: dict[str, Any], kind: str) -> What:
    match kind:
        case "message":
            return _said(_object(event.get("message"), "message"))
        case "follow":
            follow = event.get("follow")
            unblocked = isinstance(follow, dict) and follow.get("isUnblocked") is True
            return Follow.UNBLOCKED if unblocked else Follow.ARRIVED
        case "unfollow":
            return Follow.LEFT
        case "postback":
            action, argument = postback.decode(_text(_object(event.get("postback"), "postback"), "data"))
            return Pressed(action=action, argument=argument)
        case _:
            return TookBack(ref=_text(_object(event.get("unsend"), "unsend"), "messageId"))


def _said(message: dict[str, Any]) -> What:
    kind, ref = _text(message, "type"), _text(message, "id")
    if kind == "text":
        text = message.get("text")
        if not isinstance(text, str):
            raise UnreadableEvent("message.text")
        return Said(ref=ref, text=text)
    # A kind of message that LINE may add some day still comes from a person who wants to be heard.
    return Said(ref=ref, wordless=_WORDLESS.get(kind, WordlessKind.OTHER))


def _token(event: dict[str, Any], sent_at: datetime, received_at: datetime) -> ReplyToken | None:
    token = event.get("replyToken")
    if not isinstance(token, str) or not token or received_at - sent_at > TOKEN_LIFE:
        return None
    return ReplyToken(token=token, at=received_at)


def _moment(event: dict[str, Any]) -> datetime:
    value = event.get("timestamp")
    if isinstance(value, bool) or not isinstance(value, int):
        raise UnreadableEvent("timestamp")
    try:
        return datetime.fromtimestamp(value / 1000, tz=UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise UnreadableEvent("timestamp") from error


def _object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UnreadableEvent(name)
    return value


def _text(container: dict[str, Any], name: str) -> str:
    value = container.get(name)
    if not isinstance(value, str) or not value:
        raise UnreadableEvent(name)
    return value
