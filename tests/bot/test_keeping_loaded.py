"""What a server has loaded at its start is not gone through again by the collector of garbage."""

from __future__ import annotations

import gc

from bot.commands.serving import keep_what_is_loaded


def test_the_collector_leaves_alone_what_was_loaded_and_looks_at_what_came_later() -> None:
    loaded: list[object] = [{}]
    try:
        keep_what_is_loaded()
        later: list[object] = [{}]
        looked_at = {id(one) for one in gc.get_objects()}
        assert id(loaded) not in looked_at
        assert id(later) in looked_at
    finally:
        # The tests after this one go on as before.
        gc.unfreeze()
