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
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from config.categories import categories
from config.contents.console import ConsoleWords
from config.contents.flows import Consent, Erase, Memory, Menu, Staffed
from config.contents.models import (
    Crisis,
    CrisisCard,
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
from config.contents.reading import ContentError, Key, Read, merge, read_yaml, texts_of
from config.contents.wording import PARTS, problems, unfilled
from config.contents.wordings import Wordings

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
    crisis: Crisis
    cards: Mapping[str, CrisisCard]
    contacts: Mapping[str, Place]
    kinds: Kinds
    offer: Offer
    erase: Erase
    memory: Memory
    staff: Staffed
    consent: Consent
    menu: Menu
    rights: Mapping[str, Said]
    intents: Intents
    wordings: Wordings
    forbidden: Forbidden
    console: ConsoleWords

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
            yield "desk.yaml still names the example organisation: replace it and set “example: false”"
        if self.desk.holidays_known_until < today:
            yield f"desk.yaml lists public holidays only until {self.desk.holidays_known_until}"
        for key, words in self.languages.items():
            if not words.reviewed:
                yield f"languages.yaml: nobody who speaks {words.name} has reviewed “{key}” yet"
        local = {f"local:{key}": place for key, place in self.desk.local.items()}
        for name, place in {**self.contacts, **local}.items():
            if not place.fresh_on(today):
                yield f"contacts.yaml: {name} was last checked on {place.checked_on} or is not valid: check it again"


_MODELS: Mapping[str, TypeAdapter[Any]] = {
    "desk": TypeAdapter(DeskWords),
    "notice": TypeAdapter(Notice),
    "languages": TypeAdapter(dict[str, Foreign]),
    "listening": TypeAdapter(Listening),
    "topics": TypeAdapter(dict[str, Topic]),
    "crisis": TypeAdapter(Crisis),
    "cards": TypeAdapter(dict[str, CrisisCard]),
    "contacts": TypeAdapter(dict[str, Place]),
    "kinds": TypeAdapter(Kinds),
    "offer": TypeAdapter(Offer),
    "erase": TypeAdapter(Erase),
    "memory": TypeAdapter(Memory),
    "staff": TypeAdapter(Staffed),
    "consent": TypeAdapter(Consent),
    "menu": TypeAdapter(Menu),
    "rights": TypeAdapter(dict[str, Said]),
    "intents": TypeAdapter(Intents),
    "wordings": TypeAdapter(Wordings),
    "forbidden": TypeAdapter(Forbidden),
    "console": TypeAdapter(ConsoleWords),
}
# Read by other modules, so allowed to lie in a desk's folder too.
_OTHERS = frozenset({"aliases", "categories", "casework", "richmenu"})


def load_content(folder: Path | None = None, overrides: Path | None = None) -> Content:
    """All words of `folder` (default: as shipped) with `overrides` laid over them. Raises `ContentError`."""
    base = folder or SHIPPED
    if overrides is not None:
        _refuse_unknown_files(overrides)
    read = {name: _read(name, base, overrides) for name in _MODELS}
    parts = {name: _parsed(model, read[name]) for name, model in _MODELS.items()}
    # Patterns and likeness together are how words are recognised.
    parts["intents"] = parts["intents"].model_copy(update={"wordings": parts["wordings"]})
    content = Content(version=_version(base, overrides), **parts)
    problems = list(_problems_between(content, read))
    if problems:
        raise ContentError("\n".join(problems))
    return content


def _refuse_unknown_files(folder: Path) -> None:
    if not folder.is_dir():
        raise ContentError(f"{folder.name}: there is no such folder of words")
    for path in sorted(folder.glob("*.y*ml")):
        if path.suffix != ".yaml" or path.stem not in _MODELS.keys() | _OTHERS:
            raise ContentError(f"{path.name}, line 1: no such file of words (known: {', '.join(_MODELS)})")


def _read(name: str, base: Path, overrides: Path | None) -> Read:
    read = read_yaml(base / f"{name}.yaml")
    if overrides is not None and (path := overrides / f"{name}.yaml").exists():
        return merge(read, read_yaml(path))
    return read


def _version(base: Path, overrides: Path | None) -> str:
    digest = hashlib.sha256()
    for folder in (base, overrides):
        for name in _MODELS:
            if folder is not None and (path := folder / f"{name}.yaml").exists():
                digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _parsed(model: TypeAdapter[Any], read: Read) -> Any:
    try:
        return model.validate_python(read.value)
    except ValidationError as error:
        lines = [f"{read.place(found['loc'])}: {_plainly(found['loc'], found)}" for found in error.errors()]
        raise ContentError("\n".join(lines)) from None


def _plainly(key: Key, found: Mapping[str, Any]) -> str:
    name = ".".join(str(part) for part in key) or "the file"
    match found["type"]:
        case "missing":
            return f"“{name}” is missing"
        case "extra_forbidden":
            return f"“{name}” is not known here"
        case "too_short":
            return f"“{name}” needs at least {found['ctx']['min_length']} entries"
        case "too_long":
            return f"“{name}” may have at most {found['ctx']['max_length']} entries"
    return f"“{name}”: {str(found['msg']).removeprefix('Value error, ')}"


def _problems_between(content: Content, read: Mapping[str, Read]) -> Iterator[str]:
    """What no single file can know."""
    yield from _placeholder_problems(read)
    yield from _card_problems(content, read["cards"])
    for field in ("watch_contacts", "watch_contacts_minor", "numbers_contacts", "numbers_contacts_minor"):
        for index, name in enumerate(getattr(content.crisis, field)):
            if reason := _contact_problem(content, name):
                yield f"{read['crisis'].place((field, index))}: {reason}"
    for name, place in content.contacts.items():
        if place.instead_of is not None and place.instead_of not in content.contacts:
            yield f"{read['contacts'].place((name, 'instead_of'))}: there is no contact “{place.instead_of}”"
        for topic in set(place.topics) - content.topics.keys():
            yield f"{read['contacts'].place((name, 'topics'))}: there is no category “{topic}” in topics.yaml"
    yield from _missing(content, read)


def _placeholder_problems(read: Mapping[str, Read]) -> Iterator[str]:
    """A placeholder that the rule which says the sentence does not know would break the answer."""
    for part in (*PARTS, "languages"):
        for where, text in texts_of(read[part].value):
            for name in unfilled((part, *where), text):
                yield f"{read[part].place(where)}: nothing fills in “{{{name}}}” here"


def _missing(content: Content, read: Mapping[str, Read]) -> Iterator[str]:
    """What is heard, or tagged, and has no words."""
    for category in sorted(categories().keys() - content.topics.keys()):
        yield f"{read['topics'].place(())}: there are no words for the category “{category}”"
    for group in ("rights", "asked"):
        for key in getattr(content.intents, group).keys() - content.rights.keys():
            yield f"{read['intents'].place((group, key))}: there is no answer “{key}” in rights.yaml"
    for key in content.wordings.known.keys() - content.rights.keys() - content.intents.commands.keys():
        yield f"{read['wordings'].place(('known', key))}: there is no right or command “{key}”"
    for key in content.intents.feelings.keys() - content.listening.feelings.keys():
        yield f"{read['intents'].place(('feelings', key))}: there is no feeling “{key}” in listening.yaml"


def _card_problems(content: Content, read: Read) -> Iterator[str]:
    """Cards name contacts that exist and answer at every hour."""
    for key, card in content.cards.items():
        for index, name in enumerate(card.contacts):
            if reason := _contact_problem(content, name):
                yield f"{read.place((key, 'contacts', index))}: {reason}"
        if all(name.startswith("local:") for name in card.contacts):
            yield f"{read.place((key, 'contacts'))}: needs a contact that is not local"


def _contact_problem(content: Content, name: str) -> str | None:
    if name.startswith("local:"):
        return None
    if name not in content.contacts:
        return f"there is no contact “{name}” in contacts.yaml"
    return None if content.contacts[name].always else f"“{name}” does not answer day and night"
