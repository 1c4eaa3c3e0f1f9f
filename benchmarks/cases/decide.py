"""How long a decision takes over random conversations, and how large a conversation's state becomes."""

from __future__ import annotations

import datetime as dt
import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from benchmarks.figures import Figure, Result, percentile, under
from benchmarks.webhooks import messages
from config.content import load_content
from dialogue import Desk, Listened, State, decide
from dialogue.events import Arrived, Chosen, Event, Heard, Left, Unsent, WordlessKind
from dialogue.setting import prepare
from nlp.findings import Assessment, Concern, Facts, Risk, RiskKind, RiskLevel

CONVERSATIONS = 20
TURNS = 200
START = dt.datetime(2026, 11, 24, 1, 0, tzinfo=dt.UTC)
_OTHERS: tuple[Event, ...] = (
    Arrived(),
    Arrived(unblocked=True),
    Left(),
    Unsent(after_answer=True),
    Chosen(action="number"),
    Chosen(action="notice"),
    Chosen(action="rights", argument="erase"),
    Heard(wordless=(WordlessKind.STICKER,)),
)


def measure() -> Result:
    """Twenty conversations of two hundred events, the same in every run."""
    desk = Desk(id="default", content=load_content())
    prepare(desk.content)
    _converse(desk, random.Random(CONVERSATIONS))  # other patterns are compiled once, at the first words
    wall, cpu, sizes = [], [], []
    for seed in range(CONVERSATIONS):
        times, state = _converse(desk, random.Random(seed))
        wall += [taken.wall for taken in times]
        cpu += [taken.cpu for taken in times]
        sizes.append(len(json.dumps(state.to_json(), ensure_ascii=False).encode()))
    return Result(
        figures=(
            Figure(name="decide p50", value=1e6 * percentile(wall, 0.5), unit="µs"),
            under("decide p99", 1e6 * percentile(wall, 0.99), 1000, unit="µs"),
            Figure(name="decide p50, processor time", value=1e6 * percentile(cpu, 0.5), unit="µs"),
            under("decide p99, processor time", 1e6 * percentile(cpu, 0.99), 1000, unit="µs"),
            Figure(name=f"state after {TURNS} events, p50", value=percentile(sizes, 0.5), unit="bytes"),
            under(f"state after {TURNS} events, largest", max(sizes), 4096, unit="bytes"),
        ),
        notes=(
            f"{CONVERSATIONS} random conversations with fixed seeds; nine in ten events are words",
            "processor time is what to read on a machine that does other work as well",
        ),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Time:
    """How long one decision took, in seconds: on the clock, and of the processor."""

    wall: float
    cpu: float


def _converse(desk: Desk, chance: random.Random) -> tuple[list[_Time], State]:
    state, now, times = State.new(), START, []
    for event, listened in _events(desk, chance):
        seed = chance.getrandbits(64)
        wall, cpu = time.perf_counter(), time.thread_time()
        state = decide(desk, state, event, listened, now, seed).state
        times.append(_Time(cpu=time.thread_time() - cpu, wall=time.perf_counter() - wall))
        now += dt.timedelta(minutes=chance.randrange(1, 600))
    return times, state


def _events(desk: Desk, chance: random.Random) -> Iterator[tuple[Event, Listened | None]]:
    overall = Assessment()
    for _ in range(TURNS):
        if chance.random() < 0.1:
            yield chance.choice(_OTHERS), None
            continue
        message = _message(desk, chance)
        overall = _together(overall, message)
        yield Heard(texts=(chance.choice(messages()),)), Listened(message=message, overall=overall)


def _message(desk: Desk, chance: random.Random) -> Assessment:
    tags = chance.sample(sorted(desk.content.topics), chance.choice((0, 0, 1, 1, 2, 3)))
    level = chance.choices(list(RiskLevel), (90, 7, 3))[0]
    kinds = () if level is RiskLevel.NONE else tuple(chance.sample(list(RiskKind), chance.choice((1, 1, 2))))
    return Assessment(
        concerns=tuple(Concern(id=tag, score=0.9, evidence=()) for tag in tags),
        risk=Risk(level=level, kinds=kinds),
        facts=Facts(detected_language="ja", writer_age=chance.choice((None, None, 15, 42, 80))),
    )


def _together(before: Assessment, message: Assessment) -> Assessment:
    known = {concern.id: concern for concern in (*before.concerns, *message.concerns)}
    higher = max(before.risk, message.risk, key=lambda risk: risk.level.rank)
    return replace(message, concerns=tuple(known.values()), risk=higher)
