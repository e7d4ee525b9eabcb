"""Which values a value is made of inside one function, and which calls contribute to a result."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from backend_lint.dataflow.frames import aliases
from backend_lint.facts import values as v

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

MAX_VALUES = 400
# Members that are numbers, whatever has them.
COUNTS = frozenset({"length", "size", "byteLength", "rowCount"})
# Methods that take one item out of their receiver, whatever the language.
ACCESSORS = frozenset(
    {"get", "group", "getlist", "getAll", "get_list", "pop", "at", "Get", "Values"}
)
MAX_DEPTH = 4

# Half of all values: each case of the match below that they need not go past counts.
_ATOMS = frozenset(
    {v.Constant, v.Captured, v.Imported, v.Global, v.Parameter, v.Receiver, v.Closure}
)


def operands(value: v.Value) -> tuple[int, ...]:
    """The values that a value is directly made of."""
    if type(value) in _ATOMS:
        return ()
    match value:
        case v.Member() | v.Element():
            return (value.base,)
        case v.Item():
            return (value.base, value.key)
        case v.Invoke():
            return (value.callee, *value.args)
        case v.Text():
            return value.parts
        case v.Hole():
            return (value.value,)
        case v.Compute():
            return value.operands
        case v.Merge():
            return value.options
        case v.Listing():
            return value.elements
        case v.Record():
            return (*[key for key in value.keys if key >= 0], *value.items)
        case v.Updated():
            return (value.base, value.by)
        case v.Stored():
            return (value.base, value.value)
        case v.Opaque():
            return value.children
        case _:
            return ()


def made_of(function: FunctionNode, start: int) -> Iterator[tuple[int, v.Value]]:
    """A value and all it is made of inside its function."""
    values = function.fact.values
    seen = {start}
    stack = [start]
    while stack:
        at = stack.pop()
        value = values[at]
        yield at, value
        for operand in operands(value):
            if operand >= 0 and operand not in seen:
                seen.add(operand)
                stack.append(operand)


def calls_with(function: FunctionNode, argument: int) -> Iterator[int]:
    """The calls of a function that are given a value as it is, in order."""
    for at, value in enumerate(function.fact.values):
        if type(value) is v.Invoke and argument in value.args:
            yield at


def contributing_calls(
    index: ProjectIndex, function: FunctionNode, start: int
) -> set[tuple[tuple[str, int], int]]:
    """The calls whose results may be part of a value, as (function key, value).

    Follows results into functions of the project and names into other files, and stays with what
    is passed on: arguments of calls we do not know do not count, their receivers do.
    """
    found: set[tuple[tuple[str, int], int]] = set()
    queue = deque([(function, start, 0)])
    seen: set[tuple[object, int]] = set()
    while queue and len(seen) < MAX_VALUES:
        current, at, depth = queue.popleft()
        if (current.key, at) in seen or at < 0:
            continue
        seen.add((current.key, at))
        value = current.fact.values[at]
        if type(value) is v.Invoke:
            found.add((current.key, at))
            targets = index.targets(current, value)
            if targets and depth < MAX_DEPTH:
                for target in targets:
                    for result in target.fact.returns:
                        queue.append((target, result.value, depth + 1))
                continue
            if _is_no_list(index, current, at):
                continue
            queue.append((current, value.callee, depth))
            if not targets:
                queue.extend((current, arg, depth) for arg in value.args)
            continue
        if isinstance(value, (v.Captured, v.Imported, v.Global)):
            queue.extend((other, cell, depth) for other, cell in aliases(index, current, at))
            continue
        if type(value) is v.Compute and value.operator in ("==", "!=", "<", ">", "not", "in"):
            continue
        if type(value) is v.Item:
            queue.append((current, value.base, depth))
            continue
        if type(value) is v.Closure or (type(value) is v.Member and value.name in COUNTS):
            continue
        if type(value) is v.Stored and not value.name:
            # A mapping with a key per row is how settings are read, and no list.
            queue.append((current, value.base, depth))
            continue
        queue.extend((current, operand, depth) for operand in operands(value))
    return found


def _is_no_list(index: ProjectIndex, function: FunctionNode, call: int) -> bool:
    """The result is one number or truth, however many elements went in."""
    invoke = function.call(call)
    last = function.fact.values[invoke.args[-1]] if invoke.args else None
    rows = [row for row, _ in index.rows(function, invoke.callee)]
    rows.extend(match.row for match in index.concepts_of(function, call))
    for row in rows:
        result = row.attributes.get("result")
        if (row.concept == "sanitizer" and "*" in row.kinds) or result in ("all", "any"):
            return True
        if result == "folded" and type(last) is v.Constant:
            return True
    return False
