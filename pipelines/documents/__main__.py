"""python -m pipelines.documents [--check]."""

from __future__ import annotations

import sys

from pipelines.documents import stale, write


def main() -> int:
    """Write files that are out of date, or with --check list them and return 1."""
    if "--check" not in sys.argv[1:]:
        sys.stdout.writelines(f"written: {name}\n" for name in write())
        return 0
    names = stale()
    sys.stderr.writelines(f"{name} is stale: run `make docs`\n" for name in names)
    return 1 if names else 0


if __name__ == "__main__":
    sys.exit(main())
