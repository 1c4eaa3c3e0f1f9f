"""The real server as a process of its own, without a listening pause, to be killed by `test_kill`."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot import log
from bot.commands.serving import run_server
from config.settings import Settings

if __name__ == "__main__":
    settings = Settings.load(env_file=None)
    log.configure(settings.log_format)
    asyncio.run(run_server(settings, pause=timedelta(0)))
