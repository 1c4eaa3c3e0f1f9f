"""What happens at the prompt: each line in, lines out. The words on disk are read again whenever they change."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bot.talking import layout
from bot.talking.commands import (
    HELP,
    SENDS,
    Command,
    Name,
    NotUnderstood,
    Words,
    burst,
    moment,
    parse,
    pick,
    span,
)
from bot.talking.conversation import Talk, meet
from bot.talking.golden import save
from config.content import SHIPPED, ContentError, load_content
from dialogue import Desk
from dialogue.events import Arrived, CheckInDue, Chosen, Event, Heard, Left, StaffCame, StaffLeft, Unsent
from nlp import Listener

_YEARS = range(2000, 2100)
_SILENT = "無言"
_SECOND = frozenset({"二度目", "2度目", "２度目"})


class ContentFiles:
    """The words on disk, and what they looked like when they were last read."""

    def __init__(self, overrides: Path | None) -> None:
        """Raises `ContentError`, because there must be words to begin with."""
        self._overrides = overrides
        self._seen = self._look()
        self.content = load_content(overrides=overrides)

    def refresh(self) -> bool:
        """Whether there are new words now. Raises `ContentError` once for each change that cannot be used."""
        looks = self._look()
        if looks == self._seen:
            return False
        self._seen = looks
        before, self.content = self.content.version, load_content(overrides=self._overrides)
        return self.content.version != before

    def _look(self) -> dict[Path, tuple[int, int]]:
        folders = [SHIPPED, *([self._overrides] if self._overrides else [])]
        looks = {}
        for path in (path for folder in folders for path in folder.rglob("*.yaml")):
            try:
                stat = path.stat()
            except OSError:
                # An editor replaces a file by another: it is there again at the next look.
                continue
            looks[path] = (stat.st_mtime_ns, stat.st_size)
        return looks


class Session:
    """One sitting. `take` answers each line; `ended` tells that the person has had enough."""

    def __init__(self, files: ContentFiles, listener: Listener, talk: Talk, *, cells: Callable[[], int]) -> None:
        self._files = files
        self._listener = listener
        self._cells = cells
        self._begin = talk
        self.talk = talk
        self._before: list[Talk] = []
        self.ended = False
        self._commands: dict[Name, Callable[[str], list[str]]] = {
            Name.BURST: lambda rest: self._hear(burst(rest)),
            Name.PRESS: self._press,
            Name.MENU: self._menu,
            Name.WORDLESS: self._send,
            Name.UNSEND: lambda _: self._meet(Unsent(after_answer=True), "(送信を取り消す)"),
            Name.FOLLOW: lambda _: self.follow(),
            Name.BLOCK: lambda _: self._meet(Left(), "(ブロックする)"),
            Name.STAFF: self._staff,
            Name.STAFF_LEAVES: self._staff_leaves,
            Name.CHECK_IN: self._check_in,
            Name.CLOCK: self._clock,
            Name.WAIT: self._wait,
            Name.BACK: self._back,
            Name.ANEW: self._anew,
            Name.STATE: lambda _: layout.remembered(self.talk),
            Name.SAVE: self._save,
            Name.HELP: lambda _: HELP.splitlines(),
            Name.END: self._end,
        }

    @property
    def desk(self) -> Desk:
        """The desk with the words as they are now."""
        return Desk(id="default", content=self._files.content)

    def take(self, line: str) -> list[str]:
        """What to show after a line was typed."""
        news = self._news()
        try:
            typed = parse(line)
            if typed is None:
                return news
            if isinstance(typed, Words):
                return news + self._hear((typed.text,))
            return news + self._run(typed)
        except (NotUnderstood, ContentError) as error:
            return [*news, *(f"※ {line}" for line in str(error).splitlines())]

    def follow(self) -> list[str]:
        """The resident adds the account, or comes back after blocking it."""
        left = next((t.event for t in reversed(self.talk.turns) if isinstance(t.event, Arrived | Left)), None)
        unblocked = isinstance(left, Left)
        return self._meet(Arrived(unblocked=unblocked), "(ブロックを解除する)" if unblocked else "(友だち追加)")

    def _run(self, command: Command) -> list[str]:
        return self._commands[command.name](command.rest)

    def _news(self) -> list[str]:
        """The words are read again; wrong ones are told, and the old ones go on."""
        try:
            fresh = self._files.refresh()
        except ContentError as error:
            told = [f"  {line}" for line in str(error).splitlines()]
            return ["※ 文面に間違いがあるので、前の文面のまま続けます", *told]
        return [f"※ 文面を読み直しました({self._files.content.version})"] if fresh else []

    def _meet(self, event: Event, shown: str) -> list[str]:
        after = meet(self.talk, self.desk, self._listener, event, shown)
        self._before.append(self.talk)
        self.talk = after
        return layout.shown(after.turns[-1], len(after.turns), self.desk, self._cells())

    def _hear(self, texts: tuple[str, ...]) -> list[str]:
        return self._meet(Heard(texts=texts), "\n".join(texts))

    def _send(self, rest: str) -> list[str]:
        return self._meet(Heard(wordless=(SENDS[rest],)), f"({rest})")

    def _press(self, rest: str) -> list[str]:
        choices = self.talk.choices
        choice = choices[pick(rest, tuple(choice.label for choice in choices), "返事の候補")]
        # Plain texts, as they come back from a device.
        pressed = Chosen(action=str(choice.action), argument=str(choice.argument))
        return self._meet(pressed, f"[{choice.shown or choice.label}]")

    def _menu(self, rest: str) -> list[str]:
        cells = self.desk.content.richmenu.cells
        if not rest:
            return [f"  [{number}] {cell.label}" for number, cell in enumerate(cells, 1)]
        cell = cells[pick(rest, tuple(cell.label for cell in cells), "メニュー")]
        return self._meet(Chosen(action=cell.action), f"[{cell.shown}]")

    def _staff(self, rest: str) -> list[str]:
        name = rest or self.desk.content.desk.staff
        return self._meet(StaffCame(shown=name), f"({name}が書きはじめる)")

    def _staff_leaves(self, rest: str) -> list[str]:
        silent = rest == _SILENT
        return self._meet(StaffLeft(silent=silent), "(人から返事がない)" if silent else "(人が書きおわる)")

    def _check_in(self, rest: str) -> list[str]:
        """The time of a check-in has come. Nothing is said where none may go out, or no plan holds."""
        second = rest in _SECOND
        personal = "" if second else rest
        signed = self.desk.content.desk.staff if personal else ""
        due = CheckInDue(occurrence=str(len(self.talk.turns)), second=second, personal=personal, signed=signed)
        return self._meet(due, "(返事のないまま、二度目のお便りの時)" if second else "(お便りの時)")

    def _clock(self, rest: str) -> list[str]:
        return self._set(moment(rest, self.desk.local(self.talk.now)))

    def _wait(self, rest: str) -> list[str]:
        return self._set(self.talk.now + span(rest))

    def _set(self, now: dt.datetime) -> list[str]:
        if now.year not in _YEARS:
            raise NotUnderstood(f"{_YEARS.start}年から{_YEARS.stop - 1}年までにしてください")
        self.talk = replace(self.talk, now=now.astimezone(dt.UTC))
        return [f"※ いまは {layout.clock(self.desk, now)} です"]

    def _back(self, _: str) -> list[str]:
        if not self._before:
            raise NotUnderstood("これより前はありません")
        self.talk = self._before.pop()
        return [f"※ 一つ前に戻りました({len(self.talk.turns)}回目のあと、{layout.clock(self.desk, self.talk.now)})"]

    def _anew(self, _: str) -> list[str]:
        self._before.append(self.talk)
        self.talk = replace(self._begin, now=self.talk.now)
        return ["※ 新しい人です。友だち追加は /追加 です"]

    def _save(self, rest: str) -> list[str]:
        name, _, title = unicodedata.normalize("NFC", rest).partition(" ")
        if not name:
            raise NotUnderstood("「/保存 FILE 題」のように書いてください")
        file = Path(name).expanduser()
        save(file, title.strip() or file.stem, self.talk, self._files.content)
        return [f"※ {file} に書きました。つなぐの言葉は # の行にあります"]

    def _end(self, _: str) -> list[str]:
        self.ended = True
        return []
