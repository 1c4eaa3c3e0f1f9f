"""What staff ask a resident in the talk: to be read, to ask a place without the name, to tell a place the name.

A refusal is final until staff ask anew with a reason, and nobody is asked more than three times. People, not the
program, ask children, those who write about somebody else, and everybody in a guarded talk.
"""

from __future__ import annotations

from dataclasses import replace

from casework.consents import MOST_ASKED, ConsentKind, NotAsked, about_another, wording_hash
from dialogue import consent, details
from dialogue.consent_state import SHARES_KEPT, Share
from dialogue.effects import AskConsent, ConsentDeclined, ConsentGiven, ConsentNotAsked, SayKind
from dialogue.events import StaffAsksConsent
from dialogue.scene import Answer, Decision, Scene, done
from dialogue.state import Pending, State
from dialogue.words import Message, Text

#: So many letters of the question's id are enough to tell an old button from a new one.
MARK = 8
#: The end of an id is random; its beginning is a time.
ORG_KEPT = 8


def asked(scene: Scene, state: State, event: StaffAsksConsent) -> Decision:
    """The question of a member of staff, or why it is not put."""
    why = _why_not_read(scene, state, event) if event.kind is ConsentKind.READ else _why_not(scene, state, event)
    if why is not None:
        return Decision(state=state, effects=(ConsentNotAsked(why=why),))
    reason: tuple[Message, ...] = (Text(text=event.reason),) if event.reason else ()
    if event.kind is ConsentKind.READ:
        return done(scene, SayKind.NOTICE, consent.put(scene, Answer(said=reason, state=state), count=1))
    before = _before(state, event)
    mark = f".{event.request[:MARK]}"
    bubbles = consent.bubbles_of(scene.voice, event.kind, prefix="share", suffix=mark, place=event.place)
    words = "\n".join(bubble.text for bubble in bubbles)
    share = Share(
        kind=event.kind,
        request=event.request,
        org=event.org[-ORG_KEPT:],
        place=event.place,
        count=1 if before is None or before.answer == "yes" else before.count + 1,
        wording=wording_hash(words),
    )
    others = tuple(one.over(one.answer) for one in state.consent.shares if one is not before)
    # A question that was not answered gives way to the newer one.
    memory = replace(state.consent, shares=(*others, share))
    state = replace(state, consent=memory, pending=Pending.SHARE, asked=False)
    effect = AskConsent(kind=event.kind, words=words, request=event.request)
    return done(scene, SayKind.NOTICE, Answer(said=(*reason, *bubbles), state=state, effects=(effect,)))


def _why_not_read(scene: Scene, state: State, event: StaffAsksConsent) -> NotAsked | None:
    memory = state.consent
    if state.erasing is not None:
        return NotAsked.ERASING
    if memory.readable:
        return NotAsked.AGREED
    if details.in_danger(scene, state):
        return NotAsked.IN_DANGER
    if memory.asked >= MOST_ASKED:
        return NotAsked.TOO_OFTEN
    return NotAsked.REFUSED if memory.reads == "no" and not event.reason else None


def _why_not(scene: Scene, state: State, event: StaffAsksConsent) -> NotAsked | None:
    before = _before(state, event)
    no_room = before is None and len(state.consent.shares) >= SHARES_KEPT
    refusals = (
        (not event.kind.in_talk, NotAsked.WITH_PEOPLE),
        (state.erasing is not None, NotAsked.ERASING),
        (details.in_danger(scene, state), NotAsked.IN_DANGER),
        (state.guarded, NotAsked.GUARDED),
        (details.child(scene, state), NotAsked.UNDER_16),
        (_about_another(scene), NotAsked.ABOUT_ANOTHER),
        (no_room, NotAsked.TOO_OFTEN),
        (before is not None and before.answer != "yes" and before.count >= MOST_ASKED, NotAsked.TOO_OFTEN),
        (before is not None and before.answer == "no" and not event.reason, NotAsked.REFUSED),
    )
    return next((why for holds, why in refusals if holds), None)


def _about_another(scene: Scene) -> bool:
    role = scene.listened.facts.writer_role
    return about_another(None if role is None else role.value)


def _before(state: State, event: StaffAsksConsent) -> Share | None:
    return next(
        (one for one in state.consent.shares if (one.kind, one.org) == (event.kind, event.org[-ORG_KEPT:])), None
    )


def typed(scene: Scene, state: State) -> Answer | None:
    """The answer in somebody's own words. What may mean either is asked once more: it would leave the desk."""
    share = state.consent.open_share
    intent = scene.intent
    if share is None or intent.commands or intent.rights:
        return None
    meant = consent.meaning(scene)
    if meant in {"bare", "unclear"}:
        return _once_more(scene, state, share)
    if meant == "all":
        return decided(scene, state, share, yes=True)
    return decided(scene, state, share, yes=False) if meant == consent.NOT_YET else None


def _once_more(scene: Scene, state: State, share: Share) -> Answer:
    voice = scene.voice
    bubbles = consent.bubbles_of(
        voice, share.kind, prefix="share", suffix=f".{share.request[:MARK]}", place=share.place
    )[1:]
    said = (Text(text=voice.say(voice.desk.content.consent.unclear)), *bubbles)
    return Answer(said=said, state=replace(state, pending=Pending.SHARE))


def pressed(scene: Scene, state: State, argument: str) -> Answer | None:
    """A button of such a question; only the open question can be answered."""
    share = state.consent.open_share
    prefix, _, rest = argument.partition(".")
    name, _, mark = rest.partition(".")
    if prefix != "share" or share is None or mark != share.request[:MARK] or state.erasing is not None:
        return None
    if name not in {"yes", consent.NOT_YET}:
        return None
    return decided(scene, state, share, yes=name == "yes")


def decided(scene: Scene, state: State, share: Share, *, yes: bool) -> Answer:
    """Yes is read back in one sentence; no changes nothing."""
    voice, words = scene.voice, scene.voice.desk.content.consent
    answered = share.over("yes" if yes else "no")
    memory = replace(state.consent, shares=(*state.consent.shares[:-1], answered))
    state = replace(state, consent=memory, pending=Pending.NOTHING)
    if yes and (state.guarded or details.child(scene, state) or _about_another(scene)):
        # What has become known since the question was put makes it one for people.
        by_people = Text(text=voice.line(words.by_people))
        return Answer(said=(by_people,), state=state, effects=(_declined(share),))
    if not yes:
        line = words.guarded if state.guarded else words.share_declined
        said = (Text(text=voice.line(line, place=share.place)),)
        return Answer(said=said, state=state, effects=(_declined(share),))
    line = next(line for name, line in words.agreed.items() if name == share.kind)
    given = ConsentGiven(kind=share.kind, wording=share.wording, request=share.request)
    return Answer(said=(Text(text=voice.line(line, place=share.place)),), state=state, effects=(given,))


def _declined(share: Share) -> ConsentDeclined:
    return ConsentDeclined(kind=share.kind, request=share.request)
