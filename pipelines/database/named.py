"""What our destinations have in common: dlt knows each by the name of its own."""

from __future__ import annotations

from typing import Any, ClassVar

from dlt.common.destination import Destination, DestinationCapabilitiesContext


class NamedAsDlts(Destination[Any, Any]):
    """A destination of dlt's, by its name, with a client of ours."""

    name: ClassVar[str]

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._capabilities: dict[bool, DestinationCapabilitiesContext] = {}

    @property
    def destination_type(self) -> str:
        """Return dlt's name: the state of a pipeline has it, and dlt's commands look it up."""
        return f"dlt.destinations.{self.name}"

    def capabilities(
        self, config: Any = None, naming: Any = None
    ) -> DestinationCapabilitiesContext:
        """Return what the destination can do; a copy, for dlt changes what it gets.

        dlt asks a dozen times a load, and resolves all settings of the destination each time.
        """
        if config is not None:
            return super().capabilities(config, naming)
        is_case_sensitive = bool(naming and naming.is_case_sensitive)
        if is_case_sensitive not in self._capabilities:
            self._capabilities[is_case_sensitive] = super().capabilities(None, naming)
        return self._capabilities[is_case_sensitive].copy()
