"""What the dialogue remembers of consent between turns: what was asked and agreed to, and which question is open.

No words of the resident: their answers go to the shell and are forgotten here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any, Self

from casework.consents import ConsentKind

#: So many different questions of staff are remembered; nobody is asked about more places by a program.
SHARES_KEPT = 10
READ = "read"


class Detail(StrEnum):
    """What is asked after the case is waiting, one at a time: the keys of `consent.yaml`."""

    CONTACT = "contact"
    NICKNAME = "nickname"
    AREA = "area"
    KEPT_FROM = "secret"
    UNSEEN = "unseen"
    HOPE = "hope"


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """A question of staff: what kind, about which place (the end of its id, its name), how often, the last answer.

    `request` and `wording` are known only while it can be answered, `place` also after a yes.
    """

    kind: ConsentKind
    org: str
    request: str = ""
    place: str = ""
    count: int = 1
    answer: str = ""
    wording: str = ""

    @classmethod
    def from_json(cls, value: Any) -> Self:
        texts = {name: _text(item) for name, item in value.items() if name not in {"kind", "count"}}
        return cls(kind=ConsentKind(value["kind"]), count=_number(value["count"]), **texts)

    def to_json(self) -> dict[str, Any]:
        texts = {
            name: text for name in ("org", "request", "place", "answer", "wording") if (text := getattr(self, name))
        }
        return {"kind": self.kind.value, "count": self.count, "org": self.org, **texts}

    def over(self, answer: str) -> Self:
        """As it is kept when it can be answered no more: the name of the place only where it may be told something."""
        place = self.place if answer == "yes" else ""
        return replace(self, answer=answer, request="", place=place, wording="")


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentMemory:
    """`reads` is the span agreed to, `no` after a refusal, empty when it was never answered or was withdrawn; `asked`
    counts questions without a yes; `step` is the open question (`read`, a detail), put at `at`; `done` are details
    answered or skipped; `stopped` that the resident wants no more of them; `wants` that a person was asked for."""

    reads: str = ""
    asked: int = 0
    wording: str = ""
    step: str = ""
    at: dt.datetime | None = None
    done: tuple[str, ...] = ()
    stopped: bool = False
    wants: bool = False
    shares: tuple[Share, ...] = ()

    @property
    def readable(self) -> bool:
        """Whether a consent to read stands."""
        return self.reads not in {"", "no"}

    @property
    def open_share(self) -> Share | None:
        """The question of staff that waits for its answer."""
        last = self.shares[-1] if self.shares else None
        return last if last is not None and last.request else None

    @classmethod
    def from_json(cls, value: Any) -> Self:
        if not isinstance(value, Mapping):
            raise TypeError("an object is expected")
        return cls(**{name: _READERS[name](item) for name, item in value.items() if name in _READERS})

    def to_json(self) -> dict[str, Any]:
        out: dict[str, Any] = {
            field.name: value
            for field in fields(self)
            if (value := getattr(self, field.name)) != field.default and field.name not in {"at", "done", "shares"}
        }
        if self.at is not None:
            out["at"] = int(self.at.timestamp())
        if self.done:
            out["done"] = list(self.done)
        if self.shares:
            out["shares"] = [share.to_json() for share in self.shares]
        return out


def _exactly(kind: type) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise TypeError(f"{kind.__name__} is expected")
        return value

    return read


_text, _number, _flag, _list = _exactly(str), _exactly(int), _exactly(bool), _exactly(list)
_READERS: Mapping[str, Callable[[Any], Any]] = {
    "reads": _text,
    "asked": _number,
    "wording": _text,
    "step": _text,
    "at": lambda value: dt.datetime.fromtimestamp(_number(value), dt.UTC),
    "done": lambda value: tuple(_text(item) for item in _list(value)),
    "stopped": _flag,
    "wants": _flag,
    "shares": lambda value: tuple(Share.from_json(item) for item in _list(value)),
}
