"""Typed words that are a button of the question that is open: who types what stands on it has pressed it.

On a computer LINE shows no buttons, and people copy the words they see. A label says what it says and no more, so
nothing is listened for in it; the same holds for words that only leave the question undecided.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from config.content import Content
from config.contents.models import Line
from dialogue.actions import Action
from dialogue.checkin_words import says_no_more as only_about_check_ins
from dialogue.consent_state import READ
from dialogue.events import Chosen
from dialogue.intents import found_in, sentences
from dialogue.sharing import MARK
from dialogue.state import Pending, State
from nlp.findings import RiskLevel

#: A label, and what pressing it means.
Button = tuple[Line, Action, str]
#: Of an offer that was not answered; 「電話する」 may by then be said of anything.
LATER = frozenset({"yes", "meet", "stay", "no"})
LEAVES = frozenset({"leaves_it", "back"})
#: In these words a question is left undecided: 「まだ決められません」.
UNDECIDED = ("決め", "きめ")
_ERASE: Mapping[Pending, tuple[str, ...]] = {
    Pending.ERASE: ("yes", "no"),
    Pending.ERASE_WORD: ("yes",),
    Pending.KEEP: ("keep", "go_on"),
}
#: Buttons of the question whether check-ins are wished for, and how often.
_CHECK_IN: Mapping[str, tuple[str, ...]] = {
    "offer": ("yes", "no"),
    "rhythm": ("tomorrow", "weekly", "fortnightly", "monthly", "on_day"),
}


def pressed(content: Content, state: State, texts: Sequence[str]) -> Chosen | None:
    """The press that these words are, None when they say anything else or nothing is open."""
    said = "".join(sentences(texts))
    if not said:
        return None
    for line, action, argument in _buttons(content, state):
        if said in {"".join(sentences([text])) for text in (line.plain, line.kana)}:
            return Chosen(action=action, argument=argument)
    return None


def says_no_more(content: Content, state: State, level: RiskLevel, texts: Sequence[str]) -> bool:
    """Whether nothing is to be heard in these words: they are a button's, leave a question undecided, or are about
    check-ins alone. `level` is the danger known before."""
    if pressed(content, state, texts) is not None or _leaves_open(content, state, texts):
        return True
    return only_about_check_ins(content.intents, state.checkins, level, texts)


def _leaves_open(content: Content, state: State, texts: Sequence[str]) -> bool:
    if state.pending is Pending.CHECK_IN and state.checkins.plan is not None and not state.checkins.step:
        # 「やっぱりやめます」, right after a plan was read back.
        leaves = {name: patterns for name, patterns in content.intents.standing.items() if name in LEAVES}
        return all(found_in(leaves, [one]) for one in sentences(texts))
    groups = {
        Pending.OFFER: {"stay": content.intents.answers["stay"]},
        Pending.READ: {"not_yet": content.intents.consent["not_yet"]},
        Pending.SHARE: {"not_yet": content.intents.consent["not_yet"]},
    }
    group, said = groups.get(state.pending), sentences(texts)
    if group is None or not said:
        return False
    return all(any(word in one for word in UNDECIDED) and found_in(group, [one]) for one in said)


def _buttons(content: Content, state: State) -> Iterator[Button]:
    """What can be pressed below the question that is open."""
    match state.pending:
        case Pending.OFFER:
            yield from _named(content.offer.labels, Action.OFFER)
        case Pending.READ:
            yield from _named(content.consent.read.labels, Action.CONSENT, "read.")
        case Pending.SHARE:
            yield from _of_a_share(content, state)
        case Pending.DETAIL:
            yield from _of_a_detail(content, state.consent.step)
        case Pending.ERASE | Pending.ERASE_WORD | Pending.KEEP:
            yield from _named(content.erase.labels, Action.ERASE, only=_ERASE[state.pending])
        case Pending.CHECK_IN:
            step = state.checkins.step
            yield from _named(content.checkins.labels, Action.CHECK_IN, f"{step}.", only=_CHECK_IN.get(step, ()))
        case Pending.NOTHING:
            yield from _left_lying(content, state)


def _named(
    labels: Mapping[Any, Line],
    action: Action,
    before: str = "",
    after: str = "",
    *,
    only: Collection[str] | None = None,
) -> Iterator[Button]:
    for name, line in labels.items():
        if only is None or name in only:
            yield line, action, f"{before}{name}{after}"


def _left_lying(content: Content, state: State) -> Iterator[Button]:
    """Questions that were not answered before something else was said."""
    if state.consent.step == READ and state.erasing is None:
        yield from _named(content.consent.read.labels, Action.CONSENT, "read.")
    if state.offer is not None and not state.offer.answer:
        yield from _named(content.offer.labels, Action.OFFER, only=LATER)


def _of_a_share(content: Content, state: State) -> Iterator[Button]:
    share = state.consent.open_share
    asked = {"ask_around": content.consent.ask_around, "tell_name": content.consent.tell_name}
    question = None if share is None else asked.get(share.kind)
    if share is not None and question is not None:
        yield from _named(question.labels, Action.CONSENT, "share.", f".{share.request[:MARK]}")


def _of_a_detail(content: Content, step: str) -> Iterator[Button]:
    detail = next((asked for name, asked in content.consent.details.items() if name == step), None)
    if detail is not None:
        # 「いない」 days later may be said of anybody.
        yield from _named(detail.labels, Action.CONSENT, f"{step}.", only=("yes", "no"))
        yield content.consent.labels["skip"], Action.CONSENT, f"{step}.skip"
