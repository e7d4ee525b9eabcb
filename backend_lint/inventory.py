"""What the functions of a project hold of the kinds that questions begin with; one pass."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from backend_lint.facts import values as v

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backend_lint.semantics.references import FunctionNode

# Stands for the name of what a module exports as a whole.
WHOLE = "="
# What a call may be made through that has a name.
_NAMED = frozenset({v.Member, v.Captured, v.Global, v.Imported})
_WANTED = frozenset({v.Invoke, v.Compute, v.Closure, v.Record})


class Inventory:
    """Calls, comparisons and the like of all functions, by file and place.

    Attributes:
        calls: every call, with its value and what is called.
        method_calls: the calls of methods by name.
        other_calls: the calls of anything else, and what `new` makes.
        calls_of: the calls that are made through a name, by the name.
        closure_calls: the calls of closures where they are written, by the closure's key.
        comparisons: every `==` and `!=`.
        products: every `*` of two operands.
        closures: the value by which a closure is written in its surrounding function, by its key.
        members: the closures that are given to objects as their members.
        named: the functions by name.
        renamed: the keys under which mappings hold what has another name: `{ handler: read }`.
    """

    def __init__(self, functions: Iterable[FunctionNode]) -> None:
        self.calls: list[tuple[FunctionNode, int, v.Invoke, v.Value]] = []
        self.method_calls: dict[str, list[tuple[FunctionNode, int]]] = defaultdict(list)
        self.other_calls: list[tuple[FunctionNode, int]] = []
        self.calls_of: dict[str, list[tuple[FunctionNode, int]]] = defaultdict(list)
        self.closure_calls: dict[tuple[str, int], list[tuple[FunctionNode, int]]] = {}
        self.comparisons: list[tuple[FunctionNode, v.Compute]] = []
        self.products: list[tuple[FunctionNode, int]] = []
        self.closures: dict[tuple[str, int], int] = {}
        self.members: set[tuple[str, int]] = set()
        self.named: dict[str, list[FunctionNode]] = {}
        self.renamed: set[str] = set()
        for function in functions:
            if function.fact.name:
                self.named.setdefault(function.fact.name, []).append(function)
            values = function.fact.values
            for at, value in [pair for pair in enumerate(values) if type(pair[1]) in _WANTED]:
                if type(value) is v.Invoke:
                    self._call(function, at, value)
                elif type(value) is v.Compute:
                    if value.operator in ("==", "!="):
                        self.comparisons.append((function, value))
                    elif value.operator == "*" and len(value.operands) == 2:
                        self.products.append((function, at))
                elif type(value) is v.Closure:
                    self.closures[(function.file.path, value.function)] = at
                elif type(value) is v.Record:
                    self._members(function, value.items)
                    self._rename(function, value)
            self._members(function, [write.value for write in function.fact.writes])

    def _rename(self, function: FunctionNode, record: v.Record) -> None:
        for key, at in v.entries(function.fact.values, record):
            item = function.fact.values[at]
            if type(item) is v.Closure:
                name = function.file.functions[item.function].fact.name
            else:
                name = item.name if isinstance(item, (v.Captured, v.Imported)) else ""
            if name not in ("", key):
                self.renamed.add(key)

    def _members(self, function: FunctionNode, given: Iterable[int]) -> None:
        for at in given:
            value = function.fact.values[at]
            if type(value) is v.Closure:
                self.members.add((function.file.path, value.function))

    def _call(self, function: FunctionNode, at: int, call: v.Invoke) -> None:
        callee = function.fact.values[call.callee]
        self.calls.append((function, at, call, callee))
        if type(callee) is v.Member and not call.new:
            self.method_calls[callee.name].append((function, at))
        else:
            self.other_calls.append((function, at))
        if type(callee) in _NAMED:
            self.calls_of[callee.name].append((function, at))  # type: ignore[union-attr]
        elif type(callee) is v.Module:
            self.calls_of[WHOLE].append((function, at))
        elif type(callee) is v.Closure:
            key = (function.file.path, callee.function)
            self.closure_calls.setdefault(key, []).append((function, at))
