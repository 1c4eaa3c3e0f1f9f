"""`python -m benchmarks [NAME …]`: measure, print tables, keep the results."""

from __future__ import annotations

import sys
import time

from benchmarks.cases import CASES
from benchmarks.figures import table
from benchmarks.keeping import conditions, keep


def main(names: list[str]) -> int:
    """Run the named benchmarks, or all. 0 when they ran; a missed target is shown, not punished."""
    unknown = [name for name in names if name not in CASES]
    if unknown:
        print(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(CASES)}", file=sys.stderr)
        return 2
    chosen = names or list(CASES)
    machine = conditions()
    print(f"{machine['cores']} cores, Python {machine['python']}, load before {machine['load_before']}", flush=True)
    results = {}
    try:
        for name in chosen:
            print(f"-- {name} …", flush=True)
            begin = time.monotonic()
            results[name] = CASES[name]()
            print(f"{table(name, results[name])}\n  ({time.monotonic() - begin:.0f} s)\n", flush=True)
    finally:
        # What was measured before one of them failed is worth keeping.
        if results:
            keep(results, machine)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
