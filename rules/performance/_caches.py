"""Queries that do not run each time: what they gave is kept, or the caller has it already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_lint.dataflow.dependence import made_of
from backend_lint.dataflow.uses import tests_around
from backend_lint.facts import values as v
from backend_lint.semantics.secret_names import words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_lint.index import ProjectIndex
    from backend_lint.semantics.references import FunctionNode

# Words of decorators behind which a function runs for what is new to it alone.
_KEEPING = frozenset({"cache", "cached", "memoize", "memoized", "memo"})
_READS = frozenset({"get", "Get", "fetch", "load", "Load", "getItem"})
_STORES = frozenset({"set", "Set", "put", "Put", "store", "Store", "setex", "add", "setItem"})


def keeps_result(function: FunctionNode, call: int) -> bool:
    """What a call of the function gave is put under a key that the function looks up before."""
    return _is_memoized(function) or any(
        _is_looked_up(function, place, call) for place in _stored(function, call)
    )


def _is_memoized(function: FunctionNode) -> bool:
    for at in function.fact.decorators:
        value = function.fact.values[at]
        named = function.fact.values[value.callee] if type(value) is v.Invoke else value
        if not _KEEPING.isdisjoint(words_of(getattr(named, "name", ""))):
            return True
    return False


def _stored(function: FunctionNode, call: int) -> Iterator[tuple[str, int]]:
    """The collections, by name, and the keys under which the result of a call is put there."""
    values = function.fact.values
    for write in function.fact.writes:
        if (
            write.key >= 0
            and type(values[write.key]) is not v.Constant
            and _is_made_of(function, write.value, call)
        ):
            yield _name(function, write.base), write.key
    for value in values:
        if type(value) is v.Invoke and len(value.args) > 1:
            callee = values[value.callee]
            if type(callee) is v.Member and callee.name in _STORES:
                key, *given = value.args
                if any(_is_made_of(function, each, call) for each in given):
                    yield _name(function, callee.base), key


def _is_looked_up(function: FunctionNode, place: tuple[str, int], call: int) -> bool:
    """A collection is asked for a key before the call."""
    values = function.fact.values
    before = values[call].start
    for value in values:
        if type(value) is v.Item:
            asked = (_name(function, value.base), value.key)
        elif type(value) is v.Invoke and value.args:
            callee = values[value.callee]
            if type(callee) is not v.Member or callee.name not in _READS:
                continue
            asked = (_name(function, callee.base), value.args[0])
        else:
            continue
        if asked == place and asked[0] and value.start < before:
            return True
    return False


def _is_made_of(function: FunctionNode, at: int, call: int) -> bool:
    return any(part == call for part, _ in made_of(function, at))


def _name(function: FunctionNode, at: int) -> str:
    """The last name of a collection, whatever was put into it."""
    value = function.fact.values[_root(function, at)]
    return getattr(value, "name", "") or f"{value.start}"


def is_ruled_out(
    index: ProjectIndex, function: FunctionNode, context: int, caller: FunctionNode, call: int
) -> bool:
    """What a caller hands over, or a flag that it gives, keeps out of a context of a function."""
    for test, outcome in tests_around(function, context):
        position, empty = _required(function, test, outcome=outcome)
        if position < 0:
            continue
        argument, field = index.argument_for(caller.call(call), function, position)
        if argument >= 0 and not field:
            given = caller.fact.values[argument]
            is_empty = type(given) is v.Constant and not given.value
            if empty != is_empty and (empty or is_empty):
                return True
    return False


def _required(function: FunctionNode, test: int, *, outcome: bool) -> tuple[int, bool]:
    """The parameter that a test with this outcome speaks of, -1 for none, and if it is empty."""
    value = function.fact.values[test]
    if type(value) is v.Parameter:
        return value.index, not outcome
    if type(value) is v.Compute:
        if value.operator == "not":
            return _required(function, value.operands[0], outcome=not outcome)
        if value.operator in _SAME or value.operator in _DIFFERENT:
            left, right = (function.fact.values[each] for each in value.operands)
            if type(left) is v.Parameter and type(right) is v.Constant and right.value is None:
                return left.index, (value.operator in _SAME) == outcome
    return -1, False


_SAME = frozenset({"==", "is", "==="})
_DIFFERENT = frozenset({"!=", "is not", "!=="})


def is_cache_check(function: FunctionNode, context: v.Context) -> bool:
    """The query runs only for what a cache does not have; a set of the elements seen is none."""
    if context.kind not in ("if", "unless"):
        return False
    value = function.fact.values[context.value]
    if not isinstance(value, v.Compute) or value.operator not in ("in", "not in"):
        return False
    return not _is_filled_with_keys(function, _root(function, value.operands[1]))


def _is_filled_with_keys(function: FunctionNode, collection: int) -> bool:
    """What is put into a collection is a flag or the key itself, so no result of a query."""
    values = function.fact.values
    stored = [
        write.value
        for write in function.fact.writes
        if _root(function, write.base) == collection and not write.name
    ]
    flags = [at for at in stored if isinstance(values[at], v.Constant)]
    added = [
        value
        for value in values
        if isinstance(value, v.Updated) and _root(function, value.base) == collection
    ]
    return bool(flags or added) and len(flags) == len(stored)


def _root(function: FunctionNode, at: int) -> int:
    """A collection before it was filled."""
    seen = set()
    while at not in seen:
        seen.add(at)
        value = function.fact.values[at]
        if isinstance(value, (v.Stored, v.Updated)):
            at = value.base
        elif isinstance(value, v.Merge):
            at = value.options[0]
    return at
