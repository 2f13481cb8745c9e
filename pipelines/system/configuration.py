"""The files of dlt's configuration: an unreadable one is reported before a command starts."""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from pipelines.errors import UsageError

FILES: Final = ("config.toml", "secrets.toml")
SECTION: Final = ("sources", "racing_api")
"""Where dlt looks for our settings."""
SECTIONS: Final = (
    ".".join(SECTION),
    "destination",
    "runtime",
    "extract",
    "normalize",
    "load",
    "schema",
)


def variable_of(setting: str) -> str:
    """Return the environment variable of a setting."""
    return "__".join((*SECTION, setting)).upper()


def settings_files() -> list[Path]:
    """Return the files in `.dlt`, or wherever dlt's own variables say."""
    folder = os.environ.get("DLT_CONFIG_FOLDER", ".dlt")
    return [Path(os.environ.get("DLT_PROJECT_DIR", "."), folder, name) for name in FILES]


def check_files(files: Iterable[str | Path]) -> None:
    """Raise UsageError for a file that dlt could not read; nothing of its contents is shown."""
    for file in files:
        fault = fault_in(Path(file))
        if fault:
            raise UsageError(f"{file} cannot be read: {fault}.")


def fault_in(file: Path) -> str:
    """Return why dlt could not read a file, without its contents; empty if it can."""
    try:
        text = file.read_bytes().decode()
        if text.startswith("\ufeff"):
            return "it begins with a byte order mark; save it as UTF-8 without one"
        return _wrong_section(tomllib.loads(text))
    except FileNotFoundError:
        return ""
    except OSError as error:
        return str(error.strerror)
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return f"line {line} is not UTF-8"
    except tomllib.TOMLDecodeError as error:  # the messages quote a character at most
        return str(error)
    except (ValueError, RecursionError):
        return "a number is too long, or its values are nested too deeply"


def _wrong_section(content: dict[str, Any]) -> str:
    """Return what is wrong if a value stands where dlt looks for a section."""
    for name in SECTIONS:
        section: Any = content
        for part in name.split("."):
            section = section.get(part, {})
            if not isinstance(section, dict):
                return f"{part} must be a section, [{name}], not a value"
    return ""


def fault_of_settings(error: Exception) -> UsageError | None:
    """Return the sentence for a setting that dlt refuses, perhaps while it is imported."""
    exceptions = sys.modules.get("dlt.common.configuration.exceptions")
    if exceptions is None or not isinstance(error, exceptions.ConfigurationException):
        return None
    if isinstance(error, exceptions.ConfigValueCannotBeCoercedException):
        kind = getattr(error.hint, "__name__", error.hint)
        return UsageError(f"dlt's setting {error.field_name} cannot be read: it must be {kind}.")
    return UsageError(f"dlt's settings cannot be used: {type(error).__name__}.")
