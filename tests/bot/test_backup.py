"""Backups: two sealed files in two places, nothing to read in either, and a way back that ends again what has ended."""

from __future__ import annotations

import asyncio
import json
import resource
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from bot_cast import KEY, OTHER_KEY, SECRET, TOKEN, real_settings
from sqlalchemy import func, select, update
from typer.testing import CliRunner, Result

from bot import backups
from bot.cli import command_line
from bot.database import only_server
from casework.consents import Ended
from config.settings import Settings, SettingsError
from storage import audit, consents, conversations, copying, erasure, residents
from storage.consent_tables import ConsentEnd, ConsentRow
from storage.database import Connection, Database
from storage.endings import RESTORED
from storage.fiction import MARK
from storage.ids import new_id
from storage.keyring import Keyring
from storage.retention_tables import LegalHold
from storage.tables import (
    InboxEvent,
    InboxState,
    Key,
    KeyPurpose,
    OutboxMessage,
    OutboxState,
    Resident,
    ResidentMessage,
    Tag,
)
from storage.vault import SealingKey

Work = Callable[[Connection, Keyring], Awaitable[Any]]


@dataclass
class Site:
    """One installation: its database, and the commands that somebody types there."""

    folder: Path
    url: str

    @classmethod
    def on_sqlite(cls, folder: Path) -> Site:
        folder.mkdir(parents=True, exist_ok=True)
        return cls(folder, f"sqlite+aiosqlite:///{folder / 'tsunagu.db'}")

    def run(self, *command: str, key: str = KEY, data_dir: Path | None = None) -> Result:
        given = {
            "LINE_CHANNEL_SECRET": SECRET,
            "LINE_CHANNEL_ACCESS_TOKEN": TOKEN,
            "DATA_KEY": key,
            "DATABASE_URL": self.url,
            "DATA_DIR": str(data_dir or self.folder),
        }
        return CliRunner().invoke(command_line(), list(command), env=given)

    def settings(self, **given: str) -> Settings:
        """As a server there reads them."""
        return real_settings(self.folder, database_url=self.url, **given)

    def back_up(self, name: str = "a") -> tuple[Path, Path]:
        """The data and the keys, each in a place of its own; the keys of before are replaced."""
        data, keys = self.folder / f"data-{name}", self.folder / "keys"
        for place in (data, keys):
            place.mkdir(exist_ok=True)
        result = self.run("backup", str(data), "--keys", str(keys))
        assert result.exit_code == 0, result.output
        (file,) = data.iterdir()
        (kept,) = keys.iterdir()
        return file, kept

    def restore(self, file: Path, keys: Path, **given: Any) -> Result:
        return self.run("restore", str(file), "--keys", str(keys), **given)

    def within(self, work: Work) -> Any:
        async def run() -> Any:
            database = Database(self.url)
            keyring = await Keyring.open(database, [SealingKey(b"k" * 32)], now=datetime.now(UTC), new_id=new_id)
            async with database.write() as connection:
                found = await work(connection, keyring)
            await database.close()
            return found

        return asyncio.run(run())

    def rows(self, query: Any) -> list[Any]:
        async def look(connection: Connection, _keyring: Keyring) -> list[Any]:
            return list((await connection.execute(query)).all())

        return self.within(look)


def differing(one: Site, other: Site) -> set[str]:
    async def compare() -> list[str]:
        databases = Database(one.url), Database(other.url)
        async with databases[0].read() as source, databases[1].read() as target:
            found = await copying.differences(source, target)
        for database in databases:
            await database.close()
        return found

    return set(asyncio.run(compare()))


@pytest.fixture
def site(town: Path, tmp_path: Path) -> Site:
    here = Site.on_sqlite(tmp_path / "here")
    with closing(sqlite3.connect(town)) as old, closing(sqlite3.connect(here.folder / "tsunagu.db")) as new:
        old.backup(new)
    return here


@pytest.fixture
def elsewhere(tmp_path: Path) -> Site:
    return Site.on_sqlite(tmp_path / "elsewhere")


@pytest.fixture
def full_after() -> Iterator[Callable[[int], None]]:
    """No file may grow beyond so many bytes: to whoever writes, a disk that is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
def new_postgres(postgres: str) -> Iterator[Callable[[], str]]:
    """Empty databases of PostgreSQL."""
    names: list[str] = []

    def statement(words: str) -> None:
        with psycopg.connect(postgres.replace("postgresql+psycopg://", "postgresql://"), autocommit=True) as connection:
            connection.execute(words)

    def another() -> str:
        names.append(f"backup_{new_id().hex}")
        statement(f"CREATE DATABASE {names[-1]}")
        return postgres.replace("/postgres?", f"/{names[-1]}?")

    yield another
    for name in names:
        statement(f"DROP DATABASE {name} WITH (FORCE)")


def test_what_comes_back_is_what_was_there_and_the_record_says_that_it_came_back(site: Site, elsewhere: Site) -> None:
    result = elsewhere.restore(*site.back_up())
    assert result.exit_code == 0, result.output
    assert differing(site, elsewhere) == {"audit", "audit_heads"}
    actions = [row.action for row in elsewhere.rows(select(audit.AuditEntry.action).order_by(audit.AuditEntry.at))]
    assert actions[-1] == "restored"
    assert elsewhere.run("audit", "verify").exit_code == 0


def test_neither_file_shows_a_name_and_the_data_alone_hold_no_key_of_a_resident(site: Site) -> None:
    keys_before = [
        bytes(row[0]) for row in site.rows(select(Key.wrapped).where(Key.purpose == KeyPurpose.RESIDENT)) if row[0]
    ]
    for file in site.back_up():
        assert MARK.encode() not in file.read_bytes()
    file, keys = site.back_up("b")
    with backups.opened((SealingKey(b"k" * 32),), file, keys) as found:
        plain = found.plain.read_bytes()
        assert MARK.encode() in plain, "the sealed copy is the whole database"
        assert not any(wrapped in plain for wrapped in keys_before)
        assert set(found.endings.keys.values()) == set(keys_before)


def test_who_was_erased_after_the_backup_stays_erased(site: Site, elsewhere: Site) -> None:
    file, _ = site.back_up()
    (who,) = site.rows(
        select(Resident.id)
        .where(Resident.erased_at.is_(None), Resident.messages > 1, Resident.id.not_in(select(LegalHold.resident_id)))
        .order_by(Resident.id)
        .limit(1)
    )

    async def erase(connection: Connection, keyring: Keyring) -> bool:
        now = datetime.now(UTC)
        await connection.execute(update(Resident).where(Resident.id == who.id).values(erase_at=now))
        return await erasure.erase(connection, keyring, who.id, now=now)

    assert site.within(erase)
    _, keys = site.back_up("later")
    result = elsewhere.restore(file, keys)
    assert "もう一度消した人 1人" in result.output
    (row,) = elsewhere.rows(select(Resident.erased_at, Resident.state_sealed).where(Resident.id == who.id))
    assert row.erased_at is not None
    assert row.state_sealed is None
    assert elsewhere.rows(select(ResidentMessage.id).where(ResidentMessage.resident_id == who.id)) == []


def test_words_taken_back_after_the_backup_are_gone_with_what_was_read_from_them(site: Site, elsewhere: Site) -> None:
    file, _ = site.back_up()
    query = select(ResidentMessage.id, ResidentMessage.resident_id, ResidentMessage.ref)
    tagged = query.join(Tag, Tag.message_id == ResidentMessage.id).where(ResidentMessage.text_sealed.is_not(None))
    message = site.rows(tagged.order_by(ResidentMessage.id).limit(1))[0]

    async def take_back(connection: Connection, _keyring: Keyring) -> bool:
        return await conversations.unsend(connection, message.resident_id, message.ref, at=datetime.now(UTC))

    assert site.within(take_back)
    before = elsewhere_known(site, message.resident_id)
    _, keys = site.back_up("later")
    assert "取り消された言葉 1件" in elsewhere.restore(file, keys).output
    (row,) = elsewhere.rows(
        select(ResidentMessage.text_sealed, ResidentMessage.unsent_at).where(ResidentMessage.id == message.id)
    )
    assert row.text_sealed is None
    assert row.unsent_at is not None
    assert elsewhere.rows(select(Tag.id).where(Tag.message_id == message.id)) == []
    assert elsewhere_known(elsewhere, message.resident_id) != before, "what the listener knew was learned anew"


def elsewhere_known(site: Site, resident_id: Any) -> bytes:
    (row,) = site.rows(select(Resident.known_sealed).where(Resident.id == resident_id))
    return bytes(row.known_sealed)


def test_a_consent_that_ended_after_the_backup_has_ended(site: Site, elsewhere: Site) -> None:
    file, _ = site.back_up()
    stands = select(ConsentRow.id, ConsentRow.resident_id).where(
        ConsentRow.id.not_in(select(ConsentEnd.consent_id)),
        ConsentRow.resident_id.in_(select(Resident.id).where(Resident.erased_at.is_(None))),
    )
    consent = site.rows(stands.order_by(ConsentRow.id).limit(1))[0]

    async def end(connection: Connection, _keyring: Keyring) -> None:
        await consents.withdraw(
            connection, consent.resident_id, at=datetime.now(UTC), reason=Ended.RESIDENT, ids=frozenset([consent.id])
        )

    site.within(end)
    _, keys = site.back_up("later")
    assert elsewhere.restore(file, keys).exit_code == 0
    assert elsewhere.rows(select(ConsentEnd.reason).where(ConsentEnd.consent_id == consent.id)) == [(Ended.RESIDENT,)]


def test_what_waited_then_is_neither_answered_nor_sent_now(site: Site, elsewhere: Site) -> None:
    async def wait(connection: Connection, _keyring: Keyring) -> None:
        events = select(InboxEvent.id).order_by(InboxEvent.id).limit(2).scalar_subquery()
        letters = select(OutboxMessage.id).order_by(OutboxMessage.id).limit(3).scalar_subquery()
        await connection.execute(
            update(InboxEvent).where(InboxEvent.id.in_(events)).values(state=InboxState.WAITING, turn_id=None)
        )
        later = datetime.now(UTC) + timedelta(days=300)
        await connection.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id.in_(letters))
            .values(state=OutboxState.WAITING, expires_at=later)
        )

    site.within(wait)
    output = elsewhere.restore(*site.back_up()).output
    assert "届いた言葉 2件、送る前の言葉 3件" in output
    aside = elsewhere.rows(select(InboxEvent.reason).where(InboxEvent.state == InboxState.ASIDE))
    assert aside == [(RESTORED,)] * 2
    waiting = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.state == OutboxState.WAITING)
    assert elsewhere.rows(waiting) == [(0,)]


def test_what_does_not_fit_is_refused_in_plain_words_and_changes_nothing(site: Site, elsewhere: Site) -> None:
    file, keys = site.back_up()
    cut, changed = file.with_name("cut.sealed"), file.with_name("changed.sealed")
    whole = file.read_bytes()
    cut.write_bytes(whole[:-40])
    changed.write_bytes(whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:])
    refused = {
        "このDATA_KEYでは開けないか、こわれています": [
            elsewhere.restore(file, keys, key=OTHER_KEY),
            elsewhere.restore(cut, keys),
            elsewhere.restore(changed, keys),
            elsewhere.restore(keys, keys),
        ],
        "鍵のファイルとして開けません": [elsewhere.restore(file, file)],
        "もうあります": [site.restore(file, keys)],
        "同じ場所です": [site.run("backup", str(file.parent), "--keys", str(file.parent))],
    }
    for words, results in refused.items():
        for result in results:
            assert result.exit_code == 2, (words, result.output)
            assert words in result.output
    assert not (elsewhere.folder / "tsunagu.db").exists()


def test_no_room_for_the_copy_that_is_to_be_sealed_is_told_with_a_way_out(
    site: Site, elsewhere: Site, full_after: Callable[[int], None]
) -> None:
    data, keys = site.back_up()
    full_after(data.stat().st_size // 2)
    for result in (site.run("backup", str(data.parent), "--keys", str(keys.parent)), elsewhere.restore(data, keys)):
        assert result.exit_code == 2, result.output
        assert "TMPDIR" in result.output
    assert [*data.parent.iterdir(), *keys.parent.iterdir()] == [data, keys]


def test_what_is_half_written_is_taken_off_a_full_disk(tmp_path: Path, full_after: Callable[[int], None]) -> None:
    full_after(100)
    with pytest.raises(SettingsError) as refused, backups._replacing(tmp_path / "sealed") as file:
        file.write(b"x" * 10_000)
    assert f"{tmp_path}: 書けません(使える大きさを超えました" in refused.value.lines[0]
    assert list(tmp_path.iterdir()) == []


def test_a_backup_is_noted_where_the_doctor_looks_or_it_is_said_why_not(site: Site) -> None:
    new, taken = site.folder / "not-there-yet", site.folder / "a-file"
    taken.touch()
    for name in ("data", "keys"):
        (site.folder / name).mkdir()
    places = (str(site.folder / "data"), "--keys", str(site.folder / "keys"))
    assert site.run("backup", *places, data_dir=new).exit_code == 0
    assert (new / "last-backup.json").exists()
    result = site.run("backup", *places, data_dir=taken)
    assert result.exit_code == 2
    assert "DATA_DIR: 控えはできましたが" in result.output


def test_a_grown_desk_moves_to_postgresql_and_its_backup_comes_back_there(
    site: Site, tmp_path: Path, new_postgres: Callable[[], str]
) -> None:
    grown, again = Site(tmp_path / "grown", new_postgres()), Site(tmp_path / "again", new_postgres())
    for place in (grown, again):
        place.folder.mkdir()
    moved = site.run("copy", "--to", grown.url)
    assert moved.exit_code == 0, moved.output
    assert "一行ずつ比べて同じでした" in moved.output
    assert differing(site, grown) == set()
    assert again.restore(*grown.back_up()).exit_code == 0
    assert differing(grown, again) == {"audit", "audit_heads"}
    for full in (site.run("copy", "--to", grown.url), again.restore(*grown.back_up("b"))):
        assert full.exit_code == 2
        assert "空ではありません" in full.output
    assert differing(site, grown) == set()


def test_a_copy_of_another_revision_is_refused(site: Site, new_postgres: Callable[[], str]) -> None:
    with closing(sqlite3.connect(site.folder / "tsunagu.db")) as file:
        file.execute("UPDATE alembic_version SET version_num = '0008'")
        file.commit()
    result = site.run("copy", "--to", new_postgres())
    assert result.exit_code == 2
    assert "tsunagu migrate" in result.output


def test_the_doctor_knows_when_the_last_backup_was_made_and_tries_a_key_from_the_safe(site: Site) -> None:
    assert "控えがまだありません" in site.run("doctor").output
    site.back_up()
    safe = site.folder / "key-from-the-safe.txt"
    safe.write_text(KEY + "\n", encoding="utf-8")
    assert "控えの鍵でデータベースが開けます" in site.run("doctor", "--escrowed-key", str(safe)).output
    safe.write_text(OTHER_KEY, encoding="utf-8")
    wrong = site.run("doctor", "--escrowed-key", str(safe))
    assert "控えの鍵では開けません" in wrong.output
    mark = site.folder / "last-backup.json"
    old = json.loads(mark.read_text(encoding="utf-8"))
    old["at"] = (datetime.now(UTC) - timedelta(days=3)).isoformat()
    mark.write_text(json.dumps(old), encoding="utf-8")
    assert "3日前" in site.run("doctor").output


def test_a_backup_of_before_comes_back_also_after_everything_was_sealed_anew(site: Site, elsewhere: Site) -> None:
    file, _ = site.back_up()
    done = site.run("rekey")
    assert done.exit_code == 0, done.output
    _, keys = site.back_up("later")
    result = elsewhere.restore(file, keys)
    assert result.exit_code == 0, result.output
    assert "もう一度消した人 0人" in result.output
    who = select(Resident.id).where(Resident.erased_at.is_(None)).order_by(Resident.id).limit(1)
    (row,) = elsewhere.rows(who)

    async def words(connection: Connection, keyring: Keyring) -> list[str]:
        resident = await residents.by_id(connection, keyring, row.id)
        assert resident is not None
        return await conversations.texts(connection, resident.id, resident.key)

    assert site.within(words) == elsewhere.within(words)


def test_the_steps_to_another_key_lead_to_one_that_opens_alone(site: Site) -> None:
    both = next(line.strip() for line in site.run("key", "rotate").output.splitlines() if "," in line and "=" in line)
    new, old = both.split(",")
    assert old == KEY
    assert site.run("staff", "list", key=both).exit_code == 0
    assert site.run("staff", "list", key=new).exit_code == 0
    refused = site.run("staff", "list", key=old)
    assert refused.exit_code == 2
    assert "この鍵では" in refused.output


def test_nothing_is_sealed_anew_while_workers_run_which_would_go_on_with_the_old_key(
    site: Site, tmp_path: Path, new_postgres: Callable[[], str]
) -> None:
    many = Site(tmp_path / "many", new_postgres())
    many.folder.mkdir()
    assert site.run("copy", "--to", many.url).exit_code == 0
    with only_server(many.settings(job_engine="procrastinate")):
        refused = many.run("rekey")
    assert refused.exit_code == 2
    assert "動いているサーバー" in refused.output
    assert many.run("rekey").exit_code == 0
