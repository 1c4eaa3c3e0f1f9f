"""Webhook requests as LINE sends them, signed and ready to be written to a socket."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

#: Not secrets: only processes of one run know them.
SECRET = "0123456789abcdef" * 2
TOKEN = "bench-channel-access-token"
BOT = f"U{0xB07:032x}"
PATH = "/line/default/webhook"

_CORPUS = Path(__file__).resolve().parent.parent / "nlp" / "corpus" / "train"
_NUMBER = itertools.count(1)


@cache
def messages() -> tuple[str, ...]:
    """What residents write: the training corpus, in a fixed mixed order."""
    texts = []
    for path in sorted(_CORPUS.glob("*.jsonl")):
        rows = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
        texts += [row["text"] for row in rows if "text" in row]
    return tuple(sorted(texts, key=lambda text: hashlib.sha256(text.encode()).digest()))


def user(number: int) -> str:
    return f"U{number:032x}"


def text_event(user_id: str, text: str, reply_token: str) -> dict[str, Any]:
    """One message event with everything LINE puts into it. Every event has an id of its own."""
    number = next(_NUMBER)
    return {
        "type": "message",
        "message": {
            "type": "text",
            "id": str(500_000_000_000_000_000 + number),
            "markAsReadToken": "m" * 128,
            "quoteToken": "q" * 88,
            "text": text,
        },
        "webhookEventId": f"01BENCH{number:019d}",
        "deliveryContext": {"isRedelivery": False},
        "timestamp": int(time.time() * 1000),
        "source": {"type": "user", "userId": user_id},
        "mode": "active",
        "replyToken": reply_token,
    }


def body_of(*events: dict[str, Any]) -> bytes:
    return json.dumps({"destination": BOT, "events": events}, ensure_ascii=False, separators=(",", ":")).encode()


def signature_of(body: bytes) -> str:
    return base64.b64encode(hmac.digest(SECRET.encode(), body, hashlib.sha256)).decode()


def request_of(*events: dict[str, Any]) -> bytes:
    """The whole HTTP request for one delivery."""
    body = body_of(*events)
    head = (
        f"POST {PATH} HTTP/1.1\r\nhost: bot\r\nuser-agent: LineBotWebhook/2.0\r\n"
        f"content-type: application/json; charset=utf-8\r\nx-line-signature: {signature_of(body)}\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def many_requests(count: int, users: int) -> Iterator[bytes]:
    """One event each, from many residents in turn."""
    texts: Sequence[str] = messages()
    for number in range(count):
        yield request_of(text_event(user(number % users + 1), texts[number % len(texts)], f"token{number:027d}"))
