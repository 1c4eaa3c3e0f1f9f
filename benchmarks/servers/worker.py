"""A worker as `tsunagu worker --port` starts it, with hardly a listening pause."""

from __future__ import annotations

from datetime import timedelta

from benchmarks.servers.running import run
from bot import log
from bot.commands.working import run_worker
from config.settings import Settings

if __name__ == "__main__":
    settings = Settings.load(env_file=None)
    log.configure(settings.log_format)
    run(run_worker(settings, pause=timedelta(milliseconds=1), answers=True))
