"""Pure functions of dlt that a run calls 50,000 times, remembered: a third of a small run."""

from __future__ import annotations

import functools
import os
import pickle
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import orjson
import yaml
from dlt.common import typing, validation
from dlt.common.configuration import resolve
from dlt.common.configuration.container import Container
from dlt.common.configuration.providers import environ, provider
from dlt.common.configuration.providers.doc import BaseDocProvider
from dlt.common.configuration.specs import base_configuration
from dlt.common.configuration.specs.base_configuration import is_secret_hint
from dlt.common.destination import utils as destinations
from dlt.common.destination.capabilities import DestinationCapabilitiesContext
from dlt.common.normalizers.naming import NamingConvention
from dlt.common.schema import normalizers, schema, utils

PURE: Final[dict[Any, tuple[str, ...]]] = {
    typing: (
        *("extract_inner_type", "extract_type_if_modifier", "is_subclass"),
        *("is_literal_type", "is_optional_type", "is_union_type"),
    ),
    base_configuration: (
        *("is_secret_hint", "is_base_configuration_inner_hint", "is_context_inner_hint"),
    ),
    resolve: ("_build_section_lookup_paths",),
    provider: ("get_key_name",),
}
"""What a type hint means, and where a setting may be, by module: dlt asks again each time."""


@functools.cache
def remember() -> None:
    """Let each of them answer from memory, wherever it was imported to.

    Once: a process that is forked has it from the one before.
    """
    modules = [vars(module) for name, module in sys.modules.items() if name.startswith("dlt.")]
    for home, names in PURE.items():
        for name in names:
            original = getattr(home, name)
            quick = _remembering(original)
            for module in modules:
                if module.get(name) is original:
                    module[name] = quick
    _remember_the_fields_of_a_schema()
    _remember_what_is_valid(modules)
    _remember_the_names_of_a_configuration()
    _remember_the_hash_of_a_schema()
    _ask_for_what_nobody_configures_once(modules)
    _look_for_a_setting_only_where_its_name_is_given()
    _remember_normal_names()
    vars(utils)["deepcopy"] = vars(schema)["deepcopy"] = _copied
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


def _remember_what_is_valid(modules: Iterable[dict[str, Any]]) -> None:
    """Validate a schema once, not each time that it is read from its file."""
    for name in ("validate_dict", "validate_dict_ignoring_xkeys"):
        validate, valid = getattr(validation, name), set[tuple[Any, ...]]()
        quick = _validating_once(validate, valid)
        for module in modules:
            if module is not vars(validation) and module.get(name) is validate:
                module[name] = quick


def _validating_once(
    validate: Callable[..., None], valid: set[tuple[Any, ...]]
) -> Callable[..., None]:
    @functools.wraps(validate)
    def call(spec: type, doc: Any, path: str, *filters: Any, **named: Any) -> None:
        try:
            text = orjson.dumps(doc)
        except orjson.JSONEncodeError:  # not plain values only
            validate(spec, doc, path, *filters, **named)
            return
        # The size is part of the key because two texts may have the same hash.
        key = (spec, path, len(text), hash(text))
        if key not in valid:
            validate(spec, doc, path, *filters, **named)
            valid.add(key)

    return call


def _remember_the_names_of_a_configuration() -> None:
    """A configuration is asked for its size to see if it is there, and looks at each field."""
    spec = base_configuration.BaseConfiguration
    names = spec.__iter__

    @functools.cache
    def remembered(kind: type) -> tuple[str, ...]:
        return tuple(names(kind))  # type: ignore[arg-type]  # the fields are those of the class

    spec.__iter__ = lambda self: iter(remembered(type(self)))  # type: ignore[method-assign]
    spec.__len__ = lambda self: len(remembered(type(self)))  # type: ignore[method-assign]


def _remember_the_hash_of_a_schema() -> None:
    """A schema is hashed two hundred times in a run, and is the same most of the time."""
    generate, hashes = utils.generate_version_hash, dict[tuple[int, int], str]()
    not_hashed = ("version", "version_hash", "imported_version_hash", "previous_hashes")

    @functools.wraps(generate)
    def generate_version_hash(stored: Any) -> str:
        try:
            text = orjson.dumps({name: stored[name] for name in stored if name not in not_hashed})
        except orjson.JSONEncodeError:
            return generate(stored)
        key = (len(text), hash(text))
        if key not in hashes:
            hashes[key] = generate(stored)
        return hashes[key]

    vars(utils)["generate_version_hash"] = generate_version_hash


def _ask_for_what_nobody_configures_once(modules: Iterable[dict[str, Any]]) -> None:
    """Each table and schema would look for settings of its own in the environment and in files."""
    strategy_of: Any = destinations.resolve_merge_strategy
    context = DestinationCapabilitiesContext

    @functools.wraps(strategy_of)
    def resolve_merge_strategy(tables: Any, table: Any, capabilities: Any = None) -> Any:
        capabilities = capabilities or Container().get(context)
        return strategy_of.__wrapped__(tables, table, capabilities)

    plain: dict[str, Any] = {
        "resolve_merge_strategy": resolve_merge_strategy,
        # Whoever calls these has everything that they need.
        "prepare_load_table": vars(destinations)["prepare_load_table"].__wrapped__,
        "import_normalizers": vars(normalizers)["import_normalizers"].__wrapped__,
    }
    for module in modules:
        for name, function in plain.items():
            if name in module:
                module[name] = function


def _look_for_a_setting_only_where_its_name_is_given() -> None:
    """A run looks for settings in 10,000 places, and finds hardly any."""
    look = resolve.resolve_single_provider_value
    given = vars(os.environ)["_data"]
    has_secret_files = Path(environ.SECRET_STORAGE_PATH).parent.exists()

    @functools.wraps(look)
    def resolve_single_provider_value(
        provider: Any, key: str, hint: Any, *about: Any, **named: Any
    ) -> Any:
        if isinstance(provider, environ.EnvironProvider):
            is_plain = not (key.startswith("_") or key.endswith("_") or "__" in key)
            is_absent = is_plain and key.upper().encode() not in _last_parts(tuple(given))
            is_absent = is_absent and not (has_secret_files and is_secret_hint(hint))
        elif isinstance(provider, BaseDocProvider):
            is_absent = key not in _keys(vars(provider)["_config_doc"])
        else:
            is_absent = False
        return (None, []) if is_absent else look(provider, key, hint, *about, **named)

    vars(resolve)["resolve_single_provider_value"] = resolve_single_provider_value


@functools.lru_cache(maxsize=64)
def _last_parts(names: tuple[bytes, ...]) -> frozenset[bytes]:
    return frozenset(name.rpartition(b"__")[2] for name in names)


def _keys(document: Mapping[str, Any]) -> Iterator[str]:
    for key, value in document.items():
        yield key
        if isinstance(value, dict):
            yield from _keys(value)


def _remember_normal_names() -> None:
    """A name is made a name of SQL 6,000 times in a run; there are 600."""
    normal = NamingConvention.normalize_path

    @functools.cache
    def remembered(kind: type, longest: int | None, path: str) -> str:
        return normal(kind(longest), path)

    NamingConvention.normalize_path = (  # type: ignore[method-assign]
        lambda self, path: remembered(type(self), self.max_length, path)
    )


def _copied(value: Any) -> Any:
    """Copy a table of a schema: plain values, which is quicker in C."""
    return pickle.loads(pickle.dumps(value, pickle.HIGHEST_PROTOCOL))


def _remembering(function: Callable[..., Any]) -> Callable[..., Any]:
    cached = functools.cache(function)

    @functools.wraps(function)
    def call(*arguments: Any, **named: Any) -> Any:
        try:
            return cached(*arguments, **named)
        except TypeError:  # a hint that cannot be hashed
            return function(*arguments, **named)

    return call
