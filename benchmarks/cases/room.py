"""The private room on a slow phone, while two hundred other rooms are open: first paint, words kept, the answer."""

from __future__ import annotations

import itertools
import re
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx

from benchmarks.cases.private_page import BYTES_A_SECOND, CHROMIUM, LATENCY_MS, SLOWER, first_paint
from benchmarks.figures import Figure, Result, percentile, under
from benchmarks.processes import SERVE, scratch, server
from config.content import load_content

ROOMS = 200
ROUNDS = 8
#: Others write while somebody is waited for: so many of the open rooms at a time.
WRITING = 4
WORDS = ("眠れません", "仕事をやめました", "母の介護のことで", "こんにちは", "子どもが学校へ行きません")
_SAY = """
words => new Promise((done, fail) => {
  const lines = document.getElementById("lines"), before = lines.querySelectorAll(".by-program").length;
  const begin = performance.now();
  let stands = 0;
  const look = () => {
    const now = performance.now() - begin;
    if (!stands && lines.querySelector(".by-resident[data-key]")) stands = now;
    if (stands && lines.querySelectorAll(".by-program").length > before) { seen.disconnect(); done([stands, now]); }
  };
  const seen = new MutationObserver(look);
  seen.observe(lines, { childList: true, subtree: true, attributes: true });
  setTimeout(() => fail(new Error("no answer")), 30000);
  document.getElementById("write").value = words;
  document.getElementById("composer").requestSubmit();
})
"""
_TOKEN = re.compile(r'name="token" value="([0-9a-f]+)"')


def measure(rooms: int = ROOMS) -> Result:
    """One server process with its SQLite file; Chromium as a slow phone."""
    if not CHROMIUM.exists():
        return Result(figures=(), notes=(f"not measured: there is no Chromium at {CHROMIUM}",))
    pause = 1000 * load_content().desk.listening_pause
    behind = {"TRUSTED_PROXIES": "127.0.0.1"}
    with (
        scratch() as folder,
        server(SERVE, folder, ready="/readyz", more=behind) as running,
        _open(running.port, rooms) as others,
    ):
        paints, own, answers, weight = _lived_through(running.url, others, pause)
        memory = running.memory()
    return Result(
        figures=(
            under("page", weight / 1000, 60, unit="kB"),
            under("first contentful paint p50", percentile(paints, 0.5), 1000, unit="ms"),
            Figure(name="first contentful paint, longest", value=max(paints), unit="ms"),
            under("own words are kept p50", percentile(own, 0.5), 500, unit="ms"),
            under("answer, after the listening pause p50", percentile(answers, 0.5), 500, unit="ms"),
            Figure(name="answer, after the listening pause, longest", value=max(answers), unit="ms"),
            Figure(name="memory of the server", value=memory, unit="MB"),
        ),
        notes=(
            f"{rooms} rooms open with their streams, {WRITING} of them write whenever the phone does",
            f"slow phone: Chromium, processor {SLOWER} times slower, 1.6 Mbit/s, {LATENCY_MS} ms round trip",
            f"the desk listens on for {pause:.0f} ms before it answers; that is not counted",
        ),
    )


@contextmanager
def _open(port: int, count: int) -> Iterator[Sequence[httpx.Client]]:
    """Rooms in browsers of their own, each with an open stream."""
    with ExitStack() as stack:
        visitors = []
        for number in range(count):
            headers = {"x-forwarded-for": f"10.0.{number // 200}.{number % 200}", "accept": "text/html"}
            visitor = stack.enter_context(
                httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30)
            )
            _send(visitor, "/room/default", "/room/default/open")
            stack.enter_context(_stream(port, visitor))
            visitors.append(visitor)
        yield visitors


def _send(visitor: httpx.Client, page: str, path: str, **fields: str) -> None:
    token = _TOKEN.search(visitor.get(page).text)
    assert token is not None, page
    answer = visitor.post(path, data={"token": token[1], **fields})
    assert answer.status_code == 303, (path, answer.status_code)


@contextmanager
def _stream(port: int, visitor: httpx.Client) -> Iterator[None]:
    """An open question on a connection of its own, as the page's script holds it; nobody reads it."""
    cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in visitor.cookies.jar)
    head = (
        f"GET /room/stream HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/event-stream\r\nCookie: {cookies}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head.encode())
        assert b" 200 " in connection.recv(64)
        yield


def _lived_through(
    site: str, others: Sequence[httpx.Client], pause: float
) -> tuple[list[float], list[float], list[float], int]:
    """First paints, times until own words are kept, times of answers (ms), and the bytes of the page."""
    from playwright.sync_api import sync_playwright

    paints, own, answers, weight = [], [], [], 0
    writers, words = itertools.cycle(others), itertools.cycle(WORDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        for _ in range(ROUNDS):
            context = browser.new_context(viewport={"width": 390, "height": 844}, locale="ja-JP")
            page = context.new_page()
            _slow(context, page)
            page.goto(f"{site}/room/default")
            page.locator("form[action$='/open'] button").click()
            page.wait_for_url("**/room/")
            page.wait_for_load_state("load")
            paints.append(first_paint(page))
            weight = len(page.content().encode())
            for writer in itertools.islice(writers, WRITING):
                _send(writer, "/room/", "/room/say", text=next(words), ref=f"{time.monotonic_ns():032x}")
            stands, answered = _said(page, next(words))
            own.append(stands)
            answers.append(answered - pause)
            context.close()
        browser.close()
    return paints, own, answers, weight


def _slow(context: Any, page: Any) -> None:
    tools = context.new_cdp_session(page)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    speed = {"downloadThroughput": BYTES_A_SECOND, "uploadThroughput": BYTES_A_SECOND / 2}
    tools.send("Network.emulateNetworkConditions", {"offline": False, "latency": LATENCY_MS, **speed})


def _said(page: Any, words: str) -> tuple[float, float]:
    """Milliseconds from the press until the server has the words, and until the answer stands under them."""
    stands, answered = page.evaluate(_SAY, words)
    return float(stands), float(answered)
