"""What typed words answer to a check-in: the meaning of a button, no more of them, or another one.

Old people write a greeting before it and thanks behind it; so a sentence that is a mere courtesy counts for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from config.contents.patterns import Intents
from dialogue.checkin_state import CheckInMemory
from dialogue.intents import found_in, sentences
from nlp.findings import RiskLevel

#: The names of the patterns that count.
MEANINGS = frozenset({"good", "so_so", "hard", "talk", "pause", "end", "again", "need", "until"})
#: Whatever says more than a few short sentences is heard as words.
LONGEST_ANSWER = 20
MOST_SENTENCES = 3
COURTESIES = frozenset({"thanks", "greeting"})
ABOUT_PLANS = ("check_in", "letters", "pause", "no_letters")
NAMED = ("おたより", "お便り", "届かない時間", "とどかない時間")
#: 「終わりにします」 and 「やめたい」 may be said of a life, so they are listened to all the same.
LAST = ("終わ", "おわ", "おしまい", "やめたい")


def answer_in(intents: Intents, texts: Sequence[str]) -> str | None:
    """The one meaning that all of these words have; None where they say anything else."""
    told = told_in(intents, texts)
    if not told or any(len(sentence) > LONGEST_ANSWER for sentence in told):
        return None
    meanings = {_meaning(intents, sentence) for sentence in told}
    return meanings.pop() if len(meanings) == 1 else None


def told_in(intents: Intents, texts: Sequence[str]) -> list[str]:
    """The sentences without mere courtesies; none where there are too many to be an answer."""
    said = sentences(texts)
    if len(said) > MOST_SENTENCES:
        return []
    return [sentence for sentence in said if not _is_courtesy(intents, sentence)]


def only_ends(intents: Intents, texts: Sequence[str]) -> bool:
    """Whether these words only send check-ins away. As a telling 「もういい、やめて」 would sound like despair."""
    told = told_in(intents, texts)
    if any(word in sentence for sentence in told for word in LAST):
        return False
    stop = {"stop": intents.rights["stop"]}
    return bool(told) and all(_meaning(intents, one) == "end" or found_in(stop, [one]) for one in told)


def only_settles(intents: Intents, texts: Sequence[str]) -> bool:
    """Whether these words only ask for check-ins, to see, change, rest or end them, and name them."""
    told = told_in(intents, texts)
    ways = {str(name): patterns for name, patterns in intents.commands.items() if name in ABOUT_PLANS}
    ways["hours"] = intents.styles["hours"]
    return bool(told) and all(found_in(ways, [one]) and any(name in one for name in NAMED) for one in told)


def says_no_more(intents: Intents, memory: CheckInMemory, level: RiskLevel, texts: Sequence[str]) -> bool:
    """Whether these words are about check-ins alone, like the press of a button: then nothing is to be heard in them.

    `level` is the danger known before: where there is any, everything is listened to. Without a check-in that waits for
    an answer, only words that say so plainly count.
    """
    if memory.plan is None or level is not RiskLevel.NONE:
        return False
    if only_settles(intents, texts):
        return True
    if not only_ends(intents, texts):
        return False
    stop = {"stop": intents.rights["stop"]}
    return bool(memory.waiting) or any(found_in(stop, [one]) for one in sentences(texts))


def _meaning(intents: Intents, sentence: str) -> str | None:
    found = [name for name in found_in(intents.check_in, [sentence]) if name in MEANINGS]
    return found[0] if len(found) == 1 else None


def _is_courtesy(intents: Intents, sentence: str) -> bool:
    talk = found_in(intents.talk, [sentence])
    return bool(talk) and set(talk) <= COURTESIES and _meaning(intents, sentence) is None
