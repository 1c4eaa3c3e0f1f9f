"""The phones of the town: what LINE would send for them, and a LINE that takes everything and sends nothing."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from handlers.line.client import LineClient
from handlers.line.delivery_rules import Answer, Outcome
from handlers.quota import Quota


class Phones(LineClient):
    """Stands where LINE stands, without any connection: it only remembers which buttons each phone shows.

    The parent's constructor is left out on purpose. It would open a client, and with none nothing can be sent.
    """

    def __init__(self) -> None:
        self._shown: dict[str, list[dict[str, Any]]] = {}
        self._holders: dict[str, str] = {}
        self.taken = 0

    def token_for(self, address: str, number: int) -> str:
        """A reply token for a phone."""
        token = f"demo-{number}"
        self._holders[token] = address
        return token

    async def reply(self, token: str, messages: Sequence[dict[str, Any]]) -> Answer:
        """Take an answer to a token of ours."""
        return self._take(self._holders.pop(token), messages)

    async def push(self, to: str, messages: Sequence[dict[str, Any]], *, retry_key: UUID) -> Answer:
        """Take a message."""
        return self._take(to, messages)

    async def quota_of(self, _desk_id: str) -> Quota:
        """Nothing is sent, so nothing is used up."""
        return Quota(limit=None, used=0)

    def _take(self, address: str, messages: Sequence[dict[str, Any]]) -> Answer:
        items = messages[-1].get("quickReply", {}).get("items", [])
        self._shown[address] = [item["action"] for item in items]
        self.taken += 1
        return Answer(outcome=Outcome.ACCEPTED)

    def data_of(self, address: str, label: str) -> str | None:
        """What a button that a phone shows now carries; None when it shows no such button."""
        return next((str(action["data"]) for action in self._shown.get(address, []) if action["label"] == label), None)


class Events:
    """Makes webhook events as LINE does (LINE reference «Webhook event objects»)."""

    def __init__(self, phones: Phones, seed: int) -> None:
        self._phones = phones
        self._chance = random.Random(seed)  # noqa: S311 - addresses of people who do not exist
        self._addresses: dict[int, str] = {}
        self._last_said: dict[int, str] = {}
        self._number = 0

    def address(self, person: int) -> str:
        """The LINE id of a person of the town."""
        return self._addresses.setdefault(person, f"U{self._chance.getrandbits(128):032x}")

    def shows(self, person: int, label: str) -> bool:
        """Whether somebody has this button before them."""
        return self._phones.data_of(self.address(person), label) is not None

    def make(self, person: int, what: str, given: Mapping[str, str], at: datetime) -> dict[str, Any]:
        """What LINE sends when a person does this."""
        self._number += 1
        address = self.address(person)
        event = {
            "mode": "active",
            "timestamp": int(at.timestamp() * 1000),
            "source": {"type": "user", "userId": address},
            "webhookEventId": f"demo{self._number:06}",
            "deliveryContext": {"isRedelivery": False},
        }
        if what not in {"block", "unsend"}:
            event["replyToken"] = self._phones.token_for(address, self._number)
        return event | self._content(person, address, what, given)

    def _content(self, person: int, address: str, what: str, given: Mapping[str, str]) -> dict[str, Any]:
        match what:
            case "says":
                self._last_said[person] = message_id = f"demo{self._number}"
                return {"type": "message", "message": {"type": "text", "id": message_id, "text": given["words"]}}
            case "press":
                return {"type": "postback", "postback": {"data": self._phones.data_of(address, given["label"])}}
            case "follow":
                return {"type": "follow", "follow": {"isUnblocked": False}}
            case "block":
                return {"type": "unfollow"}
            case "unsend":
                return {"type": "unsend", "unsend": {"messageId": self._last_said[person]}}
            case "sticker":
                return {"type": "message", "message": {"type": "sticker", "id": f"demo{self._number}"}}
        raise ValueError(what)
