"""What it costs to load the listener into a fresh process."""

from __future__ import annotations

import json
import os
import time


def main() -> None:
    begin = time.perf_counter()
    # Imported here because the import is part of what is measured.
    from nlp import Listener

    listener = Listener.load()
    listener.hear("家賃が払えない")
    took = time.perf_counter() - begin
    from benchmarks.processes import memory_of

    print(json.dumps({"seconds": took, "memory": memory_of(os.getpid())}))


if __name__ == "__main__":
    main()
