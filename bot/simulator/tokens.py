"""Reply tokens and retry keys: what may be used once, and how long.

https://developers.line.biz/en/reference/messaging-api/#send-reply-message-reply-token
https://developers.line.biz/en/docs/messaging-api/retrying-api-request/
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.simulator.model import Json

REPLY_TOKEN_LIFE = timedelta(seconds=60)
# However often an event is delivered again, its token ends twenty minutes after the event.
REPLY_TOKEN_CAP = timedelta(minutes=20)
RETRY_KEY_LIFE = timedelta(hours=24)
# How many are kept before those that have run out are thrown away.
_SWEEP = 50_000
_HEX_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Token:
    user_id: str
    event_at: datetime
    delivered_at: datetime
    used: bool = False


class ReplyTokens:
    def __init__(self) -> None:
        self._tokens: dict[str, _Token] = {}

    def issue(self, token: str, user_id: str, at: datetime) -> None:
        if len(self._tokens) >= _SWEEP:
            self._tokens = {name: kept for name, kept in self._tokens.items() if at < kept.event_at + REPLY_TOKEN_CAP}
        self._tokens[token] = _Token(user_id=user_id, event_at=at, delivered_at=at)

    def delivered(self, token: str, at: datetime) -> None:
        """The minute runs from the webhook, and anew from each redelivery."""
        if token in self._tokens:
            self._tokens[token] = replace(self._tokens[token], delivered_at=at)

    def use(self, token: str, now: datetime) -> str | None:
        """The user the token answers, once; None when it is unknown, used or too old."""
        known = self._tokens.get(token)
        if known is None or known.used:
            return None
        if now > known.delivered_at + REPLY_TOKEN_LIFE or now > known.event_at + REPLY_TOKEN_CAP:
            return None
        self._tokens[token] = replace(known, used=True)
        return known.user_id


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """A push that was taken: what a second try with the same key is told."""

    request_id: str
    sent: tuple[Json, ...]
    at: datetime


class RetryKeys:
    def __init__(self) -> None:
        self._keys: dict[str, Accepted] = {}

    @staticmethod
    def well_formed(key: str) -> bool:
        return _HEX_UUID.fullmatch(key) is not None

    def accepted(self, key: str, now: datetime) -> Accepted | None:
        known = self._keys.get(key.lower())
        return known if known is not None and now < known.at + RETRY_KEY_LIFE else None

    def remember(self, key: str, accepted: Accepted) -> None:
        if len(self._keys) >= _SWEEP:
            self._keys = {name: kept for name, kept in self._keys.items() if accepted.at < kept.at + RETRY_KEY_LIFE}
        self._keys[key.lower()] = accepted
