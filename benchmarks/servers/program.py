"""The whole program as `tsunagu serve` starts it, with a listening pause from the command line (milliseconds)."""

from __future__ import annotations

import sys
from datetime import timedelta

from benchmarks.servers.running import run, serve
from bot import log
from bot.app import create_app, start_program
from bot.mode import choose_mode
from config.settings import Settings


async def main(pause: timedelta) -> None:
    settings = Settings.load(env_file=None)
    log.configure(settings.log_format)
    async with start_program(settings, choose_mode(settings), pause=pause) as program:
        await serve(create_app(program))


if __name__ == "__main__":
    run(main(timedelta(milliseconds=int(sys.argv[1]))))
