"""`python run_part.py serve|worker|serve-work`: one of several real processes, without a listening pause.

It is given up by the others after a few seconds instead of twenty, so that tests need not wait that long.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

from bot import log
from bot.commands.serving import run_server
from bot.commands.working import run_worker
from bot.engines import procrastinate, tenure
from config.settings import Settings
from storage import processes

if __name__ == "__main__":
    processes.LEASE = timedelta(seconds=6)
    tenure.LONGEST_ATTEMPT = timedelta(seconds=3)
    procrastinate.BEAT_PACE = timedelta(seconds=1)
    settings, pause = Settings.load(env_file=None), timedelta(0)
    log.configure(settings.log_format)
    if sys.argv[1] == "worker":
        asyncio.run(run_worker(settings, pause=pause))
    else:
        asyncio.run(run_server(settings, pause=pause, works=sys.argv[1] == "serve-work"))
