"""From what was decided to what is sent: the order of delivery, and how long a word stays worth saying."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from dialogue import codec
from dialogue.effects import Say, SayKind
from dialogue.words import Message
from storage.ids import NewId
from storage.outbox import NewLetter, ReplyToken
from storage.tables import Channel

#: The kind of a letter in which a person writes: it goes alone, never inside an answer of the program.
STAFF = "staff"
_STAFF_WORTH_SAYING = timedelta(hours=8)
DOOR_WORTH_SAYING = timedelta(hours=2)
_PRIORITY = {
    SayKind.CRISIS: 0,
    SayKind.RIGHTS: 1,
    SayKind.ANSWER: 2,
    SayKind.NOTICE: 2,
    SayKind.DOOR: 2,
    SayKind.CHECK_IN: 3,
}
#: An answer to what somebody said in the evening must not arrive at three in the morning.
_WORTH_SAYING = {
    SayKind.CRISIS: timedelta(hours=23),
    SayKind.RIGHTS: timedelta(hours=8),
    SayKind.ANSWER: timedelta(hours=2),
    SayKind.NOTICE: timedelta(hours=8),
    SayKind.DOOR: DOOR_WORTH_SAYING,
    SayKind.CHECK_IN: timedelta(hours=4),
}


def write_letter(
    say: Say,
    *,
    turn_id: UUID | None,
    token: ReplyToken | None,
    now: datetime,
    new_id: NewId,
    retry_key: UUID,
    channel: Channel | None = None,
) -> NewLetter:
    """The outbox row for what a decision says."""
    return NewLetter(
        id=new_id(),
        turn_id=turn_id,
        kind=say.kind.value,
        priority=_PRIORITY[say.kind],
        body=codec.to_json(say.messages),
        token=token,
        retry_key=retry_key,
        created_at=now,
        expires_at=now + _WORTH_SAYING[say.kind],
        channel=channel,
    )


def write_staff_letter(
    said: Sequence[Message],
    *,
    letter_id: UUID,
    turn_id: UUID | None,
    token: ReplyToken | None,
    now: datetime,
    key: UUID,
) -> NewLetter:
    """The outbox row for what a person says."""
    return NewLetter(
        id=letter_id,
        turn_id=turn_id,
        kind=STAFF,
        priority=1,
        body=codec.to_json(said),
        token=token,
        retry_key=key,
        created_at=now,
        expires_at=now + _STAFF_WORTH_SAYING,
    )
