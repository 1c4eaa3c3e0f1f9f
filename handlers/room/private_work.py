"""What the private page works with beside the room's own parts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from fastapi import HTTPException, Request

from config.private_page import PrivatePage
from config.sheets import Forms
from dialogue.events import PageOffered, PageWithdrew
from handlers.room.door import door_of
from handlers.staff_turn import NobodyThere, NotTold, Within
from handlers.turn import Turns


@dataclass(frozen=True, kw_only=True, slots=True)
class PrivateWork:
    """`forms` and `words` are those of each desk; `valid_for` says for each how long a consent of a kind holds;
    `withdraw` ends everything in the talk, too, with a change of the database in the same transaction; `offer` sends
    the button to the talk, where that may be.
    """

    forms: Mapping[str, Forms]
    words: Mapping[str, PrivatePage]
    valid_for: Mapping[str, Mapping[str, timedelta]]
    offer: Callable[[UUID], Awaitable[bool]]
    withdraw: Callable[[UUID, Within], Awaitable[None]]

    def words_at(self, desk_id: str | None) -> PrivatePage:
        """The words of a desk; of the first one for pages that belong to none."""
        return self.words[desk_id if desk_id is not None and desk_id in self.words else next(iter(self.words))]


def private_work(
    turns: Turns,
    deliver: Callable[[UUID], None],
    *,
    forms: Mapping[str, Forms],
    words: Mapping[str, PrivatePage],
    valid_for: Mapping[str, Mapping[str, timedelta]],
) -> PrivateWork:
    """The page over the talk."""

    async def offer(resident_id: UUID) -> bool:
        try:
            turned = await turns.staff(resident_id, PageOffered())
        except (NobodyThere, NotTold):
            return False
        if turned.letter_id is not None:
            deliver(resident_id)
        return turned.letter_id is not None

    async def withdraw(resident_id: UUID, within: Within) -> None:
        await turns.staff(resident_id, PageWithdrew(), within=within)

    return PrivateWork(forms=forms, words=words, valid_for=valid_for, offer=offer, withdraw=withdraw)


def private_of(request: Request) -> PrivateWork:
    """What the page works with; without it there is none."""
    work = door_of(request).private
    if work is None:
        raise HTTPException(404)
    return work
