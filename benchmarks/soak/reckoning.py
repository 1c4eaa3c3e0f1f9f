"""What came of a run: pure arithmetic over what was acknowledged, what the database says and what LINE accepted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class EventRow:
    """One row of the inbox."""

    event_id: str
    state: str
    turn: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class LetterRow:
    """One row of the outbox."""

    turn: str | None
    state: str
    retry_key: str
    maybe_doubled: bool
    in_hand: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Reckoning:
    """Counts. All but the first five have to be zero."""

    acknowledged: int
    turns: int
    sent: int
    merged: int
    said_twice_and_counted: int
    events_lost: int
    events_not_done: int
    turns_with_two_answers: int
    letters_not_sent: int
    letters_still_in_hand: int
    sent_but_never_accepted: int
    said_twice_uncounted: int

    @property
    def wrong(self) -> dict[str, int]:
        """What must be zero and is not."""
        fine = {"acknowledged", "turns", "sent", "merged", "said_twice_and_counted"}
        return {name: count for name, count in asdict(self).items() if name not in fine and count}

    def to_json(self) -> dict[str, int]:
        return asdict(self)


def reckon(
    *,
    acknowledged: Collection[str],
    tokens: Mapping[str, str],
    events: Sequence[EventRow],
    letters: Sequence[LetterRow],
    replies: Mapping[str, int],
    pushes: Mapping[str, int],
) -> Reckoning:
    """`tokens` maps a reply token to its event. A letter was said once for each reply to an event of its turn that
    LINE accepted, and once for each push with its retry key.
    """
    turn_of = {event.event_id: event.turn for event in events}
    replied: defaultdict[str | None, int] = defaultdict(int)
    for token, count in replies.items():
        replied[turn_of.get(tokens[token])] += count
    said = [
        (letter, replied[letter.turn] * (letter.turn is not None) + pushes.get(letter.retry_key, 0))
        for letter in letters
    ]
    answers = Counter(letter.turn for letter in letters if letter.turn is not None)
    sent = [(letter, times) for letter, times in said if letter.state == "sent"]
    others = [(letter, times) for letter, times in said if letter.state != "sent"]
    return Reckoning(
        acknowledged=len(acknowledged),
        turns=len({event.turn for event in events} - {None}),
        sent=len(sent),
        merged=sum(letter.state == "merged" for letter in letters),
        said_twice_and_counted=sum(times == 2 and letter.maybe_doubled for letter, times in sent),
        events_lost=len(set(acknowledged) - turn_of.keys()),
        events_not_done=sum(event.state != "done" or event.turn is None for event in events),
        turns_with_two_answers=sum(count > 1 for count in answers.values()),
        letters_not_sent=sum(letter.state not in {"sent", "merged"} for letter in letters),
        letters_still_in_hand=sum(letter.in_hand for letter in letters),
        sent_but_never_accepted=sum(times == 0 for _, times in sent),
        # A merged letter travels in another one: said by itself, too, it was said twice.
        said_twice_uncounted=sum(times > 1 + letter.maybe_doubled for letter, times in sent)
        + sum(times > 0 for _, times in others),
    )
