"""Logs for machines: each line of a run as one JSON object."""

from __future__ import annotations

import io
import logging
from datetime import UTC, datetime
from typing import Any, TextIO

import orjson
from rich.console import Console

from pipelines.text import plain

LINE_WIDTH = 1_000
LINE_FORMAT = "%(asctime)s %(levelname)s %(message)s"
logger = logging.getLogger(__name__)


class PlainRecord(logging.LogRecord):
    """A record whose message is one line, whatever text from an API or a database it contains."""

    def getMessage(self) -> str:  # noqa: N802 - the name is logging's
        """Return the message."""
        return plain(super().getMessage())


class LineFormatter(logging.Formatter):
    """Plain lines; those of a traceback are indented, so they cannot be mistaken for log lines."""

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """Return the traceback."""
        return _traceback(super().formatException(ei), indent="    ")


class JsonFormatter(logging.Formatter):
    """Time in UTC, level, logger, message, and the traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line."""
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["traceback"] = _traceback(self.formatException(record.exc_info))
        return orjson.dumps(told).decode()


def _traceback(text: str, indent: str = "") -> str:
    return "\n".join(indent + plain(line) for line in text.split("\n"))


class _Logged(io.StringIO):
    """Logs each line that is printed."""

    def write(self, text: str) -> int:
        """Log complete lines, and keep the rest."""
        *lines, rest = (self.getvalue() + text).split("\n")
        self.seek(0)
        self.truncate()
        super().write(rest)
        for line in filter(str.strip, lines):
            logger.info("%s", line.rstrip())
        return len(text)


def log_as_lines(handler: logging.Handler, format: str = LINE_FORMAT) -> None:
    """Log through this handler from now on, a line for each message."""
    logging.setLogRecordFactory(PlainRecord)
    handler.setFormatter(LineFormatter(format))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def log_as_json(stream: TextIO) -> Console:
    """Log as JSON from now on, and return a console whose lines are logged as well."""
    logging.setLogRecordFactory(PlainRecord)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logger.setLevel(logging.INFO)
    return Console(file=_Logged(), width=LINE_WIDTH, soft_wrap=True, markup=False, emoji=False)
