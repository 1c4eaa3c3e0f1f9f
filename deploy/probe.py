"""Is the server ready? Exit code 0 when `/readyz` says so; for the image's health check and for systemd."""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request

WITHIN_SECONDS = 4.0


def main() -> int:
    """Ask the server of this machine."""
    address = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/readyz"
    try:
        with urllib.request.urlopen(address, timeout=WITHIN_SECONDS) as answer:
            return 0 if answer.status == 200 else 1
    except (urllib.error.URLError, TimeoutError, OSError):
        return 1


if __name__ == "__main__":
    sys.exit(main())
