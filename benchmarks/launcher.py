"""Start a command and note how long it took and how much memory it held at most.

A process counts as its own the memory of the one that started it, up to the moment it becomes
another program. So this one stays small: it runs without site packages and imports nothing of ours.

    python -I -S launcher.py NOTES COMMAND [ARGUMENT ...]
"""

import json
import os
import sys
import time
from pathlib import Path


def main() -> None:
    """Run the command to its end and write what was measured."""
    notes, *command = sys.argv[1:]
    started = time.monotonic()
    process = os.posix_spawn(command[0], command, os.environ)
    _, status, usage = os.wait4(process, 0)
    measured = {
        "code": os.waitstatus_to_exitcode(status),
        "seconds": time.monotonic() - started,
        "peak_bytes": usage.ru_maxrss * 1024,
    }
    Path(notes).write_text(json.dumps(measured), encoding="utf-8")


if __name__ == "__main__":
    main()
