"""What is put into the tables of a project, so that what is read from them has a beginning.

A table is known by the class of its records, or by the name under which the program asks for it.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from backend_lint.dataflow.conditions import unchanged
from backend_lint.dataflow.frames import aliases
from backend_lint.dataflow.records import is_record_type
from backend_lint.dataflow.uses import Use
from backend_lint.facts import values as v
from backend_lint.models.library import load
from backend_lint.semantics.elements import RANGED
from backend_lint.semantics.memory import remembered
from backend_lint.semantics.references import Api, ClassReference, FunctionNode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.concepts.match import Match
    from backend_lint.index import ProjectIndex

# Place and number of a class, or the name in lower case and -1.
Table: TypeAlias = tuple[str, int]

# So many steps from what a query gives to what it asks.
MAX_STEPS = 12


class Deposit(msgspec.Struct, frozen=True):
    """What is put into a column somewhere.

    Attributes:
        function: where.
        value: what is put there, or an object that has it.
        fields: what of the value is meant.
        use: the place where it is put there.
    """

    function: FunctionNode
    value: int
    fields: tuple[str, ...]
    use: Use


class Deposits:
    """Knows what is written to the column that a value was read from."""

    def __init__(self, index: ProjectIndex) -> None:
        self.index = index
        self.resolver = index.resolver

    def of(self, function: FunctionNode, at: int, fields: tuple[str, ...]) -> Iterator[Deposit]:
        """What is put into a column, wherever that is.

        Args:
            function: where records are read.
            at: what the query gives: a record, several, or an object that was filled.
            fields: what is taken of it, the column first but for places in a list.
        """
        rows = 0
        while rows < len(fields) and (fields[rows] == "*" or fields[rows].isdigit()):
            rows += 1
        taken = fields[rows:]
        if not taken or not taken[0].isidentifier():
            return
        table = self._table(function, at)
        for deposit in self._into(table, taken[0]) if table is not None else ():
            fields = (*deposit.fields, *taken[1:])
            yield Deposit(deposit.function, deposit.value, fields, deposit.use)

    @remembered
    def _into(self, table: Table, column: str) -> list[Deposit]:
        """What is put into a column as a whole."""
        return list(self._found(table, column))

    def _found(self, table: Table, column: str) -> Iterator[Deposit]:
        for function, at, value in self._named.get(column, ()):
            call = function.call(at)
            if self._is_record_class(function, call.callee, table):
                yield Deposit(function, value, (), Use(call.context, call.start))
        for function, write in self.index.field_writes(column):
            if self._table(function, write.base) == table:
                yield Deposit(function, write.value, (), Use(write.context, write.start))
        for match in self._writes.get(table, ()):
            call, records = match.call, set(match.values("record"))
            use = Use(call.context, call.start)
            for value, name in zip(call.args, call.names, strict=True):
                if name == column:
                    yield Deposit(match.function, value, (), use)
                elif name in ("", "**") and value in records:
                    yield Deposit(match.function, value, (column,), use)
            for value in sorted(records.difference(call.args)):  # `{data: {…}}`
                yield Deposit(match.function, value, (column,), use)

    @cached_property
    def _named(self) -> dict[str, list[tuple[FunctionNode, int, int]]]:
        """The arguments of all calls that have names, by name, with the function and the call."""
        found: dict[str, list[tuple[FunctionNode, int, int]]] = defaultdict(list)
        for function, at, call, _ in self.index.calls():
            if any(call.names):
                for value, name in zip(call.args, call.names, strict=True):
                    if name.isidentifier():
                        found[name].append((function, at, value))
        return found

    @cached_property
    def _writes(self) -> dict[Table, list[Match]]:
        """The calls that write records, by table."""
        found: dict[Table, list[Match]] = defaultdict(list)
        for match in self.index.matches("record-write"):
            tables = {self._table(match.function, at) for at in match.values("record")}
            tables = {table for table in tables if table is not None and table[1] >= 0}
            for table in tables or {self._table(match.function, match.receiver)}:
                if table is not None:
                    found[table].append(match)
        return found

    def _is_record_class(self, function: FunctionNode, at: int, table: Table) -> bool:
        return any(
            isinstance(reference, ClassReference)
            and not reference.instance
            and (reference.file.path, reference.index) == table
            for reference in self.resolver.references(function, at)
        )

    @remembered
    def _table(self, function: FunctionNode, at: int) -> Table | None:
        """The table that a record, a query or a model is of."""
        return self._by_class(function, at) or self._by_name(function, at)

    def _by_class(self, function: FunctionNode, at: int) -> Table | None:
        for number, place in enumerate(self._parts(function, at)):
            known = self.resolver.references(function, place) or (
                self.resolver.elements.of(function, place, RANGED)
            )
            for reference in known:
                if isinstance(reference, ClassReference) and (
                    number == 0 or is_record_type(self.index, function, reference)
                ):
                    return (reference.file.path, reference.index)
        return None

    def _by_name(self, function: FunctionNode, at: int) -> Table | None:
        for place in self._parts(function, at):
            if self._is_store(function, place):
                return self._name(function, place)
        return None

    def _parts(self, function: FunctionNode, at: int) -> Iterator[int]:
        """A value and what it was asked of, back to the beginning of a query."""
        values = function.fact.values
        for _ in range(MAX_STEPS):
            if at < 0:
                return
            at = unchanged(function, at)
            yield at
            value = values[at]
            if type(value) is v.Invoke:
                yield from value.args
                at = value.callee
            elif isinstance(value, (v.Member, v.Item, v.Element, v.Updated, v.Stored)):
                at = value.base
            elif type(value) is v.Merge:
                at = value.options[0]
            else:
                return

    def _is_store(self, function: FunctionNode, at: int) -> bool:
        stores = _stores(function.file.family)
        return any(
            isinstance(reference, Api) and reference.instance and reference.name in stores
            for reference in self.resolver.references(function, at)
        )

    def _name(self, function: FunctionNode, at: int) -> Table | None:
        """The name of a model or collection where it is made, else that of the variable."""
        value = function.fact.values[at]
        if type(value) is v.Invoke:
            first = function.fact.values[value.args[0]] if value.args else None
            if type(first) is v.Constant and isinstance(first.value, str):
                return (first.value.lower(), -1)
            return None
        for owner, other in aliases(self.index, function, at):
            made = unchanged(owner, other)
            if type(owner.fact.values[made]) is v.Invoke:
                return self._name(owner, made)
        name = getattr(value, "name", "")
        return (name.lower(), -1) if name else None


def _stores(family: str) -> frozenset[str]:
    """The types of libraries whose methods write records."""
    return frozenset(
        api.rpartition(".")[0]
        for row in load(family).concept_rows("record-write")
        for api in row.api
    )
