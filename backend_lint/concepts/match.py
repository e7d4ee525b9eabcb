"""A call recognised as a concept, and the values in its roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from backend_lint.facts import values as v
from backend_lint.models.library import path_of
from backend_lint.source import Region

if TYPE_CHECKING:
    from backend_lint.models.rows import AccessPath, Row
    from backend_lint.semantics.references import FunctionNode


class Match:
    """A call that a model row speaks of.

    Attributes:
        row: the row.
        api: the canonical name by which the call was recognised.
        function: the function that holds the call.
        call: its value; for a function that is called by another, as if it were called there.
        index: the index of the value.
        certain: the receiver was known; else only the name and the text speak for it.
    """

    __slots__ = ("api", "call", "certain", "function", "index", "row")

    def __init__(
        self,
        row: Row,
        api: str,
        function: FunctionNode,
        index: int,
        *,
        certain: bool = True,
        call: v.Invoke | None = None,
    ) -> None:
        call = call or function.call(index)
        self.row = row
        self.api = api
        self.function = function
        self.call = call
        self.index = index
        self.certain = certain

    @property
    def region(self) -> Region:
        """The whole call."""
        return Region(self.call.start, self.call.end)

    @property
    def attributes(self) -> dict[str, Any]:
        """The attributes of the row."""
        return self.row.attributes

    def values(self, role: str) -> list[int]:
        """The values in a role; empty where the row or the call has none."""
        return [value for value, _ in self.located(role)]

    def located(self, role: str) -> list[tuple[int, Region]]:
        """The values in a role with where they are written."""
        path = self.row.roles.get(role)
        return [] if path is None else self._located(path_of(path))

    def unwritten(self, role: str) -> list[tuple[int, Region, str]]:
        """Arguments of which a role takes a member, but that are no mappings written here.

        Each with where it is written and the name of the member.
        """
        path = self.row.roles.get(role)
        at = None if path is None else path_of(path)
        if at is None or len(at.members) != 1:
            return []
        whole = msgspec.structs.replace(at, members=())
        return [
            (value, region, at.members[0])
            for value, region in self._located(whole)
            if _is_made_elsewhere(self.function, value)
        ]

    def values_at(self, path: str) -> list[int]:
        """The values at an access path of the call."""
        return [value for value, _ in self._located(path_of(path))]

    def region_of(self, role: str) -> Region:
        """The argument in a role as written, or the whole call."""
        return next((region for _, region in self.located(role)), self.region)

    @property
    def receiver(self) -> int:
        """The value the method is called on, -1 for plain functions."""
        callee = self.function.fact.values[self.call.callee]
        return callee.base if type(callee) is v.Member else -1

    def _located(self, path: AccessPath) -> list[tuple[int, Region]]:
        call = self.call
        if path.root == "receiver":
            found = [(self.receiver, self.region)] if self.receiver >= 0 else []
        elif path.root == "result":
            found = [(self.index, self.region)]
        else:
            found = []
            position = 0
            for number, (value, name) in enumerate(zip(call.args, call.names, strict=True)):
                region = Region(call.spans[2 * number], call.spans[2 * number + 1])
                if name in ("*", "**"):
                    if path.rest or (path.spread and name == "**"):
                        found.append((value, region))
                    elif name == "*" and path.position >= position:
                        known = _leading_elements(self.function, value)
                        found.extend(
                            (item, region) for item in known[path.position - position :][:1]
                        )
                    continue
                if name:
                    if name == path.name or (path.rest and path.position < 0):
                        found.append((value, region))
                    continue
                if path.rest:
                    if position >= path.position:
                        found.append((value, region))
                elif position == path.position:
                    found.append((value, region))
                position += 1
        for member in path.members:
            found = [
                (item, region)
                for value, region in found
                if (item := record_item(self.function, value, member)) >= 0
            ]
        return found


def _is_made_elsewhere(function: FunctionNode, index: int) -> bool:
    """A mapping may come from there, and it is not written here."""
    value = function.fact.values[index]
    while isinstance(value, (v.Stored, v.Updated)):
        value = function.fact.values[value.base]
    return isinstance(value, (v.Invoke, v.Parameter, v.Captured, v.Imported, v.Member))


def _leading_elements(function: FunctionNode, index: int) -> tuple[int, ...]:
    """The elements that a list begins with which is written here: `append([]string{"/"}, …)`."""
    value = function.fact.values[index]
    while (
        type(value) is v.Invoke
        and value.args
        and type(function.fact.values[value.callee]) is v.Global
    ):
        value = function.fact.values[value.args[0]]
    elements = value.elements if type(value) is v.Listing else ()
    spread = (
        at for at, each in enumerate(elements) if type(function.fact.values[each]) is v.Element
    )
    return elements[: next(spread, None)]


def record_item(function: FunctionNode, index: int, name: str) -> int:
    """The item of a mapping written in the function, by constant key; -1 if there is none."""
    values = function.fact.values
    value = values[index]
    while isinstance(value, (v.Stored, v.Updated)):
        if isinstance(value, v.Stored) and value.name == name:
            return value.value
        value = values[value.base]
    if type(value) is v.Record:
        for key, item in v.entries(values, value):
            if key == name:
                return item
    return -1
