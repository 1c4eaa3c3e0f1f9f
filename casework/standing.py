"""How a case stands, and what one turn of the talk changes in it. Pure: the rows are `storage.cases`' business."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace

from casework import queue
from casework.queue import CaseState, LastWord, Level, Place, SafeContact
from casework.workdays import Workdays

#: Why a case of a child was opened that nobody was alerted about.
CHILD_RULE = "child_carer"


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """Staff have to look at a danger. `rule` is a label, no words."""

    level: Level
    kinds: tuple[str, ...]
    rule: str


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """What one turn of a resident's talk means for staff.

    `wrote`: a message came. `answered`: the program said something. `asks` is the rule by which a person was accepted
    or asked for, `takes_back` that this was taken back. `hides` says that erasing was planned (True) or taken back
    (False); `hidden` that it is planned. `safe_contact`: they were asked whether staff may write here. `consent` is the
    line of the timeline about it. Levels, categories and facts are those of the whole talk.
    """

    at: dt.datetime
    turn: int
    wrote: bool = False
    answered: bool = False
    alarm: Alarm | None = None
    asks: str | None = None
    takes_back: bool = False
    level: Level = Level.NONE
    kinds: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    safety_role: str | None = None
    at_risk: str | None = None
    danger_now: bool = False
    minor: bool = False
    age: int | None = None
    language: str | None = None
    guarded: bool = False
    card_at: dt.datetime | None = None
    left: bool = False
    hides: bool | None = None
    hidden: bool = False
    safe_contact: SafeContact | None = None
    consent: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """The part of a case that turns change; its fields are columns of the same names."""

    state: CaseState
    owned: bool = False
    waiting_since: dt.datetime | None
    last_word: LastWord
    last_word_at: dt.datetime
    heard_level: Level
    staff_level: Level | None = None
    risk_kinds: tuple[str, ...] = ()
    rule: str
    alert_turn: int | None = None
    asked_at: dt.datetime | None = None
    safety_role: str | None = None
    at_risk: str | None = None
    danger_now: bool = False
    minor: bool = False
    age_band: str | None = None
    language: str | None = None
    safe_contact: SafeContact = SafeContact.UNKNOWN
    card_shown_at: dt.datetime | None = None
    child_lane: bool = False
    deadline_at: dt.datetime | None = None
    categories: tuple[str, ...] = ()
    blocked: bool = False
    snoozed_until: dt.datetime | None = None
    hidden_at: dt.datetime | None = None

    @property
    def risk_level(self) -> Level:
        return queue.level_now(self.heard_level, self.staff_level)

    @property
    def place(self) -> Place:
        return queue.place(self.risk_level, waits=self.waiting_since is not None)

    @property
    def since(self) -> dt.datetime:
        """What the queue is ordered by within a place."""
        return self.waiting_since or self.last_word_at


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What a desk promises its residents: how soon danger is looked at, and on which days people work."""

    urgent_within: dt.timedelta
    workdays: Workdays


def after(before: Standing | None, news: News, terms: Terms) -> Standing | None:
    """The case after a turn; None when there is none, and nothing that opens one."""
    child = queue.carries_a_home(news.categories, minor=news.minor, age=news.age)
    if before is None:
        if news.alarm is None and news.asks is None and not child:
            return None
        before = Standing(
            state=CaseState.WAITING,
            waiting_since=None,
            last_word=LastWord.RESIDENT,
            last_word_at=news.at,
            heard_level=Level.NONE,
            rule=news.asks or CHILD_RULE,
            hidden_at=news.at if news.hidden else None,
        )
        # Opened by a turn without words of theirs, too, somebody has to look.
        news = news if news.takes_back else replace(news, wrote=True)
    return _hidden(_reached(_told(before, news, child=child), before, news, terms), news)


def _told(standing: Standing, news: News, *, child: bool) -> Standing:
    """What the words say now. How high the danger was never sinks by words: only staff lower it."""
    levels = [standing.heard_level, news.level, *([news.alarm.level] if news.alarm else [])]
    alarm_kinds = news.alarm.kinds if news.alarm else ()
    return replace(
        standing,
        heard_level=max(levels, key=lambda level: level.rank),
        risk_kinds=tuple(dict.fromkeys((*standing.risk_kinds, *news.kinds, *alarm_kinds))),
        safety_role=news.safety_role or standing.safety_role,
        at_risk=news.at_risk or standing.at_risk,
        danger_now=news.danger_now,
        minor=news.minor,
        age_band=queue.age_band(news.age, minor=news.minor),
        language=news.language,
        safe_contact=SafeContact.NO if news.guarded else news.safe_contact or standing.safe_contact,
        card_shown_at=news.card_at or standing.card_shown_at,
        child_lane=child or standing.child_lane,
        categories=news.categories,
    )


def _reached(standing: Standing, before: Standing, news: News, terms: Terms) -> Standing:
    """Who waits since when, by when somebody has to look, and where the case stands."""
    alarm = news.alarm
    if alarm is not None:
        lowered = standing.staff_level
        if lowered is not None and lowered.rank < alarm.level.rank:
            # What staff lowered was another danger than this one.
            lowered = None
        standing = replace(standing, rule=alarm.rule, alert_turn=news.turn, staff_level=lowered)
    if news.asks is not None:
        calm = standing.heard_level is Level.NONE
        standing = replace(standing, asked_at=news.at, rule=news.asks if calm else standing.rule)
    calls = news.wrote or alarm is not None or news.asks is not None
    waiting = standing.waiting_since or (news.at if calls else None)
    if news.takes_back and standing.risk_level is not Level.URGENT:
        waiting = None
    if calls and standing.state is CaseState.SNOOZED:
        state = CaseState.OPEN if standing.owned else CaseState.WAITING
        standing = replace(standing, state=state, snoozed_until=None)
    standing = replace(standing, waiting_since=waiting, blocked=news.left)
    if calls or news.takes_back:
        by = LastWord.PROGRAM if news.answered else LastWord.RESIDENT
        standing = replace(standing, last_word=by, last_word_at=news.at)
    return replace(standing, deadline_at=_deadline(standing, before, news, terms))


def _deadline(standing: Standing, before: Standing, news: News, terms: Terms) -> dt.datetime | None:
    """A deadline stands until somebody has looked; danger makes it shorter, never longer."""
    urgent = news.alarm is not None and news.alarm.level is Level.URGENT
    new_child = standing.child_lane and not before.child_lane
    if not urgent and not new_child:
        return standing.deadline_at
    due = queue.deadline(
        standing.risk_level,
        child_lane=standing.child_lane,
        now=news.at,
        urgent_within=terms.urgent_within,
        workdays=terms.workdays,
    )
    both = [at for at in (standing.deadline_at, due) if at is not None]
    return min(both, default=None)


def _hidden(standing: Standing, news: News) -> Standing:
    if news.hides is None:
        return standing
    return replace(standing, hidden_at=(standing.hidden_at or news.at) if news.hides else None)


def timeline(before: Standing | None, now: Standing, news: News) -> Iterator[str]:
    """The lines the turn adds to the timeline: names of what happened, no words."""
    if before is None:
        yield "opened"
    if news.alarm is not None:
        yield f"alarm_{news.alarm.level.value}"
    if news.asks is not None:
        yield "asked"
    if news.takes_back:
        yield "took_back"
    if before is not None and now.blocked != before.blocked:
        yield "blocked" if now.blocked else "unblocked"
    if before is not None and before.state is CaseState.SNOOZED and now.state is not CaseState.SNOOZED:
        yield "woke"
    if news.consent is not None:
        yield news.consent
    if news.hides is not None:
        yield "hidden" if news.hides else "shown_again"
