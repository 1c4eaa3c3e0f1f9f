"""The listener: text in, findings with evidence out.

Importing this package loads no dictionary; `Listener.load()` does.
"""

from __future__ import annotations

from nlp.listener import Heard, Listener
from nlp.memory import Known

__all__ = ["Heard", "Known", "Listener"]
