"""The real door and intake on a SQLite file, with an engine that never wakes: what acknowledging alone costs."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, Response

from benchmarks.servers.running import run, serve
from bot import log
from bot.app import utc_now
from bot.database import open_database
from bot.mode import choose_mode
from config.settings import Settings
from handlers.line.webhook import WebhookDoor
from storage.ids import new_id
from storage.intake import Intake
from storage.jobs import Conversation, PeriodicWork
from storage.keyring import Keyring
from storage.spool import Spool


class AsleepEngine:
    """A `JobEngine` that does nothing: the rows wait for another day."""

    def wake(self, conversation: Conversation, at: datetime | None = None) -> None:
        return

    def deliver(self, resident_id: UUID, at: datetime | None = None) -> None:
        return

    def every(self, pace: timedelta, name: str, work: PeriodicWork) -> None:
        return

    async def start(self) -> None:
        return

    async def stop(self) -> None:
        return


async def main() -> None:
    settings = Settings.load(env_file=None)
    log.configure(settings.log_format)
    mode = choose_mode(settings)
    database = await open_database(settings, simulator=False)
    keyring = await Keyring.open(database, mode.masters, now=utc_now(), new_id=new_id)
    spool = Spool(settings.data_dir / "spool", process=new_id())
    door = WebhookDoor(
        secrets=mode.secrets,
        keyring=keyring,
        intake=Intake(database=database, spool=spool),
        engine=AsleepEngine(),
        clock=utc_now,
        new_id=new_id,
    )
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_route("/line/{desk}/webhook", door.receive, methods=["POST"])
    app.add_api_route("/healthz", healthz)
    await serve(app)


async def healthz() -> Response:
    return PlainTextResponse("ok")


if __name__ == "__main__":
    run(main())
