"""The console of a large desk: its queue, its searches and its cases, beside the same pages of a small one."""

from __future__ import annotations

import itertools
import math
import os
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import httpx

from benchmarks.cases_town import HEARD, LIVE, TOKEN, TURNS, WORRIES, Desk, fill
from benchmarks.figures import Figure, Result, percentile, under
from benchmarks.postgres import postgres
from benchmarks.processes import environment, scratch, server
from benchmarks.webhooks import PATH, body_of, signature_of, text_event, user

SMALL, LARGE = 1_000, 100_000
ROUNDS, WARM = 40, 5
#: Milliseconds.
MOST, RATIO = 80, 2
ALARMS = 5
PAGES = ("queue", "case", "by alias", "by number", "by tag", "by area")


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """Milliseconds of each page, and seconds until danger showed."""

    pages: dict[str, list[float]]
    #: Processor time of the server for each page: what a crowded machine does not change.
    work: dict[str, float]
    shown_after: list[float]
    filled_in: float


def measure(small: int = SMALL, large: int = LARGE) -> Result:
    """Both sizes on both databases, in one run."""
    figures: list[Figure] = []
    each = HEARD + TURNS
    notes = [
        f"{large:,} cases with {each} messages each ({large * each:,}), of a hundred {LIVE} not closed",
        f"floor: the same page with {small:,} cases made in the same way",
        "a page as its browser waits for it: the program in a process of its own, over HTTP on an open connection",
    ]
    with scratch() as folder, postgres(folder) as database:
        for name in ("SQLite", "PostgreSQL"):
            found = {}
            for size in (small, large):
                here = folder / f"{name}-{size}"
                here.mkdir()
                url = f"sqlite+aiosqlite:///{here}/tsunagu.db" if name == "SQLite" else database()
                found[size] = _measured(here, url, size)
            figures += _figures(name, found[small], found[large])
            notes.append(f"{name}: filled in {found[large].filled_in:.0f} s")
    return Result(figures=tuple(figures), notes=tuple(notes))


def _figures(name: str, small: Measured, large: Measured) -> Iterator[Figure]:
    for page in PAGES:
        few, many = (percentile(found.pages[page], 0.95) for found in (small, large))
        yield under(f"{name}: {page} p95", many, MOST, unit="ms", floor=few, ratio=many / few)
        least, most = small.work[page], large.work[page]
        yield Figure(name=f"{name}: {page}, work", value=most, unit="ms", floor=least, ratio=most / least)
    worst = max(percentile(large.pages[page], 0.95) / percentile(small.pages[page], 0.95) for page in PAGES)
    yield under(f"{name}: slowest growth from small to large", worst, RATIO)
    yield under(f"{name}: danger shows on an open queue after (longest)", max(large.shown_after), 2, unit="s")


def _measured(folder: Path, url: str, size: int) -> Measured:
    print(f"   filling {size:,} cases …", flush=True)
    begin = time.monotonic()
    desk = fill(url, environment(folder, 1, "http://127.0.0.1:9")["DATA_KEY"], size, datetime.now(UTC))
    filled_in = time.monotonic() - begin
    print(f"   … in {filled_in:.0f} s", flush=True)
    command = ("-c", "from bot.cli import main; main()", "serve")
    with (
        server(command, folder, ready="/readyz", more={"DATABASE_URL": url}) as running,
        _browser(f"http://127.0.0.1:{running.port}") as browser,
    ):
        pages, work = {}, {}
        for page, paths in _paths(desk).items():
            before = _worked(running.pid)
            pages[page] = _timed(browser, paths)
            work[page] = (_worked(running.pid) - before) / (WARM + ROUNDS)
            print(f"   {page}: p95 {percentile(pages[page], 0.95):.0f} ms, work {work[page]:.1f} ms", flush=True)
        shown_after = [_until_shown(browser, number) for number in range(ALARMS)]
    return Measured(pages=pages, work=work, shown_after=shown_after, filled_in=filled_in)


def _worked(pid: int) -> float:
    """Processor time of a process so far, in milliseconds; NaN where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except OSError:
        return math.nan
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _browser(url: str) -> Iterator[httpx.Client]:
    headers = {"accept": "text/html"}
    with httpx.Client(base_url=url, cookies={"tsunagu": TOKEN}, headers=headers, timeout=30) as browser:
        yield browser


def _paths(desk: Desk) -> dict[str, Sequence[str]]:
    return {
        "queue": ["/staff/queue"],
        "case": [f"/staff/cases/{case_id}" for case_id in desk.opened],
        "by alias": [f"/staff/queue?words={quote(alias)}" for alias in desk.aliases],
        "by number": [f"/staff/queue?words={number}" for number in desk.numbers],
        "by tag": [f"/staff/queue?category={worry}" for worry in WORRIES],
        "by area": [f"/staff/queue?area={area}" for area in ("hokubu", "nanbu")],
    }


def _timed(browser: httpx.Client, paths: Sequence[str]) -> list[float]:
    times = []
    for number, path in enumerate(itertools.islice(itertools.cycle(paths), WARM + ROUNDS)):
        begin = time.perf_counter()
        answer = browser.get(path)
        taken = 1000 * (time.perf_counter() - begin)
        assert answer.status_code == 200, (path, answer.status_code)
        if number >= WARM:
            times.append(taken)
    return times


def _until_shown(browser: httpx.Client, number: int) -> float:
    """Seconds from LINE's request until an open queue has been told and shows one more in danger."""
    before = _in_danger(browser)
    with browser.stream("GET", "/staff/stream", headers={"accept": "text/event-stream"}) as stream:
        told = (line for line in stream.iter_lines() if line.startswith("data: "))
        begin = time.perf_counter()
        body = body_of(text_event(user(9_000 + number), "もう死にたい。いま橋の上にいます", f"t{number}"))
        sent = browser.post(PATH, content=body, headers={"x-line-signature": signature_of(body)})
        assert sent.status_code == 200, sent.status_code
        for _ in told:
            if _in_danger(browser) > before:
                return time.perf_counter() - begin
    raise AssertionError("the stream ended and nothing was shown")


def _in_danger(browser: httpx.Client) -> int:
    """How many the queue shows in danger now, in its own count and as lines."""
    answer = browser.get("/staff/queue/rows")
    assert answer.status_code == 200, answer.status_code
    counted = re.search(r'data-urgent="(\d+)"', answer.text)
    assert counted is not None
    return min(int(counted[1]), answer.text.count('class="level-urgent"'))
