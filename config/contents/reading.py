"""YAML read together with the place of every value, so that a refusal can name file and line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Key = tuple[str | int, ...]


class ContentError(Exception):
    """The words cannot be used. The text names file, line and reason, one finding a line."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a value stands."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file} {self.line}行目"


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """The values of one subject and where each of them was written."""

    value: Any
    places: Mapping[Key, Place]

    def place(self, key: Key) -> Place:
        """The place of `key`, or of the nearest value around it."""
        while key and key not in self.places:
            key = key[:-1]
        return self.places[key]


def text_of(path: Path) -> str:
    """What one file says."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ContentError(
            f"{path.name} が読めません(ファイルがあるか、文字コードがUTF-8かを確かめてください)"
        ) from error


def read_yaml(path: Path) -> Read:
    """One file. Doubled keys are refused, because YAML would silently keep the last one."""
    return parse_yaml(path.name, text_of(path))


def parse_yaml(file: str, text: str) -> Read:
    """The same, of what the file says."""
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ContentError(
            f"{file} {line}行目: YAMLの書き方が正しくありません(字下げ、「:」のあとの空白、引用符を見てください)"
        ) from error
    if node is None:
        raise ContentError(f"{file} 1行目: 中身がありません")
    places: dict[Key, Place] = {}
    return Read(value=_value(node, (), file, places), places=places)


def _value(node: yaml.Node, key: Key, file: str, places: dict[Key, Place]) -> Any:
    places[key] = Place(file=file, line=node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        out: dict[str, Any] = {}
        for name_node, value_node in node.value:
            name = str(name_node.value)
            if name in out:
                raise ContentError(f"{file} {name_node.start_mark.line + 1}行目: 「{name}」が二度書かれています")
            out[name] = _value(value_node, (*key, name), file, places)
        return out
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*key, index), file, places) for index, item in enumerate(node.value)]
    return _scalar(node)


def _scalar(node: yaml.Node) -> Any:
    # Only text, true/false and null exist in our files: a phone number or a time must never turn into a number.
    if node.tag.endswith(":bool"):
        return str(node.value).lower() in ("true", "yes", "on")
    return None if node.tag.endswith(":null") else str(node.value)


def merge(base: Read, over: Read) -> Read:
    """`over` laid on `base`: mappings key by key, everything else replaced as a whole."""
    places = dict(base.places)
    value = _merged(base.value, over.value, (), places)
    places.update(over.places)
    return Read(value=value, places=places)


def _merged(base: Any, over: Any, key: Key, places: dict[Key, Place]) -> Any:
    if isinstance(base, dict) and isinstance(over, dict):
        return base | {name: _merged(base.get(name), value, (*key, name), places) for name, value in over.items()}
    for old in [place for place in places if place[: len(key)] == key]:
        del places[old]
    return over


def texts_of(value: Any, key: Key = ()) -> Iterator[tuple[Key, str]]:
    """Every text below `value` with the way to it."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from texts_of(item, (*key, str(name)))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from texts_of(item, (*key, index))
