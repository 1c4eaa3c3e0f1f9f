"""What a resident is told about their sheet by the program, and the way to the page on which they see it themselves.

Never beside danger, never in a guarded talk: a person finds another way then. Where it is not known whether somebody
else may see the screen, no organisation is named.
"""

from __future__ import annotations

from casework.sheet_news import Held, NewsKind
from dialogue import details
from dialogue.effects import NewsHeld, SayKind
from dialogue.events import PageOffered, SheetTold
from dialogue.scene import Answer, Decision, Scene, done
from dialogue.state import State
from dialogue.words import Link, Message, Text

#: The purpose of the button, as links are issued for it.
PRIVATE_PAGE = "private_page"


def why_not(scene: Scene, state: State) -> Held | None:
    """Why nothing about a sheet is said by the program now."""
    if state.erasing is not None:
        return Held.ERASING
    if details.in_danger(scene, state):
        return Held.DANGER
    return Held.GUARDED if state.guarded else None


def told(scene: Scene, state: State, event: SheetTold) -> Decision:
    """That it went out and by when an answer comes; that an answer is late and who looks into it until when."""
    if (why := why_not(scene, state)) is not None:
        return Decision(state=state, effects=(NewsHeld(why=why),))
    if event.kind is NewsKind.ANSWERED:
        # A person says it in their own words; the program only looks whether it may be said.
        return Decision(state=state)
    return done(scene, SayKind.NOTICE, Answer(said=tuple(_lines(scene, event)), state=state))


def _lines(scene: Scene, event: SheetTold) -> list[Message]:
    voice, words = scene.voice, scene.voice.desk.content.sheet_news
    values = {"place": event.place, "received": event.received, "at": event.at}
    if event.kind is NewsKind.OVERDUE:
        lines = (words.overdue.discreet if event.discreet else words.overdue.open, words.check)
    elif event.discreet:
        lines = (words.submitted.discreet, words.expect.discreet)
    else:
        expected = words.expect.one_day if event.received == event.at else words.expect.open
        lines = (words.submitted.open, expected)
    return [Text(text=voice.line(line, **values)) for line in lines]


def offered(scene: Scene, state: State, _event: PageOffered) -> Decision:
    """A member of staff wants the resident to look: the button, or why a person has to show it another way."""
    if (why := why_not(scene, state)) is not None:
        return Decision(state=state, effects=(NewsHeld(why=why),))
    if details.child(scene, state):
        return Decision(state=state, effects=(NewsHeld(why=Held.BY_PEOPLE),))
    return done(scene, SayKind.NOTICE, Answer(said=(button(scene),), state=state))


def asked(scene: Scene, state: State) -> Answer:
    """The resident asks for it. Whether there is anything to see is known to the page, which says so itself."""
    voice, words = scene.voice, scene.voice.desk.content.sheet_news
    if why_not(scene, state) is not None or details.child(scene, state):
        return Answer(said=(Text(text=voice.line(words.page_by_people)),), state=state)
    return Answer(said=(button(scene),), state=state)


def button(scene: Scene) -> Link:
    """One bubble with the button. It says nothing of what is behind it."""
    voice, words = scene.voice, scene.voice.desk.content.sheet_news.page
    return Link(text=voice.line(words.text), label=voice.line(words.label), purpose=PRIVATE_PAGE)
