"""Whether there is a fresh backup."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from bot.findings import Finding, Mark
from config.settings import Settings

#: In DATA_DIR: when the last backup was made.
MARK_FILE = "last-backup.json"
#: A day, and the time in which somebody has noticed.
FRESH = timedelta(hours=48)
_ADVICE = "「tsunagu backup」を毎日動かしてください"


def last_backup(settings: Settings, now: datetime) -> Finding:
    """How old the newest backup is, as far as it was made from here."""
    try:
        mark = json.loads((settings.data_dir / MARK_FILE).read_text(encoding="utf-8"))
        age = now - datetime.fromisoformat(mark["at"])
    except FileNotFoundError:
        return Finding(Mark.NOTE, "控え", "控えがまだありません", _ADVICE)
    except (OSError, ValueError, KeyError, TypeError):
        return Finding(Mark.NOTE, "控え", f"{MARK_FILE} が読めません", _ADVICE)
    if age > FRESH:
        return Finding(Mark.NOTE, "控え", f"最後の控えは{age.days}日前です", _ADVICE)
    return Finding(Mark.GOOD, "控え", "新しい控えがあります")
