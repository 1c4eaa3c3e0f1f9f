"""The phones of the town in the simulator: whoever has a case can be answered, and their talk can be opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.simulator import Platform
from bot.simulator.model import Entry, Friendship, Side
from storage import case_talk, fiction, residents, staff_messages
from storage.case_tables import MessageState
from storage.database import Database
from storage.keyring import Keyring
from storage.staff_messages import Written
from storage.tables import Channel

#: So much of an older talk is on a phone: enough to see what it is about.
ENTRIES = 40


def _entries(talk: case_talk.Talk, written: Sequence[Written]) -> Iterator[Entry]:
    """The talk as bubbles, with made-up ids: what was said before cannot be pressed or unsent any more."""
    for heard in talk.heard:
        if heard.text is not None:
            yield _entry(f"old-{heard.id}", Side.RESIDENT, heard.text, heard.at)
    for pressed in talk.pressed:
        if pressed.text is not None:
            yield _entry(f"old-{pressed.id}", Side.RESIDENT, pressed.text, pressed.at)
    for answered in talk.answered:
        for number, line in enumerate(answered.lines):
            yield _entry(f"old-{answered.id}-{number}", Side.BOT, line, answered.at)
    for one in written:
        if one.state is MessageState.RELEASED:
            yield _entry(f"old-{one.id}", Side.BOT, one.text, one.created_at)


def _entry(entry_id: str, side: Side, text: str, at: datetime) -> Entry:
    return Entry(id=entry_id, side=side, message={"type": "text", "id": entry_id, "text": text}, at=at, read=True)


async def adopt_phones(database: Database, keyring: Keyring, platform: Platform) -> int:
    """Give the simulator the phones of residents who do not exist; how many there are. Nobody real has one there."""
    async with database.read() as connection:
        phones = await fiction.phones(connection)
        for phone in phones:
            reach = await residents.reach(connection, keyring, phone.resident_id, Channel.LINE)
            resident = await residents.by_id(connection, keyring, phone.resident_id)
            if resident is None:
                continue
            talk = await case_talk.talk(connection, resident.key, resident.id, lambda _at, _turn: True)
            written = await staff_messages.of_resident(connection, resident.key, resident.id)
            entries = sorted(_entries(talk, written), key=lambda entry: entry.at)
            friendship = Friendship.BLOCKED if reach.blocked else Friendship.FRIEND
            platform.residents.adopt(reach.address, phone.alias, friendship, entries[-ENTRIES:])
    return len(phones)
