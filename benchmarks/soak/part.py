"""`python -m benchmarks.soak.part serve|worker PAUSE_MS LEASE_SECONDS`: one process of the program, as in earnest.

The listening pause and the lease are arguments, so that a short run need not wait as long as a desk does.
"""

from __future__ import annotations

import sys
from datetime import timedelta

from benchmarks.servers.running import run
from bot import log
from bot.commands.serving import run_server
from bot.commands.working import run_worker
from bot.engines import procrastinate, tenure
from config.settings import Settings
from storage import processes


def main(kind: str, pause: timedelta, lease: timedelta) -> None:
    if lease < processes.LEASE:
        processes.LEASE = lease
        tenure.LONGEST_ATTEMPT = lease / 2
        procrastinate.BEAT_PACE = lease / 6
    settings = Settings.load(env_file=None)
    log.configure(settings.log_format)
    if kind == "worker":
        run(run_worker(settings, pause=pause, answers=True))
    else:
        run(run_server(settings, pause=pause))


if __name__ == "__main__":
    main(sys.argv[1], timedelta(milliseconds=int(sys.argv[2])), timedelta(seconds=int(sys.argv[3])))
