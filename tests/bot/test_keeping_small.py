"""What only a few processes need is not in the memory of all of them."""

from __future__ import annotations

import subprocess
import sys


def test_what_sets_papers_is_not_loaded_before_somebody_prints_one() -> None:
    asked = "import sys, bot.app, bot.commands.serving, bot.commands.working\n"
    asked += "print([name for name in ('typst', 'openpyxl') if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
