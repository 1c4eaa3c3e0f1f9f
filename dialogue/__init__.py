"""What to say to a resident, and when: pure functions over values, words from `config/content/`."""

from dialogue.decide import Decision, decide
from dialogue.desk import Desk
from dialogue.listened import Listened
from dialogue.state import State, StateError

__all__ = ["Decision", "Desk", "Listened", "State", "StateError", "decide"]
