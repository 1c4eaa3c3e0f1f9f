"""The simulator as a fixture: the API and the page on a free port of this machine, in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from types import TracebackType
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.simulator.api import messaging_api
from bot.simulator.core import Clock, system_clock
from bot.simulator.faults import FaultKind
from bot.simulator.handles import ResidentHandle
from bot.simulator.model import Json
from bot.simulator.pages import simulator_app
from bot.simulator.platform import ApiRequest, Platform
from bot.simulator.settings import PlatformSettings
from bot.simulator.wire import HangingUpProtocol

START_WITHIN = 20.0
API_PATH = "/simulator/line"
PAGE_PATH = "/simulator"
# Not secrets: nothing outside this machine knows or accepts them.
DEFAULT_SECRET = "0123456789abcdef" * 2
DEFAULT_TOKEN = "simulated-channel-access-token"  # noqa: S105


class _Server(uvicorn.Server):
    """uvicorn that tells when it listens, and leaves at once instead of at its next look a tenth of a second later."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = threading.Event()
        self._leaving = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._loop = asyncio.get_running_loop()
        self.listening.set()

    async def main_loop(self) -> None:
        looks = 0
        while not await self.on_tick(looks):
            looks += 1
            with suppress(TimeoutError):
                await asyncio.wait_for(self._leaving.wait(), 0.1)

    def leave(self) -> None:
        self.should_exit = True
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._leaving.set)


class SimulatorServer:
    """`with SimulatorServer(secret=…, token=…, webhook_url=…) as sim:`, its methods callable from any thread.

    `webhook_url` may be set later, when the bot knows its port.
    """

    def __init__(
        self,
        *,
        secret: str = DEFAULT_SECRET,
        token: str = DEFAULT_TOKEN,
        webhook_url: str = "",
        account_name: str = "つなぐ相談",
        monthly_limit: int | None = None,
        clock: Clock = system_clock,
        seed: int | None = None,
    ) -> None:
        settings = PlatformSettings(
            channel_secret=secret,
            access_token=token,
            webhook_url=webhook_url,
            account_name=account_name,
            monthly_limit=monthly_limit,
        )
        self.secret = secret
        self.token = token
        self.platform = Platform(settings, clock=clock, seed=seed)
        self._socket: socket.socket | None = None
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._port = 0

    def __enter__(self) -> Self:
        app = Starlette(
            routes=[Mount(API_PATH, messaging_api(self.platform)), Mount(PAGE_PATH, simulator_app(self.platform))]
        )
        config = uvicorn.Config(
            app,
            log_level="error",
            access_log=False,
            lifespan="off",
            http=HangingUpProtocol,
            ws="none",
            timeout_graceful_shutdown=2,
        )
        # asyncio switches Nagle's algorithm off only where the protocol is named; with it every answer takes 40 ms.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        self._port = self._socket.getsockname()[1]
        self._server = _Server(config)
        self._thread = threading.Thread(target=self._run, name="line-simulator", daemon=True)
        self._thread.start()
        if not self._server.listening.wait(START_WITHIN):
            raise RuntimeError("the LINE simulator did not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.platform.stop()
        if self._server is not None and self._thread is not None:
            self._server.leave()
            self._thread.join(START_WITHIN)
        if self._socket is not None:
            self._socket.close()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        if self._server is None or self._socket is None:
            return
        async with self.platform.running():
            await self._server.serve(sockets=[self._socket])

    # Where it is

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def api_url(self) -> str:
        """What the bot takes as LINE_API_URL."""
        return self.url + API_PATH

    @property
    def page_url(self) -> str:
        return f"{self.url}{PAGE_PATH}/"

    @property
    def webhook_url(self) -> str:
        return self.platform.webhook_url

    @webhook_url.setter
    def webhook_url(self, url: str) -> None:
        self.platform.webhook_url = url

    # What happens

    def resident(self, name: str = "") -> ResidentHandle:
        return ResidentHandle(self.platform, self.platform.residents.add(name).user_id)

    def advance(self, by: timedelta) -> None:
        self.platform.core.advance(by)

    def fail_next(
        self, kind: FaultKind, times: int | None = 1, *, seconds: float = 0.0, path: str | None = None
    ) -> None:
        """Let the next requests go wrong; `times` None: all of them until `heal()`."""
        with self.platform.core.lock:
            self.platform.faults.add(kind, times=times, seconds=seconds, path=path)

    def heal(self) -> None:
        with self.platform.core.lock:
            self.platform.faults.clear()

    @contextmanager
    def one_post(self) -> Iterator[None]:
        """What residents do inside goes out as one webhook with several events."""
        self.platform.residents.gather()
        try:
            yield
        finally:
            self.platform.residents.send_gathered()

    def send_events(self, *events: Json) -> None:
        """Send ready-made events, well signed, in one POST: copies, broken ones, other kinds of source."""
        self.platform.residents.send_together(*events)

    # What was seen

    def requests(self, path: str = "") -> list[ApiRequest]:
        """What the bot asked of the API, oldest first; `path` picks those that end so."""
        with self.platform.core.lock:
            return [request for request in self.platform.requests if request.path.endswith(path)]

    def wait_for_requests(self, count: int, path: str = "", timeout: float = 10.0) -> list[ApiRequest]:
        asked = self.platform.asked

        def enough() -> bool:
            return sum(times for known, times in asked.items() if known.endswith(path)) >= count

        self.wait_for(enough, timeout, f"{count} requests to {path or 'the API'}")
        return self.requests(path)

    def wait_until_delivered(self, timeout: float = 10.0) -> None:
        """Until every event has been answered by the bot, or given up."""
        self.wait_for(lambda: self.platform.webhook.in_flight == 0, timeout, "all webhooks to be answered")

    def wait_for(self, predicate: Callable[[], bool], timeout: float = 10.0, what: str = "it") -> None:
        if not self.platform.core.wait_for(predicate, timeout):
            raise TimeoutError(f"waited {timeout} s for {what}")
