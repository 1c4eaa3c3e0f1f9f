"""How fast the listener hears, beside SudachiPy's tokenizing alone."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterable, Sequence

from sudachipy import Dictionary, SplitMode

from benchmarks.webhooks import messages
from nlp import Listener

ROUNDS = 8
ROUND_SECONDS = 0.7
HUNDREDS = 600
LONG = 5000
LONG_TIMES = 5


def rate(work: Callable[[str], object], texts: Iterable[str]) -> float:
    """Messages per second during one round."""
    begin, done = time.perf_counter(), 0
    for text in texts:
        work(text)
        done += 1
        if time.perf_counter() - begin >= ROUND_SECONDS:
            break
    return done / (time.perf_counter() - begin)


def times(work: Callable[[str], object], texts: Iterable[str]) -> list[float]:
    """Seconds for each message."""
    found = []
    for text in texts:
        begin = time.perf_counter()
        work(text)
        found.append(time.perf_counter() - begin)
    return found


def around_a_hundred(texts: Sequence[str]) -> list[str]:
    """Messages of 90 to 110 characters; short ones are said in one breath."""
    made, now = [], ""
    for text in itertools.cycle(texts):
        now = f"{now}\n{text}" if now else text
        if len(now) >= 90:
            made.append(now[:110])
            now = ""
        if len(made) == HUNDREDS:
            return made
    return made


def main() -> None:
    listener = Listener.load()
    tokenize = Dictionary().tokenizer(mode=SplitMode.A).tokenize
    texts = messages()
    long = ("\n".join(texts))[:LONG]
    found: dict[str, list[float]] = {"hear": [], "tokenize": []}
    rate(listener.hear, texts[:200])
    heard, split = itertools.cycle(texts), itertools.cycle(texts)
    for _ in range(ROUNDS):
        found["tokenize"].append(rate(tokenize, split))
        found["hear"].append(rate(listener.hear, heard))
    found["hundred"] = times(listener.hear, around_a_hundred(texts))
    found["long"] = times(listener.hear, [long] * LONG_TIMES)
    found["long_tokenize"] = times(tokenize, [long] * LONG_TIMES)
    print(json.dumps({**found, "messages": len(texts)}))


if __name__ == "__main__":
    main()
