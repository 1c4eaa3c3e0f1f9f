"""The whole program on a thread of its own, over real HTTP, with the simulator as its LINE."""

from __future__ import annotations

import asyncio
import base64
import socket
import threading
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import uvicorn
from pydantic import SecretStr
from sqlalchemy import Select

from bot.app import Clock, Program, create_app, start_program, utc_now
from bot.mode import choose_mode
from bot.simulator import SimulatorServer
from config.settings import Settings
from dialogue import Desk
from nlp import Listener
from storage.database import Connection


@cache
def shared_listener() -> Listener:
    """The dictionary is loaded once for all tests."""
    return Listener.load()


KEY = base64.b64encode(b"k" * 32).decode()
T = TypeVar("T")
#: Seconds, on a machine that does much else besides: nothing waits longer than it takes.
READY_WITHIN = 120.0


class Bot:
    """`with Bot(sim, database_url, folder) as bot:` — started as `tsunagu serve` starts it, in real mode."""

    def __init__(
        self,
        sim: SimulatorServer,
        database_url: str,
        folder: Path,
        *,
        pause: float = 0.0,
        line_timeout: float = 8.0,
        clock: Clock = utc_now,
        desks: Mapping[str, Desk] | None = None,
        desk: str = "default",
        **more: Any,
    ) -> None:
        self._sim = sim
        self._clock = clock
        self._desks = desks
        self._desk = desk
        self._line_timeout = line_timeout
        self._pause = timedelta(seconds=pause)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(512)
        account = {"line_channel_secret": (SecretStr(sim.secret),), "line_channel_access_token": SecretStr(sim.token)}
        self.settings = Settings(
            **({} if "desks_file" in more else account),
            **{"line_api_url": sim.api_url, **more},
            database_url=database_url,
            data_key=(SecretStr(KEY),),
            data_dir=folder / "data",
            metrics_token=SecretStr("metrics"),
            port=self._socket.getsockname()[1],
        )
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bot", daemon=True)
        self._error: BaseException | None = None
        self._server: uvicorn.Server | None = None
        self.loop: asyncio.AbstractEventLoop
        self.program: Program

    def __enter__(self) -> Self:
        self._thread.start()
        if not self._ready.wait(READY_WITHIN):
            raise TimeoutError("the program has not started")
        if self._error is not None:
            self._socket.close()
            raise self._error
        self._sim.webhook_url = f"{self.settings.own_address}/line/{self._desk}/webhook"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.should_exit = True
        self._thread.join(30)
        self._socket.close()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # the test's own thread raises it
            self._error = error
            self._ready.set()

    async def _serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        mode = choose_mode(self.settings)
        async with start_program(
            self.settings,
            mode,
            pause=self._pause,
            listener=shared_listener(),
            line_timeout=self._line_timeout,
            clock=self._clock,
            desks=self._desks,
        ) as program:
            self.program = program
            config = uvicorn.Config(create_app(program), lifespan="off", log_config=None, access_log=False)
            self._server = uvicorn.Server(config)
            serving = asyncio.create_task(self._server.serve(sockets=[self._socket]))
            self._ready.set()
            await serving

    def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """Run something in the bot's own event loop."""

        async def call() -> T:
            return await work()

        return asyncio.run_coroutine_threadsafe(call(), self.loop).result(READY_WITHIN)

    def settle(self) -> None:
        """Until every event has reached the bot and nothing is in hand."""
        self._sim.wait_until_delivered()
        self.run(self.program.engine.rest)

    def wait_until_sent(self) -> None:
        """Like `settle`, and also what is to be tried again a little later."""
        self._sim.wait_until_delivered()
        self.run(lambda: self.program.engine.rest(planned=True))

    def sweep(self) -> None:
        """What the clock does every few seconds, now, and all that comes of it."""
        self.run(self.program.sweeps.own)
        self.run(self.program.sweeps.sweep)
        self.settle()

    def rows(self, query: Select[Any]) -> list[Any]:
        """What the database says."""

        async def read() -> list[Any]:
            async with self.program.database.read() as connection:
                return list((await connection.execute(query)).all())

        return self.run(read)

    def within(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Run something on a connection."""

        async def read() -> T:
            async with self.program.database.write() as connection:
                return await work(connection)

        return self.run(read)


def said(user_id: str, words: str, event_id: str, *, token: str = "t", at: int = 0) -> dict[str, Any]:
    """A webhook event of a text message; its id is the message's, too."""
    return {
        "type": "message",
        "mode": "active",
        "timestamp": 1_795_000_000_000 + at,
        "source": {"type": "user", "userId": user_id},
        "webhookEventId": event_id,
        "deliveryContext": {"isRedelivery": False},
        "replyToken": token,
        "message": {"type": "text", "id": event_id, "quoteToken": "q", "text": words},
    }
