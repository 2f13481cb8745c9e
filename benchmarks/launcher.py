"""Start a command and note how long it took, its processor time, and how much memory it held.

A process counts as its own the memory of the one that started it, up to the moment it becomes
another program. So this one stays small: it runs without site packages and imports nothing of ours.

    python -I -S launcher.py NOTES COMMAND [ARGUMENT ...]
"""

import json
import os
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

BETWEEN_LOOKS = 0.5
"""Seconds."""
SESSION = 3
"""Place of the session's number in a process' line in /proc, counted from the state."""


def main() -> None:
    """Run the command to its end and write what was measured."""
    notes, *command = sys.argv[1:]
    started = time.monotonic()
    process = os.posix_spawn(command[0], command, os.environ)
    together = [0]

    def look() -> None:
        while True:
            time.sleep(BETWEEN_LOOKS)
            together[0] = max(together[0], memory_of_session())

    threading.Thread(target=look, daemon=True).start()
    _, status, usage = os.wait4(process, 0)
    measured = {
        "code": os.waitstatus_to_exitcode(status),
        "seconds": time.monotonic() - started,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_bytes": usage.ru_maxrss * 1024,
        "together_bytes": together[0],
    }
    Path(notes).write_text(json.dumps(measured), encoding="utf-8")


def memory_of_session() -> int:
    """Return the memory of all processes of this session but this one, where /proc tells it.

    Memory that several processes share is counted once.
    """
    own, total = str(os.getsid(0)), 0
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended
            session = (folder / "stat").read_text().rpartition(")")[2].split()[SESSION]
            if session == own and folder.name != str(os.getpid()):
                total += _shared_out(folder)
    return total


def _shared_out(folder: Path) -> int:
    lines = (folder / "smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


if __name__ == "__main__":
    main()
