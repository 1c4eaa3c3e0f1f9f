"""The desks of an installation: whose LINE account each is, with its words; read at the start, and anew when asked.

    desks = await Desks.open(settings, mode, line_timeout)
    await desks.read_anew()

What others hold (`everybody`, `taking_in`, `secrets`, `clients`) are mappings that change under their hands, all at one
moment: a turn in hand ends with the words it began with. A desk is never forgotten while the process runs: one that is
closed, or was taken out of the file, takes nothing in, but its people read on and its waiting letters are sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import structlog

from bot.mode import DEFAULT_DESK, Mode, choose_mode
from config.content import ContentError, load_content
from config.desks import DesksRead
from config.settings import Settings, SettingsError
from dialogue import Desk
from dialogue.setting import prepare
from handlers.at_door import has_rooms
from handlers.line.client import LineClient

log = structlog.get_logger(__name__)
T = TypeVar("T")

#: What `--desk` asks for.
ONE_DESK = "窓口の名前。窓口が一つだけなら、書かなくてよい"


class Live(Mapping[str, T], Generic[T]):
    """A mapping that becomes another one as a whole; who is going through it goes on through the old one."""

    def __init__(self, now: Mapping[str, T] | None = None) -> None:
        self._now = dict(now or {})

    def become(self, now: Mapping[str, T]) -> None:
        """Hold these from now on."""
        self._now = dict(now)

    def __getitem__(self, desk_id: str) -> T:
        return self._now[desk_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._now)

    def __len__(self) -> int:
        return len(self._now)


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """The desks whose words could be read, and why each of the others is not there."""

    desks: Mapping[str, Desk]
    refused: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def words_of(settings: Settings, mode: Mode) -> Words:
    """The words of all desks. Without a file of desks wrong words raise ContentError, an unfit desk SettingsError."""
    if mode.file is None:
        desk = Desk(id=DEFAULT_DESK, content=load_content())
        must_fit(settings, mode, desk)
        return Words(desks={desk.id: desk})
    desks: dict[str, Desk] = {}
    refused = dict(mode.file.refused)
    for entry in mode.file.entries:
        try:
            desk = Desk(id=entry.name, content=load_content(overrides=entry.words))
            must_fit(settings, mode, desk)
            desks[entry.name] = desk
        except (ContentError, SettingsError) as error:
            refused[entry.name] = tuple(f"{entry.where}: {line}" for line in str(error).splitlines())
    return Words(desks=desks, refused=refused)


def must_fit(settings: Settings, mode: Mode, desk: Desk) -> None:
    """A button in LINE needs an address that phones can open. Raises SettingsError."""
    if settings.public_url is None and not mode.simulator and has_rooms(desk):
        raise SettingsError(["PUBLIC_URL: 部屋で話す窓口(desk.yaml の conversation_place: room)には、要ります"])


def desks_of(settings: Settings, mode: Mode) -> Mapping[str, Desk]:
    """All desks by name, for a command. Raises SettingsError when none of them can be used."""
    found = words_of(settings, mode)
    if not found.desks:
        raise SettingsError([line for lines in found.refused.values() for line in lines])
    return found.desks


def named(file: DesksRead | None, desk: str | None) -> str:
    """The desk a command is about; with a single one nobody has to name it. Raises SettingsError."""
    known = [DEFAULT_DESK] if file is None else [entry.name for entry in file.entries]
    if desk is None and len(known) == 1:
        return known[0]
    if desk is None:
        raise SettingsError([f"--desk: 窓口の名前を書いてください(使えるもの: {', '.join(known)})"])
    if desk not in known:
        raise SettingsError([f"--desk: 「{desk[:40]}」という窓口はありません(使えるもの: {', '.join(known)})"])
    return desk


class Desks:
    """All that a process knows of its desks. `refused`: why a desk of the file is not as the file has it."""

    def __init__(self, settings: Settings, mode: Mode, line_timeout: float) -> None:
        self._settings = settings
        self._mode = mode
        self._timeout = line_timeout
        self._reading = asyncio.Lock()
        self._retired: list[LineClient] = []
        self._tokens: dict[str, str] = {}
        self._fixed = False
        self.everybody: Live[Desk] = Live()
        self.taking_in: Live[Desk] = Live()
        self.secrets: Live[tuple[bytes, ...]] = Live()
        self.clients: Live[LineClient] = Live()
        self.refused: Live[tuple[str, ...]] = Live()

    async def open(self, given: Mapping[str, Desk] | None, *, known: frozenset[str]) -> None:
        """Read them for the first time. `given` stand in the place of those the words name, `known` are the desks of
        the database. Raises SettingsError and ContentError when there is none to work with.
        """
        self._fixed = given is not None
        for desk in () if given is None else given.values():
            must_fit(self._settings, self._mode, desk)
        words = await asyncio.to_thread(words_of, self._settings, self._mode) if given is None else Words(desks=given)
        if not words.desks:
            raise SettingsError([line for lines in words.refused.values() for line in lines])
        await self._become(self._mode, words)
        await self._remember(known)

    async def read_anew(self) -> None:
        """Read file and words again. What is wrong stays as it was, and is said."""
        async with self._reading:
            try:
                mode, words = await self._read()
            except (SettingsError, ContentError) as error:
                whole = tuple(str(error).splitlines())
                self.refused.become({**self.refused, "": whole})
                log.error("desks.not_read", lines=whole)  # noqa: TRY400 - the lines say all that a person needs
                return
            await self._become(mode, words)

    async def close(self) -> None:
        """End all connections."""
        for client in (*self.clients.values(), *self._retired):
            await client.close()

    async def _read(self) -> tuple[Mode, Words]:
        if self._fixed:
            return self._mode, Words(desks=dict(self.everybody))
        mode = self._mode if self._mode.file is None else await asyncio.to_thread(choose_mode, self._settings)
        return mode, await asyncio.to_thread(words_of, self._settings, mode)

    async def _become(self, mode: Mode, words: Words) -> None:
        desks = {name: self._same_or(desk) for name, desk in words.desks.items()}
        for desk in desks.values():
            await asyncio.to_thread(prepare, desk.content)
        # From here on nothing waits, so that nobody sees half of it.
        open_ = {name: mode.secrets[name] for name in desks if name in mode.secrets}
        for name in words.refused.keys() & self.secrets.keys():
            open_[name] = self.secrets[name]
        self._connect(mode, frozenset(desks))
        everybody = {**desks, **{name: desk for name, desk in self.everybody.items() if name not in desks}}
        self.everybody.become(everybody)
        self.taking_in.become({name: desk for name, desk in everybody.items() if name in open_})
        self.secrets.become(open_)
        self.refused.become(words.refused)
        log.info("desks.read", taking_in=sorted(open_), closed=sorted(everybody.keys() - open_.keys()))
        for name, lines in words.refused.items():
            log.error("desk.refused", desk=name[:40], stays_as_it_was=name in open_, lines=lines)

    def _same_or(self, desk: Desk) -> Desk:
        """The desk we have, when nothing of it has changed."""
        old = self.everybody.get(desk.id)
        return old if old is not None and old.content.same_as(desk.content) else desk

    def _connect(self, mode: Mode, names: frozenset[str]) -> None:
        clients = dict(self.clients)
        for name in names & mode.tokens.keys():
            if self._tokens.get(name) == mode.tokens[name]:
                continue
            if name in clients:
                # Something may be on its way through it: it is closed at the end.
                self._retired.append(clients[name])
            clients[name] = LineClient(access_token=mode.tokens[name], host=mode.line_host, timeout=self._timeout)
            self._tokens[name] = mode.tokens[name]
        self.clients.become(clients)

    async def _remember(self, known: frozenset[str]) -> None:
        """Desks of the database that the file does not name have their people and residents, and the shipped words."""
        gone = sorted(known - self.everybody.keys())
        if gone and not self._fixed:
            shipped = await asyncio.to_thread(load_content)
            self.everybody.become({**self.everybody, **{name: Desk(id=name, content=shipped) for name in gone}})
            log.info("desks.not_in_file", desks=gone)
