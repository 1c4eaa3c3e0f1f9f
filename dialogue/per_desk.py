"""What follows from the words of each desk, for desks that come, change and go while the program runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeVar

from dialogue.desk import Desk

T = TypeVar("T")


class PerDesk(Mapping[str, T], Generic[T]):
    """`PerDesk(desks, make)[desk_id]` is `make(desk)`, made when it is first asked for and anew when the desk's words
    were read anew. `desks` may change meanwhile.
    """

    def __init__(self, desks: Mapping[str, Desk], make: Callable[[Desk], T]) -> None:
        self._desks = desks
        self._make = make
        self._made: dict[str, tuple[Desk, T]] = {}

    def __getitem__(self, desk_id: str) -> T:
        desk = self._desks[desk_id]
        known = self._made.get(desk_id)
        if known is None or known[0] is not desk:
            known = self._made[desk_id] = (desk, self._make(desk))
        return known[1]

    def __iter__(self) -> Iterator[str]:
        return iter(self._desks)

    def __len__(self) -> int:
        return len(self._desks)
