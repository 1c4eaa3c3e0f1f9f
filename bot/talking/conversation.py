"""The conversation itself: values, and one step from turn to turn, as in `handlers.turn` but storing nothing."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass, field, replace

from dialogue import Decision, Desk, Listened, State, decide
from dialogue.effects import Say
from dialogue.events import Chosen, Event, Heard
from dialogue.labels import says_no_more
from dialogue.words import Choice, Choices, Message
from nlp import Known, Listener
from nlp.findings import Assessment

#: Each event gets another seed, each turn takes a minute: as in the golden conversations, so that a saved talk is one.
SEED_STEP = 7919
TURN_TAKES = dt.timedelta(minutes=1)
#: `Listener.hear` gets a burst as the shell gives it.
BETWEEN = "\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """One event and everything that came of it. `shown` is what the person at the terminal did."""

    event: Event
    shown: str
    at: dt.datetime
    message: Assessment | None
    overall: Assessment
    decision: Decision
    decided_in: float
    heard_in: float

    @property
    def messages(self) -> tuple[Message, ...]:
        """What is said to the resident; nothing when the decision is silence."""
        return next((effect.messages for effect in self.decision.effects if isinstance(effect, Say)), ())

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What can be pressed: LINE shows the last bubble's only."""
        offered = [message.options for message in self.messages if isinstance(message, Choices)]
        return offered[-1] if offered else ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Talk:
    """Everything the next decision depends on, and the turns up to now. `first_seed` tells one talk from another."""

    now: dt.datetime
    first_seed: int = 0
    state: State = field(default_factory=State.new)
    known: Known = field(default_factory=Known)
    heard: int = 0
    turns: tuple[Turn, ...] = ()

    @property
    def seed(self) -> int:
        """The seed of the next event."""
        return self.first_seed + SEED_STEP * (len(self.turns) + 1)

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What can be pressed now: answers vanish with the next bubble, but stay while nothing is said."""
        return next((turn.choices for turn in reversed(self.turns) if turn.messages), ())


def meet(talk: Talk, desk: Desk, listener: Listener, event: Event, shown: str) -> Talk:
    """One event: heard, decided, remembered. The times in the new turn are seconds of this machine."""
    began = time.perf_counter()
    message, known = _hear(talk, desk, listener, event)
    heard = time.perf_counter()
    decision = decide(desk, talk.state, event, _listened(event, message, known), talk.now, talk.seed)
    decided = time.perf_counter()
    turn = Turn(
        event=event,
        shown=shown,
        at=talk.now,
        message=message,
        overall=known.assessment,
        decision=decision,
        decided_in=decided - heard,
        heard_in=heard - began,
    )
    texts = len(event.texts) if isinstance(event, Heard) else 0
    return replace(
        talk,
        now=talk.now + TURN_TAKES,
        # As through the database: what does not come back from there must not work here either.
        state=State.from_json(decision.state.to_json()),
        known=known,
        heard=talk.heard + texts,
        turns=(*talk.turns, turn),
    )


def _hear(talk: Talk, desk: Desk, listener: Listener, event: Event) -> tuple[Assessment | None, Known]:
    erasing = talk.state.erasing
    # The shell destroys what is known when its time has come.
    known = Known() if erasing is not None and talk.now >= erasing.at else talk.known
    if not isinstance(event, Heard) or not event.texts:
        return None, known
    if says_no_more(desk.content, talk.state, known.assessment.risk.level, event.texts):
        return Assessment(), known
    found = listener.hear(BETWEEN.join(event.texts), known=known, turn=talk.heard)
    return found.message, found.known


def _listened(event: Event, message: Assessment | None, known: Known) -> Listened | None:
    if message is not None:
        return Listened(message=message, overall=known.assessment)
    return Listened(overall=known.assessment) if isinstance(event, Chosen) else None
