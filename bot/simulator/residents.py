"""What residents can do with their phone, and the webhook events that come of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from bot.simulator import events
from bot.simulator.core import KEPT, Core
from bot.simulator.model import Entry, Friendship, Json, RefusedError, Resident, Side, actions_in
from bot.simulator.richmenus import RichMenus
from bot.simulator.tokens import ReplyTokens
from bot.simulator.webhook import Batch, WebhookSender

MEDIA = ("image", "video", "audio", "file")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class UnknownResidentError(Exception):
    """No resident has this user id."""


class Residents:
    """Everybody with a phone. Every method may be called from any thread."""

    def __init__(self, core: Core, tokens: ReplyTokens, webhook: WebhookSender, menus: RichMenus) -> None:
        self._core = core
        self._tokens = tokens
        self._webhook = webhook
        self._menus = menus
        self._people: dict[str, Resident] = {}
        self._gathered: list[Json] | None = None
        self.events: deque[Json] = deque(maxlen=KEPT)
        self.unsent: set[str] = set()
        self.standby = False

    def __iter__(self) -> Iterator[Resident]:
        return iter(tuple(self._people.values()))

    def add(self, name: str = "") -> Resident:
        with self._core.lock:
            count = len(self._people)
            letters = _LETTERS[count % 26] + (str(count // 26 + 1) if count >= 26 else "")
            resident = Resident(user_id=self._core.ids.user(), name=name or f"住民 {letters}")
            self._people[resident.user_id] = resident
            self._core.touch()
            return resident

    def adopt(self, user_id: str, name: str, friendship: Friendship, entries: Sequence[Entry]) -> Resident:
        """Somebody who wrote before this platform was there, with their talk so far. No event comes of it."""
        with self._core.lock:
            resident = Resident(user_id=user_id, name=name, friendship=friendship, entries=list(entries))
            self._people[user_id] = resident
            self._core.touch()
            return resident

    def get(self, user_id: str) -> Resident:
        try:
            return self._people[user_id]
        except KeyError:
            raise UnknownResidentError(user_id) from None

    def known(self, user_id: str) -> bool:
        return user_id in self._people

    # Adding, blocking

    def follow(self, user_id: str) -> Json:
        """Add the account as a friend, or unblock it: LINE sends the same event for both."""
        with self._core.lock:
            resident = self.get(user_id)
            if resident.friendship is Friendship.FRIEND:
                raise RefusedError("already a friend")
            unblocked = resident.friendship is Friendship.BLOCKED
            resident.friendship = Friendship.FRIEND
            self._note(resident, "unblocked" if unblocked else "followed")
            return self._emit(resident, "follow", replies=True, follow={"isUnblocked": unblocked})

    def block(self, user_id: str) -> Json:
        with self._core.lock:
            resident = self.get(user_id)
            if resident.friendship is not Friendship.FRIEND:
                raise RefusedError("not a friend")
            resident.friendship = Friendship.BLOCKED
            self._note(resident, "blocked")
            return self._emit(resident, "unfollow", replies=False)

    # Messages

    def say(self, user_id: str, words: str) -> Entry:
        return self._write(user_id, events.text(self._core.ids, words))

    def send_sticker(
        self, user_id: str, package_id: str = "446", sticker_id: str = "1988", keywords: tuple[str, ...] = ()
    ) -> Entry:
        return self._write(user_id, events.sticker(self._core.ids, package_id, sticker_id, keywords))

    def send_media(self, user_id: str, kind: str) -> Entry:
        if kind not in MEDIA:
            raise RefusedError(f"no such kind of message: {kind}")
        return self._write(user_id, events.media(self._core.ids, kind))

    def send_location(
        self,
        user_id: str,
        title: str = "いまいる場所",
        address: str = "（架空の住所）",
        latitude: float = 35.0,
        longitude: float = 135.0,
    ) -> Entry:
        return self._write(user_id, events.location(self._core.ids, title, address, latitude, longitude))

    def unsend(self, user_id: str, message_id: str) -> Json:
        with self._core.lock:
            resident = self.get(user_id)
            entry = resident.entry(message_id)
            if entry.side is not Side.RESIDENT or entry.unsent or entry.via:
                raise RefusedError("only a message of one's own can be unsent, and only once")
            resident.change(message_id, unsent=True, message={"type": entry.kind})
            self.unsent.add(message_id)
            return self._emit(resident, "unsend", replies=False, unsend={"messageId": message_id})

    # Buttons

    def tap(self, user_id: str, action: Json, *, entry_id: str = "", picked: str = "") -> None:
        """Press a button that is on the screen. `picked` is what a date picker was set to."""
        with self._core.lock:
            resident = self.get(user_id)
            self._must_be_visible(resident, action, entry_id)
            kind = action.get("type")
            if kind == "message":
                self.say(user_id, str(action.get("text", "")))
            elif kind == "postback":
                self._postback_action(resident, action)
            elif kind == "datetimepicker":
                self.postback(user_id, str(action.get("data", "")), {str(action.get("mode")): picked})
            elif kind == "richmenuswitch":
                self._switch_menu(resident, action)

    def postback(self, user_id: str, data: str, params: Json | None = None, *, shown: str = "") -> Json:
        """A postback as a device may send it, also one that no button on the screen carries."""
        with self._core.lock:
            resident = self._writer(user_id)
            if shown:
                self._bubble(resident, {"type": "text", "text": shown, "id": self._core.ids.message()}, via="postback")
            content: Json = {"data": data} if params is None else {"data": data, "params": params}
            return self._emit(resident, "postback", replies=True, postback=content)

    def _must_be_visible(self, resident: Resident, action: Json, entry_id: str) -> None:
        if not entry_id:
            menu = self._menus.shown_to(resident.rich_menu_id)
            if menu is None or action not in (area.get("action") for area in menu.get("areas", [])):
                raise RefusedError("this button is not in the rich menu")
            return
        entry = resident.entry(entry_id)
        if resident.entries[-1].id == entry_id and action in (chip.get("action") for chip in resident.chips()):
            resident.change(entry_id, chips_used=True)
            self._core.touch()
        elif action not in actions_in(entry.message):
            raise RefusedError("this button is not on the screen any more")

    def _postback_action(self, resident: Resident, action: Json) -> None:
        self.postback(resident.user_id, str(action.get("data", "")), shown=str(action.get("displayText", "")))
        if action.get("text"):  # deprecated by LINE: shown and sent as a message as well
            self.say(resident.user_id, str(action["text"]))

    def _switch_menu(self, resident: Resident, action: Json) -> None:
        alias = str(action.get("richMenuAliasId", ""))
        menu_id = self._menus.aliases.get(alias)
        if menu_id is not None:
            resident.rich_menu_id = menu_id
        status = "SUCCESS" if menu_id is not None else "RICHMENU_ALIAS_ID_NOTFOUND"
        params = {"newRichMenuAliasId": alias, "status": status}
        self.postback(resident.user_id, str(action.get("data", "")), params)

    # How it goes out

    def send_together(self, *acts: Json) -> None:
        """Send ready-made events in one POST, in this order: batches, broken events, other people's accounts."""
        with self._core.lock:
            self.events.extend(acts)
            self._webhook.submit(acts)

    def gather(self) -> None:
        """From now on keep events back, until `send_gathered` puts them into one POST."""
        with self._core.lock:
            self._gathered = []

    def send_gathered(self) -> None:
        with self._core.lock:
            gathered, self._gathered = self._gathered or [], None
            if gathered:
                self._webhook.submit(tuple(gathered))

    def read(self, batch: Batch) -> None:
        """With chat off, LINE marks as read what has reached the bot."""
        with self._core.lock:
            for event in batch:
                resident = self._people.get(event.get("source", {}).get("userId", ""))
                message_id = event.get("message", {}).get("id")
                if resident is not None and any(entry.id == message_id for entry in resident.entries):
                    resident.change(message_id, read=True)
            self._core.touch()

    def _writer(self, user_id: str) -> Resident:
        resident = self.get(user_id)
        if resident.friendship is Friendship.BLOCKED:
            raise RefusedError("the account is blocked")
        return resident

    def _write(self, user_id: str, message: Json) -> Entry:
        with self._core.lock:
            resident = self._writer(user_id)
            resident.wrote_at = self._core.now()
            entry = self._bubble(resident, message)
            self._emit(resident, "message", replies=True, message=message)
            return entry

    def _bubble(self, resident: Resident, message: Json, via: str = "") -> Entry:
        entry = Entry(
            id=message["id"], side=Side.RESIDENT, message=message, at=self._core.now(), via=via, read=bool(via)
        )
        resident.entries.append(entry)
        self._core.touch()
        return entry

    def _note(self, resident: Resident, what: str) -> None:
        note = {"type": "note", "text": what}
        resident.entries.append(Entry(id=self._core.ids.message(), side=Side.NOTE, message=note, at=self._core.now()))

    def _emit(self, resident: Resident, kind: str, *, replies: bool, **content: Json) -> Json:
        now = self._core.now()
        token = self._core.ids.token() if replies and not self.standby else None
        if token is not None:
            self._tokens.issue(token, resident.user_id, now)
        origin = events.Origin(user_id=resident.user_id, at=now, reply_token=token, standby=self.standby)
        made = events.event(kind, origin, self._core.ids, **content)
        self.events.append(made)
        if self._gathered is not None:
            self._gathered.append(made)
        else:
            self._webhook.submit((made,))
        self._core.touch()
        return made
