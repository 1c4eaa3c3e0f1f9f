"""Events on their way to the bot: signed, over real HTTP, with the irregularities LINE warns about.

https://developers.line.biz/en/docs/messaging-api/receiving-messages/
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import httpx

from bot.simulator import events
from bot.simulator.core import KEPT, Core
from bot.simulator.model import Json
from bot.simulator.tokens import ReplyTokens

# LINE waits this long for an answer to a webhook.
ANSWER_WITHIN = 2.0


class Reason(StrEnum):
    """LINE's own names for what can go wrong (docs/messaging-api/check-webhook-error-statistics)."""

    OK = "ok"
    COULD_NOT_CONNECT = "could_not_connect"
    REQUEST_TIMEOUT = "request_timeout"
    ERROR_STATUS_CODE = "error_status_code"
    UNCLASSIFIED = "unclassified"
    NO_WEBHOOK_URL = "no_webhook_url"


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One POST to the bot and how it was answered. `status` is 0 when there was no answer."""

    events: tuple[Json, ...]
    reason: Reason
    status: int
    at: datetime
    redelivery: bool = False


@dataclass(kw_only=True, slots=True)
class WebhookFaults:
    """Irregularities, all off at first. LINE discloses neither count nor interval of redelivery: ours are short."""

    copies: int = 0
    reorder: bool = False
    reorder_within: float = 0.3
    redelivery: bool = False
    redelivery_after: float = 1.0
    redelivery_tries: int = 3
    wrong_signatures: int = 0


def signature(secret: str, raw: bytes) -> str:
    """https://developers.line.biz/en/docs/messaging-api/verify-webhook-signature/"""
    return base64.b64encode(hmac.new(secret.encode(), raw, hashlib.sha256).digest()).decode()


Batch = tuple[Json, ...]


class WebhookSender:
    """One POST for one event, those of one resident in order. Before `running()` events wait."""

    def __init__(self, core: Core, secret: str, url: str, destination: str, tokens: ReplyTokens) -> None:
        self._core = core
        self._secret = secret
        self._tokens = tokens
        self._waiting: list[Batch] = []
        self._held: list[Batch] = []
        self._tails: dict[str, asyncio.Task[None]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: httpx.AsyncClient | None = None
        self.url = url
        self.active = True
        self.destination = destination
        self.answer_within = ANSWER_WITHIN
        self.faults = WebhookFaults()
        self.deliveries: deque[Delivery] = deque(maxlen=KEPT)
        self.in_flight = 0
        self.on_answered: Callable[[Batch], None] | None = None

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        # The bot is on this machine: a proxy from the environment must not come between.
        async with httpx.AsyncClient(trust_env=False, limits=httpx.Limits(max_connections=200)) as client:
            with self._core.lock:
                self._client, self._loop = client, asyncio.get_running_loop()
                waiting, self._waiting = self._waiting, []
            for batch in waiting:
                self._start(batch)
            try:
                yield
            finally:
                with self._core.lock:
                    self._client = self._loop = None
                for task in tuple(self._tasks):
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)
                self._tails.clear()
                self.in_flight = 0

    def submit(self, batch: Batch) -> None:
        """Hand events over, from any thread. With the webhook switched off, LINE drops them."""
        with self._core.lock:
            if not self.active:
                return
            self.in_flight += 1
            if self._loop is None:
                self._waiting.append(batch)
            else:
                self._loop.call_soon_threadsafe(self._start, batch)

    def _start(self, batch: Batch) -> None:
        if self.faults.reorder:
            self._hold(batch)
            return
        chain = batch[0].get("source", {}).get("userId", "") if batch else ""
        before = self._tails.get(chain)
        self._tails[chain] = self._spawn(self._send_after(before, batch))

    def _hold(self, batch: Batch) -> None:
        """Keep an event back until the next one, which then overtakes it, or for a moment."""
        self._held.append(batch)
        if len(self._held) > 1:
            self._release()
        else:
            asyncio.get_running_loop().call_later(self.faults.reorder_within, self._release)

    def _release(self) -> None:
        held, self._held = self._held[::-1], []
        if held and self._loop is not None:
            self._spawn(self._send_in_turn(held))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _send_after(self, before: asyncio.Task[None] | None, batch: Batch) -> None:
        if before is not None:
            await asyncio.wait({before})
        await self._send_in_turn([batch])

    async def _send_in_turn(self, batches: list[Batch]) -> None:
        for batch in batches:
            try:
                for _ in range(1 + self.faults.copies):
                    delivery = await self._post(batch, redelivery=False)
            finally:
                with self._core.lock:
                    self.in_flight -= 1
                    self._core.touch()
            if delivery.reason is not Reason.OK and self.faults.redelivery:
                self._spawn(self._redeliver(batch))

    async def _redeliver(self, batch: Batch) -> None:
        marked = tuple(events.again(event) for event in batch)
        for _ in range(self.faults.redelivery_tries):
            await asyncio.sleep(self.faults.redelivery_after)
            if (await self._post(marked, redelivery=True)).reason is Reason.OK:
                return

    async def _post(self, batch: Batch, *, redelivery: bool) -> Delivery:
        raw = events.body(self.destination, batch)
        with self._core.lock:
            at = self._core.now()
            for event in batch:
                self._tokens.delivered(event.get("replyToken", ""), at)
        reason, status = await self._request(self.url, raw)
        delivery = Delivery(events=batch, reason=reason, status=status, at=at, redelivery=redelivery)
        with self._core.lock:
            self.deliveries.append(delivery)
            if reason is Reason.OK and self.on_answered is not None:
                self.on_answered(batch)
            self._core.touch()
        return delivery

    async def _request(self, url: str, raw: bytes) -> tuple[Reason, int]:
        client = self._client
        if client is None or not url:
            return Reason.NO_WEBHOOK_URL, 0
        headers = {
            "content-type": "application/json; charset=utf-8",
            "user-agent": "LineBotWebhook/2.0",
            "x-line-signature": self._sign(raw),
        }
        try:
            answer = await client.post(url, content=raw, headers=headers, timeout=self.answer_within)
        except httpx.ConnectError:
            return Reason.COULD_NOT_CONNECT, 0
        except httpx.TimeoutException:
            return Reason.REQUEST_TIMEOUT, 0
        except (httpx.HTTPError, httpx.InvalidURL):
            return Reason.UNCLASSIFIED, 0
        return (Reason.OK if answer.is_success else Reason.ERROR_STATUS_CODE), answer.status_code

    def _sign(self, raw: bytes) -> str:
        with self._core.lock:
            if self.faults.wrong_signatures > 0:
                self.faults.wrong_signatures -= 1
                return signature(f"not {self._secret}", raw)
        return signature(self._secret, raw)

    async def test(self, url: str) -> tuple[Reason, int]:
        """What the console's 検証 button does: a signed body without events."""
        return await self._request(url, events.body(self.destination, ()))
