"""Where a function takes a field by name from a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.facts import values as v

if TYPE_CHECKING:
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode


class FieldReads:
    """Finds such places, once a function."""

    def __init__(self, index: ProjectIndex) -> None:
        del index
        self._known: dict[tuple[str, int], dict[tuple[int, str], list[int]]] = {}

    def of(self, function: FunctionNode, base: int, name: str) -> list[int]:
        """The values that are the field `name` of the value `base`."""
        known = self._known.get(function.key)
        if known is None:
            known = self._known[function.key] = {}
            values = function.fact.values
            for at, value in enumerate(values):
                if type(value) is v.Member:
                    known.setdefault((value.base, value.name), []).append(at)
                elif type(value) is v.Item:
                    key = values[value.key]
                    if type(key) is v.Constant and isinstance(key.value, str):
                        known.setdefault((value.base, key.value), []).append(at)
        return known.get((base, name), [])
