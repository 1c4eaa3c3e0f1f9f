"""The talk of a case as bubbles in one order: what the resident, the program and the staff said."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from uuid import UUID

from casework import sending
from casework.highlight import Piece, pieces, showable
from casework.people import Viewer
from casework.queue import Level
from config.categories import categories
from handlers.staff import case_labels
from storage.case_tables import MessageState
from storage.case_talk import RISK, Answered, Heard, Pressed, Talk
from storage.staff_messages import Written


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A stretch of a bubble. `because` names what a run of marked words led to, once at its end."""

    text: str
    labels: tuple[str, ...] = ()
    because: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One bubble of the talk. `by` is resident, program or staff."""

    id: UUID
    by: str
    at: datetime
    pieces: tuple[Shown, ...] = ()
    note: str = ""
    hidden: bool = False
    #: A button was pressed, nothing written.
    button: bool = False
    tags: tuple[str, ...] = ()
    level: str | None = None
    who: str = ""
    sending: sending.Told | None = None
    draft: bool = False
    dropped: bool = False
    mine: bool = False
    #: What the second person did, where the desk asks for one.
    second: str = ""


def lines_of(
    talk: Talk, written: Sequence[Written], viewer: Viewer, names: Mapping[UUID, str], *, newest: bool
) -> list[Line]:
    """Every bubble of a stretch of the talk; `newest`: it is the last one, and goes on."""
    lines = [
        *(_heard(heard) for heard in talk.heard),
        *(_pressed(pressed) for pressed in talk.pressed),
        *(_answered(answered) for answered in talk.answered),
        *(_written(one, viewer, names) for one in written if _within(talk, one.created_at, newest=newest)),
    ]
    return sorted(lines, key=_in_order(talk))


def _in_order(talk: Talk) -> Callable[[Line], tuple[datetime, int]]:
    """By time; an answer never stands before what it answers, however the clocks of LINE and ours differ."""
    heard_last: dict[int | None, datetime] = {}
    acts = [(heard.turn, heard.at) for heard in talk.heard]
    acts += [(pressed.turn, pressed.at) for pressed in talk.pressed if pressed.turn is not None]
    for turn, at in acts:
        heard_last[turn] = max(at, heard_last.get(turn, at))
    answers = {one.id: max(one.at, heard_last.get(one.turn, one.at)) for one in talk.answered}
    ranks = {"resident": 0, "program": 1, "staff": 2}
    return lambda line: (answers.get(line.id, line.at), ranks[line.by])


def _within(talk: Talk, at: datetime, *, newest: bool) -> bool:
    """Whether a message of the staff belongs to the stretch that is shown."""
    since = min((heard.at for heard in talk.heard), default=at) if talk.earlier is not None else at
    return since <= at and (newest or talk.until is None or at < talk.until)


def _heard(heard: Heard) -> Line:
    note_ = ""
    if heard.unsent:
        note_ = "(本人が送信を取り消しました)"
    elif heard.kind != "text":
        note_ = f"({case_labels.MESSAGE_KINDS.get(heard.kind, heard.kind)})"
    cut = () if heard.text is None else pieces(heard.text, heard.marks)
    return Line(
        id=heard.id,
        by="resident",
        at=heard.at,
        pieces=_shown(cut, heard),
        note=note_,
        hidden=heard.hidden,
        tags=tuple(tag.category for tag in heard.tags),
        level=heard.level if heard.level != "none" else None,
    )


def _pressed(pressed: Pressed) -> Line:
    words = () if pressed.text is None else (Shown(text=f"(ボタン) {showable(pressed.text)}"),)
    return Line(id=pressed.id, by="resident", at=pressed.at, pieces=words, hidden=pressed.hidden, button=True)


def _shown(cut: Sequence[Piece], heard: Heard) -> tuple[Shown, ...]:
    found, run = [], dict[str, None]()
    for piece, following in zip_longest(cut, cut[1:]):
        labels = tuple(_label(label, heard) for label in piece.labels)
        run |= dict.fromkeys(labels)
        ends = labels and (following is None or not following.labels)
        found.append(Shown(text=piece.text, labels=labels, because=tuple(run) if ends else ()))
        if ends:
            run = {}
    return tuple(found)


def _label(label: str, heard: Heard) -> str:
    if label == RISK:
        return case_labels.LEVELS.get(Level(heard.level), "危険") if heard.level else "危険"
    return categories()[label].label if label in categories() else label


def _answered(answered: Answered) -> Line:
    return Line(
        id=answered.id,
        by="program",
        at=answered.at,
        pieces=tuple(Shown(text=showable(line)) for line in answered.lines),
        hidden=answered.hidden,
        note="" if answered.state.value in {"sent", "waiting", "merged"} else "(届いていません)",
    )


def _written(written: Written, viewer: Viewer, names: Mapping[UUID, str]) -> Line:
    delivery = written.sending
    told = None
    if delivery is not None:
        told = sending.told(
            delivery.state.value,
            tries=delivery.tries,
            reason=delivery.reason,
            by=delivery.sent_by,
            unsure=delivery.unsure,
            doubled=delivery.doubled,
        )
    return Line(
        id=written.id,
        by="staff",
        at=written.created_at,
        pieces=(Shown(text=showable(written.text)),),
        who=names.get(written.author_id, "?"),
        sending=told,
        draft=written.state is MessageState.DRAFT,
        dropped=written.state is MessageState.DROPPED,
        mine=written.author_id == viewer.staff_id,
        second=_second(written, names),
    )


def _second(written: Written, names: Mapping[UUID, str]) -> str:
    """Who read it before it went out, or gave it up."""
    if written.second_id is None:
        return ""
    done = "やめました" if written.state is MessageState.DROPPED else "確かめて送りました"
    return f"{names.get(written.second_id, '?')}さんが{done}"
