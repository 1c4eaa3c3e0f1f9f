"""The ways of a letter, put together: into the room or to LINE, with the addresses behind buttons."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from bot.engines.tenure import Tenure
from config.settings import Settings
from dialogue import Desk
from handlers.deliver import Deliveries
from handlers.line.client import LineClient
from handlers.line.deliver import Delivery
from handlers.links import Links
from handlers.room.live import RoomLive
from storage.database import Database
from storage.ids import new_id
from storage.jobs import DeliveryWork
from storage.keyring import Keyring


def make_delivery(
    settings: Settings,
    database: Database,
    keyring: Keyring,
    desks: Mapping[str, Desk],
    clients: Mapping[str, LineClient],
    *,
    live: RoomLive,
    process: UUID,
    clock: Callable[[], datetime],
    tenure: Tenure | None,
) -> DeliveryWork:
    """Delivers what waits for a resident; open pages of their room hear of it at once."""
    site = settings.public_url or settings.own_address
    links = Links(database=database, keyring=keyring, desks=desks, site=site, clock=clock, new_id=new_id)
    line = Delivery(
        database=database,
        keyring=keyring,
        clients=clients,
        process=process,
        clock=clock,
        chance=random.random,
        links=links,
        may_send=_always if tenure is None else tenure.lasts,
        untold=None if tenure is None else tenure.untold,
    )
    by_place = Deliveries(
        database=database,
        keyring=keyring,
        desks=desks,
        line=line,
        is_open=live.is_open,
        process=process,
        clock=clock,
        new_id=new_id,
    )
    return live.after(by_place)


def _always() -> bool:
    """For a process that is alone with its database."""
    return True
