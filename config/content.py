"""The words of the program: read from `config/content/*.yaml`, validated, frozen.

    content = load_content()                         # the words as shipped
    content = load_content(overrides=Path("desk"))   # a desk's own words laid over them

A folder of overrides holds files of the same names with only what differs: mappings are merged key by key,
lists and texts are replaced. Anything wrong raises `ContentError` naming file, line and reason.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from config.casework import CaseWords
from config.categories import categories
from config.contents.aftermath import Aftermath, Heard
from config.contents.checkins import CheckIns
from config.contents.console import ConsoleWords
from config.contents.danger import Crisis, CrisisCard
from config.contents.door import Door
from config.contents.flows import Consent, Erase, Memory, Menu, Staffed
from config.contents.glossary import Aside, Glossary
from config.contents.models import (
    DeskWords,
    Forbidden,
    Foreign,
    Kinds,
    Listening,
    Notice,
    Offer,
    Place,
    Said,
    Topic,
)
from config.contents.patterns import Intents
from config.contents.reading import ContentError, Key, Read, merge, parse_yaml, text_of, texts_of
from config.contents.refusals import refused
from config.contents.room import RoomWords
from config.contents.scam import Scam
from config.contents.sheet_news import SheetNews
from config.contents.sides import Sides
from config.contents.standing import Standing
from config.contents.wording import PARTS, PATTERNS, problems, unfilled
from config.contents.wordings import Wordings
from config.notices import NoticeWords
from config.private_page import PrivatePage
from config.richmenu import RichMenuWords
from config.sheets import Forms, load_forms, shipped_forms

__all__ = ["Content", "ContentError", "load_content"]

SHIPPED = Path(__file__).with_name("content")


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """Every sentence a resident can read, and the facts behind them. `version` changes with any file."""

    version: str
    desk: DeskWords
    notice: Notice
    languages: Mapping[str, Foreign]
    listening: Listening
    topics: Mapping[str, Topic]
    sides: Sides
    crisis: Crisis
    aftermath: Aftermath
    heard: Heard
    cards: Mapping[str, CrisisCard]
    scam: Scam
    contacts: Mapping[str, Place]
    kinds: Kinds
    offer: Offer
    standing: Standing
    erase: Erase
    memory: Memory
    staff: Staffed
    consent: Consent
    sheet_news: SheetNews
    checkins: CheckIns
    door: Door
    menu: Menu
    rights: Mapping[str, Said]
    glossary: Glossary
    itself: Mapping[str, Aside]
    intents: Intents
    wordings: Wordings
    forbidden: Forbidden
    console: ConsoleWords
    room: RoomWords
    notices: NoticeWords
    casework: CaseWords
    richmenu: RichMenuWords
    private_page: PrivatePage
    forms: Forms

    def same_as(self, other: Content) -> bool:
        """Whether both were read from the very same words."""
        return (self.version, self.forms.version) == (other.version, other.forms.version)

    def place(self, name: str) -> Place | None:
        """The contact called `name`, or the one in its place in this prefecture; `local:…` is one of the desk's own,
        None when the desk has none."""
        if name.startswith("local:"):
            return next((place for key, place in self.desk.local.items() if f"local:{key}" == name), None)
        here = (p for p in self.contacts.values() if p.instead_of == name and self.desk.prefecture in p.areas)
        return next(here, self.contacts[name])

    def warnings(self, today: dt.date) -> Iterator[str]:
        """What a person should look at before residents read it: plain sentences, for `tsunagu doctor`."""
        yield from problems(self)
        if self.desk.example:
            yield "desk.yaml: まだ見本の社協の名前です。自分の窓口のものに替えて「example: false」にしてください"
        if self.desk.holidays_known_until < today:
            yield f"desk.yaml: 祝日が {self.desk.holidays_known_until} までしか入っていません。その先を足してください"
        for file, pages in (("languages", self.languages), ("room", self.room.languages)):
            if unread := [f"{page.name}({key})" for key, page in pages.items() if not page.reviewed]:
                yield f"{file}.yaml: その言葉を話す人が、まだ見ていません: {'、'.join(unread)}"
        local = {f"local:{key}": place for key, place in self.desk.local.items()}
        for name, place in {**self.contacts, **local}.items():
            if not place.fresh_on(today):
                yield f"{_file_of(name)}: {name} の番号を確かめてください(前に見た日: {place.checked_on})"


def _file_of(contact: str) -> str:
    """Where a contact is written."""
    return "desk.yaml" if contact.startswith("local:") else "contacts.yaml"


_MODELS: Mapping[str, TypeAdapter[Any]] = {
    "desk": TypeAdapter(DeskWords),
    "notice": TypeAdapter(Notice),
    "languages": TypeAdapter(dict[str, Foreign]),
    "listening": TypeAdapter(Listening),
    "topics": TypeAdapter(dict[str, Topic]),
    "sides": TypeAdapter(Sides),
    "crisis": TypeAdapter(Crisis),
    "aftermath": TypeAdapter(Aftermath),
    "heard": TypeAdapter(Heard),
    "cards": TypeAdapter(dict[str, CrisisCard]),
    "scam": TypeAdapter(Scam),
    "contacts": TypeAdapter(dict[str, Place]),
    "kinds": TypeAdapter(Kinds),
    "offer": TypeAdapter(Offer),
    "standing": TypeAdapter(Standing),
    "erase": TypeAdapter(Erase),
    "memory": TypeAdapter(Memory),
    "staff": TypeAdapter(Staffed),
    "consent": TypeAdapter(Consent),
    "sheet_news": TypeAdapter(SheetNews),
    "checkins": TypeAdapter(CheckIns),
    "door": TypeAdapter(Door),
    "menu": TypeAdapter(Menu),
    "rights": TypeAdapter(dict[str, Said]),
    "glossary": TypeAdapter(Glossary),
    "itself": TypeAdapter(dict[str, Aside]),
    "intents": TypeAdapter(Intents),
    "wordings": TypeAdapter(Wordings),
    "forbidden": TypeAdapter(Forbidden),
    "console": TypeAdapter(ConsoleWords),
    "room": TypeAdapter(RoomWords),
    "notices": TypeAdapter(NoticeWords),
    "casework": TypeAdapter(CaseWords),
    "richmenu": TypeAdapter(RichMenuWords),
    "private_page": TypeAdapter(PrivatePage),
}
# Read by other modules, so allowed to lie in a desk's folder too.
_OTHERS = frozenset({"aliases", "categories"})


def load_content(folder: Path | None = None, overrides: Path | None = None) -> Content:
    """All words of `folder` (default: as shipped) with `overrides` laid over them. Raises `ContentError`."""
    base = folder or SHIPPED
    if overrides is not None:
        _refuse_unknown_files(overrides)
    whole = {name: _part(name, _texts(name, base, overrides)) for name in _MODELS}
    read = {name: part.read for name, part in whole.items()}
    parts = {name: part.parsed for name, part in whole.items()}
    # Patterns, likeness and the words that are explained together are how words are recognised.
    known = {name: parts[name] for name in ("wordings", "glossary")}
    parts["intents"] = parts["intents"].model_copy(update=known)
    content = Content(version=_version(base, overrides), forms=_forms(base, overrides), **parts)
    problems = list(_problems_between(content, read))
    if problems:
        raise ContentError("\n".join(problems))
    return content


def _refuse_unknown_files(folder: Path) -> None:
    if not folder.is_dir():
        raise ContentError(f"{folder.name}: 文面のフォルダーがありません")
    for path in sorted(folder.glob("*.y*ml")):
        if path.suffix != ".yaml" or path.stem not in _MODELS.keys() | _OTHERS:
            raise ContentError(
                f"{path.name} 1行目: この名前の文面のファイルはありません(使える名前: {', '.join(_MODELS)})"
            )


def _forms(base: Path, overrides: Path | None) -> Forms:
    """The desk's forms; as shipped where neither folder has any."""
    folder = base / "sheets" if (base / "sheets").is_dir() else None
    if folder in {None, SHIPPED / "sheets"} and (overrides is None or not (overrides / "sheets").is_dir()):
        return shipped_forms()
    return load_forms(folder, overrides)


def _files(name: str, folder: Path) -> list[Path]:
    """A subject is one file, or a folder of files where it is too long for one."""
    return sorted((folder / name).glob("*.yaml")) or [folder / f"{name}.yaml"]


def _texts(name: str, base: Path, overrides: Path | None) -> tuple[tuple[str, str], ...]:
    """What the files say, by their names, and what the desk's own files of that name lay over it."""
    over = [] if overrides is None else [path for path in _files(name, overrides) if path.exists()]
    return tuple((path.name, text_of(path)) for path in (*_files(name, base), *over))


@dataclass(frozen=True, slots=True)
class _Part:
    """One subject as it was written, and as the program uses it."""

    read: Read
    parsed: Any


# A hundred desks share most of their words: what says the same is read once.
@lru_cache(maxsize=1024)
def _part(name: str, texts: tuple[tuple[str, str], ...]) -> _Part:
    read, *over = (parse_yaml(file, text) for file, text in texts)
    for one in over:
        read = merge(read, one)
    return _Part(read, _parsed(_MODELS[name], read))


def _version(base: Path, overrides: Path | None) -> str:
    digest = hashlib.sha256()
    for folder in (base, overrides):
        for name in _MODELS:
            for path in () if folder is None else _files(name, folder):
                if path.exists():
                    digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _parsed(model: TypeAdapter[Any], read: Read) -> Any:
    try:
        return model.validate_python(read.value)
    except ValidationError as error:
        raise refused(read, error) from None


def _problems_between(content: Content, read: Mapping[str, Read]) -> Iterator[str]:
    """What no single file can know."""
    yield from _placeholder_problems(read)
    yield from _card_problems(content, read["cards"])
    yield from _scam_problems(content, read["scam"])
    for kind, names in content.crisis.children.contacts.items():
        for index, name in enumerate(names):
            # One that answers at some hours only may stand before those that always do.
            if reason := _contact_problem(content, name, always=index > 0):
                yield f"{read['crisis'].place(('children', 'contacts', kind, index))}: {reason}"
    for field in ("watch_contacts", "watch_contacts_minor", "numbers_contacts", "numbers_contacts_minor"):
        for index, name in enumerate(getattr(content.crisis, field)):
            if reason := _contact_problem(content, name):
                yield f"{read['crisis'].place((field, index))}: {reason}"
    yield from _aftermath_problems(content, read["aftermath"])
    for name, place in content.contacts.items():
        if place.instead_of is not None and place.instead_of not in content.contacts:
            yield f"{read['contacts'].place((name, 'instead_of'))}: 「{place.instead_of}」という連絡先がありません"
        for topic in set(place.topics) - content.topics.keys():
            yield f"{read['contacts'].place((name, 'topics'))}: 「{topic}」という区分が topics.yaml にありません"
    yield from _no_such_place(content, read)
    yield from _missing(content, read)


def _no_such_place(content: Content, read: Mapping[str, Read]) -> Iterator[str]:
    """Contacts that stand below an explanation or an aside, and are none."""
    below: list[tuple[str, Key, tuple[str, ...]]] = [
        *(("glossary", ("terms", key, "places"), term.places) for key, term in content.glossary.terms.items()),
        *(("itself", (key, "places"), aside.places) for key, aside in content.itself.items()),
        *(("itself", (key, "minor_places"), aside.minor_places) for key, aside in content.itself.items()),
    ]
    for part, way, names in below:
        for name in names:
            if not name.startswith("local:") and name not in content.contacts:
                yield f"{read[part].place(way)}: 「{name}」という連絡先が contacts.yaml にありません"


def _placeholder_problems(read: Mapping[str, Read]) -> Iterator[str]:
    """A placeholder that the rule which says the sentence does not know would break the answer."""
    for part in (*PARTS, "languages"):
        for where, text in texts_of(read[part].value):
            if {*PATTERNS, "heard"} & set(where):
                continue
            for name in unfilled((part, *where), text):
                yield f"{read[part].place(where)}: ここでは「{{{name}}}」に入るものがありません"


def _missing(content: Content, read: Mapping[str, Read]) -> Iterator[str]:
    """What is heard, or tagged, and has no words."""
    for category in sorted(categories().keys() - content.topics.keys()):
        yield f"{read['topics'].place(())}: 区分「{category}」の言葉がありません"
    for category in content.sides.of.keys() - categories().keys():
        yield f"{read['sides'].place(('of', category))}: 「{category}」という区分がありません"
    for group in ("rights", "asked"):
        for key in getattr(content.intents, group).keys() - content.rights.keys():
            yield f"{read['intents'].place((group, key))}: 答え「{key}」が rights.yaml にありません"
    for key in {name for group in content.intents.nearer.values() for name in group} - content.rights.keys():
        yield f"{read['intents'].place(('nearer',))}: 答え「{key}」が rights.yaml にありません"
    for key in content.intents.asides.keys() ^ content.itself.keys():
        yield f"{read['intents'].place(('asides',))}: 「{key}」が itself.yaml と intents.yaml の両方にはありません"
    for key in content.wordings.known.keys() - content.rights.keys() - content.intents.commands.keys():
        yield f"{read['wordings'].place(('known', key))}: 「{key}」という権利も命令もありません"
    for key in content.intents.feelings.keys() - content.listening.feelings.keys():
        yield f"{read['intents'].place(('feelings', key))}: 気持ち「{key}」が listening.yaml にありません"


def _card_problems(content: Content, read: Read) -> Iterator[str]:
    """Cards name contacts that exist and answer at every hour."""
    for key, card in content.cards.items():
        for index, name in enumerate(card.contacts):
            if reason := _contact_problem(content, name):
                yield f"{read.place((key, 'contacts', index))}: {reason}"
        for index, name in enumerate(card.beside):
            if reason := _contact_problem(content, name, always=False):
                yield f"{read.place((key, 'beside', index))}: {reason}"
        if all(name.startswith("local:") for name in card.contacts):
            yield f"{read.place((key, 'contacts'))}: 「local:」でない連絡先も、一つは入れてください"


def _scam_problems(content: Content, read: Read) -> Iterator[str]:
    """The first number answers at every hour; each line that is heard has its answer."""
    for index, name in enumerate(content.scam.contacts):
        reason = _contact_problem(content, name)
        if reason and (index == 0 or name not in content.contacts):
            yield f"{read.place(('contacts', index))}: {reason}"
    for key in content.scam.heard.replies.keys() - content.scam.replies.keys() - {"paid"}:
        yield f"{read.place(('heard', 'replies', key))}: 答え「{key}」が replies にありません"


def _aftermath_problems(content: Content, read: Read) -> Iterator[str]:
    """What is answered after a danger must be understood somewhere, and its places answer at every hour."""
    for key, told in content.aftermath.told.items():
        if told.heard not in content.heard.told:
            yield f"{read.place(('told', key, 'heard'))}: 「{told.heard}」の型が heard.yaml にありません"
        for index, name in enumerate(told.contacts):
            if reason := _contact_problem(content, name):
                yield f"{read.place(('told', key, 'contacts', index))}: {reason}"
    for key in content.aftermath.questions.keys() - content.heard.questions.keys():
        yield f"{read.place(('questions', key))}: 「{key}」の型が heard.yaml にありません"


def _contact_problem(content: Content, name: str, *, always: bool = True) -> str | None:
    if name.startswith("local:"):
        return None
    if name not in content.contacts:
        return f"「{name}」という連絡先が contacts.yaml にありません"
    return None if content.contacts[name].always or not always else f"「{name}」は、昼も夜も出る連絡先ではありません"
