"""Reference of the command line, taken from the commands themselves."""

from __future__ import annotations

from enum import Enum
from typing import Any

import typer

from pipelines.cli.app import app
from pipelines.documents.markdown import code, page, table


def command_reference() -> str:
    """Return every command with its arguments and options."""
    group: Any = typer.main.get_command(app)
    introduction = f"{app.info.help} Every command has `--help`."
    before = f"These options go before the name of the command:\n\n{_listing(group)}"
    sections = (_section(*item) for item in group.commands.items())
    return page("Commands", introduction, before, *sections)


def _section(name: str, command: Any) -> str:
    return f"## `pipeline {name}`\n\n{command.help}\n\n{_listing(command)}"


def _listing(command: Any) -> str:
    rows = [_row(parameter) for parameter in command.params if parameter.name != "help"]
    return table(("argument or option", "default", "meaning"), rows) if rows else "No options."


def _row(parameter: Any) -> tuple[str, str, str]:
    is_option = parameter.opts[0].startswith("-")
    names = [*parameter.opts, *parameter.secondary_opts] if is_option else [parameter.name.upper()]
    return " ".join(map(code, names)), _default(parameter), _meaning(parameter)


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    return "" if parameter.default in (None, "", False) else code(str(parameter.default))


def _meaning(parameter: Any) -> str:
    kind = parameter.type_descriptor.annotation
    is_choice = isinstance(kind, type) and issubclass(kind, Enum)
    choices = f" One of {', '.join(code(choice.value) for choice in kind)}." if is_choice else ""
    return f"{parameter.help}{choices}"
