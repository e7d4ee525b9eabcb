"""What is put into a session and the like under a name, for who asks for that name elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.conditions import constants, unchanged
from backend_lint.models.library import ITEM, last_name, load

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.facts import values as v
    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode


class KeptItems:
    """Finds the stores by rows of `request-store` whose API ends in `[]`; once for an index."""

    def __init__(self, index: ProjectIndex) -> None:
        self.index = index
        self._stores = {
            api.removesuffix(ITEM)
            for family in index.families
            for row in load(family).concept_rows("request-store")
            for api in row.api
            if api.endswith(ITEM)
        }
        self._words = {last_name(store) for store in self._stores}

    def of(
        self, function: FunctionNode, item: v.Item
    ) -> Iterator[tuple[FunctionNode, v.FieldWrite]]:
        """The places where something is put under the name that an item of a store is asked for."""
        if not self._is_store(function, item.base):
            return
        names = set(constants(self.index, function, item.key))
        # What is put under the name of a constant has no name of its own.
        for named in (*[str(name) for name in names], ""):
            for owner, write in self.index.field_writes(named):
                if self._is_store(owner, write.base) and (
                    named or not names.isdisjoint(constants(self.index, owner, write.key))
                ):
                    yield owner, write

    def _is_store(self, function: FunctionNode, at: int) -> bool:
        base = unchanged(function, at)
        return getattr(function.fact.values[base], "name", "") in self._words and not (
            self._stores.isdisjoint(self.index.resolver.names(function, base))
        )
