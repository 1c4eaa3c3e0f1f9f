"""Putting a backup back into an empty database, and ending again whatever has ended since it was made."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from bot.database import TOO_NEW, sqlite_path
from bot.reasons import of_system
from casework.consents import Ended
from config.settings import Settings, SettingsError
from config.sheets import Forms, shipped_forms
from handlers.hearing import remember
from nlp import Listener
from storage import audit, consents, conversations, copying, endings, erasure, migrate, residents, sheet_ends
from storage.audit import Act
from storage.database import Connection, Database
from storage.endings import Endings
from storage.ids import new_id
from storage.keyring import Keyring
from storage.tables import Resident
from storage.vault import SealingKey, UnsealError


@dataclass(frozen=True, kw_only=True, slots=True)
class Restored:
    """What was done: residents erased again, messages taken back again, events and letters left as they were."""

    erased: int
    unsent: int
    events: int
    letters: int


async def restore(
    settings: Settings,
    masters: Sequence[SealingKey],
    plain: Path,
    kept: Endings,
    *,
    forms: Mapping[str, Forms],
    now: datetime,
) -> Restored:
    """Bring the plain copy up to date, end what has ended, and put it in the place of the settings' database.

    `forms` are those of each desk.

    Raises SettingsError when there is a database already, or the copy was made by newer code.
    """
    await _must_be_free(settings)
    copy = Database(f"sqlite+aiosqlite:///{plain}")
    try:
        async with copy.write() as connection:
            await migrate.upgrade(connection)
            await migrate.check(connection)
        async with copy.write() as connection:
            without_key = await endings.put_keys_back(connection, kept)
        keyring = await Keyring.open(copy, masters, now=now, new_id=new_id)
        async with copy.write() as connection:
            done = await _replay(connection, keyring, kept, without_key, forms, now=now)
        await copy.forget_old_pages()
        await _put(settings, copy, plain)
    except migrate.SchemaTooNew:
        raise SettingsError([TOO_NEW]) from None
    except UnsealError:
        raise SettingsError(["DATA_KEY: この鍵では、この控えは開けません"]) from None
    finally:
        await copy.close()
    return done


async def _must_be_free(settings: Settings) -> None:
    path = sqlite_path(settings)
    if path is not None and path.exists():
        raise SettingsError([f"DATABASE_URL: {path} がもうあります。別の場所へ移してから戻してください"])


async def _replay(
    connection: Connection,
    keyring: Keyring,
    kept: Endings,
    without_key: Sequence[UUID],
    forms: Mapping[str, Forms],
    *,
    now: datetime,
) -> Restored:
    erased = 0
    for resident_id in {*without_key, *kept.erased}:
        due = update(Resident).where(Resident.id == resident_id, Resident.erased_at.is_(None)).values(erase_at=now)
        await connection.execute(due)
        erased += await erasure.erase(connection, keyring, resident_id, now=now)
    await endings.end_again(connection, kept)
    await _recall(connection, keyring, kept, forms, now=now)
    unsent = await _take_back(connection, keyring, kept)
    events, letters = await endings.leave_unsent(connection)
    act = Act(action="restored", object_kind="database", detail={"erased": erased, "unsent": unsent})
    await audit.record(connection, keyring, act, at=now, new_id=new_id)
    return Restored(erased=erased, unsent=unsent, events=events, letters=letters)


async def _recall(
    connection: Connection, keyring: Keyring, kept: Endings, forms: Mapping[str, Forms], *, now: datetime
) -> None:
    """Sheets that rest on a consent that has ended are called back."""
    for resident_id, desk_id in await endings.residents_of_consents(connection, frozenset(kept.ended)):
        book = await consents.withdraw(connection, resident_id, at=now, reason=Ended.RESIDENT, ids=frozenset())
        own = forms.get(desk_id) or shipped_forms()
        await sheet_ends.withdraw(
            connection,
            keyring,
            resident_id,
            book,
            own.__getitem__,
            at=now,
            forms_version=own.version,
            new_id=new_id,
        )


async def _take_back(connection: Connection, keyring: Keyring, kept: Endings) -> int:
    """Words that were unsent since: they go, with everything that was read from them."""
    found = await endings.unsent_since(connection, kept)
    for message_id, resident_id, ref in found:
        resident = await residents.by_id(connection, keyring, resident_id)
        if resident is None or ref is None:
            continue
        await sheet_ends.unsend(connection, resident.key, resident_id, ref)
        await consents.unsend(connection, resident_id, ref)
        await conversations.unsend(connection, resident_id, ref, at=kept.unsent[message_id])
    listener = await asyncio.to_thread(Listener.load) if found else None
    for resident_id in {resident_id for _, resident_id, _ in found}:
        assert listener is not None
        await _remember(connection, keyring, listener, resident_id)
    return len(found)


async def _remember(connection: Connection, keyring: Keyring, listener: Listener, resident_id: UUID) -> None:
    """What the listener knows of somebody is what the words that are left tell."""
    resident = await residents.by_id(connection, keyring, resident_id)
    if resident is not None:
        left = await conversations.texts(connection, resident_id, resident.key)
        await residents.recall(connection, resident, (await remember(listener, left)).to_json())


async def _put(settings: Settings, copy: Database, plain: Path) -> None:
    path = sqlite_path(settings)
    if path is not None:
        _put_file(path, plain)
        return
    target = Database(settings.database_url)
    try:
        async with copy.read() as source, target.write() as connection:
            await migrate.upgrade(connection)
            await copying.copy(source, connection)
            if differing := await copying.differences(source, connection):
                raise SettingsError([f"DATABASE_URL: 写したあとの表 {differing[0]} が同じではありません"])
    except copying.NotEmpty as error:
        raise SettingsError(
            [f"DATABASE_URL: 空ではありません(表 {error.table})。空のデータベースにだけ戻せます"]
        ) from None
    except DBAPIError as error:
        raise SettingsError([f"DATABASE_URL: データベースに書けません({type(error.orig).__name__})"]) from None
    finally:
        await target.close()


def _put_file(path: Path, plain: Path) -> None:
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(plain, part)
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise SettingsError([f"DATABASE_URL: {path.parent} に書けません({of_system(error)})"]) from None
