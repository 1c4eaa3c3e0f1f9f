"""Serving an application the way `tsunagu serve` does, so that only the application differs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from typing import Any

import uvicorn
from starlette.types import ASGIApp


def run(work: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=uvicorn.Config(_nothing).get_loop_factory()) as runner:
        runner.run(work)


async def serve(app: ASGIApp, **more: Any) -> None:
    config = uvicorn.Config(
        app,
        host=os.environ["HOST"],
        port=int(os.environ["PORT"]),
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        **more,
    )
    await uvicorn.Server(config).serve()


async def _nothing(*_: Any) -> None:
    return None
