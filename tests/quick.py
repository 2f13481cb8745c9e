"""Pure functions of dlt that a run calls 50,000 times, remembered: a third of a small run."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any, Final

import yaml
from dlt.common import typing, validation
from dlt.common.configuration.specs import base_configuration

PURE: Final[dict[Any, tuple[str, ...]]] = {
    typing: (
        *("extract_inner_type", "extract_type_if_modifier", "is_subclass"),
        *("is_literal_type", "is_optional_type", "is_union_type"),
    ),
    base_configuration: (
        *("is_secret_hint", "is_base_configuration_inner_hint", "is_context_inner_hint"),
    ),
}
"""What a type hint says, by module: asked anew for each setting of each configuration."""


def remember() -> None:
    """Let each of them answer from memory, wherever it was imported to."""
    modules = [vars(module) for name, module in sys.modules.items() if name.startswith("dlt.")]
    for home, names in PURE.items():
        for name in names:
            original = getattr(home, name)
            quick = _remembering(original)
            for module in modules:
                if module.get(name) is original:
                    module[name] = quick
    _remember_the_fields_of_a_schema()
    # The same YAML, written in C.
    vars(yaml)["dump"] = functools.partial(yaml.dump, Dumper=yaml.CDumper)


def _remember_the_fields_of_a_schema() -> None:
    """A stored schema is validated twenty times in a run, and its type hints are read each time."""
    read = vars(validation)["get_type_hints"]

    @functools.cache
    def remembered(spec: type) -> Any:
        return read(spec, globalns=vars(sys.modules[spec.__module__]))

    def get_type_hints(spec: type, globalns: object) -> Any:  # always those of its module
        return remembered(spec)

    vars(validation)["get_type_hints"] = get_type_hints


def _remembering(function: Callable[..., Any]) -> Callable[..., Any]:
    cached = functools.cache(function)

    @functools.wraps(function)
    def call(*arguments: Any, **named: Any) -> Any:
        try:
            return cached(*arguments, **named)
        except TypeError:  # a hint that cannot be hashed
            return function(*arguments, **named)

    return call
