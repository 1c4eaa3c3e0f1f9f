"""The real server as a process of its own, without a listening pause, to be killed by `test_kill`."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

import uvicorn

from bot import log
from bot.app import create_app, start_program
from bot.mode import choose_mode
from config.settings import Settings


async def serve() -> None:
    settings = Settings.load(env_file=None)
    log.configure(settings.log_format)
    async with start_program(settings, choose_mode(settings), pause=timedelta(0)) as program:
        config = uvicorn.Config(
            create_app(program), port=settings.port, lifespan="off", log_config=None, access_log=False
        )
        server = uvicorn.Server(config)
        started = server.startup

        async def startup(sockets: object = None) -> None:
            await started()
            sys.stdout.write("ready\n")
            sys.stdout.flush()

        server.startup = startup
        await server.serve()


if __name__ == "__main__":
    asyncio.run(serve())
