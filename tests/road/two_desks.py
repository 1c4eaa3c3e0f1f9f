"""Two desks of one program, each with a LINE account of its own: two simulators behind one address."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import uvicorn
from road import Bot
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.simulator import SimulatorServer

#: Both simulators make the same user ids.
SEED = 7


class Front:
    """`with Front(minami, kita) as front:` — LINE's one address: a request goes to the account whose token it bears."""

    def __init__(self, *sims: SimulatorServer) -> None:
        self._sims = {f"Bearer {sim.token}": sim for sim in sims}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(64)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        methods = ["GET", "POST", "PUT", "DELETE"]
        app = Starlette(routes=[Route("/{path:path}", self._pass_on, methods=methods)])
        self._server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, access_log=False))
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(10)

    async def _pass_on(self, request: Request) -> Response:
        sim = self._sims.get(request.headers.get("authorization", ""))
        if sim is None:
            return Response(status_code=401)
        headers = {name: value for name, value in request.headers.items() if name not in {"host", "content-length"}}
        async with httpx.AsyncClient() as client:
            given = {"headers": headers, "content": await request.body(), "params": dict(request.query_params)}
            answer = await client.request(request.method, f"{sim.api_url}/{request.path_params['path']}", **given)
        kept = {name: value for name, value in answer.headers.items() if name.startswith(("x-", "content-type"))}
        return Response(answer.content, status_code=answer.status_code, headers=kept)


@dataclass
class TwoAccounts:
    """The accounts, and the file of desks that names them."""

    minami: SimulatorServer
    kita: SimulatorServer
    line: str
    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "desks.yaml"

    def write(self, *desks: str, **more: str) -> None:
        """A file with these desks; `more`: lines to put under one."""
        lines = ["desks:"]
        for name in desks:
            lines += [f"  {name}:", f"    channel_secret_file: {name}.secret", f"    access_token_file: {name}.token"]
            lines += [f"    {line}" for line in more.get(name, "").splitlines()]
        self.file.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def words(self, desk: str, /, **files: str) -> None:
        """A folder of words for a desk."""
        folder = self.folder / desk
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            file = folder / f"{name.replace('__', '/')}.yaml"
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")

    def open_both(self) -> None:
        """Minami with the shipped words, Kita with a name of its own."""
        self.words("kita", desk="organisation: きた社会福祉協議会\naccount: きた相談\n")
        self.write("minami", "kita", kita="words: kita")

    def program(self, database_url: str) -> Bot:
        """The program over the file of desks; what else it keeps is in the same folder."""
        return Bot(self.minami, database_url, self.folder, desk="minami", desks_file=self.file, line_api_url=self.line)

    def follow(self, address: str) -> None:
        """Each account sends to its own desk."""
        self.minami.webhook_url = f"{address}/line/minami/webhook"
        self.kita.webhook_url = f"{address}/line/kita/webhook"


@contextmanager
def two_accounts(folder: Path) -> Iterator[TwoAccounts]:
    """Both simulators, running."""
    with ExitStack() as stack:
        minami, kita = (
            stack.enter_context(SimulatorServer(secret=f"secret-{name}", token=f"token-{name}", seed=SEED))
            for name in ("minami", "kita")
        )
        front = stack.enter_context(Front(minami, kita))
        for name, sim in (("minami", minami), ("kita", kita)):
            (folder / f"{name}.secret").write_text(sim.secret, encoding="utf-8")
            (folder / f"{name}.token").write_text(sim.token, encoding="utf-8")
        yield TwoAccounts(minami, kita, front.url, folder)
