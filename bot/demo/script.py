"""Reading the town: who writes what when, and what staff do about it. Times count back from the moment of the demo."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import chain
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from casework.people import Grant, Role

_FOLDER = Path(__file__).parent
#: Beside those of town.yaml.
_PEOPLE = ("letters.yaml", "beside.yaml", "calm.yaml")
#: Nothing of the demo happens in the last minute: whoever looks at once sees no future.
_BEFORE_NOW = timedelta(minutes=1)
_DAYS_AGO = re.compile(r"(\d+)日前 (\d\d):(\d\d)")
_MINUTES_AGO = re.compile(r"(\d+)分前")
#: How long people take: to press, to write on, to do the next thing at the console.
_PAUSES = {"press": timedelta(seconds=20), "says": timedelta(seconds=95)}
_STAFF_PAUSE = timedelta(minutes=4)
_WEEKS = 6


class WrongTown(ValueError):
    """The file says something that cannot be played. The text says where."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Worker:
    """Somebody with an account. `organisation` is the key of another organisation; empty: the desk's own."""

    login: str
    name: str
    grant: Grant
    organisation: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Act:
    """One thing somebody does: `by` is a login, or empty for the resident. `given` is what the act needs beside."""

    what: str
    by: str
    given: Mapping[str, str]
    at: str | None
    pause: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """A resident, or somebody who came without LINE. `who` names them in the file, and nowhere else. `answers`: what
    they press when a check-in comes, one for each. `room`: they write on our own page.
    """

    who: str
    acts: tuple[Act, ...]
    answers: tuple[str, ...] = ()
    room: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Town:
    """Everything the demo plays. `sheet` fills the fields of a sheet that only a person can fill."""

    workers: tuple[Worker, ...]
    organisations: Mapping[str, str]
    sheet: Mapping[str, Any]
    people: tuple[Person, ...]
    fillers: tuple[tuple[str, ...], ...]
    filler_count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """An act with its time and the number of the person it belongs to."""

    at: datetime
    person: int
    act: Act


def load_town() -> Town:
    """The town of the package. Raises WrongTown."""
    read = yaml.safe_load((_FOLDER / "town.yaml").read_text(encoding="utf-8"))
    more = [yaml.safe_load((_FOLDER / name).read_text(encoding="utf-8")) for name in _PEOPLE]
    people = [*read["people"], *chain.from_iterable(more)]
    workers = tuple(_worker(login, one) for login, one in read["staff"].items())
    logins = frozenset(worker.login for worker in workers)
    return Town(
        workers=workers,
        organisations=read["organisations"],
        sheet=read["sheet"],
        people=tuple(_person(one, logins) for one in people),
        fillers=tuple(tuple(talk) for talk in read["fillers"]["talks"]),
        filler_count=read["fillers"]["count"],
    )


def _person(read: Mapping[str, Any], logins: frozenset[str]) -> Person:
    acts = tuple(_acts(read["who"], read["begins"], read["talk"], logins))
    answers = tuple(read.get("answers", ()))
    return Person(who=read["who"], acts=acts, answers=answers, room=read.get("room", False))


def _worker(login: str, read: Mapping[str, Any]) -> Worker:
    areas = read.get("areas")
    grant = Grant(role=Role(read["role"]), areas=None if areas is None else frozenset(areas))
    return Worker(login=login, name=read["name"], grant=grant, organisation=read.get("organisation", ""))


def _acts(who: str, begins: str, talk: list[Any], logins: frozenset[str]) -> Iterator[Act]:
    at: str | None = begins
    for step in talk:
        if isinstance(step, dict) and set(step) == {"at"}:
            at = step["at"]
            continue
        act = _act(who, step, logins, at)
        yield act
        at = None


def _act(who: str, step: Any, logins: frozenset[str], at: str | None) -> Act:
    if isinstance(step, str):
        return Act(what="says", by="", given={"words": step}, at=at, pause=_PAUSES["says"])
    by = next((key for key in step if key in logins), "")
    given = {str(key): str(value) for key, value in step.items() if key != by}
    if by:
        return Act(what=str(step[by]), by=by, given=given, at=at, pause=_STAFF_PAUSE)
    if "press" in step:
        return Act(what="press", by="", given={"label": step["press"]}, at=at, pause=_PAUSES["press"])
    if "does" in step:
        return Act(what=step["does"], by="", given={}, at=at, pause=_PAUSES["says"])
    raise WrongTown(f"{who}: {step}")


def everything(town: Town, now: datetime, zone: ZoneInfo, seed: int) -> list[Moment]:
    """What happens in the town, in the order of time: the people of the file, then the others who only fill it."""
    chance = random.Random(seed)  # noqa: S311 - when people who do not exist write
    people = [*town.people, *(_filler(town, number, chance) for number in range(town.filler_count))]
    moments = [
        moment for number, person in enumerate(people) for moment in _moments(number, person, now.astimezone(zone))
    ]
    return sorted(moments, key=lambda moment: moment.at)


def _filler(town: Town, number: int, chance: random.Random) -> Person:
    """Somebody of whom there are many: one of the short talks at some time of the last weeks."""
    day, hour, minute = chance.randrange(2, _WEEKS * 7), chance.randrange(6, 24), chance.randrange(60)
    begins = f"{day}日前 {hour:02}:{minute:02}"
    talk = list(town.fillers[number % len(town.fillers)])
    return Person(who=f"住民{number + 1}", acts=tuple(_acts("", begins, talk, frozenset())))


def _moments(number: int, person: Person, now: datetime) -> Iterator[Moment]:
    latest = now - _BEFORE_NOW
    before: datetime | None = None
    for act in person.acts:
        at = _read_time(person.who, act.at, now) if act.at else None
        if before is not None:
            at = before + act.pause if at is None else max(at, before + timedelta(seconds=1))
        if at is None:
            raise WrongTown(f"{person.who}: no time")
        before = min(at, latest)
        yield Moment(at=before, person=number, act=act)


def _read_time(who: str, text: str, now: datetime) -> datetime:
    if found := _DAYS_AGO.fullmatch(text):
        days, hour, minute = (int(part) for part in found.groups())
        return datetime.combine(now.date() - timedelta(days=days), time(hour, minute), now.tzinfo)
    if found := _MINUTES_AGO.fullmatch(text):
        return now - timedelta(minutes=int(found[1]))
    raise WrongTown(f"{who}: {text}")
