"""What happens in a room as events of the inbox: sealed by `sealed`, read back by `read_event` for a turn.

An event has the id that the page gave it, so that it is stored once however often it is sent.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from dialogue.words import Choice
from handlers.incoming import Incoming, Pressed, Said, TookBack, UnreadableEvent, What, kept_ref
from storage import rooms
from storage.ids import NewId
from storage.inbox import NewEvent, seal_event
from storage.keyring import Keyring
from storage.rooms import RoomRow
from storage.tables import Channel

LONGEST = 10_000
#: What a page may give as the id of what it sends.
_OWN_ID = re.compile(r"[A-Za-z0-9_-]{16,48}")
_PRESS = re.compile(r"([a-z0-9_.-]{1,40})\|([^\x00-\x1f\ud800-\udfff]{0,200})")
_KEY = re.compile(r"[0-9a-f]{64}")


def fresh_id() -> str:
    """An id for something a page may send."""
    return secrets.token_urlsafe(18)


def own_id(given: object) -> str:
    """The id that came with something; a fresh one in the place of what is none."""
    return given if isinstance(given, str) and _OWN_ID.fullmatch(given) else fresh_id()


def press_value(choice: Choice) -> str:
    """What the button of a choice sends."""
    return f"{choice.action}|{choice.argument}"


def pressed(given: object) -> tuple[str, str] | None:
    """Action and argument of a button; None for what is none. It comes from somebody's browser: nothing is trusted."""
    found = _PRESS.fullmatch(given) if isinstance(given, str) else None
    return None if found is None else (found[1], found[2])


def is_key(given: object) -> bool:
    """Whether this may be the key of a line."""
    return isinstance(given, str) and _KEY.fullmatch(given) is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """Something from a room, ready for the inbox, and the key under which the page finds it."""

    event: NewEvent
    key: str


class Seals(Protocol):
    """What sealing needs: the door has it, and whoever else lives through a talk in a room."""

    @property
    def keyring(self) -> Keyring: ...

    @property
    def clock(self) -> Callable[[], datetime]: ...

    @property
    def new_id(self) -> NewId: ...


def ref_index(door: Seals, room: RoomRow, sent_id: str) -> bytes:
    """The keyed index of what was sent, as `messages.ref` will hold it. Each room has ids of its own."""
    return door.keyring.index.of(room.desk_id, "message", f"{room.id}/{sent_id}")


def sealed(door: Seals, room: RoomRow, sent_id: str, kind: str, *, easy: bool | None, **fields: str) -> Sent:
    """An event of a room: `say` (text), `press` (action, argument, shown) or `unsend` (key)."""
    now, index = door.clock(), ref_index(door, room, sent_id)
    body: dict[str, Any] = {"type": kind, "room": str(room.id), "at": now.timestamp(), "easy": easy, **fields}
    body["ref"] = kept_ref(bytes.fromhex(fields["key"]) if kind == "unsend" else index)
    event = seal_event(
        door.keyring.data,
        id=door.new_id(),
        desk_id=room.desk_id,
        channel=Channel.ROOM,
        event_id=f"room-{index.hex()}",
        sender=rooms.sender_of(door.keyring, room.desk_id, room.id).index,
        event_at=int(now.timestamp() * 1000),
        received_at=now,
        body=body,
    )
    return Sent(event=event, key=index.hex())


def read_event(body: Any, _received_at: datetime) -> Incoming:
    """Read one event of ours. Raises UnreadableEvent."""
    if not isinstance(body, dict) or not isinstance(body.get("room"), str):
        raise UnreadableEvent("no event of a room")
    try:
        at = datetime.fromtimestamp(body["at"], UTC)
        return Incoming(address=body["room"], sent_at=at, what=_what(body), easy=body.get("easy"))
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise UnreadableEvent(f"a field of a room's event: {type(error).__name__}") from error


def _what(body: dict[str, Any]) -> What:
    match body["type"]:
        case "say":
            return Said(ref=body["ref"], text=body["text"])
        case "press":
            return Pressed(
                action=body["action"], argument=body["argument"], shown=body.get("shown", ""), ref=body["ref"]
            )
        case "unsend":
            return TookBack(ref=body["ref"])
        case _:
            raise UnreadableEvent("an unknown kind of a room's event")
