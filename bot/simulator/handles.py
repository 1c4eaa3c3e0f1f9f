"""A resident in a test's hand: does things, and waits for the bot without ever sleeping."""

from __future__ import annotations

from collections.abc import Callable

from bot.simulator.model import Entry, Friendship, Json, RefusedError, Resident, Side, actions_in
from bot.simulator.platform import Platform


class ResidentHandle:
    """Thread-safe. `bubbles` is all the bot has said; `answer()` what it said to the latest act."""

    def __init__(self, platform: Platform, user_id: str) -> None:
        self._platform = platform
        self.user_id = user_id

    @property
    def _state(self) -> Resident:
        return self._platform.residents.get(self.user_id)

    # Doing

    def follow(self) -> Json:
        return self._platform.residents.follow(self.user_id)

    unblock = follow

    def block(self) -> Json:
        return self._platform.residents.block(self.user_id)

    def say(self, words: str) -> Entry:
        return self._platform.residents.say(self.user_id, words)

    def send_sticker(self, package_id: str = "446", sticker_id: str = "1988", keywords: tuple[str, ...] = ()) -> Entry:
        return self._platform.residents.send_sticker(self.user_id, package_id, sticker_id, keywords)

    def send_media(self, kind: str) -> Entry:
        """`image`, `video`, `audio` or `file`."""
        return self._platform.residents.send_media(self.user_id, kind)

    def send_location(self) -> Entry:
        return self._platform.residents.send_location(self.user_id)

    def unsend(self, message: Entry | str) -> Json:
        message_id = message if isinstance(message, str) else message.id
        return self._platform.residents.unsend(self.user_id, message_id)

    def tap(self, label: str, *, picked: str = "") -> None:
        """Press the newest button with this label: a quick reply that still shows, or any button up in the talk."""
        with self._platform.core.lock:
            action, entry_id = self._find(label)
            self._platform.residents.tap(self.user_id, action, entry_id=entry_id, picked=picked)

    def postback(self, data: str, params: Json | None = None) -> Json:
        """A postback no button carries: old, forged, or pressed on another device."""
        return self._platform.residents.postback(self.user_id, data, params)

    def _find(self, label: str) -> tuple[Json, str]:
        state = self._state
        for chip in state.chips():
            if chip.get("action", {}).get("label") == label:
                return chip["action"], state.entries[-1].id
        for entry in reversed(state.bubbles()):
            for action in actions_in(entry.message):
                if action.get("label") == label:
                    return action, entry.id
        raise RefusedError(f"no button {label!r} on the screen")

    # Seeing

    @property
    def friendship(self) -> Friendship:
        return self._state.friendship

    @property
    def entries(self) -> list[Entry]:
        """The whole talk, oldest first."""
        with self._platform.core.lock:
            return list(self._state.entries)

    @property
    def bubbles(self) -> list[Entry]:
        with self._platform.core.lock:
            return self._state.bubbles()

    @property
    def chips(self) -> list[str]:
        """Labels of the quick replies on the screen."""
        with self._platform.core.lock:
            return [str(chip.get("action", {}).get("label", "")) for chip in self._state.chips()]

    @property
    def loading(self) -> bool:
        with self._platform.core.lock:
            until = self._state.loading_until
            return until is not None and self._platform.core.now() < until

    def since_last_act(self) -> list[Entry]:
        """What the bot has said after the resident last did something."""
        with self._platform.core.lock:
            later: list[Entry] = []
            for entry in reversed(self._state.entries):
                if entry.side is not Side.BOT:
                    break
                later.append(entry)
            return later[::-1]

    # Waiting

    def wait_for_bubbles(self, count: int, timeout: float = 10.0, *, after: int = 0) -> list[Entry]:
        """Until the bot has said `count` bubbles beyond the first `after`; these are what comes back."""
        self.wait_for(lambda: len(self.bubbles) >= after + count, timeout, f"{count} bubbles after {after}")
        return self.bubbles[after:]

    def answer(self, timeout: float = 10.0) -> list[Entry]:
        """Until the bot has said something to the latest act."""
        self.wait_for(lambda: bool(self.since_last_act()), timeout, "an answer")
        return self.since_last_act()

    def wait_for(self, predicate: Callable[[], bool], timeout: float = 10.0, what: str = "it") -> None:
        if not self._platform.core.wait_for(predicate, timeout):
            raise TimeoutError(f"waited {timeout} s for {what}; the bot has said {len(self.bubbles)} bubbles")
