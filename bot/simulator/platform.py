"""The simulated platform: residents, their talks, the bot's channel, and everything LINE would refuse.

Nothing here opens a connection by itself; `running()` does, for the webhooks. Times come from `clock`, ids from `seed`.
"""

from __future__ import annotations

import asyncio
import hmac
from collections import Counter, deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.simulator.core import KEPT, Clock, Core, system_clock
from bot.simulator.faults import Faults
from bot.simulator.quota import Quota
from bot.simulator.residents import Residents
from bot.simulator.richmenus import RichMenus
from bot.simulator.sending import Sending
from bot.simulator.settings import PlatformSettings
from bot.simulator.tokens import ReplyTokens
from bot.simulator.webhook import WebhookSender


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiRequest:
    """One request of the bot and what became of it. `accepted` tells whether it took effect, whatever was answered."""

    method: str
    path: str
    body: Any
    headers: Mapping[str, str]
    at: datetime
    status: int
    accepted: bool
    request_id: str
    fault: str = ""


class Platform:
    """One LINE Official Account and the people who write to it."""

    def __init__(self, settings: PlatformSettings, *, clock: Clock = system_clock, seed: int | None = None) -> None:
        self.settings = settings
        self.core = Core(clock, seed)
        self.bot_user_id = self.core.ids.user()
        self.chat_mode = "bot"
        self.tokens = ReplyTokens()
        self.quota = Quota(settings.monthly_limit)
        self.faults = Faults()
        self.menus = RichMenus(self.core)
        self.webhook = WebhookSender(
            self.core, settings.channel_secret, settings.webhook_url, self.bot_user_id, self.tokens
        )
        self.residents = Residents(self.core, self.tokens, self.webhook, self.menus)
        self.webhook.on_answered = self.residents.read
        self.sending = Sending(self.core, self.residents, self.tokens, self.quota)
        self.requests: deque[ApiRequest] = deque(maxlen=KEPT)
        self.asked: Counter[str] = Counter()
        self.stopping = False

    @property
    def webhook_url(self) -> str:
        return self.webhook.url

    @webhook_url.setter
    def webhook_url(self, url: str) -> None:
        self.webhook.url = url

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Deliver webhooks while this is open; at its end slow answers and open streams come to an end too."""
        self.stopping = False
        async with self.webhook.running():
            try:
                yield
            finally:
                self.stop()

    def stop(self) -> None:
        """Let slow answers and open streams come to an end; a server that waits for them calls this first."""
        with self.core.lock:
            self.stopping = True
            self.core.touch()

    async def pause(self, seconds: float) -> None:
        """Let time pass, but not longer than the platform runs."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while not self.stopping and loop.time() < until:
            await self.core.next_change(self.core.version, until - loop.time())

    def authorised(self, header: str) -> bool:
        return hmac.compare_digest(header.encode(), f"Bearer {self.settings.access_token}".encode())

    def record(self, request: ApiRequest) -> None:
        with self.core.lock:
            self.requests.append(request)
            self.asked[request.path] += 1
            self.core.touch()
